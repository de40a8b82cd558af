//! The anomaly ribbon: a strip along the bottom of the plot, the more intense the rarer a moment is.

use crate::data::{ScorePoint, TimeSeriesData, rarity};
use crate::layout::Layout;
use crate::panel::Frame;
use crate::theme::css_px;
use crate::under::Under;

/// Rarity beyond which the ribbon gets no more intense: a 1-in-10,000 value.
const MAX_RARITY: f64 = 4.0;
/// Steps of intensity.
const LEVELS: f64 = 16.0;
/// A score holds until the next one, but no longer than this many mean distances.
const HOLD: f64 = 2.0;

/// Draws the rarest score of all series in every pixel column; `levels` is scratch memory.
pub(super) fn draw(
    data: &TimeSeriesData,
    frame: &Frame<'_>,
    layout: &Layout,
    levels: &mut Vec<u8>,
    under: &mut Under<'_>,
) {
    levels.clear();
    levels.resize(layout.plot.width_px as usize, 0);
    data.series.iter().for_each(|series| raise(levels, &series.scores, layout));
    let height = (frame.size.px(css_px::RIBBON).round() as f32).min(layout.plot.height_px as f32);
    let top = layout.plot.height_px as f32 - height;
    let mut x = 0;
    for run in levels.chunk_by(|a, b| a == b) {
        let rarity = f64::from(run[0]) / LEVELS * MAX_RARITY;
        under.rect([x as f32, top, run.len() as f32, height], frame.theme.ribbon_color(rarity));
        x += run.len();
    }
}

fn raise(levels: &mut [u8], scores: &[ScorePoint], layout: &Layout) {
    let (Some(first), Some(last)) = (scores.first(), scores.last()) else { return };
    let map = layout.in_plot();
    let x = |point: &ScorePoint| map.x(point.t);
    let hold = ((x(last) - x(first)) / (scores.len() - 1).max(1) as f64 * HOLD).max(1.0);
    for (index, point) in scores.iter().enumerate() {
        let level = (rarity(point.score).min(MAX_RARITY) / MAX_RARITY * LEVELS).round() as u8;
        let start = x(point).floor();
        let next = scores.get(index + 1).map_or(start + hold / HOLD, x);
        let end = next.min(start + hold).max(start + 1.0);
        // Casts saturate, so what lies outside the plot becomes an empty range or none.
        let end = (end.ceil() as usize).min(levels.len());
        if let Some(columns) = levels.get_mut(start as usize..end) {
            for shown in columns {
                *shown = level.max(*shown);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::PlotRect;

    fn check(scores: &[(i64, f64)], expected: [u8; 8]) {
        let plot = PlotRect { x_px: 0, y_px: 0, width_px: 8, height_px: 8 };
        let layout = Layout { plot, time_range: (0, 8), value_range: (0.0, 1.0), ..Layout::default() };
        let scores: Vec<_> = scores.iter().map(|&(t, score)| ScorePoint { t, score }).collect();
        let mut levels = vec![0; 8];
        raise(&mut levels, &scores, &layout);
        assert_eq!(levels, expected);
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
