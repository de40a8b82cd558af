//! The relay's side of the conversation: streams named by number, their events given as columns.

use spate_shared::batch::{Batch, Column, Values};
use spate_shared::catalog::StreamInfo;
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use spate_shared::wire::{ClientMessage, DataFrame, DataHeader, Mode, PROTOCOL, ServerMessage};
use wasm_bindgen::prelude::*;

use crate::nanos;

/// Streams of one epoch, each with the same measures.
#[wasm_bindgen]
pub struct Feed {
    streams: Vec<StreamInfo>,
    subscribed: usize,
}

#[wasm_bindgen]
impl Feed {
    /// So many streams of so many measures each.
    #[wasm_bindgen(constructor)]
    pub fn new(streams: u32, series: u32) -> Self {
        let time = TimeField { name: "time".to_owned(), source: TimeSource::Event };
        let fields = (0..series).map(|at| Field::new(measure(at), FieldType::F64)).collect();
        let schema = Schema::new(time, fields);
        let info =
            |id| StreamInfo { name: stream(id), id, epoch: 1, oldest: 0, head: 0, schema: schema.clone() };
        Self { streams: (0..streams).map(info).collect(), subscribed: 0 }
    }

    /// Answers what a client sent; empty when no answer is due.
    pub fn answer(&mut self, frame: &[u8]) -> Vec<u8> {
        match ClientMessage::decode(frame) {
            Ok(ClientMessage::Hello(hello)) => {
                let (build, catalog) = (hello.build, self.streams.clone());
                ServerMessage::Welcome { protocol: PROTOCOL, build, now: 0, catalog }.encode()
            }
            Ok(ClientMessage::Subscribe(wanted)) => {
                let stream = self.streams.iter().find(|stream| stream.name == wanted.stream);
                self.subscribed += usize::from(stream.is_some());
                stream.map_or_else(Vec::new, |stream| began(stream).encode())
            }
            _ => Vec::new(),
        }
    }

    /// Whether the client has subscribed to every stream, so that events find it listening.
    pub fn is_subscribed(&self) -> bool {
        self.subscribed >= self.streams.len()
    }

    /// The next events of a stream, at most 65,536: times in seconds since 1970, and the measures' values one measure
    /// after the other.
    pub fn events(&mut self, stream: usize, x: &[f64], ys: &[f64]) -> Vec<u8> {
        let Some(info) = self.streams.get_mut(stream) else { return Vec::new() };
        let column = |values: &[f64]| Column { values: Values::F64(values.to_vec()), validity: None };
        let batch = Batch {
            times: x.iter().map(|seconds| nanos(*seconds)).collect(),
            columns: ys.chunks(x.len().max(1)).map(column).collect(),
        };
        let rows = x.len() as u32;
        let sealed = batch.times.last().copied().unwrap_or_default();
        let header = DataHeader { stream: info.id, schema: 1, epoch: 1, base: info.head, rows, sealed };
        info.head += u64::from(rows);
        DataFrame { header, batch }.encode()
    }
}

/// The name of a stream.
pub(crate) fn stream(number: u32) -> String {
    format!("stream-{number}")
}

/// The name of a measure.
pub(crate) fn measure(number: u32) -> String {
    format!("series {number}")
}

fn began(info: &StreamInfo) -> ServerMessage {
    ServerMessage::Ok {
        stream: info.name.clone(),
        id: info.id,
        epoch: info.epoch,
        next: info.head,
        mode: Mode::Started,
        schema: info.schema.clone(),
    }
}
