//! What of a plot is drawn again when its range moves on by whole pixel columns: the rest is moved.

use std::ops::Range;

use crate::axes::Axes;
use crate::data::{Series, Severity, Side, TimeSeriesData};
use crate::layout::{Layout, Size};
use crate::panel::painter::reach_px;

use super::marks::Mark;
use super::style::{Style, density};
use super::{Plan, Strip, ribbon};

/// What is drawn again.
pub(in crate::panel) struct Again {
    /// Pixels that the rest moves to the left.
    pub(in crate::panel) moved_px: u32,
    /// Columns to draw.
    pub(in crate::panel) columns: [Range<u32>; 2],
}

/// How a plot looks, beside its data.
#[derive(Debug)]
pub(in crate::panel) struct Looks {
    layout: Layout,
    has_ribbon: bool,
    /// Colour, side, density and how long a score holds.
    series: Vec<(usize, Side, u32, f64)>,
    /// Marks, and grid lines that stand, which have no severity, by their place in the plot.
    marks: Vec<(Option<Severity>, [f64; 2])>,
}

/// How a plot looks; `None` when more of it changes with its range than comes in and goes out.
pub(super) fn looks(data: &TimeSeriesData, plan: &Plan<'_>, axes: &Axes, marks: &[Mark]) -> Option<Looks> {
    let layout = axes.layout;
    let (start, end) = layout.time_range;
    let is_plain = |(index, series): (usize, &Series)| {
        plan.pen(data, index).pattern == 0
            && (series.forecast.is_empty() || !plan.has_forecast)
            && !series.gaps.iter().any(|gap| gap.0 < end && gap.1 > start)
    };
    let moves = layout.column_nanos > 0
        && plan.style == Style::Lines
        && plan.strip != Some(Strip::Late)
        && plan.layers.is_none()
        && plan.notes.is_empty()
        && data.series.iter().enumerate().all(is_plain);
    if !moves {
        return None;
    }
    let of = |series: &Series| {
        let (density, hold) = (density(series, &layout), ribbon::hold(series, &layout));
        (series.color_index, series.side, density, hold)
    };
    let lines = axes.grid_px().map(|x_px| (None, [x_px, 0.0]));
    Some(Looks {
        layout,
        has_ribbon: plan.strip.is_some(),
        series: data.series.iter().map(of).collect(),
        marks: marks.iter().map(|(severity, at)| (Some(*severity), *at)).chain(lines).collect(),
    })
}

impl Looks {
    /// What is to be drawn again to make `next` of it; `None` when that is all.
    pub(super) fn again(&self, next: &Self, data: &TimeSeriesData, size: Size) -> Option<Again> {
        let (start, nanos) = (next.layout.time_range.0, next.layout.column_nanos);
        let moved = start.saturating_sub(self.layout.time_range.0) / nanos;
        let is_same = Layout { time_range: next.layout.time_range, ..self.layout } == next.layout
            && self.has_ribbon == next.has_ribbon
            && self.series == next.series;
        let same_until = data.series.iter().map(|series| series.same_until).min()??;
        let (width, reach) = (i64::from(next.layout.plot.width_px), i64::from(reach_px(size)));
        // What was cut at the right edge goes on, and so does what is new.
        let right = (width - moved).min(same_until.saturating_sub(start).div_euclid(nanos)) - reach;
        // What is kept whole at the left edge was not cut there before, or has gone.
        let x = |at: &[f64; 2], moved: i64| at[0] as i64 - moved;
        let is_at_edge = self.marks.iter().any(|(_, at)| x(at, moved) < reach)
            || next.marks.iter().any(|(_, at)| x(at, 0) < reach);
        let left = if is_at_edge { reach } else { 0 };
        let between = left - reach / 2..right + reach / 2;
        let before = self.marks.iter().filter(|(_, at)| between.contains(&x(at, moved)));
        let before = before.map(|(severity, [x, y])| (*severity, [x - moved as f64, *y]));
        let after = next.marks.iter().filter(|(_, at)| between.contains(&x(at, 0)));
        if !(is_same && moved >= 0 && left < right && before.eq(after.copied())) {
            return None;
        }
        let columns = [0..left as u32, right as u32..next.layout.plot.width_px];
        Some(Again { moved_px: moved as u32, columns })
    }
}

