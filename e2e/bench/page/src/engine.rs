//! The engine's queries over made-up events, for a comparison with another engine in the same browser.

use spate_analysis::aggregate::Value;
use spate_analysis::query::{Emit, Outcome, WindowQuery, WindowResult};
use spate_shared::arrow;
use spate_shared::batch::{Batch, Column, Values};
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use spate_shared::time::{MILLISECOND, Nanos};
use spate_shared::wire::{DataFrame, DataHeader};
use wasm_bindgen::prelude::*;

/// Keys that events have in turn, one event each in a millisecond.
const KEYS: usize = 100;

fn schema() -> Schema {
    let fields = vec![Field::new("key", FieldType::Category), Field::new("value", FieldType::F64)];
    Schema::new(TimeField { name: "time".to_owned(), source: TimeSource::Event }, fields)
}

fn batch(first: usize, rows: usize) -> Batch {
    let all = first..first + rows;
    let codes = all.clone().map(|row| (row % KEYS) as u32).collect();
    let dictionary = (0..KEYS).map(|key| format!("key {key}")).collect();
    let values = all.clone().map(|row| (row % 1_009) as f64).collect();
    let columns = [Values::Category { dictionary, codes }, Values::F64(values)];
    Batch {
        times: all.map(|row| (row / KEYS) as Nanos * MILLISECOND).collect(),
        columns: columns.map(|values| Column { values, validity: None }).into(),
    }
}

/// Events from number `first` on, as a relay sends them.
#[wasm_bindgen]
pub fn frame_of_events(first: usize, rows: usize) -> Vec<u8> {
    let (batch, base) = (batch(first, rows), first as u64);
    let header = DataHeader { stream: 1, schema: 1, epoch: 1, base, rows: rows as u32, sealed: 0 };
    DataFrame { header, batch }.encode()
}

/// The same events as an Arrow IPC stream.
///
/// # Errors
/// Never: it writes to memory.
#[wasm_bindgen]
pub fn arrow_of_events(first: usize, rows: usize) -> Result<Vec<u8>, JsError> {
    let mut writer = arrow::Writer::new(Vec::new(), &schema())?;
    writer.batch(batch(first, rows))?;
    Ok(writer.finish()?)
}

/// A query that follows the events.
#[wasm_bindgen]
pub struct Query {
    asked: WindowQuery,
    outcome: Outcome,
    results: f64,
    sum: f64,
}

#[wasm_bindgen]
impl Query {
    /// Asks what `spec`, the JSON of a `QuerySpec`, says.
    ///
    /// # Errors
    /// What is wrong with it.
    #[wasm_bindgen(constructor)]
    pub fn new(spec: &str) -> Result<Self, JsError> {
        let asked = WindowQuery::new(&serde_json::from_str(spec)?, &schema(), Emit::Closed)?;
        Ok(Self { asked, outcome: Outcome::default(), results: 0.0, sum: 0.0 })
    }

    /// Takes a frame of events.
    ///
    /// # Errors
    /// When the bytes are no frame.
    pub fn push(&mut self, frame: &[u8]) -> Result<(), JsError> {
        self.asked.push(&DataFrame::decode(frame)?.batch, &mut self.outcome);
        for result in self.outcome.results.drain(..) {
            self.results += 1.0;
            self.sum += value(&result);
        }
        Ok(())
    }

    /// Results of windows that have closed.
    pub fn results(&self) -> f64 {
        self.results
    }

    /// Their first values together.
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// The first values of all windows that are open, together.
    pub fn open_sum(&self) -> f64 {
        self.asked.open().iter().map(value).sum()
    }
}

fn value(result: &WindowResult) -> f64 {
    match result.values.first() {
        Some(Value::Number(number)) => *number,
        _ => 0.0,
    }
}
