// Runs before the first paint: the theme that was chosen here, else the system's.
(() => {
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = localStorage.getItem("theme");
    root.dataset.themeChoice = chosen ?? "system";
    root.dataset.bsTheme = chosen ?? (system.matches ? "dark" : "light");
  };
  system.addEventListener("change", apply);
  document.addEventListener("theme:changed", apply);
  root.classList.add("js");
  apply();
})();
