//! `spate.v1.json`: the same conversation as text a person can read.
//!
//! Control messages are what serde gives, `{"hello": {..}}`. A data frame is
//! `{"data": {"stream": name, "epoch": e, "offset": base, "sealed": time, "events": [{..}, ..]}}`; one that holds some of
//! a run is `{"selected": {..}}`, the same with `end`, `conflated` and `offsets`.

use serde_json::{Value, json};

use super::codec::WireError;
use super::frame::DataFrame;
use super::message::{ClientMessage, ServerMessage};
use super::selected::SelectedFrame;
use crate::batch::Batch;
use crate::schema::Schema;
use crate::time;

impl ServerMessage {
    /// The message as `spate.v1.json` text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl ClientMessage {
    /// Reads a `spate.v1.json` message.
    ///
    /// # Errors
    /// [`WireError::Control`] with serde's line and column.
    pub fn from_json(text: &str) -> Result<Self, WireError> {
        serde_json::from_str(text).map_err(|error| WireError::Control(error.to_string()))
    }
}

impl DataFrame {
    /// The frame as `spate.v1.json` text: rows with names, times in RFC 3339.
    pub fn to_json(&self, stream: &str, schema: &Schema) -> String {
        json!({"data": {
            "stream": stream,
            "epoch": self.header.epoch,
            "offset": self.header.base,
            "sealed": time::format(self.header.sealed),
            "events": events(&self.batch, schema),
        }})
        .to_string()
    }
}

impl SelectedFrame {
    /// The frame as `spate.v1.json` text: as that of a [`DataFrame`], with `end` and the offset of every event.
    pub fn to_json(&self, stream: &str, schema: &Schema) -> String {
        let offsets: Vec<u64> =
            self.positions.iter().map(|position| self.header.base + u64::from(*position)).collect();
        json!({"selected": {
            "stream": stream,
            "epoch": self.header.epoch,
            "offset": self.header.base,
            "end": self.end(),
            "sealed": time::format(self.header.sealed),
            "conflated": self.is_conflated,
            "offsets": offsets,
            "events": events(&self.batch, schema),
        }})
        .to_string()
    }
}

fn events(batch: &Batch, schema: &Schema) -> Vec<Value> {
    (0..batch.len()).map(|row| batch.event_json(schema, row)).collect()
}
