// Starts the dashboard. Trunk names its files in this script's tag (Trunk.toml), so that the page needs no inline
// script and its content security policy can forbid them.
(() => {
  const { js, wasm } = document.currentScript.dataset;
  const module_or_path = fetch(wasm);
  import(js).then((app) => app.default({ module_or_path }));

  // A file dropped before the program runs waits for it; without a listener the browser would leave for the file.
  let file;
  const types = ["dragover", "drop"];
  const early = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    file = event.dataTransfer.files[0] ?? file;
  };
  for (const type of types) addEventListener(type, early);
  window.spateEarlyFile = () => {
    for (const type of types) removeEventListener(type, early);
    delete window.spateEarlyFile;
    return file;
  };
})();
