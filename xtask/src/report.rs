//! The report: a table of left-aligned columns, the last ones right-aligned where they are figures.

use std::fmt::Write as _;
use std::time::Duration;

/// Rows under a head, aligned by the widest cell of each column.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table whose first row is `head`.
    pub(crate) fn new(head: &[&str]) -> Self {
        let mut table = Self::default();
        table.row(head.iter().map(|&cell| cell.to_owned()));
        table
    }

    /// Add a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table as text, one line a row.
    pub(crate) fn render(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                self.rows
                    .iter()
                    .filter_map(|row| row.get(column))
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, &width) in row.iter().zip(&widths) {
                if cell.starts_with(|first: char| first.is_ascii_digit()) {
                    let _ = write!(line, "{cell:>width$}  ");
                } else {
                    let _ = write!(line, "{cell:<width$}  ");
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// Seconds with one decimal, `12.3 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// Bytes as kilobytes (1,000 bytes) with one decimal, `12.3 KB`.
pub(crate) fn kilobytes(bytes: u64) -> String {
    format!("{:.1} KB", bytes as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn figures_are_aligned_right_and_words_left() {
        let mut table = Table::new(&["step", "took"]);
        table.row(["fmt".into(), "1.0 s".into()]);
        table.row(["clippy".into(), "12.0 s".into()]);
        assert_eq!(table.render(), "step    took\nfmt      1.0 s\nclippy  12.0 s\n");
    }
}
