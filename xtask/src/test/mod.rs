//! `cargo xtask test`: everything that is checked.
//!
//! Every step runs even when one before it failed; the last line sums the tests that ran, and a step that failed
//! without naming a failed test counts as one.

mod tally;

use crate::report::{Table, seconds};
use crate::workspace::{self, Workspace};
use crate::{Selection, client, engine_wasm, licences, relay, size, tidy, tools};
use anyhow::Result;
use std::process::ExitCode;
use std::time::Instant;
use tally::Tally;

/// One thing that is checked.
struct Step {
    name: &'static str,
    about: &'static str,
    run: fn(&Workspace) -> Result<Tally>,
}

const STEPS: &[Step] = &[
    Step { name: "fmt", about: "the code is formatted", run: |ws| cargo(ws, &["fmt", "--all", "--check"]) },
    Step { name: "tidy", about: "the house rules", run: |ws| tidy::run(ws).map(|()| Tally::default()) },
    Step { name: "clippy", about: "lints, natively", run: clippy },
    Step { name: "clippy-wasm", about: "lints of what runs in the browser", run: clippy_wasm },
    Step { name: "unit", about: "unit, property, integration and doc tests", run: unit },
    Step {
        name: "licences",
        about: "licences, bans and sources",
        run: |ws| licences::check(ws).map(|()| Tally::default()),
    },
    Step {
        name: "wasm-digest",
        about: "the engine gives the same numbers natively and in WebAssembly",
        run: |ws| engine_wasm::digest(ws).map(|()| Tally { passed: 1, failed: 0 }),
    },
    Step { name: "wasm", about: "the client's release build and its size", run: wasm },
    Step { name: "e2e", about: "the client in a browser with a real relay", run: e2e },
];

/// Run the selected steps.
pub(crate) fn run(workspace: &Workspace, selection: &Selection) -> Result<ExitCode> {
    let steps = selection.of(STEPS, |step| step.name)?;
    if *selection == Selection::List {
        let mut table = Table::default();
        for step in steps {
            table.row([step.name, step.about].map(str::to_owned));
        }
        print!("{}", table.render());
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new(&["step", "result", "passed", "failed", "took"]);
    let mut sum = Tally::default();
    for step in steps {
        println!("\n== {}: {}", step.name, step.about);
        let start = Instant::now();
        let tally = (step.run)(workspace).unwrap_or_else(|error| {
            println!("error: {error:#}");
            Tally { passed: 0, failed: 1 }
        });
        let result = if tally.failed == 0 { "ok" } else { "FAILED" };
        let [passed, failed] = [tally.passed, tally.failed].map(|count| count.to_string());
        table.row([step.name.to_owned(), result.to_owned(), passed, failed, seconds(start.elapsed())]);
        sum += tally;
    }
    println!("\n{}\n{} passed, {} failed", table.render(), sum.passed, sum.failed);
    Ok(if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn cargo(workspace: &Workspace, args: &[&str]) -> Result<Tally> {
    tools::compiler(workspace)?;
    workspace::run(&mut workspace.cargo(args)).map(|()| Tally::default())
}

fn clippy(workspace: &Workspace) -> Result<Tally> {
    cargo(workspace, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

fn clippy_wasm(workspace: &Workspace) -> Result<Tally> {
    let target = "--target=wasm32-unknown-unknown";
    cargo(workspace, &["clippy", "-p", "spate-app", "-p", "spate-worker", target, "--", "-D", "warnings"])
}

fn unit(workspace: &Workspace) -> Result<Tally> {
    tools::compiler(workspace)?;
    tools::python(workspace)?;
    tools::servers(workspace)?;
    let mut command = workspace.cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.env("SPATE_PYTHON", tools::interpreter(workspace));
    let (ok, text) = workspace::tee(&mut command)?;
    Ok(Tally::of_cargo(&text).or_failed(!ok))
}

fn wasm(workspace: &Workspace) -> Result<Tally> {
    client::build(workspace)?;
    size::check(workspace).map(|()| Tally::default())
}

fn e2e(workspace: &Workspace) -> Result<Tally> {
    client::build(workspace)?;
    relay::build(workspace)?;
    tools::e2e(workspace)?;
    workspace::run(&mut node_program(workspace, "tsc", &["--noEmit"]))?;
    let report = workspace.e2e().join("report/results.json");
    if report.exists() {
        std::fs::remove_file(&report)?;
    }
    let (ok, _) = workspace::tee(&mut playwright(workspace, &["--project=e2e"]))?;
    let report = std::fs::read_to_string(report).unwrap_or_default();
    Ok(Tally::of_playwright(&report).or_failed(!ok))
}

/// Playwright with the programs it starts.
pub(crate) fn playwright(workspace: &Workspace, args: &[&str]) -> std::process::Command {
    let mut command = node_program(workspace, "playwright", &["test"]);
    command
        .args(args)
        .env("SPATE_RELAY_BIN", workspace.binary("spate-relay"))
        .env("SPATE_CLI_BIN", workspace.binary("spate"));
    command
}

/// A program of the packages in `e2e/`.
fn node_program(workspace: &Workspace, name: &str, args: &[&str]) -> std::process::Command {
    let e2e = workspace.e2e();
    let mut command = workspace.command(&e2e.join("node_modules/.bin").join(name).to_string_lossy(), args);
    command.current_dir(e2e);
    command
}
