// Shortcuts, theme, dialogs, counters. Everything here only shortens what works without it.
(() => {
  const NOT_TYPING = new Set(["checkbox", "radio", "button", "submit", "reset", "range", "color", "file"]);

  const isTyping = (element) =>
    element.isContentEditable ||
    element.matches("textarea, select") ||
    (element.matches("input") && !NOT_TYPING.has(element.type));

  // What lies in a closed <details> has a place in the layout, and is not to be seen all the same.
  const isUsable = (element) => !element.disabled && element.getClientRects().length > 0 && element.checkVisibility();

  /** The usable elements with a shortcut; while a dialog is open only those inside it. */
  const shortcuts = () => {
    const scope = document.querySelector("dialog[open]") ?? document;
    return [...scope.querySelectorAll("[data-shortcut]")].filter(isUsable);
  };

  const activate = (element) => {
    if (isTyping(element)) {
      element.focus();
      element.select?.();
    } else {
      element.click();
    }
  };

  // No repeats: a key held down must not decide several reports.
  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (event.defaultPrevented || isTyping(event.target)) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key; // whatever Caps Lock says
    const element = shortcuts().find((candidate) => candidate.dataset.shortcut === key);
    if (!element) return;
    event.preventDefault();
    activate(element);
  };

  const labelOf = (element) =>
    element.dataset.shortcutLabel ?? element.getAttribute("aria-label") ?? labelText(element);

  const labelText = (element) => {
    const copy = (element.labels?.[0] ?? element).cloneNode(true);
    copy.querySelectorAll("kbd, .visually-hidden").forEach((part) => part.remove());
    return copy.textContent.trim().replace(/\s+/g, " ");
  };

  const listShortcuts = (list) => {
    list.replaceChildren(
      ...shortcuts().map((element) => {
        const row = document.createElement("tr");
        const key = row.insertCell().appendChild(document.createElement("kbd"));
        key.textContent = element.dataset.shortcut;
        row.insertCell().textContent = labelOf(element);
        return row;
      }),
    );
  };

  const openDialog = (button) => {
    const dialog = document.getElementById(button.dataset.dialog);
    const list = dialog.querySelector("[data-shortcut-list]");
    if (list) listShortcuts(list);
    dialog.showModal();
  };

  const CHOICES = ["system", "light", "dark"];

  const nextTheme = () => {
    const root = document.documentElement;
    const next = CHOICES[(CHOICES.indexOf(root.dataset.themeChoice) + 1) % CHOICES.length];
    if (next === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", next);
    document.dispatchEvent(new Event("theme:changed"));
    sayTheme();
  };

  const sayTheme = () => {
    const { themeChoice } = document.documentElement.dataset;
    document.querySelectorAll("[data-theme-toggle]").forEach((button) => {
      const choice = button.getAttribute(`data-choice-${themeChoice}`);
      button.setAttribute("aria-label", button.dataset.saysChange.replace("{choice}", choice));
      button.title = button.dataset.says.replace("{choice}", choice);
    });
  };

  const copyText = async (button) => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).value);
    const said = button.querySelector("[data-copied]");
    said.textContent = said.dataset.copied;
  };

  const onClick = (event) => {
    const button = event.target.closest("[data-dialog], [data-theme-toggle], [data-copies]");
    if (!button) return;
    if (button.dataset.dialog) openDialog(button);
    else if (button.dataset.copies) copyText(button);
    else nextTheme();
  };

  /** Code points, as the server counts them, with every line break as one. */
  const count = (output) => {
    const field = document.getElementById(output.dataset.counts);
    const left = Number(output.dataset.limit) - [...field.value].length;
    const words = left < 0 ? output.dataset.over : output.dataset.left;
    output.textContent = words.replace("{n}", Math.abs(left).toLocaleString(document.documentElement.lang));
    output.classList.toggle("text-danger", left < 0);
  };

  const countAll = () => document.querySelectorAll("output[data-counts]").forEach(count);

  /** A form with data-once goes out once; the server ignores a repeat as well. */
  const onSubmit = (event) => {
    const form = event.target;
    if (!form.matches("[data-once]")) return;
    if (form.ariaBusy === "true") event.preventDefault();
    form.ariaBusy = "true";
  };

  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("input", countAll);
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-once]").forEach((form) => form.removeAttribute("aria-busy")));
  sayTheme();
  countAll();
})();
