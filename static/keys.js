// The page of keys: a field takes the key that is pressed, by the name that the browser has for it.
(() => {
  const LEAVES = new Set(["Tab", "Shift", "Control", "Alt", "Meta", "Escape", "Backspace", "CapsLock", "Dead"]);

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!field.matches?.("[data-key-field]") || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (LEAVES.has(event.key) || event.key.startsWith("Arrow")) return;
    event.preventDefault();
    field.value = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  });
})();
