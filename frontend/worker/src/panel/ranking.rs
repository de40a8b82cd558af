//! Which series changed most, with their names.

use spate_analysis::ranking::{BASELINE, Ranked, Summary, UNCLEAR, rank};
use spate_shared::time::Nanos;

use crate::ask::{RankedSeries, Ranking, Sample};
use crate::store::Store;

/// Ranks all series over `[from, to)`.
pub fn ranking(store: &Store, from: Nanos, to: Nanos) -> Ranking {
    let streams: Vec<_> = store.engine().streams().map(|(_, stream)| stream).collect();
    let named = |ranked: &Ranked| {
        let stream = streams.get(ranked.series.stream)?;
        let series = stream.series().get(ranked.series.series)?;
        let change = ranked.change;
        Some(RankedSeries {
            stream: stream.name().to_owned(),
            measure: series.field().name.clone(),
            group: series.group().to_owned(),
            unit: series.field().unit.clone(),
            distance: change.distance,
            chance: change.chance,
            unclear: change.chance >= UNCLEAR,
            before: sample(&change.before),
            during: sample(&change.during),
        })
    };
    let rows: Vec<_> = rank(store.engine(), from, to).iter().filter_map(named).collect();
    let all: usize = streams.iter().map(|stream| stream.series().len()).sum();
    let before = from.saturating_sub(to.saturating_sub(from).saturating_mul(BASELINE));
    Ranking { from, to, before, silent: all.saturating_sub(rows.len()) as u32, rows }
}

fn sample(summary: &Summary) -> Sample {
    let Summary { count, mean, min, max, stddev } = *summary;
    Sample { count: count as u64, mean, min, max, stddev }
}
