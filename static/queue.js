// The list of reports: from row to row by keys, an order that shows itself when chosen. Links and forms do it without.
(() => {
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const linkOf = (row) => row.querySelector("[data-row-link]");
  const rowOf = (element) => element?.closest?.("[data-row]");
  let current = null;

  const go = (step) => {
    const all = rows();
    const place = all.indexOf(rowOf(document.activeElement) ?? current);
    const row = all[Math.min(Math.max(place + step, 0), all.length - 1)];
    if (!row) return;
    current = row;
    linkOf(row).focus();
    row.scrollIntoView({ block: "nearest" });
  };

  const tick = () => (rowOf(document.activeElement) ?? current)?.querySelector(".queue-tick")?.click();

  const onClick = (event) => {
    const button = event.target.closest("[data-moves], [data-ticks]");
    if (!button) return;
    if ("ticks" in button.dataset) tick();
    else go(Number(button.dataset.moves));
  };

  const onArrow = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || !event.target.matches("[data-row-link]")) return;
    event.preventDefault();
    go(step);
  };

  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onArrow);
  document.addEventListener("focusin", (event) => (current = rowOf(event.target) ?? current));
  document.addEventListener("change", (event) => event.target.matches("[data-submits]") && event.target.form.requestSubmit());
})();
