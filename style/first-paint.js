// Gives the page its colours before it is painted: the address's theme, else the chosen one, else the system's.
(() => {
  const names = ["light", "dark"];
  let chosen = new URLSearchParams(location.search).get("theme");
  try {
    if (![...names, "auto"].includes(chosen)) chosen = localStorage.getItem("spate.theme");
  } catch {
    // Storage may be forbidden; the system decides then.
  }
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = names.includes(chosen) ? chosen : system;
})();
