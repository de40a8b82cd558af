//! `cargo xtask bench`: the benches. Each prints its own table; this names them and runs them one at a time.

use crate::report::Table;
use crate::workspace::{self, Workspace};
use crate::{Selection, bench_page, client, engine_wasm, relay, size, test, tools};
use anyhow::{Result, bail};

/// One bench.
struct Bench {
    name: &'static str,
    about: &'static str,
    how: How,
}

/// How a bench is run.
enum How {
    /// `cargo bench` with these arguments.
    Cargo(&'static [&'static str]),
    /// `cargo bench` with these arguments, beside the npm packages locked in a folder and the servers of the tests.
    CargoBeside(&'static str, &'static [&'static str]),
    /// A spec under `e2e/`, with the release client and relay.
    Browser(&'static str),
    /// The same, with the page of charts and its yardsticks.
    Page(&'static str),
    /// A function of xtask.
    Here(fn(&Workspace) -> Result<()>),
}

const BENCHES: &[Bench] = &[
    Bench { name: "sizes", about: "what a browser downloads", how: How::Here(sizes) },
    Bench {
        name: "detectors",
        about: "engine: time and memory of each detector, natively and in WebAssembly, beside scikit-learn, and what it finds",
        how: How::Here(detectors),
    },
    Bench {
        name: "forecast",
        about: "engine: coverage of forecast intervals, and errors against the naive forecasts, over recordings",
        how: How::Cargo(&["-p", "spate-cli", "--bench", "forecast"]),
    },
    Bench {
        name: "fanout",
        about: "relay: CPU, memory and latency of fan-out beside npm ws and nats-server, and memory per idle subscriber",
        how: How::CargoBeside("relay/benches/ws_peer", &["-p", "spate-relay", "--bench", "fanout"]),
    },
    Bench {
        name: "ingest",
        about: "relay: events a second that one core takes over HTTP",
        how: How::Cargo(&["-p", "spate-relay", "--bench", "ingest"]),
    },
    Bench {
        name: "codec",
        about: "wire: a batch against postcard columns and JSON rows",
        how: How::Cargo(&["-p", "spate-shared", "--bench", "codec"]),
    },
    Bench {
        name: "raster",
        about: "chart: columns, pixels and whole panels",
        how: How::Cargo(&["-p", "spate-chart", "--bench", "raster"]),
    },
    Bench {
        name: "windows",
        about: "engine: nanoseconds an event for every kind of window, against a naive map of windows, and in WebAssembly",
        how: How::Here(windows),
    },
    Bench {
        name: "query",
        about: "spate query: rows a second and memory over CSV, against the csv crate and a map",
        how: How::Cargo(&["-p", "spate-cli", "--bench", "query"]),
    },
    Bench {
        name: "start",
        about: "client: navigation to first chart, median of 5",
        how: How::Browser("bench/start.spec.ts"),
    },
    Bench {
        name: "load",
        about: "client: 50,000 events/s into one tab with 20 series for 60 s",
        how: How::Browser("bench/load.spec.ts"),
    },
    Bench {
        name: "charts",
        about: "client: 8 live charts, a million points and the crosshair, beside uPlot",
        how: How::Page("bench/charts.spec.ts"),
    },
    Bench {
        name: "scroll",
        about: "client: 50 panels scrolled, what hidden ones cost, and a dashboard of 12 that comes back",
        how: How::Browser("bench/scroll.spec.ts"),
    },
    Bench {
        name: "perspective",
        about: "engine: a grouped sum and a rolling mean in the browser, beside Perspective",
        how: How::Page("bench/perspective.spec.ts"),
    },
    Bench {
        name: "what-if",
        about: "client: a million events scored again by the default detector, as it is and as it would be",
        how: How::Browser("bench/what_if.spec.ts"),
    },
];

/// Run the selected benches.
pub(crate) fn run(workspace: &Workspace, selection: &Selection) -> Result<()> {
    let benches = selection.of(BENCHES, |bench| bench.name)?;
    if *selection == Selection::List {
        let mut table = Table::default();
        for bench in benches {
            table.row([bench.name, bench.about].map(str::to_owned));
        }
        print!("{}", table.render());
        return Ok(());
    }
    let mut failed = Vec::new();
    for bench in benches {
        println!("\n== {}: {}", bench.name, bench.about);
        if let Err(error) = bench.run(workspace) {
            println!("error: {error:#}");
            failed.push(bench.name);
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

impl Bench {
    fn run(&self, workspace: &Workspace) -> Result<()> {
        match self.how {
            How::Here(run) => run(workspace),
            How::Cargo(args) => cargo_bench(workspace, args),
            How::CargoBeside(folder, args) => {
                tools::peer(workspace, folder)?;
                if let Err(error) = tools::servers(workspace) {
                    println!("without nats-server: {error:#}");
                }
                cargo_bench(workspace, args)
            }
            How::Browser(spec) => {
                client::build(workspace)?;
                in_browser(workspace, spec)
            }
            How::Page(spec) => {
                bench_page::build(workspace)?;
                in_browser(workspace, spec)
            }
        }
    }
}

fn in_browser(workspace: &Workspace, spec: &str) -> Result<()> {
    relay::build(workspace)?;
    tools::e2e(workspace)?;
    workspace::run(&mut test::playwright(workspace, &["--project=bench", spec]))
}

fn cargo_bench(workspace: &Workspace, args: &[&str]) -> Result<()> {
    tools::compiler(workspace)?;
    workspace::run(workspace.cargo(&["bench"]).args(args))
}

fn windows(workspace: &Workspace) -> Result<()> {
    cargo_bench(workspace, &["-p", "spate-analysis", "--bench", "windows"])?;
    engine_wasm::windows(workspace)
}

fn detectors(workspace: &Workspace) -> Result<()> {
    tools::compiler(workspace)?;
    let wasm = engine_wasm::detectors(workspace)?;
    if let Err(error) = tools::python(workspace) {
        println!("without scikit-learn: {error:#}");
    }
    let mut bench = workspace.cargo(&["bench", "-p", "spate-cli", "--bench", "detectors"]);
    bench.env("SPATE_WASM", wasm).env("SPATE_PYTHON", tools::interpreter(workspace));
    workspace::run(&mut bench)
}

fn sizes(workspace: &Workspace) -> Result<()> {
    client::build(workspace)?;
    size::check(workspace)
}
