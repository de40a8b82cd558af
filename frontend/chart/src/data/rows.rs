//! Rows of a table or an event log: always a window of them, never all.

/// A window of rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowsData {
    /// Columns from left to right.
    pub columns: Vec<Column>,
    /// Rows of the window; each has a cell per column.
    pub rows: Vec<Vec<Cell>>,
    /// Index of the first row of the window.
    pub first: u64,
    /// Rows that match.
    pub total: u64,
    /// Rows there are, matching or not.
    pub held: u64,
}

/// One column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Unit of its numbers as the schema names it.
    pub unit: Option<String>,
    /// Whether its cells are numbers.
    pub is_number: bool,
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Missing,
    /// A number.
    Number(f64),
    /// A moment, event time.
    Time(i64),
    /// Words; data, never markup.
    Text(String),
}
