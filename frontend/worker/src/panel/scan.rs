//! Held events of a stream: those in a range that suit a panel's filter, newest first, up to a bound.

use spate_analysis::stream::Stream;
use spate_shared::batch::Batch;
use spate_shared::schema::{Role, Schema};

use crate::protocol::FieldFilter;
use crate::view::Range;

/// What is looked for.
pub(super) struct Scan<'a> {
    stream: &'a Stream,
    range: Range,
    /// Places of fields in the schema and the values they may have.
    wanted: Vec<(usize, &'a [String])>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(stream: &'a Stream, range: Range, filter: &'a [FieldFilter]) -> Self {
        let narrows = filter.iter().filter(|filter| !filter.values.is_empty());
        let wanted = narrows
            .filter_map(|filter| Some((stream.schema().index_of(&filter.field)?, filter.values.as_slice())))
            .collect();
        Self { stream, range, wanted }
    }

    /// Visits events by number, batch and row, newest arrival first; gives how many more there are beyond `most`.
    pub(super) fn newest(&self, most: usize, mut visit: impl FnMut(u64, &Batch, usize)) -> u64 {
        let (mut seen, mut left_out) = (0, 0);
        for held in self.stream.events().batches().rev() {
            if held.span.1 < self.range.from || held.span.0 > self.range.to {
                continue;
            }
            for row in (0..held.batch.len()).rev() {
                if !self.suits(&held.batch, row) {
                    continue;
                }
                if seen < most {
                    visit(held.first + row as u64, &held.batch, row);
                    seen += 1;
                } else {
                    left_out += 1;
                }
            }
        }
        left_out
    }

    fn suits(&self, batch: &Batch, row: usize) -> bool {
        let is_inside = (self.range.from..=self.range.to).contains(&batch.times[row]);
        let has = |(field, values): &(usize, &[String])| {
            let text = batch.columns.get(*field).and_then(|column| column.text(row));
            text.is_some_and(|text| values.iter().any(|value| value == text))
        };
        is_inside && self.wanted.iter().all(has)
    }
}

/// Places of the dimensions that tell series apart, without `except`.
pub(super) fn dimensions(schema: &Schema, except: Option<usize>) -> Vec<usize> {
    schema.with_role(Role::Dimension).filter(|place| Some(*place) != except).collect()
}

/// The values of these fields, joined; `nothing` when there are no fields.
pub(super) fn group(batch: &Batch, row: usize, fields: &[usize], nothing: &str) -> String {
    if fields.is_empty() {
        return nothing.to_owned();
    }
    let value = |field: &usize| batch.columns.get(*field).and_then(|column| column.text(row)).unwrap_or("–");
    fields.iter().map(value).collect::<Vec<_>>().join(" · ")
}
