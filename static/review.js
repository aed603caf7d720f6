// The labels of the review page: categories and what is in them, the search, the chips, what Enter will record.
(() => {
  const rows = () => [...document.querySelectorAll("[data-label]")];
  const groups = () => [...document.querySelectorAll("#decide details.category")];
  const boxOf = (row) => row.querySelector("input");
  const isChosen = (row) => boxOf(row).checked;
  const opened = () => groups().find((group) => group.open);
  const part = (name) => document.querySelector(`[data-${name}]`);
  let openBefore = null; // the category that was open when the search began
  let searching = false;

  /** Numbers belong to the labels of the open category; while none is open, to the categories. */
  const showKeys = () => {
    const inside = Boolean(opened());
    document.querySelectorAll("#decide summary[data-key], #decide .label-scroll > fieldset > ul input[data-key]").forEach((element) => {
      if (inside || !element.dataset.key) element.removeAttribute("data-shortcut");
      else element.dataset.shortcut = element.dataset.key;
    });
    document.querySelector(".label-scroll")?.classList.toggle("inside", inside);
    const back = part("categories");
    if (back) back.hidden = !inside;
  };

  const openOnly = (one) => {
    groups().forEach((group) => (group.open = group === one));
    showKeys();
    showChoice();
  };

  /** Rows that hold every word of the search, in whichever category; what is chosen stays in sight as chips. */
  const search = (text) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length && !searching) openBefore = opened();
    searching = words.length > 0;
    const matches = rows().filter((row) => words.every((word) => row.dataset.label.includes(word)));
    rows().forEach((row) => (row.hidden = !matches.includes(row)));
    document.querySelectorAll("[data-elsewhere]").forEach((row) => (row.hidden = searching));
    groups().forEach((group) => {
      group.hidden = searching && !group.querySelector("[data-label]:not([hidden])");
      group.open = searching ? !group.hidden : group === openBefore;
    });
    const empty = part("no-match");
    if (empty) empty.hidden = matches.length > 0;
    showKeys();
    return matches;
  };

  const leaveSearch = (field, row) => {
    field.value = "";
    if (row) openBefore = row.closest("details.category") ?? undefined;
    search("");
    showChoice();
    (row ? boxOf(row) : document.querySelector(".review-heading")).focus();
    row?.scrollIntoView({ block: "nearest" });
  };

  const onSearchKey = (event) => {
    const field = event.target;
    if (!field.matches?.("[data-label-search]") || event.isComposing) return;
    if (event.key === "Escape") leaveSearch(field);
    if (event.key !== "Enter") return;
    event.preventDefault();
    const row = field.value.trim() ? search(field.value).find((match) => !isChosen(match)) : undefined;
    if (!row || event.repeat) return;
    boxOf(row).click();
    leaveSearch(field, row);
  };

  const fromTemplate = (name, label) => {
    const item = part(name).content.firstElementChild.cloneNode(true);
    item.querySelector("[data-chip-name]").textContent = label;
    return item;
  };

  const chipOf = (row) => {
    const item = fromTemplate("chip", row.dataset.name);
    const button = item.querySelector("button");
    button.setAttribute("aria-label", button.dataset.takeOff.replace("%s", () => row.dataset.name));
    button.addEventListener("click", () => boxOf(row).click());
    return item;
  };

  /** `confirm`, `correct`, `plain`, `whole` (the open category is the label), `ask` (for one in it) or `none`. */
  const outcome = (output, chosen, group) => {
    if (!chosen.length) return !group ? "none" : group.querySelector("[data-whole]") ? "whole" : "ask";
    if ("concealed" in output.dataset) return "plain";
    return rows().every((row) => isChosen(row) === row.hasAttribute("data-suggested")) ? "confirm" : "correct";
  };

  const showChoice = () => {
    const output = part("outcome");
    if (!output || searching) return;
    const chosen = rows().filter(isChosen);
    const group = opened();
    const verdict = outcome(output, chosen, group);
    output.dataset.now = verdict;
    output.classList.remove("text-danger");
    output.textContent = output.dataset[verdict].replace("%s", () => group?.dataset.name ?? "");
    part("category-field").value = group?.dataset.category ?? "";
    part("chips").replaceChildren(...chosen.map(chipOf), ...(!chosen.length && group ? [fromTemplate("chip-open", group.dataset.name)] : []));
    const button = part("decide-label");
    const concealed = "concealed" in output.dataset;
    button.textContent = button.dataset[concealed ? "plain" : verdict === "correct" ? "correct" : "confirm"];
  };

  const onChange = (event) => {
    const row = event.target.closest?.("#decide [data-label]");
    if (!row) return;
    row.dataset.touched = "";
    showChoice();
  };

  /** Nothing to record yet: say what is missing, and stay. */
  const onSubmit = (event) => {
    const output = part("outcome");
    if (!event.submitter?.matches("[data-confirm-button]") || !["ask", "none"].includes(output.dataset.now)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    output.classList.add("text-danger");
    (opened()?.querySelector("input") ?? document.querySelector("#decide summary"))?.focus();
  };

  const onClick = (event) => {
    const on = (selector) => event.target.closest?.(selector);
    const summary = on("#decide details.category > summary");
    const elsewhere = on("[data-goes-to]");
    if (!summary && !elsewhere && !on("[data-categories]")) return;
    event.preventDefault();
    if (elsewhere) document.getElementById(elsewhere.dataset.goesTo).click();
    else openOnly(summary && !summary.parentElement.open ? summary.parentElement : null);
  };

  const begin = () => {
    searching = false;
    openOnly(opened());
  };

  document.addEventListener("keydown", onSearchKey);
  document.addEventListener("input", (event) => event.target.matches("[data-label-search]") && search(event.target.value));
  document.addEventListener("change", onChange);
  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("click", onClick);
  document.addEventListener("review:shown", begin);
  begin();
})();