#[cfg(test)]
mod tests {
    use crate::data::{
        Anomaly, BandPoint, PanelData, Point, ScorePoint, Series, Severity, Side, TimeSeriesData,
    };
    use crate::layout::Size;
    use crate::options::{OptionValue, Options};
    use crate::panel::{Frame, PlotAs, Scratch, draw};
    use crate::scene::{Drawn, PixelImage, Scene};
    use crate::theme::Theme;
    use proptest::prelude::*;

    const SEVERITIES: [Severity; 3] = [Severity::Minor, Severity::Major, Severity::Critical];

    fn scene(data: &PanelData, size: Size, options: &Options, scratch: &mut Scratch) -> Scene {
        let frame =
            Frame { size, theme: &Theme::LIGHT, options, zone: &crate::zone::UTC, plot_as: PlotAs::Pixels };
        match draw(data, &frame, scratch) {
            Drawn::Scene(scene, _) => scene,
            other => panic!("{other:?}"),
        }
    }

    /// A series that grows; its last points may still change.
    #[derive(Default)]
    struct Growing {
        series: Series,
    }

    impl Growing {
        fn grow(&mut self, drops: usize, more: &[(i64, u32)], start: i64) {
            let Series { points, band, scores, anomalies, same_until, .. } = &mut self.series;
            let kept = points.len().saturating_sub(drops);
            points.truncate(kept);
            band.truncate(kept);
            scores.truncate(kept);
            *same_until = points.last().map(|last| last.t);
            let mut t = points.last().map_or(start, |last| last.t);
            for &(step, bits) in more {
                t += step;
                let v = if bits % 97 == 0 { f64::NAN } else { 20.0 + f64::from(bits % 1_000) / 17.0 };
                points.push(Point { t, v });
                band.push(BandPoint { t, lower: v - 3.0, upper: v + 4.0 });
                scores.push(ScorePoint { t, score: f64::from(bits % 10_007) / 10_007.0 });
                if bits % 23 == 0 {
                    let severity = SEVERITIES[bits as usize % 3];
                    anomalies.push(Anomaly { t, v, severity });
                }
                // An alert may be found long after its peak.
                if bits % 211 == 0 {
                    let (t, v) = (t - i64::from(bits) % 40_000_000, 30.0);
                    anomalies.push(Anomaly { t, v, severity: Severity::Major });
                }
            }
        }
    }

