//! What is timed by the answer, not by the event, natively and in WebAssembly.

use spate_analysis::checkpoint;
use spate_analysis::query::{Emit, Outcome, WindowQuery};
use spate_analysis::retention::{Point, Retention};
use spate_shared::batch::{Batch, Values};
use spate_shared::time::SECOND;

const POINTS: i64 = 10_000_000;
const PIXELS: usize = 2_000;
const OPEN: usize = 10_000;

/// Names and targets, in the order of [`Ready::give`].
pub(crate) const ANSWERS: [(&str, &str); 2] =
    [("2,000 pixels of 10 million points", "1 ms"), ("snapshot of 10,000 open windows", "20 ms")];

/// What answers are given from.
pub(crate) struct Ready {
    held: Retention,
    query: Option<WindowQuery>,
}

impl Ready {
    /// Points of one series, one a nanosecond; and a query whose windows are all open.
    pub(crate) fn new() -> Self {
        let mut held = Retention::new(usize::MAX);
        for time in 0..POINTS {
            let value = (time.wrapping_mul(2_654_435_761) % 1_000) as f64;
            held.insert(Point { time, value, score: 0.5, lower: 0.0, upper: 0.0, is_unusual: false });
        }
        let mut spec = super::spec(&["tumbling 1s"], &["count", "mean(v)", "stddev(v)"]);
        spec.watermark = OPEN as i64 * SECOND;
        let mut query = WindowQuery::new(&spec, &super::schema(), Emit::Closed).ok();
        for batch in one_each_second(OPEN) {
            if let Some(query) = &mut query {
                query.push(&batch, &mut Outcome::default());
            }
        }
        Self { held, query }
    }

    /// One of [`ANSWERS`]; its size in points or bytes, and 0 beyond the last.
    pub(crate) fn give(&self, at: usize) -> usize {
        match at {
            0 => self.held.sample(0, POINTS, PIXELS).points.len(),
            1 => self.query.as_ref().map_or(0, |query| checkpoint::write(&query.state()).len()),
            _ => 0,
        }
    }
}

/// Batches that fill so many windows of a second: one event for each of 1,000 groups in each.
pub(crate) fn one_each_second(windows: usize) -> impl Iterator<Item = Batch> {
    (0..windows / 1_000).map(|second| {
        let mut batch = super::batches(1_000).swap_remove(0);
        batch.times.fill(second as i64 * SECOND);
        if let Values::Category { codes, .. } = &mut batch.columns[0].values {
            codes.iter_mut().zip(0..).for_each(|(code, group)| *code = group);
        }
        batch
    })
}
