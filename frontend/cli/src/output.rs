//! What goes to standard output: tables for people, JSON for programs.

use std::fmt::Write as _;

use clap::ValueEnum;

/// How results are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// Aligned columns, for people
    #[default]
    Table,
    /// JSON, for programs
    Json,
}

/// Rows of cells. Under a header, columns of numbers are right-aligned; without one, all stand on the left.
#[derive(Debug, Default)]
pub(crate) struct Table {
    has_header: bool,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(header: &[&str]) -> Self {
        Self { has_header: true, rows: vec![header.iter().map(|&cell| cell.to_owned()).collect()] }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(crate) fn render(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let cells = |column: usize| self.rows.iter().filter_map(move |row| row.get(column));
        let width = |column| cells(column).map(|cell| cell.chars().count()).max().unwrap_or(0);
        let is_number =
            |cell: &&String| cell.starts_with(|first: char| first.is_ascii_digit() || first == '-');
        let is_right = |column| self.has_header && cells(column).skip(1).all(|cell| is_number(&cell));
        let layout: Vec<(usize, bool)> =
            (0..columns).map(|column| (width(column), is_right(column))).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, (width, right)) in row.iter().zip(&layout) {
                // Writing to a String cannot fail.
                let _ =
                    if *right { write!(line, "{cell:>width$}  ") } else { write!(line, "{cell:<width$}  ") };
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// A count with its digits in groups of three: `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number to six digits; `-` when it is not known.
pub(crate) fn short(number: f64) -> String {
    if !number.is_finite() {
        return "-".to_owned();
    }
    if number != 0.0 && !(1e-4..1e15).contains(&number.abs()) {
        return format!("{number:.5e}");
    }
    let digits = (5 - number.abs().max(1.0).log10().floor() as i32).max(0) as usize;
    format!("{number:.digits$}")
}

/// "1 event", "2,000 events".
pub(crate) fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_in_threes() {
        for (number, expect) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), expect);
        }
        assert_eq!((counted(1, "event"), counted(2, "event")), ("1 event".to_owned(), "2 events".to_owned()));
    }

    #[test]
    fn numbers_have_six_digits() {
        for (number, expect) in [
            (0.0, "0.00000"),
            (0.123_456_7, "0.12346"),
            (-12.345_678, "-12.3457"),
            (1_234_567.8, "1234568"),
            (1e-9, "1.00000e-9"),
            (f64::NAN, "-"),
        ] {
            assert_eq!(short(number), expect);
        }
    }

    #[test]
    fn columns_align_and_numbers_stand_on_the_right() {
        let mut table = Table::new(&["stream", "events"]);
        table.row(["taxi", "10,320"].map(str::to_owned));
        table.row(["temperature", "7"].map(str::to_owned));
        assert_eq!(table.render(), "stream       events\ntaxi         10,320\ntemperature       7\n");
    }
}