    prop_compose! {
        fn any_steps()(
            pace in prop::sample::select(vec![7_000_i64, 40_000, 333_333, 2_000_000]),
            steps in prop::collection::vec(
                (0..4_usize, prop::collection::vec((1..100_i64, any::<u32>()), 0..30)),
                2..14,
            ),
        ) -> Vec<(usize, Vec<(i64, u32)>)> {
            let paced = |more: Vec<(i64, u32)>| more.into_iter().map(|(step, bits)| (step * pace / 50 + 1, bits)).collect();
            steps.into_iter().map(|(drops, more)| (drops, paced(more))).collect()
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(160))]
        #[test]
        fn a_plot_that_scrolled_has_the_pixels_of_one_drawn_anew(
            steps in any_steps(),
            others in any_steps(),
            width in 5_000_000..200_000_000_i64,
            behind in prop_oneof![3 => Just(0), 1 => -9_000_000..9_000_000_i64],
            scale in prop::sample::select(vec![1.0, 1.25, 2.0]),
            pins_values in any::<bool>(),
            log in any::<bool>(),
        ) {
            let size = Size { width_px: 260, height_px: 130, scale };
            let mut options = Options::default();
            if pins_values {
                options.0.insert("y_min".to_owned(), OptionValue::Number(10.0));
                options.0.insert("y_max".to_owned(), OptionValue::Number(90.0));
            }
            if log {
                options.0.insert("scale".to_owned(), OptionValue::Text("log".to_owned()));
            }
            let start = 1_700_000_000_000_000_000;
            let mut scratch = Scratch::default();
            let mut series = [Growing::default(), Growing::default()];
            series[1].series.color_index = 1;
            series[1].series.side = if log { Side::Right } else { Side::Left };
            for ((drops, more), (other_drops, other_more)) in steps.iter().zip(&others) {
                series[0].grow(*drops, more, start);
                series[1].grow(*other_drops, other_more, start);
                let head = series.iter().filter_map(|grown| grown.series.points.last()).map(|last| last.t).max();
                let end = head.unwrap_or(start) - behind;
                let data = PanelData::TimeSeries(TimeSeriesData {
                    range: (end - width, end),
                    follows: true,
                    series: series.iter().map(|grown| grown.series.clone()).collect(),
                    ..TimeSeriesData::default()
                });
                let scrolled = scene(&data, size, &options, &mut scratch);
                let anew = scene(&data, size, &options, &mut Scratch::default());
                let differs = differing(scrolled.image.as_ref(), anew.image.as_ref());
                prop_assert!(differs.is_empty(), "columns {:?}", differs);
                prop_assert_eq!(scrolled.list.to_string(), anew.list.to_string());
                scratch.recycle(scrolled);
            }
        }
    }

    /// Columns whose pixels differ.
    fn differing(a: Option<&PixelImage>, b: Option<&PixelImage>) -> Vec<u32> {
        let (Some(a), Some(b)) = (a, b) else { return vec![0] };
        let columns = 0..a.width_px.max(b.width_px);
        columns.filter(|column| column_of(a, *column) != column_of(b, *column)).collect()
    }

    fn column_of(image: &PixelImage, column: u32) -> Vec<&[u8]> {
        let rows = image.rgba.chunks(image.row_px as usize * 4);
        rows.map(|row| &row[(image.first_px + column) as usize * 4..][..4]).collect()
    }

    /// A line with a point every half pixel that ends at `end`, a pixel being a millisecond.
    fn line(end: i64, same_until: Option<i64>, width_px: u32) -> PanelData {
        let points = (0..4_000).map(|at| Point { t: at * 500_000, v: (at % 40) as f64 });
        let points = points.take_while(|point| point.t <= end).collect();
        let width = i64::from(width_px) * 1_000_000;
        let series = vec![Series { points, same_until, ..Series::default() }];
        PanelData::TimeSeries(TimeSeriesData {
            range: (end - width, end),
            follows: true,
            series,
            ..TimeSeriesData::default()
        })
    }

    #[test]
    fn what_was_drawn_is_moved_and_not_drawn_again() {
        let size = Size { width_px: 400, height_px: 200, scale: 1.0 };
        let (options, mut scratch) = (Options::default(), Scratch::default());
        let end = 1_000_000_000;
        let mut first = scene(&line(end, None, 300), size, &options, &mut scratch);
        let image = first.image.as_mut().unwrap();
        let (row_px, ink) = (image.row_px, [1, 2, 3, 255]);
        image.rgba[(50 * row_px + 100) as usize * 4..][..4].copy_from_slice(&ink);
        scratch.recycle(first);
        let second = scene(&line(end + 7_000_000, Some(end), 300), size, &options, &mut scratch);
        let image = second.image.unwrap();
        let moved = (0..image.width_px).find(|column| column_of(&image, *column)[50] == ink);
        assert!(moved.is_some_and(|column| (85..100).contains(&column)), "{moved:?}");
    }

    #[test]
    fn what_may_have_changed_is_drawn_again() {
        let size = Size { width_px: 400, height_px: 200, scale: 1.0 };
        let (options, mut scratch) = (Options::default(), Scratch::default());
        let end = 1_000_000_000;
        let mut first = scene(&line(end, None, 300), size, &options, &mut scratch);
        first.image.as_mut().unwrap().rgba.fill(7);
        scratch.recycle(first);
        let data = line(end + 7_000_000, None, 300);
        let second = scene(&data, size, &options, &mut scratch);
        let anew = scene(&data, size, &options, &mut Scratch::default());
        assert!(differing(second.image.as_ref(), anew.image.as_ref()).is_empty());
    }
}
