// For pages that embed dashboards: gives the frames the page's own look. Whatever custom properties the page sets on a
// frame, or above it, as --spate-accent or --spate-surface, are given to it; docs/embedding.md lists them.
(() => {
  const { origin } = new URL(document.currentScript.src);
  const NAMES = [
    ...["page", "surface", "surface-2", "surface-3", "line", "line-strong", "text", "text-muted", "font"],
    ...["accent", "accent-text", "accent-soft", "good", "good-soft", "warn", "warn-soft", "bad", "bad-soft", "anomaly"],
    ...Array.from({ length: 8 }, (_, i) => `series-${i}`),
  ];
  const tell = (frame) => {
    const style = getComputedStyle(frame);
    const look = NAMES.map((name) => [name, style.getPropertyValue(`--spate-${name}`).trim()]);
    frame.contentWindow?.postMessage({ spate: Object.fromEntries(look) }, origin);
  };
  const frames = () => [...document.querySelectorAll("iframe")].filter(({ src }) => src && new URL(src, location).origin === origin);
  const tellAll = () => frames().forEach(tell);
  addEventListener("message", (event) => {
    if (event.origin !== origin || event.data?.spate !== "hello") return;
    frames().filter(({ contentWindow }) => contentWindow === event.source).forEach(tell);
  });
  // The portal changed its look.
  const attributes = { attributes: true, attributeFilter: ["class", "style", "data-theme"] };
  const observer = new MutationObserver(tellAll);
  observer.observe(document.documentElement, attributes);
  addEventListener("DOMContentLoaded", () => observer.observe(document.body, attributes));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tellAll);
})();
