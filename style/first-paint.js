// Gives the page its colours before it is painted: the address's theme, else the chosen one, else the system's; in a
// frame, those of the page around it.
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

  // A portal around the page may give it the portal's own colours and typeface: embed.js sends them.
  if (parent === window) return;
  const { style } = document.documentElement;
  const pen = document.createElement("canvas").getContext("2d");
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || typeof data?.spate !== "object") return;
    for (const [name, value] of Object.entries(data.spate)) {
      if (!/^[a-z]+(-[a-z0-9]+)*$/.test(name)) continue;
      const isFont = name === "font" && CSS.supports("font-family", value);
      if (CSS.supports("color", value)) pen.fillStyle = value;
      else if (!isFont) {
        style.removeProperty(`--${name}`);
        continue;
      }
      style.setProperty(`--${name}`, isFont ? value : pen.fillStyle);
    }
    dispatchEvent(new Event("spate-look"));
  });
  parent.postMessage({ spate: "hello" }, "*");
})();
