//! The anomaly ribbon: a strip along the bottom of the plot, the more intense the rarer a moment is.

use crate::data::{Series, TimeSeriesData};
use crate::layout::Layout;
use crate::panel::painter::{Painter, visible};
use crate::theme::css_px;
use spate_pixels::strip::{self, raise};

/// Rarity beyond which the ribbon gets no more intense: a 1-in-10,000 value.
const MAX_RARITY: f64 = 4.0;
/// Steps of intensity.
const LEVELS: usize = 16;

/// Pixels that a score of a series holds at the most.
pub(super) fn hold(series: &Series, whole: &Layout) -> f64 {
    let seen = visible(&series.scores, whole.time_range, |score| score.t);
    strip::hold(seen, whole.in_plot().times())
}

/// Draws the rarest score of all series in every pixel column; `scores` is scratch memory.
pub(super) fn draw(data: &TimeSeriesData, scores: &mut Vec<f64>, painter: &mut Painter<'_>) {
    let Painter { frame, layout, whole, under, .. } = painter;
    scores.clear();
    scores.resize(layout.plot.width_px as usize, 0.0);
    let map = layout.in_plot();
    for series in &data.series {
        let seen = visible(&series.scores, layout.time_range, |score| score.t);
        raise(scores, seen, map.times(), hold(series, whole));
    }
    let height = (frame.size.px(css_px::RIBBON).round() as f32).min(layout.plot.height_px as f32);
    let top = layout.plot.height_px as f32 - height;
    let levels = Levels::new();
    let mut columns = (0..).zip(scores.iter().map(|score| levels.of(*score))).peekable();
    while let Some((first, shown)) = columns.next() {
        let mut width = 1;
        while columns.next_if(|(_, next)| *next == shown).is_some() {
            width += 1;
        }
        let color = frame.theme.ribbon_color(shown as f64 / LEVELS as f64 * MAX_RARITY);
        under.rect([first as f32, top, width as f32, height], color);
    }
}

/// The least score of each level above 0, so that no score of every pixel needs a logarithm.
struct Levels([f64; LEVELS]);

impl Levels {
    fn new() -> Self {
        let least = |level| (level as f64 + 0.5) / LEVELS as f64 * MAX_RARITY;
        Self(std::array::from_fn(|level| 1.0 - libm::pow(10.0, -least(level))))
    }

    /// How intense a score is shown.
    fn of(&self, score: f64) -> usize {
        self.0.partition_point(|least| *least <= score)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ScorePoint;
    use crate::layout::PlotRect;

    fn check(scores: &[(i64, f64)], expected: [usize; 8]) {
        let plot = PlotRect { x_px: 0, y_px: 0, width_px: 8, height_px: 8 };
        let layout = Layout { plot, time_range: (0, 8), value_range: (0.0, 1.0), ..Layout::default() };
        let scores: Vec<_> = scores.iter().map(|&(t, score)| ScorePoint { t, score }).collect();
        let mut columns = [0.0; 8];
        let map = layout.in_plot();
        raise(&mut columns, &scores, map.times(), strip::hold(&scores, map.times()));
        assert_eq!(columns.map(|score| Levels::new().of(score)), expected);
    }

    #[test]
    fn a_score_holds_until_the_next_one() {
        check(&[(0, 0.9), (4, 0.999)], [4, 4, 4, 4, 12, 12, 12, 12]);
    }

    #[test]
    fn a_long_silence_is_not_coloured() {
        check(&[(0, 0.9), (1, 0.9), (2, 0.9), (3, 0.9), (8, 0.9)], [4, 4, 4, 4, 4, 4, 4, 0]);
    }

    #[test]
    fn certainty_is_the_top_and_nonsense_the_bottom() {
        check(&[(0, 1.0), (2, f64::NAN), (4, 7.0), (6, -1.0)], [16, 16, 0, 0, 16, 16, 0, 0]);
    }

    #[test]
    fn scores_outside_the_plot_show_only_as_far_as_they_hold() {
        check(&[(-9, 1.0), (-8, 1.0), (8, 1.0), (i64::MAX, 1.0)], [16; 8]);
        check(&[(-9, 1.0)], [0; 8]);
        check(&[(9, 1.0)], [0; 8]);
    }
}
