// Starts the dashboard. Trunk names its files in this script's tag (Trunk.toml), so that the page needs no inline
// script and its content security policy can forbid them.
(() => {
  const { js, wasm } = document.currentScript.dataset;
  const module_or_path = fetch(wasm);
  import(js).then((app) => app.default({ module_or_path }));
})();
