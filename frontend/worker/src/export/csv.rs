//! Rows as CSV (RFC 4180).

use spate_shared::batch::{Batch, Column, Values};
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
    match &column.values {
        _ if !column.is_present(row) => {}
        Values::I64(numbers) => text.push_str(&numbers[row].to_string()),
        Values::Timestamp(times) => text.push_str(&time::format(times[row])),
        _ => match (column.text(row), column.number(row)) {
            (Some(word), _) => text.push_str(&quoted(word)),
            (None, Some(number)) => text.push_str(&number.to_string()),
            (None, None) => {}
        },
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
    use spate_shared::schema::{Field, FieldType, TimeField, TimeSource};

    #[test]
    fn whole_numbers_keep_their_digits_and_moments_are_told() {
        let time = TimeField { name: "time".into(), source: TimeSource::Event };
        let fields = vec![Field::new("id", FieldType::I64), Field::new("until", FieldType::Timestamp)];
        let columns = [Values::I64(vec![i64::MAX]), Values::Timestamp(vec![1_000_000_000])];
        let columns = columns.map(|values| Column { values, validity: None }).into();
        assert_eq!(
            write(&Schema::new(time, fields), &Batch { times: vec![0], columns }),
            "time,id,until\n1970-01-01T00:00:00Z,9223372036854775807,1970-01-01T00:00:01Z\n"
        );
    }

    #[test]
    fn cells_are_quoted_when_they_must_be_and_missing_ones_are_empty() {
        let time = TimeField { name: "time".into(), source: TimeSource::Event };
        let schema =
            Schema::new(time, vec![Field::new("a,b", FieldType::Text), Field::new("v", FieldType::F64)]);
        let mut value = Column::empty(FieldType::F64);
        value.values = Values::F64(vec![1.5]);
        value.push_missing();
        let text =
            Column { values: Values::Text(["say \"x\"", "plain"].into_iter().collect()), validity: None };
        let batch = Batch { times: vec![0, 1_000_000_000], columns: vec![text, value] };
        assert_eq!(
            write(&schema, &batch),
            "time,\"a,b\",v\n1970-01-01T00:00:00Z,\"say \"\"x\"\"\",1.5\n1970-01-01T00:00:01Z,plain,\n"
        );
    }
}
