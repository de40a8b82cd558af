//! The page that the benches of charts time: the client's worker behind a thin page, and uPlot behind another.
//!
//! A folder of static files, so that any server and any driver can use it; `e2e/bench/page/README.md` has its contract.

use crate::workspace::{self, Workspace};
use crate::{client, tools};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// What stands beside the page from the repository.
const PAGE: &str = "e2e/bench/page";
/// The npm packages that are the yardsticks.
const PEERS: &str = "e2e/bench";
/// The client's worker, as Trunk names it.
const WORKER: &[&str] = &["spate-worker.js", "spate-worker_bg.wasm", "spate-worker_loader.js"];
/// The files of each package, by its folder of them.
const YARDSTICKS: &[(&str, &[&str])] = &[
    ("uplot/dist", &["uPlot.esm.js", "uPlot.min.css"]),
    ("@perspective-dev/client/dist/cdn", &["perspective.js", "perspective-server.worker.js"]),
    ("@perspective-dev/client/dist/wasm", &["perspective-js.wasm"]),
    ("@perspective-dev/server/dist/wasm", &["perspective-server.wasm"]),
];
const TARGET: &str = "wasm32-unknown-unknown";

/// Build it into `target/bench-page`.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    client::build(workspace)?;
    tools::peer(workspace, PEERS)?;
    let folder = workspace.root.join("target/bench-page");
    fs::create_dir_all(&folder)?;
    let args = ["build", "-p", "spate-bench", "--lib", "--target", TARGET, "--profile", "wasm"];
    workspace::run(&mut workspace.cargo(&args))?;
    let program = workspace.target.join(TARGET).join("wasm/spate_bench.wasm");
    let [program, out] = [&program, &folder].map(|path| path.to_string_lossy().into_owned());
    let args = ["--target", "web", "--no-typescript", "--out-dir", &out, &program];
    workspace::run(&mut workspace.command("wasm-bindgen", &args))?;
    for path in client::files(&workspace.root.join(PAGE))? {
        let is_part =
            path.extension().is_some_and(|end| ["html", "js", "css"].iter().any(|part| end == *part));
        if let Some(name) = path.file_name().filter(|_| is_part) {
            copy(&path, &folder.join(name))?;
        }
    }
    let modules = workspace.root.join(PEERS).join("node_modules");
    let yardsticks = YARDSTICKS.iter().map(|(package, names)| (modules.join(package), *names));
    for (from, names) in yardsticks.chain([(workspace.client.clone(), WORKER)]) {
        for name in names {
            copy(&from.join(name), &folder.join(name))?;
        }
    }
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .with_context(|| format!("cannot copy \"{}\" to \"{}\"", from.display(), to.display()))?;
    Ok(())
}
