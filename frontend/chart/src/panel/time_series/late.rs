//! The lane of late events: a strip along the bottom of the plot with a tick at the time of each, and how many in words.

use crate::data::TimeSeriesData;
use crate::display_list::{Align, Baseline, Op};
use crate::format;
use crate::layout::Layout;
use crate::panel::painter::visible;
use crate::panel::{Frame, note};
use crate::theme::css_px;
use crate::under::Under;

/// CSS pixels between the words and the lane.
const GAP: f64 = 3.0;

/// Where the lane's upper edge is, from the plot's, and its height.
fn place(frame: &Frame<'_>, layout: &Layout) -> (f32, f32) {
    let height = (frame.size.px(css_px::RIBBON).round() as f32).min(layout.plot.height_px as f32);
    (layout.plot.height_px as f32 - height, height)
}

/// Draws the strip and the ticks, at most one in each pixel column.
pub(super) fn draw(data: &TimeSeriesData, frame: &Frame<'_>, layout: &Layout, under: &mut Under<'_>) {
    let (top, height) = place(frame, layout);
    let (map, width) = (layout.in_plot(), layout.plot.width_px as f32);
    let color = frame.theme.watermark;
    under.rect([0.0, top, width, height], color.with_alpha(frame.theme.band_alpha));
    let tick = frame.size.scale.round().max(1.0) as f32;
    let mut drawn = None;
    for time in visible(&data.late, layout.time_range, |time| *time) {
        let x = map.x(*time).floor() as f32;
        if (0.0..width).contains(&x) && drawn != Some(x) {
            under.rect([x, top, tick, height], color);
            drawn = Some(x);
        }
    }
}

/// How many late events there are in sight, in words above the lane.
pub(super) fn words(data: &TimeSeriesData, frame: &Frame<'_>, layout: &Layout) -> Option<Op> {
    let (start, end) = layout.time_range;
    let count = data.late.iter().filter(|time| (start..=end).contains(*time)).count();
    let gap = frame.size.px(GAP);
    let at = [
        f64::from(layout.plot.x_px) + gap,
        f64::from(layout.plot.y_px) + f64::from(place(frame, layout).0) - gap,
    ];
    let words = format!("{} late", format::count(count as u64));
    (count > 0).then(|| note(frame, at, words, frame.theme.axis_text, Align::Left, Baseline::Bottom))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::{PlotRect, Size};
    use crate::options::Options;
    use crate::panel::PlotAs;
    use crate::theme::Theme;

    #[test]
    fn the_late_events_in_sight_are_counted_in_words_and_none_are_not() {
        let size = Size { width_px: 200, height_px: 100, scale: 1.0 };
        let options = Options::default();
        let frame = Frame {
            size,
            theme: &Theme::LIGHT,
            options: &options,
            zone: &crate::zone::UTC,
            plot_as: PlotAs::Ops,
        };
        let plot = PlotRect { x_px: 20, y_px: 0, width_px: 180, height_px: 80 };
        let layout = Layout { plot, time_range: (100, 200), value_range: (0.0, 1.0), ..Layout::default() };
        let said = |late: Vec<i64>| {
            let data = TimeSeriesData { late, ..TimeSeriesData::default() };
            words(&data, &frame, &layout)
                .map(|op| if let Op::Text(text) = op { text.text } else { String::new() })
        };
        assert_eq!(said(vec![99, 100, 150, 150, 200, 201]).as_deref(), Some("4 late"));
        assert_eq!(said(vec![99, 201]), None);
    }
}
