//! Nanoseconds an event of windowed queries, against a naive map from (window, group) to values in the same run:
//! `cargo bench -p spate-analysis --bench windows`. 1,000 groups, 2,000,000 events, 100,000 a second of event time.
#![expect(clippy::print_stdout, reason = "a bench reports on stdout")]
#![expect(clippy::expect_used, reason = "a bench stops at the first thing that is wrong")]

mod workload;

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::time::Instant;

use spate_analysis::Engine;
use spate_analysis::stream::StreamConfig;
use spate_analysis::window::Tumbling;
use spate_shared::batch::Batch;
use spate_shared::time::SECOND;
use workload::answers::{ANSWERS, Ready, one_each_second};
use workload::{EVENTS, LOADS, Load, batches, run};

const ROUNDS: usize = 5;

fn main() {
    let batches = batches(EVENTS);
    let (naive_ns, naive_rows) = best(|| naive(&batches, &[SECOND]));
    let (naive_quantile_ns, _) = best(|| naive_quantiles(&batches));
    let hopping: Vec<i64> = vec![SECOND; 60];
    let few = &batches[..BATCHES_OF_HOPPING];
    let (naive_hopping_ns, _) = best(|| naive(few, &hopping));
    let per_event = |ns: f64, batches: &[Batch]| ns / batches.iter().map(Batch::len).sum::<usize>() as f64;
    println!("{:<34} {:>9} {:>9} {:>9} {:>8}   target", "query", "ns/event", "naive", "ratio", "results");
    for load in LOADS {
        let naive_ns = match load.windows {
            ["hopping 60s/1s"] => per_event(naive_hopping_ns, few),
            _ if load.aggregates.contains(&"p95(v)") => per_event(naive_quantile_ns, &batches),
            _ => per_event(naive_ns, &batches),
        };
        let (ns, rows) = best(|| run(&batches, &load));
        let ns = per_event(ns, &batches);
        let Load { name, target, .. } = load;
        println!("{name:<34} {ns:>9.1} {naive_ns:>9.1} {:>9.1} {rows:>8}   {target}", naive_ns / ns);
    }
    black_box(naive_rows);
    let ready = Ready::new();
    for (at, (name, target)) in ANSWERS.into_iter().enumerate() {
        let (ns, size) = best(|| ready.give(at));
        println!("{name}: {:.2} ms, {size} points or bytes   {target}", ns / 1e6);
    }
    let (engine, open) = whole_engine(10_000);
    let (ns, bytes) = best(|| engine.checkpoint().len());
    println!(
        "snapshot of a whole engine with {open} windows and 1,000 series: {:.1} ms, {bytes} bytes",
        ns / 1e6
    );
    let checkpoint = engine.checkpoint();
    let (ns, _) = best(|| Engine::resume(&checkpoint).map_or(0, |engine| engine.streams().len()));
    println!("  going on from it: {:.1} ms", ns / 1e6);
}

/// An engine that was asked a query whose windows are all open: each of 1,000 groups has an event in each second. Every
/// group is a series with its own detector, warmed up.
fn whole_engine(windows: usize) -> (Engine, usize) {
    let mut engine = Engine::new();
    let stream = engine.open("s", workload::schema(), StreamConfig::new(Tumbling::aligned(SECOND)));
    for batch in batches(200_000) {
        engine.push(stream, &batch, 0);
    }
    let mut spec = workload::spec(&["tumbling 1s"], &["count", "mean(v)", "stddev(v)"]);
    spec.watermark = windows as i64 * SECOND;
    let query = engine.ask(stream, &spec).expect("valid");
    for batch in one_each_second(windows) {
        engine.push(stream, &batch, 0);
    }
    let open = engine.answer(query).map_or(0, |answer| answer.open().len());
    (engine, open)
}

/// Batches that the naive hopping windows are given: it takes one look-up for each of 60 windows an event is in.
const BATCHES_OF_HOPPING: usize = 25;

/// The fastest of some rounds in nanoseconds, and what it gave.
fn best(mut work: impl FnMut() -> usize) -> (f64, usize) {
    let rounds = (0..ROUNDS).map(|_| {
        let begin = Instant::now();
        let rows = work();
        (begin.elapsed().as_nanos() as f64, rows)
    });
    rounds.min_by(|a, b| a.0.total_cmp(&b.0)).expect("a round")
}

/// Every event of the batches: time, group, value.
fn events(batches: &[Batch]) -> impl Iterator<Item = (i64, &str, f64)> {
    batches.iter().flat_map(|batch| {
        let [group, value] = &batch.columns[..] else { panic!("two columns") };
        batch.times.iter().enumerate().map(move |(row, time)| {
            (*time, group.text(row).unwrap_or_default(), value.number(row).unwrap_or_default())
        })
    })
}

/// What one writes first: a map from window and group, one look-up for each window an event is in.
fn naive(batches: &[Batch], slides: &[i64]) -> usize {
    let mut windows: HashMap<(i64, String), (u64, f64, f64, f64)> = HashMap::new();
    for (time, group, value) in events(batches) {
        for back in 0..slides.len() as i64 {
            let window = (time.div_euclid(SECOND) - back, group.to_owned());
            let (count, sum, min, max) =
                windows.entry(window).or_insert((0, 0.0, f64::INFINITY, f64::NEG_INFINITY));
            *count += 1;
            *sum += value;
            *min = min.min(value);
            *max = max.max(value);
        }
    }
    black_box(windows).len()
}

/// Values kept and sorted for the exact percentile.
fn naive_quantiles(batches: &[Batch]) -> usize {
    let mut windows: BTreeMap<(i64, String), Vec<f64>> = BTreeMap::new();
    for (time, group, value) in events(batches) {
        windows.entry((time.div_euclid(SECOND), group.to_owned())).or_default().push(value);
    }
    for values in windows.values_mut() {
        values.sort_by(f64::total_cmp);
    }
    black_box(windows).len()
}
