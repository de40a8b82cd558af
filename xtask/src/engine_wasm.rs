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

/// A load, timed in WebAssembly.
struct Timed {
    /// `query` and `detector` are timed by the event, `answer` as a whole.
    kind: String,
    name: String,
    results: String,
    target: String,
    nanos_per_event: f64,
}

/// Every load of the windows and detectors benches, in WebAssembly.
fn timed(workspace: &Workspace) -> Result<Vec<Timed>> {
    let module = build(workspace)?;
    let loads = workspace::read(&mut native(workspace, &["loads"]))?;
    let times = node(workspace, &module, &["loads"])?;
    let mut all = Vec::new();
    for (load, nanos) in loads.lines().zip(times.lines()) {
        let [kind, name, results, target, events] = load.split('\t').collect::<Vec<_>>()[..] else {
            continue;
        };
        let nanos_per_event = nanos.parse::<f64>()? / events.parse::<f64>()?;
        let [kind, name, results, target] = [kind, name, results, target].map(str::to_owned);
        all.push(Timed { kind, name, results, target, nanos_per_event });
    }
    Ok(all)
}

/// Nanoseconds an event of each detector, in WebAssembly: `name=ns` with spaces between.
pub(crate) fn detectors(workspace: &Workspace) -> Result<String> {
    let detectors = timed(workspace)?.into_iter().filter(|load| load.kind == "detector");
    let pairs = detectors.map(|load| format!("{}={:.0}", load.name, load.nanos_per_event));
    Ok(pairs.collect::<Vec<_>>().join(" "))
}

/// Prints nanoseconds an event of each load of the windows bench, in WebAssembly.
pub(crate) fn windows(workspace: &Workspace) -> Result<()> {
    let mut table = Table::new(&["in WebAssembly, run by Node", "results", "cost", "target"]);
    for load in timed(workspace)?.into_iter().filter(|load| load.kind != "detector") {
        let cost = match load.kind.as_str() {
            "answer" => format!("{:.2} ms", load.nanos_per_event / 1e6),
            _ => format!("{:.1} ns/event", load.nanos_per_event),
        };
        table.row([load.name, load.results, cost, load.target]);
    }
    println!("\n{}", table.render());
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
