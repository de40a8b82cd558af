//! The engine in WebAssembly, run by Node: it must give the digest it gives natively, and its speed stands beside.

use crate::report::Table;
use crate::tools;
use crate::workspace::{self, Workspace};
use anyhow::{Result, bail};
use std::path::PathBuf;

const TARGET: &str = "wasm32-unknown-unknown";
const SCRIPT: &str = "frontend/analysis/benches/wasm.mjs";

/// The engine's digest, natively and in WebAssembly, must be one.
pub(crate) fn digest(workspace: &Workspace) -> Result<()> {
    let module = build(workspace)?;
    let native = workspace::read(&mut native(workspace, &[]))?;
    let wasm = node(workspace, &module, &[])?;
    if native.trim() != wasm.trim() {
        bail!(
            "the engine gives {} natively and {} in WebAssembly over the same events",
            native.trim(),
            wasm.trim()
        );
    }
    println!("{} natively and in WebAssembly", native.trim());
    Ok(())
}

/// Prints nanoseconds an event of each load of the windows bench, in WebAssembly.
pub(crate) fn loads(workspace: &Workspace) -> Result<()> {
    let module = build(workspace)?;
    let loads = workspace::read(&mut native(workspace, &["loads"]))?;
    let times = node(workspace, &module, &["loads"])?;
    let mut table = Table::new(&["query", "results", "wasm ns/event", "target"]);
    for (load, time) in loads.lines().zip(times.lines()) {
        let [name, rows, target] = load.split('\t').collect::<Vec<_>>()[..] else { continue };
        table.row([name, rows, time, target].map(str::to_owned));
    }
    println!("\nThe same in WebAssembly, run by Node:\n{}", table.render());
    Ok(())
}

fn build(workspace: &Workspace) -> Result<PathBuf> {
    tools::compiler(workspace)?;
    let args = ["build", "-p", "spate-analysis", "--bin", "digest", "--target", TARGET, "--profile", "wasm"];
    workspace::run(&mut workspace.cargo(&args))?;
    Ok(workspace.target.join(TARGET).join("wasm/digest.wasm"))
}

fn native(workspace: &Workspace, args: &[&str]) -> std::process::Command {
    let run = ["run", "--quiet", "--release", "-p", "spate-analysis", "--bin", "digest", "--"];
    workspace.cargo(&[&run[..], args].concat())
}

fn node(workspace: &Workspace, module: &std::path::Path, args: &[&str]) -> Result<String> {
    let module = module.to_string_lossy();
    workspace::read(&mut workspace.command("node", &[&[SCRIPT, &module][..], args].concat()))
}
