//! One number for everything the engine computes over fixed events, the same natively and in WebAssembly; and in
//! WebAssembly the loads of the windows and detectors benches. `cargo xtask test --only wasm-digest` and `cargo xtask bench` run it.
//!
//! A module without imports can say one byte each time its `main` is called, so it is called once per byte of the digest,
//! then four times per load: to make ready, and to run three times while the caller looks at the clock.

#[path = "../../benches/workload/detectors.rs"]
mod detectors;
#[path = "../../benches/workload/mod.rs"]
mod workload;

use std::process::ExitCode;

use spate_analysis::Engine;
use spate_analysis::aggregate::{AGGREGATES, Takes, Value, hash};
use spate_analysis::query::{Emit, Outcome, QuerySpec, WindowQuery};
use spate_analysis::stream::StreamConfig;
use spate_analysis::window::Tumbling;
use spate_shared::batch::Batch;
use spate_shared::time::SECOND;
use workload::answers::{ANSWERS, Ready};

/// Events that the digest is of.
const EVENTS: usize = 60_000;

const WINDOWS: [&[&str]; 6] = [
    &["tumbling 1s"],
    &["tumbling 7s + 3s"],
    &["hopping 10s/1s"],
    &["hopping 1s/3s"],
    &["session 20ms"],
    &["tumbling 2s", "hopping 10s/1s", "tumbling 3s + 1s"],
];
const STEPS: [&str; 6] = [
    "valid v 0..900 clamp",
    "convert v ms to us",
    "derive w = sqrt(v) + log(v + 1) * exp(v / 1e7)",
    "derive word = words(host)",
    "derive odd = pow(v % 7, 1.7) + round(v) - floor(v / 3)",
    "where coalesce(v > 10, true)",
];

fn spec(windows: &[&str]) -> QuerySpec {
    let mut spec = workload::spec(windows, &[]);
    spec.lateness = SECOND;
    spec.steps = STEPS.iter().filter_map(|step| step.parse().ok()).collect();
    for aggregate in AGGREGATES {
        let name =
            aggregate.name.strip_suffix('N').map_or(aggregate.name.to_owned(), |name| format!("{name}9"));
        let call = match aggregate.takes {
            Takes::NumberOrNothing | Takes::Number => format!("{name}(w)"),
            Takes::TwoNumbers => format!("{name}(w, odd)"),
            Takes::Label => format!("{name}(word)"),
        };
        spec.agg.extend(call.parse());
    }
    spec
}

/// Goes on from a digest with more text.
fn more(digest: u64, text: &str) -> u64 {
    hash(&format!("{digest:x} {text}"))
}

fn words(value: &Value) -> String {
    match value {
        Value::Number(number) => format!("{:x}", number.to_bits()),
        other => format!("{other:?}"),
    }
}

fn of_queries(batches: &[Batch]) -> u64 {
    let mut digest = 0;
    for windows in WINDOWS {
        let Ok(mut query) = WindowQuery::new(&spec(windows), &workload::schema(), Emit::Changes) else {
            continue;
        };
        let mut outcome = Outcome::default();
        for batch in batches {
            query.push(batch, &mut outcome);
        }
        query.finish(&mut outcome);
        for result in outcome.results {
            let values: Vec<String> = result.values.iter().map(words).collect();
            let place = (result.interval.start, result.interval.end, &result.group);
            digest = more(digest, &format!("{place:?} {values:?}"));
        }
        digest = more(digest, &format!("{:?}", query.counts()));
    }
    digest
}

fn of_scores(batches: &[Batch]) -> u64 {
    let mut engine = Engine::new();
    let stream = engine.open("s", workload::schema(), StreamConfig::new(Tumbling::aligned(SECOND)));
    let mut digest = 0;
    for batch in &batches[..batches.len().min(4)] {
        engine.push(stream, batch, 0);
    }
    for series in engine.stream(stream).series() {
        for point in series.retention().iter() {
            let bits = [point.score, point.lower, point.upper].map(f32::to_bits);
            digest = more(digest, &format!("{} {bits:?}", point.time));
        }
    }
    digest
}

fn digest() -> u64 {
    let batches = workload::batches(EVENTS);
    more(of_queries(&batches), &format!("{:x}", of_scores(&batches)))
}

#[cfg(not(target_arch = "wasm32"))]
#[expect(clippy::print_stdout, reason = "what is asked of it")]
fn main() -> ExitCode {
    if std::env::args().nth(1).is_some_and(|what| what == "loads") {
        let batches = workload::batches(workload::EVENTS);
        for load in workload::LOADS {
            let rows = workload::run(&batches, &load);
            println!("query\t{}\t{rows}\t{}\t{}", load.name, load.target, workload::EVENTS);
        }
        let (times, values) = detectors::series();
        for kind in detectors::kinds() {
            let (bytes, target) = (detectors::run(kind, &times, &values), detectors::target(kind));
            println!("detector\t{}\t{bytes}\t{target}\t{}", kind.name, detectors::EVENTS);
        }
        let ready = Ready::new();
        for (at, (name, target)) in ANSWERS.into_iter().enumerate() {
            println!("answer\t{name}\t{}\t{target}\t1", ready.give(at));
        }
    } else {
        println!("{:016x}", digest());
    }
    ExitCode::SUCCESS
}

/// How often a load is run.
#[cfg(target_arch = "wasm32")]
const ROUNDS: usize = 3;

/// What calls of [`main`] share.
#[cfg(target_arch = "wasm32")]
#[derive(Default)]
struct Calls {
    made: usize,
    digest: [u8; 8],
    batches: Vec<Batch>,
    series: (Vec<i64>, Vec<f64>),
    ready: Option<Ready>,
}

#[cfg(target_arch = "wasm32")]
impl Calls {
    fn next(&mut self) -> ExitCode {
        let call = self.made;
        self.made += 1;
        if call == 0 {
            self.digest = digest().to_be_bytes();
        }
        if let Some(byte) = self.digest.get(call) {
            return ExitCode::from(*byte);
        }
        if self.batches.is_empty() {
            (self.batches, self.series) = (workload::batches(workload::EVENTS), detectors::series());
        }
        let call = call - self.digest.len();
        let (load, is_run) = (call / (1 + ROUNDS), !call.is_multiple_of(1 + ROUNDS));
        let detector = load.saturating_sub(workload::LOADS.len());
        let answer = detector.saturating_sub(detectors::kinds().count());
        let gave = match (workload::LOADS.get(load), detectors::kinds().nth(detector)) {
            _ if answer >= ANSWERS.len() => return ExitCode::FAILURE,
            _ if !is_run => 1,
            (Some(load), _) => workload::run(&self.batches, load),
            (None, Some(kind)) => detectors::run(kind, &self.series.0, &self.series.1),
            (None, None) => self.ready.as_ref().map_or(0, |ready| ready.give(answer)),
        };
        if answer == 0 && detector >= detectors::kinds().count() {
            self.ready.get_or_insert_with(Ready::new);
        }
        ExitCode::from(u8::from(gave == 0))
    }
}

#[cfg(target_arch = "wasm32")]
fn main() -> ExitCode {
    use std::cell::RefCell;

    thread_local! {
        static CALLS: RefCell<Calls> = RefCell::default();
    }
    CALLS.with_borrow_mut(Calls::next)
}
