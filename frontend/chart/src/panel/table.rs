//! Rows and columns. The page lays them out and asks for the window it shows, never for all.

use crate::data::{Cell, Column, RowsData};
use crate::format::{self, Unit};
use crate::options::{OptionKind, OptionSpec, TextForm};
use crate::panel::{PanelKind, Surface};
use crate::scene::{RowColumn, RowWindow};
use crate::text;
use crate::zone::Zone;
use spate_shared::time::{MINUTE, SECOND};

/// What a row is.
pub const ROWS: OptionSpec = OptionSpec {
    name: "rows",
    kind: OptionKind::Choice { default: "events", choices: &["events", "series"] },
    doc: "What a row is: an event with its fields, or a series with its latest, least, mean and greatest value in view.",
};
/// Which columns there are.
pub const COLUMNS: OptionSpec = OptionSpec {
    name: "columns",
    kind: OptionKind::Text { form: TextForm::Names },
    doc: "Fields to show, in this order; all when empty.",
};

/// What this kind of panel is.
pub const KIND: PanelKind = PanelKind {
    id: "table",
    title: "Table",
    doc: "Events or series as rows that can be sorted and searched.",
    needs: "one stream",
    surface: Surface::Rows,
    options: &[ROWS, COLUMNS],
};

/// Most characters of a cell; the rest is cut, visibly.
const LONGEST_CELL: usize = 400;

/// The window in words.
pub fn window(data: &RowsData, zone: &Zone) -> RowWindow {
    let units: Vec<_> = data.columns.iter().map(|column| Unit::parse(column.unit.as_deref())).collect();
    let words = |row: &Vec<Cell>| {
        let cell = |(index, unit): (usize, &Unit)| {
            row.get(index).map(|cell| cell_text(cell, unit, zone)).unwrap_or_default()
        };
        units.iter().enumerate().map(cell).collect()
    };
    RowWindow {
        columns: data.columns.iter().map(heading).collect(),
        rows: data.rows.iter().map(words).collect(),
        first: data.first,
        total: data.total,
        held: data.held,
    }
}

fn heading(column: &Column) -> RowColumn {
    RowColumn { name: text::one_line(&column.name), is_number: column.is_number }
}

/// A cell as people read it: times to the digits they have, numbers with every digit that they hold.
fn cell_text(cell: &Cell, unit: &Unit, zone: &Zone) -> String {
    match cell {
        Cell::Missing => String::new(),
        Cell::Number(number) => format::exact(*number, unit),
        Cell::Time(time) => moment(*time, zone),
        Cell::Text(words) => clipped(words),
    }
}

fn moment(time: i64, zone: &Zone) -> String {
    let date = zone.civil(time);
    let step = match date.nanos_of_day {
        nanos if nanos % MINUTE == 0 => SECOND,
        nanos if nanos % SECOND == 0 => SECOND,
        nanos if nanos % 1_000_000 == 0 => 1_000_000,
        nanos if nanos % 1_000 == 0 => 1_000,
        _ => 1,
    };
    format!("{:04}-{:02}-{:02} {}", date.year, date.month, date.day, date.time_of_day(step))
}

fn clipped(words: &str) -> String {
    let line = text::one_line(words);
    match line.char_indices().nth(LONGEST_CELL) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_a_text_per_column_and_nothing_where_nothing_is_known() {
        let column = |name: &str, unit: Option<&str>, is_number| Column {
            name: name.to_owned(),
            unit: unit.map(str::to_owned),
            is_number,
        };
        let data = RowsData {
            columns: vec![
                column("time", None, false),
                column("load", Some("percent"), true),
                column("note", None, false),
            ],
            rows: vec![
                vec![
                    Cell::Time(1_500_000_000),
                    Cell::Number(12.345_678_9),
                    Cell::Text("<b>a\nb</b>".to_owned()),
                ],
                vec![Cell::Time(0), Cell::Missing],
            ],
            first: 7,
            total: 9,
            held: 100,
        };
        let window = window(&data, &crate::zone::UTC);
        assert_eq!(window.rows[0], ["1970-01-01 00:00:01.500", "12.3456789 %", "<b>a b</b>"]);
        assert_eq!(window.rows[1], ["1970-01-01 00:00:00", "", ""]);
        assert_eq!((window.first, window.total, window.held), (7, 9, 100));
    }

    #[test]
    fn an_endless_text_is_cut_visibly() {
        let words = clipped(&"é".repeat(5_000));
        assert_eq!(words.chars().count(), LONGEST_CELL + 1);
        assert!(words.ends_with('…'));
    }
}
