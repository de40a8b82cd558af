//! What was decimated of each series of a panel, so that the next frame reads only what is new.

use std::collections::BTreeMap;

use spate_analysis::retention::{Followed, Following, Point as Held, ScoreSample};
use spate_analysis::stream::{Series, Stream};
use spate_chart::data::{BandPoint, PanelData, Point, ScorePoint, Series as Line};

use crate::view::Range;
use spate_shared::time::Nanos;

/// By the series' places in their stream.
#[derive(Debug, Default)]
pub(super) struct Decimated {
    replaced: u64,
    series: BTreeMap<usize, Of>,
    /// The series whose points a drawing has, in its order.
    lent: Vec<usize>,
}

/// What was decimated of one series, and the same as charts take it.
#[derive(Debug, Default)]
struct Of {
    following: Following,
    points: Vec<Point>,
    scores: Vec<ScorePoint>,
}

impl Decimated {
    /// Forgets series when others have taken their places since.
    pub(super) fn begin(&mut self, stream: &Stream) {
        if self.replaced != stream.replaced() {
            *self = Self { replaced: stream.replaced(), ..Self::default() };
        }
        self.lent.clear();
    }

    /// The points, the scores and, if wanted, the band of a series in a range. Points and scores are lent until
    /// [`Self::take_back`]; then the next drawing copies only new ones.
    pub(super) fn lend(
        &mut self,
        (index, series): (usize, &Series),
        Range { from, to }: Range,
        width_px: u32,
        with_band: bool,
    ) -> Line {
        self.lent.push(index);
        let of = self.series.entry(index).or_default();
        let followed = of.following.follow(series.retention(), from, to, width_px as usize);
        followed.same[0].follow(&mut of.points, followed.points, point);
        followed.same[1].follow(&mut of.scores, followed.scores, score);
        of.points.extend(followed.after.iter().map(point));
        let same_until = same_until(followed);
        let band = with_band.then(|| followed.points.iter().chain(&followed.after).map(band).collect());
        Line {
            points: std::mem::take(&mut of.points),
            scores: std::mem::take(&mut of.scores),
            band: band.unwrap_or_default(),
            same_until,
            ..Line::default()
        }
    }

    /// Takes back what a drawing has no more use for.
    pub(super) fn take_back(&mut self, data: PanelData) {
        let PanelData::TimeSeries(data) = data else { return };
        for (line, index) in data.series.into_iter().zip(self.lent.drain(..)) {
            if let Some(of) = self.series.get_mut(&index) {
                (of.points, of.scores) = (line.points, line.scores);
            }
        }
    }
}

/// The time of the last point and the last score that are as they were, whichever is earlier.
fn same_until(followed: Followed<'_>) -> Option<Nanos> {
    let Followed { points, scores, same: [of_points, of_scores], .. } = followed;
    let last = points.get(of_points.kept.checked_sub(1)?)?.time;
    if scores.is_empty() {
        return Some(last);
    }
    Some(last.min(scores.get(of_scores.kept.checked_sub(1)?)?.time))
}

fn point(held: &Held) -> Point {
    Point { t: held.time, v: held.value }
}

fn score(sample: &ScoreSample) -> ScorePoint {
    ScorePoint { t: sample.time, score: f64::from(sample.score) }
}

fn band(held: &Held) -> BandPoint {
    BandPoint { t: held.time, lower: f64::from(held.lower), upper: f64::from(held.upper) }
}
