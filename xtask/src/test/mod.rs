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
    /// Whether it runs only when it is named.
    is_extra: bool,
    run: fn(&Workspace) -> Result<Tally>,
}

impl Step {
    const fn new(name: &'static str, about: &'static str, run: fn(&Workspace) -> Result<Tally>) -> Self {
        Self { name, about, is_extra: false, run }
    }

    const fn extra(self) -> Self {
        Self { is_extra: true, ..self }
    }
}

const STEPS: &[Step] = &[
    Step::new("fmt", "the code is formatted", |ws| cargo(ws, &["fmt", "--all", "--check"])),
    Step::new("tidy", "the house rules", |ws| tidy::run(ws).map(|()| Tally::default())),
    Step::new("clippy", "lints, natively", clippy),
    Step::new("clippy-wasm", "lints of what runs in the browser", clippy_wasm),
    Step::new("unit", "unit, property, integration and doc tests", unit),
    Step::new("licences", "licences, bans and sources", |ws| licences::check(ws).map(|()| Tally::default())),
    Step::new("wasm-digest", "the engine gives the same numbers natively and in WebAssembly", |ws| {
        engine_wasm::digest(ws).map(|()| Tally { passed: 1, failed: 0 })
    }),
    Step::new("wasm", "the client's release build and its size", wasm),
    Step::new("e2e", "the client in a browser with a real relay", e2e),
    Step::new("soak", "1,000 clients through a drain and a kill, 200 kills; only when it is named", soak)
        .extra(),
];

/// Run the selected steps.
pub(crate) fn run(workspace: &Workspace, selection: &Selection) -> Result<ExitCode> {
    let mut steps = selection.of(STEPS, |step| step.name)?;
    if *selection == Selection::All {
        steps.retain(|step| !step.is_extra);
    }
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

fn soak(workspace: &Workspace) -> Result<Tally> {
    tools::compiler(workspace)?;
    let test = [
        "test",
        "--release",
        "-p",
        "spate-relay",
        "--test",
        "relay",
        "soak_",
        "--",
        "--ignored",
        "--test-threads=1",
    ];
    let (ok, text) = workspace::tee(&mut workspace.cargo(&test))?;
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
