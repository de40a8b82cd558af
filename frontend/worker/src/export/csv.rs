//! Rows as CSV (RFC 4180).

use std::fmt::Write as _;

use spate_shared::batch::{Batch, Column};
use spate_shared::schema::Schema;
use spate_shared::time;

/// A header and a line per row; a missing value is an empty cell.
pub(super) fn write(schema: &Schema, batch: &Batch) -> String {
    let names = std::iter::once(&schema.time.name).chain(schema.fields.iter().map(|field| &field.name));
    let mut text = names.map(|name| quoted(name)).collect::<Vec<_>>().join(",");
    text.push('\n');
    for (row, at) in batch.times.iter().enumerate() {
        text.push_str(&time::format(*at));
        for column in &batch.columns {
            text.push(',');
            push_cell(&mut text, column, row);
        }
        text.push('\n');
    }
    text
}

fn push_cell(text: &mut String, column: &Column, row: usize) {
    if let Some(number) = column.number(row) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{number}");
    } else if let Some(word) = column.text(row) {
        text.push_str(&quoted(word));
    }
}

/// A cell, quoted when it must be.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_shared::batch::Values;
    use spate_shared::schema::{Field, FieldType, TimeField, TimeSource};

    #[test]
    fn cells_are_quoted_when_they_must_be_and_missing_ones_are_empty() {
        let time = TimeField { name: "time".into(), source: TimeSource::Event };
        let schema =
            Schema::new(time, vec![Field::new("a,b", FieldType::Text), Field::new("v", FieldType::F64)]);
        let mut value = Column::empty(FieldType::F64);
        value.values = Values::F64(vec![1.5]);
        value.push_missing();
        let text = Column { values: Values::Text(vec!["say \"x\"".into(), "plain".into()]), validity: None };
        let batch = Batch { times: vec![0, 1_000_000_000], columns: vec![text, value] };
        assert_eq!(
            write(&schema, &batch),
            "time,\"a,b\",v\n1970-01-01T00:00:00Z,\"say \"\"x\"\"\",1.5\n1970-01-01T00:00:01Z,plain,\n"
        );
    }
}
