// The review page: searching labels, saying what Enter will record, and never deciding a report unseen.
(() => {
  const UNSEEN_MS = 400; // a second Enter sooner than this after the next report appeared was meant for the last one
  let shownAt = -Infinity;

  const rows = () => [...document.querySelectorAll("[data-label]")];
  const boxOf = (row) => row.querySelector("input");
  const isChosen = (row) => boxOf(row).checked;

  /** Rows that hold every word of the search; chosen ones stay in sight but are no match. */
  const search = (text) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = rows().filter((row) => words.every((word) => row.dataset.label.includes(word)));
    rows().forEach((row) => (row.hidden = !matches.includes(row) && !isChosen(row)));
    const empty = document.querySelector("[data-no-match]");
    if (empty) empty.hidden = matches.length > 0;
    return matches;
  };

  const leaveSearch = (field, next) => {
    field.value = "";
    search("");
    next.focus();
  };

  const onSearchKey = (event) => {
    const field = event.target;
    if (!field.matches?.("[data-label-search]") || event.isComposing) return;
    if (event.key === "Escape") leaveSearch(field, document.querySelector(".review-heading"));
    if (event.key !== "Enter") return;
    event.preventDefault();
    const row = field.value.trim() ? search(field.value).find((match) => !isChosen(match)) : undefined;
    if (!row || event.repeat) return;
    boxOf(row).click();
    leaveSearch(field, boxOf(row));
    row.scrollIntoView({ block: "nearest" });
  };

  const showOutcome = () => {
    const output = document.querySelector("[data-outcome]");
    if (!output) return;
    const chosen = rows().filter(isChosen);
    const asSuggested = rows().every((row) => isChosen(row) === row.hasAttribute("data-suggested"));
    const verdict = chosen.length === 0 ? "none" : asSuggested ? "confirm" : "correct";
    output.textContent = output.dataset[verdict];
    document.querySelector("[data-decide-label]").textContent = verdict === "correct" ? "Correct" : "Confirm";
  };

  const onChange = (event) => {
    const row = event.target.closest("[data-label]");
    if (!row) return;
    row.dataset.touched = "";
    showOutcome();
  };

  const onSubmit = (event) => {
    if (!event.target.closest("#review") || performance.now() - shownAt > UNSEEN_MS) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  /** Opened here and not by the browser, which does it later: the next key must find the field already focused. */
  const onSummary = (event) => {
    const details = event.target.closest("#review .verdicts summary")?.parentElement;
    if (!details) return;
    event.preventDefault();
    details.open = !details.open;
    if (details.open) details.querySelector("input[type=text]").focus();
  };

  const onReasonKey = (event) => {
    const open = event.key === "Escape" && event.target.closest?.("#review details[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  };

  const onTrouble = (event) => {
    const alert = document.querySelector("[data-trouble]");
    if (!alert) return;
    const status = event.detail.xhr?.status;
    alert.textContent = (status ? `The server answered ${status}. ` : "The server cannot be reached. ") + alert.dataset.trouble;
    alert.hidden = false;
  };

  document.addEventListener("keydown", onSearchKey);
  document.addEventListener("keydown", onReasonKey);
  document.addEventListener("input", (event) => event.target.matches("[data-label-search]") && search(event.target.value));
  document.addEventListener("change", onChange);
  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("click", onSummary);
  document.addEventListener("htmx:responseError", onTrouble);
  document.addEventListener("htmx:sendError", onTrouble);
  document.addEventListener("htmx:afterSwap", (event) => event.target.id === "review" && (shownAt = performance.now()));
})();
