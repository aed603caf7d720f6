// The verdicts that ask for a reason: the field is there for the next key, and Escape leaves it.
(() => {
  /** Opened here and not by the browser, which does it later: the next key must find the field already focused. */
  const onSummary = (event) => {
    const details = event.target.closest?.("#review .verdicts summary")?.parentElement;
    if (!details) return;
    event.preventDefault();
    details.open = !details.open;
    if (details.open) details.querySelector("input:not([type=hidden])").focus();
  };

  const onKey = (event) => {
    const open = event.key === "Escape" && event.target.closest?.("#review .verdicts details[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
    // A browser would send the form by Enter on a box, whichever key confirms.
    if (event.key === "Enter" && event.target.matches?.("#decide input[type=checkbox]")) event.preventDefault();
  };

  document.addEventListener("click", onSummary);
  document.addEventListener("keydown", onKey);
})();
