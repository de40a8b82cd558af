//! Scripted wakes for a runtime on a relay with one stream.

use serde_json::Value;
use spate_chart::display_list::Op;
use spate_shared::batch::{Batch, Column, Values};
use spate_shared::catalog::StreamInfo;
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use spate_shared::time::{Nanos, SECOND};
use spate_shared::wire::{ClientMessage, DataFrame, DataHeader, Mode, ServerMessage};
use spate_worker::ask::Answer;
use spate_worker::protocol::{Command, Connection, PanelSpec, PanelUpdate, Source, Update};
use spate_worker::runtime::{Effect, Runtime, Wake};
use spate_worker::view::Span;

pub(crate) fn last(width: Nanos) -> Span {
    Span::Last { width, behind: 0 }
}

/// A runtime, its clock, and everything it caused.
pub(crate) struct Script {
    pub(crate) runtime: Runtime,
    pub(crate) now: Nanos,
    pub(crate) effects: Vec<Effect>,
}

impl Script {
    pub(crate) fn new() -> Self {
        Self { runtime: Runtime::default(), now: 0, effects: Vec::new() }
    }

    /// On a relay with one stream that began at `next`.
    pub(crate) fn live(next: u64) -> Self {
        let mut script = Self::new();
        script.command(Command::Open { generation: 1, source: Source::Relay { url: "ws://r".into() } });
        script.wake(Wake::Opened(1));
        script.message(&ServerMessage::Welcome {
            protocol: 1,
            build: "r".into(),
            now: 0,
            catalog: vec![info()],
        });
        script.ok(next, 7, Mode::Started);
        script
    }

    pub(crate) fn wake(&mut self, wake: Wake) -> &mut Self {
        self.effects.extend(self.runtime.wake(self.now, wake));
        self
    }

    pub(crate) fn command(&mut self, command: Command) -> &mut Self {
        self.wake(Wake::Command(command))
    }

    pub(crate) fn message(&mut self, message: &ServerMessage) -> &mut Self {
        self.wake(Wake::Received(1, message.encode()))
    }

    pub(crate) fn ok(&mut self, next: u64, epoch: u64, mode: Mode) -> &mut Self {
        let (stream, schema) = ("s".to_owned(), schema());
        self.message(&ServerMessage::Ok { stream, id: 4, epoch, next, mode, schema })
    }

    /// Events at `base..base + rows`, event `i` at `i` seconds.
    pub(crate) fn data(&mut self, epoch: u64, base: u64, rows: u32) -> &mut Self {
        self.wake(Wake::Received(1, frame(epoch, base, rows, base as Nanos * SECOND).encode()))
    }

    /// One event at `at` seconds.
    pub(crate) fn spike(&mut self, epoch: u64, at: u64, value: f64) -> &mut Self {
        let mut spike = frame(epoch, at, 1, at as Nanos * SECOND);
        spike.batch.columns[0].values = Values::F64(vec![value]);
        self.wake(Wake::Received(1, spike.encode()))
    }

    pub(crate) fn frame(&mut self, elapsed: Nanos) -> &mut Self {
        self.now += elapsed;
        self.wake(Wake::Frame)
    }

    pub(crate) fn add_panel(&mut self, panel: u32, kind: &str) -> &mut Self {
        let stream = if kind == "alerts" { "" } else { "s" };
        let measure = if kind == "alerts" { "" } else { "v" };
        let spec = PanelSpec {
            kind: kind.into(),
            stream: stream.into(),
            measure: measure.into(),
            ..PanelSpec::default()
        };
        self.add_spec(panel, spec)
    }

    pub(crate) fn add_spec(&mut self, panel: u32, spec: PanelSpec) -> &mut Self {
        self.command(Command::AddPanel { panel, spec });
        self.command(Command::Resize { panel, width_px: 400, height_px: 200, scale: 1.0 });
        self.command(Command::Show { panel, visible: true })
    }

    /// The axis labels that a panel draws.
    pub(crate) fn labels(&mut self, panel: u32) -> Vec<String> {
        let ops = self.runtime.paint(panel).expect("a scene").list.ops;
        ops.into_iter()
            .filter_map(|op| if let Op::Text(text) = op { Some(text.text) } else { None })
            .collect()
    }

    pub(crate) fn stats(&mut self) -> Value {
        self.effects.clear();
        self.command(Command::Stats { request: 9 });
        let json = self.effects.iter().find_map(|effect| match effect {
            Effect::Post(Update::Stats { request: 9, json }) => Some(json),
            _ => None,
        });
        serde_json::from_str(json.expect("an answer")).expect("JSON")
    }

    pub(crate) fn stream(&mut self) -> Value {
        self.stream_named("s")
    }

    pub(crate) fn stream_named(&mut self, name: &str) -> Value {
        self.stats()["streams"][name].clone()
    }

    pub(crate) fn sent(&self) -> Vec<&ClientMessage> {
        self.effects
            .iter()
            .filter_map(|e| if let Effect::Send(message) = e { Some(message) } else { None })
            .collect()
    }

    pub(crate) fn posted(&self) -> impl Iterator<Item = &Update> {
        self.effects
            .iter()
            .filter_map(|effect| if let Effect::Post(update) = effect { Some(update) } else { None })
    }

    /// What the page was told of what it asked.
    pub(crate) fn answers(&self) -> impl Iterator<Item = Answer> {
        self.posted().filter_map(|update| match update {
            Update::Answer(bytes) => Answer::from_bytes(bytes),
            _ => None,
        })
    }

    pub(crate) fn last_connection(&self) -> Option<&Connection> {
        self.posted()
            .filter_map(|u| if let Update::Connection { state, .. } = u { Some(state) } else { None })
            .last()
    }

    /// What the DOM was told last of a panel.
    pub(crate) fn words(&self, panel: u32) -> Option<&PanelUpdate> {
        let frames = self.posted().filter_map(|update| match update {
            Update::Frame { panels, .. } => Some(panels),
            _ => None,
        });
        frames.flatten().filter(|words| words.panel == panel).last()
    }

    pub(crate) fn problem(&self) -> Option<(&str, &str, bool)> {
        self.posted().find_map(|update| match update {
            Update::Problem { title, detail, fatal, .. } => Some((title.as_str(), detail.as_str(), *fatal)),
            _ => None,
        })
    }
}

pub(crate) fn schema() -> Schema {
    let time = TimeField { name: "t".into(), source: TimeSource::Event };
    Schema::new(time, vec![Field::new("v", FieldType::F64)])
}

pub(crate) fn info() -> StreamInfo {
    StreamInfo { name: "s".into(), id: 4, epoch: 7, oldest: 0, head: 0, schema: schema() }
}

pub(crate) fn frame(epoch: u64, base: u64, rows: u32, start: Nanos) -> DataFrame {
    let times = (0..i64::from(rows)).map(|row| start + row * SECOND).collect();
    let values = (0..rows).map(|row| ((base + u64::from(row)) % 10) as f64).collect();
    let batch = Batch { times, columns: vec![Column { values: Values::F64(values), validity: None }] };
    DataFrame { header: DataHeader { stream: 4, schema: 1, epoch, base, rows, sealed: 0 }, batch }
}
