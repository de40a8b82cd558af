//! A row of named cells, before types.

use super::Rejection;
use crate::time::{self, Nanos};

/// One value as its text said it.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// JSON `null`, an empty CSV cell.
    Missing,
    /// A JSON integer.
    Int(i64),
    /// A JSON number with a fraction or exponent.
    Float(f64),
    /// A JSON flag.
    Bool(bool),
    /// A JSON string.
    Text(String),
    /// A CSV cell: its type is whatever its field's is.
    Untyped(String),
}

/// One event before types: cells in the order of [`Chunk::names`]; cells past the end are missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Line in the text, from 1.
    pub line: u64,
    /// Values by name index.
    pub cells: Vec<Cell>,
}

/// Rows read together, and the rows that could not be read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chunk {
    /// Field names in order of first appearance.
    pub names: Vec<String>,
    /// Rows in order.
    pub rows: Vec<Row>,
    /// Rows that are not rows: bad UTF-8, bad JSON, too long, a wrong number of cells.
    pub rejected: Vec<Rejection>,
}

impl Chunk {
    /// How many rows were read, the rejected ones included.
    pub(super) fn len(&self) -> usize {
        self.rows.len() + self.rejected.len()
    }

    pub(super) fn reject(&mut self, line: u64, field: Option<String>, reason: impl Into<String>) {
        self.rejected.push(Rejection { line, field, reason: reason.into() });
    }
}

/// What a cell looks like, for inferring a field's type from its first value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Int,
    Float,
    Bool,
    Text,
}

impl Cell {
    /// The cell as a finite number.
    ///
    /// # Errors
    /// What was expected instead.
    pub fn number(&self) -> Result<f64, &'static str> {
        let number = match self {
            Self::Int(number) => *number as f64,
            Self::Float(number) => *number,
            Self::Untyped(text) => text.parse().map_err(|_| "a number")?,
            _ => return Err("a number"),
        };
        if number.is_finite() {
            Ok(number)
        } else {
            Err("a finite number (leave the value out when it is missing)")
        }
    }

    /// The cell as a time, see [`time::parse`].
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn time(&self) -> Result<Nanos, String> {
        let out_of_range = || format!("time is outside 1677-09-21 to 2262-04-11: {}", self.quoted());
        match self {
            Self::Int(number) => time::from_epoch(*number).ok_or_else(out_of_range),
            Self::Float(number) => time::from_epoch_f64(*number).ok_or_else(out_of_range),
            Self::Text(text) | Self::Untyped(text) => time::parse(text).map_err(|error| error.to_string()),
            Self::Bool(_) | Self::Missing => Err(format!("not a time: {}", self.quoted())),
        }
    }

    /// `None` for a missing cell.
    pub(super) fn look(&self) -> Option<Look> {
        Some(match self {
            Self::Missing => return None,
            Self::Int(_) => Look::Int,
            Self::Float(_) => Look::Float,
            Self::Bool(_) => Look::Bool,
            Self::Untyped(text) if text.parse::<i64>().is_ok() => Look::Int,
            Self::Untyped(text) if text.parse::<f64>().is_ok() => Look::Float,
            Self::Untyped(text) if parse_bool(text).is_some() => Look::Bool,
            Self::Text(_) | Self::Untyped(_) => Look::Text,
        })
    }

    /// For messages: the value as a person wrote it, at most 64 characters.
    pub(super) fn quoted(&self) -> String {
        let text = match self {
            Self::Missing => return "nothing".to_owned(),
            Self::Int(number) => return number.to_string(),
            Self::Float(number) => return number.to_string(),
            Self::Bool(flag) => return flag.to_string(),
            Self::Text(text) | Self::Untyped(text) => text,
        };
        match text.char_indices().nth(64) {
            Some((cut, _)) => format!("{:?}...", &text[..cut]),
            None => format!("{text:?}"),
        }
    }
}

/// The value as its text said it; nothing for a missing one.
impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => Ok(()),
            Self::Int(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
            Self::Bool(flag) => flag.fmt(f),
            Self::Text(text) | Self::Untyped(text) => f.write_str(text),
        }
    }
}

pub(super) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}
