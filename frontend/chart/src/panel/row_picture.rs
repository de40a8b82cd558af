//! Rows as a drawing: the picture of a panel that the page lays out as words.

use crate::display_list::{Align, Baseline, DisplayList, Op, Text, Weight};
use crate::scene::{RowWindow, Scene};
use crate::text;
use crate::theme::Theme;

/// CSS pixels: the size of text, the height of a row, the room beside a column, the widest column.
const TEXT: f64 = 12.0;
const ROW: f64 = 24.0;
const ROOM: f64 = 12.0;
const WIDEST: f64 = 320.0;

/// The rows of a window under their headings, as wide as they need to be, with a line for those that are left out.
pub fn scene(window: &RowWindow, theme: &Theme, scale: f64) -> Scene {
    let numbers = window.columns.iter().map(|column| column.is_number);
    let names = window.columns.iter().map(|column| column.name.as_str());
    let mut ops = Vec::new();
    let mut left = ROOM;
    for (index, (name, is_number)) in names.zip(numbers).enumerate() {
        let cells = window.rows.iter().map(|row| row.get(index).map_or("", String::as_str));
        let words: Vec<String> =
            [name].into_iter().chain(cells).map(|cell| text::shortened(cell, TEXT, WIDEST)).collect();
        let width = words.iter().map(|cell| text::width_px(cell, TEXT)).fold(0.0, f64::max);
        let (x, align) = if is_number { (left + width, Align::Right) } else { (left, Align::Left) };
        for (row, cell) in words.into_iter().enumerate() {
            let (color, weight) =
                if row == 0 { (theme.axis_text, Weight::Bold) } else { (theme.text, Weight::Normal) };
            let at = [(x * scale) as f32, ((row as f64 + 0.5) * ROW * scale) as f32];
            let size_px = (TEXT * scale) as f32;
            ops.push(Op::Text(Text {
                at,
                text: cell,
                size_px,
                color,
                align,
                baseline: Baseline::Middle,
                weight,
            }));
        }
        left += width + 2.0 * ROOM;
    }
    let mut height = (window.rows.len() + 1) as f64 * ROW;
    let more = window.total.saturating_sub(window.first + window.rows.len() as u64);
    if more > 0 {
        let (at, size_px) =
            ([(ROOM * scale) as f32, ((height + ROW / 2.0) * scale) as f32], (TEXT * scale) as f32);
        let (text, color) = (format!("and {} more", crate::format::count(more)), theme.axis_text);
        let (align, baseline, weight) = (Align::Left, Baseline::Middle, Weight::Normal);
        ops.push(Op::Text(Text { at, text, size_px, color, align, baseline, weight }));
        height += ROW;
    }
    let (width_px, height_px) = ((left * scale).ceil() as u32, ((height + ROOM) * scale).ceil() as u32);
    lines(window.rows.len(), width_px, scale, theme, &mut ops);
    Scene { list: DisplayList { width_px, height_px, background: theme.background, ops }, image: None }
}

/// A hairline under the headings and under every row.
fn lines(rows: usize, width_px: u32, scale: f64, theme: &Theme, ops: &mut Vec<Op>) {
    for row in 1..=rows {
        let y = (row as f64 * ROW * scale).round() as f32 + 0.5;
        let (from, to) = ([0.0, y], [width_px as f32, y]);
        ops.push(Op::Line { from, to, width: scale as f32, color: theme.grid, dash: None });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::RowColumn;

    #[test]
    fn every_cell_is_drawn_once_and_what_is_left_out_is_counted() {
        let column = |name: &str, is_number| RowColumn { name: name.to_owned(), is_number };
        let window = RowWindow {
            columns: vec![column("time", false), column("load", true)],
            rows: vec![vec!["12:00".to_owned(), "5 %".to_owned()], vec!["12:01".to_owned()]],
            first: 0,
            total: 1_002,
            held: 1_002,
        };
        let scene = scene(&window, &Theme::LIGHT, 2.0);
        let texts: Vec<_> = scene
            .list
            .ops
            .iter()
            .filter_map(|op| if let Op::Text(text) = op { Some(text.text.as_str()) } else { None })
            .collect();
        assert_eq!(texts, ["time", "12:00", "12:01", "load", "5 %", "", "and 1,000 more"]);
        assert!(scene.list.ops.iter().any(|op| matches!(op, Op::Line { .. })));
    }
}
