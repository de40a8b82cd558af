//! Nanoseconds an event of windowed queries, against a naive map from (window, group) to values in the same run:
//! `cargo bench -p spate-analysis --bench windows`. 1,000 groups, 2,000,000 events, 100,000 a second of event time.
#![expect(clippy::print_stdout, reason = "a bench reports on stdout")]
#![expect(clippy::expect_used, reason = "a bench stops at the first thing that is wrong")]

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::time::Instant;

use spate_analysis::query::{Emit, Outcome, QuerySpec, WindowQuery};
use spate_shared::batch::{Batch, Column, Values};
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use spate_shared::time::SECOND;

const GROUPS: u32 = 1_000;
const EVENTS: usize = 2_000_000;
const BATCH: usize = 8_192;
const NANOS_PER_EVENT: i64 = 10_000;
const ROUNDS: usize = 5;

const MOMENTS: [&str; 5] = ["count", "sum(v)", "mean(v)", "min(v)", "max(v)"];

fn main() {
    let batches = batches();
    let (naive_ns, naive_rows) = best(|| naive(&batches, &[SECOND]));
    let (naive_quantile_ns, _) = best(|| naive_quantiles(&batches));
    let hopping: Vec<i64> = vec![SECOND; 60];
    let (naive_hopping_ns, _) = best(|| naive(&batches[..BATCHES_OF_HOPPING], &hopping));
    let per_event = |ns: f64, batches: &[Batch]| ns / batches.iter().map(Batch::len).sum::<usize>() as f64;
    let naive_ns = per_event(naive_ns, &batches);
    println!("{:<34} {:>9} {:>9} {:>9} {:>8}   target", "query", "ns/event", "naive", "ratio", "rows");
    let quantiles = [&MOMENTS[..], &["p95(v)"]].concat();
    let rows: [(&str, &str, &[&str], f64, &str); 5] = [
        ("tumbling 1s, five aggregates", "tumbling 1s", &MOMENTS, naive_ns, "25 ns"),
        ("  and p95", "tumbling 1s", &quantiles, per_event(naive_quantile_ns, &batches), "60 ns"),
        (
            "hopping 60s/1s, five aggregates",
            "hopping 60s/1s",
            &MOMENTS,
            per_event(naive_hopping_ns, &batches[..BATCHES_OF_HOPPING]),
            "2 x tumbling",
        ),
        ("session 50ms, five aggregates", "session 50ms", &MOMENTS, naive_ns, "3 x tumbling"),
        ("session 1s, five aggregates", "session 1s", &MOMENTS, naive_ns, "3 x tumbling"),
    ];
    for (name, window, aggregates, naive_ns, target) in rows {
        let (ns, rows) = best(|| query(&batches, window, aggregates));
        let ns = per_event(ns, &batches);
        println!("{name:<34} {ns:>9.1} {naive_ns:>9.1} {:>9.1} {rows:>8}   {target}", naive_ns / ns);
    }
    black_box(naive_rows);
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

fn batches() -> Vec<Batch> {
    let dictionary: Vec<String> = (0..GROUPS).map(|group| format!("host-{group}")).collect();
    let mut state = 1u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state >> 33
    };
    let mut batches = Vec::new();
    for first in (0..EVENTS).step_by(BATCH) {
        let rows = first..EVENTS.min(first + BATCH);
        let times =
            rows.clone().map(|row| row as i64 * NANOS_PER_EVENT - (random() % 1_000_000) as i64).collect();
        let codes = rows.clone().map(|_| (random() % u64::from(GROUPS)) as u32).collect();
        let values = rows.map(|_| (random() % 100_000) as f64 / 100.0).collect();
        let group =
            Column { values: Values::Category { dictionary: dictionary.clone(), codes }, validity: None };
        batches.push(Batch {
            times,
            columns: vec![group, Column { values: Values::F64(values), validity: None }],
        });
    }
    batches
}

fn query(batches: &[Batch], window: &str, aggregates: &[&str]) -> usize {
    let json = serde_json::json!({"by": ["host"], "window": window, "agg": aggregates, "watermark": "1ms"});
    let spec: QuerySpec = serde_json::from_value(json).expect("a query");
    let fields = vec![Field::new("host", FieldType::Category), Field::new("v", FieldType::F64)];
    let schema = Schema::new(TimeField { name: "t".into(), source: TimeSource::Event }, fields);
    let mut query = WindowQuery::new(&spec, &schema, Emit::Closed).expect("valid");
    let (mut outcome, mut rows) = (Outcome::default(), 0);
    for batch in batches {
        query.push(batch, &mut outcome);
        rows += outcome.results.len();
        outcome.results.clear();
    }
    query.finish(&mut outcome);
    assert_eq!(query.counts().events.windowed as usize, batches.iter().map(Batch::len).sum::<usize>());
    rows + outcome.results.len()
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
