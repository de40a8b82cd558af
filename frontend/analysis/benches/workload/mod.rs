//! The loads that windows are timed with, natively and in WebAssembly: 1,000 groups, 100,000 events a second of event time.

pub(crate) mod answers;

use spate_analysis::query::{DEFAULT_MAX_GROUPS, Emit, Outcome, QuerySpec, WindowQuery};
use spate_analysis::window::{Tumbling, Window};
use spate_shared::batch::{Batch, Column, Values};
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use spate_shared::time::{MILLISECOND, SECOND};

pub(crate) const EVENTS: usize = 2_000_000;
const GROUPS: u32 = 1_000;
const BATCH: usize = 8_192;
const NANOS_PER_EVENT: i64 = 10_000;

const MOMENTS: [&str; 5] = ["count", "sum(v)", "mean(v)", "min(v)", "max(v)"];

/// One query that is timed.
#[cfg_attr(
    target_arch = "wasm32",
    expect(dead_code, reason = "a module that can only say bytes names nothing")
)]
pub(crate) struct Load {
    pub(crate) name: &'static str,
    /// The first is the query's, the others share its panes.
    pub(crate) windows: &'static [&'static str],
    pub(crate) aggregates: &'static [&'static str],
    /// What it may cost, natively and in WebAssembly.
    pub(crate) target: &'static str,
}

const TEN: [&str; 10] = [
    "tumbling 1s",
    "tumbling 2s",
    "tumbling 3s",
    "tumbling 4s",
    "tumbling 5s",
    "tumbling 6s",
    "tumbling 7s",
    "tumbling 8s",
    "tumbling 9s",
    "tumbling 10s",
];

pub(crate) const LOADS: [Load; 6] = [
    Load {
        name: "tumbling 1s, five aggregates",
        windows: &["tumbling 1s"],
        aggregates: &MOMENTS,
        target: "25 ns, wasm 60",
    },
    Load {
        name: "  and p95",
        windows: &["tumbling 1s"],
        aggregates: &["count", "sum(v)", "mean(v)", "min(v)", "max(v)", "p95(v)"],
        target: "60 ns, wasm 140",
    },
    Load {
        name: "hopping 60s/1s, five aggregates",
        windows: &["hopping 60s/1s"],
        aggregates: &MOMENTS,
        target: "2 x tumbling",
    },
    Load {
        name: "session 50ms, five aggregates",
        windows: &["session 50ms"],
        aggregates: &MOMENTS,
        target: "3 x tumbling",
    },
    Load {
        name: "session 1s, five aggregates",
        windows: &["session 1s"],
        aggregates: &MOMENTS,
        target: "3 x tumbling",
    },
    Load {
        name: "ten windows, five aggregates",
        windows: &TEN,
        aggregates: &MOMENTS,
        target: "2.5 x tumbling",
    },
];

pub(crate) fn schema() -> Schema {
    let fields = vec![Field::new("host", FieldType::Category), Field::new("v", FieldType::F64)];
    Schema::new(TimeField { name: "t".into(), source: TimeSource::Event }, fields)
}

/// Events in batches, disordered by up to a millisecond.
pub(crate) fn batches(events: usize) -> Vec<Batch> {
    let dictionary: Vec<String> = (0..GROUPS).map(|group| format!("host-{group}")).collect();
    let mut state = 1u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state >> 33
    };
    let mut batches = Vec::new();
    for first in (0..events).step_by(BATCH) {
        let rows = first..events.min(first + BATCH);
        let times =
            rows.clone().map(|row| row as i64 * NANOS_PER_EVENT - (random() % 1_000_000) as i64).collect();
        let codes = rows.clone().map(|_| (random() % u64::from(GROUPS)) as u32).collect();
        let values = rows.map(|_| (random() % 100_000) as f64 / 100.0).collect();
        let group =
            Column { values: Values::Category { dictionary: dictionary.clone(), codes }, validity: None };
        let value = Column { values: Values::F64(values), validity: None };
        batches.push(Batch { times, columns: vec![group, value] });
    }
    batches
}

pub(crate) fn spec(windows: &[&str], aggregates: &[&str]) -> QuerySpec {
    let mut windows = windows.iter().filter_map(|window| window.parse().ok());
    QuerySpec {
        time: None,
        by: vec!["host".to_owned()],
        window: windows.next().unwrap_or(Window::Tumbling(Tumbling::aligned(SECOND))),
        also: windows.collect(),
        agg: aggregates.iter().filter_map(|call| call.parse().ok()).collect(),
        steps: Vec::new(),
        tables: std::collections::BTreeMap::new(),
        derive: Vec::new(),
        filter: None,
        dedup: None,
        watermark: MILLISECOND,
        lateness: 0,
        ahead: None,
        idle: None,
        max_groups: DEFAULT_MAX_GROUPS,
    }
}

/// Answers a query over all batches; gives how many results there were, and none when an event was not windowed.
pub(crate) fn run(batches: &[Batch], load: &Load) -> usize {
    let spec = spec(load.windows, load.aggregates);
    let Ok(mut query) = WindowQuery::new(&spec, &schema(), Emit::Closed) else { return 0 };
    let (mut outcome, mut rows) = (Outcome::default(), 0);
    for batch in batches {
        query.push(batch, &mut outcome);
        rows += outcome.results.len();
        outcome.results.clear();
    }
    query.finish(&mut outcome);
    let events: usize = batches.iter().map(Batch::len).sum();
    if query.counts().events.windowed as usize == events { rows + outcome.results.len() } else { 0 }
}
