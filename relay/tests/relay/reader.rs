//! A client as `docs/protocol.md` describes it, which notes what became of every offset.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use spate_shared::batch::Batch;
use spate_shared::wire::{ClientMessage, Mode, ServerFrame, ServerMessage, Start, Subscribe};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Ws, hello, try_open};

/// What a client was told about one offset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fate {
    /// It came, with this `v`.
    Seen(f64),
    /// A `gap` named it.
    Missing,
    /// It did not meet the filter.
    Skipped,
    /// A later event stands for it, or it did not meet the filter.
    Conflated,
}

/// One subscription over any number of connections.
pub(crate) struct Reader {
    wanted: Subscribe,
    /// The epoch, and the first offset whose fate is not known.
    pub(crate) position: Option<(u64, u64)>,
    /// Of the current epoch.
    pub(crate) fates: BTreeMap<u64, Fate>,
    /// Where `v` is among the columns.
    column: usize,
    pub(crate) resets: usize,
    pub(crate) last_mode: Option<Mode>,
    /// Runs of the current epoch that came conflated, `from` included and `to` not.
    pub(crate) runs: Vec<(u64, u64)>,
}

impl Reader {
    pub(crate) fn new(wanted: Subscribe) -> Self {
        let (position, fates, runs) = (None, BTreeMap::new(), Vec::new());
        Self { wanted, position, fates, column: 0, resets: 0, last_mode: None, runs }
    }

    /// The subscription to open a connection with.
    pub(crate) fn subscription(&self) -> Subscribe {
        let start = match self.position {
            Some((epoch, offset)) => Start::Resume { epoch, offset },
            None => self.wanted.start.clone(),
        };
        Subscribe { start, ..self.wanted.clone() }
    }

    pub(crate) fn next(&self) -> u64 {
        self.position.map_or(0, |(_, next)| next)
    }

    fn pass(&mut self, epoch: u64, from: u64, to: u64, fate: Fate) {
        assert_eq!(self.position, Some((epoch, from)), "what is passed over begins where the client stands");
        assert!(from < to, "nothing is declared for nothing");
        self.fates.extend((from..to).map(|offset| (offset, fate)));
        self.position = Some((epoch, to));
    }

    fn events(&mut self, positions: impl Iterator<Item = u64>, batch: &Batch) {
        for (row, offset) in positions.enumerate() {
            let value = batch.columns[self.column].number(row).expect("every event has its v");
            self.fates.insert(offset, Fate::Seen(value));
        }
    }

    /// Takes in a frame of a relay that behaves; anything else fails the test.
    pub(crate) fn take(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Message(ServerMessage::Ok { epoch, next, mode, schema, .. }) => {
                self.column = schema.index_of("v").expect("a field v");
                self.last_mode = Some(mode);
                match mode {
                    Mode::Started => {
                        assert_eq!(self.position, None);
                        self.position = Some((epoch, next));
                    }
                    Mode::Reset => {
                        self.resets += 1;
                        self.fates.clear();
                        self.runs.clear();
                        self.position = Some((epoch, next));
                    }
                    Mode::Resumed => assert_eq!(self.position, Some((epoch, next)), "resumed where it stood"),
                    Mode::Gap => assert!(self.position.is_some_and(|(e, n)| e == epoch && n < next)),
                }
            }
            ServerFrame::Message(ServerMessage::Gap { epoch, from, to, .. }) => {
                self.pass(epoch, from, to, Fate::Missing);
            }
            ServerFrame::Message(ServerMessage::Skipped { epoch, from, to, .. }) => {
                self.pass(epoch, from, to, Fate::Skipped);
            }
            ServerFrame::Data(frame) => {
                let (base, end) = (frame.header.base, frame.header.base + u64::from(frame.header.rows));
                self.pass(frame.header.epoch, base, end, Fate::Skipped);
                self.events(base..end, &frame.batch);
            }
            ServerFrame::Selected(frame) => {
                let fate = if frame.is_conflated { Fate::Conflated } else { Fate::Skipped };
                self.pass(frame.header.epoch, frame.header.base, frame.end(), fate);
                let base = frame.header.base;
                self.runs.extend(frame.is_conflated.then(|| (base, frame.end())));
                self.events(frame.positions.iter().map(|at| base + u64::from(*at)), &frame.batch);
            }
            ServerFrame::Message(ServerMessage::Error { code, message, .. }) => panic!("{code:?}: {message}"),
            ServerFrame::Message(_) => {}
        }
    }

    /// Connects with a hello that subscribes.
    pub(crate) async fn connect(&self, address: SocketAddr) -> Ws {
        self.try_connect(address).await.expect("a connection")
    }

    /// As [`Reader::connect`]; `None` when the line does not last until then.
    pub(crate) async fn try_connect(&self, address: SocketAddr) -> Option<Ws> {
        let mut ws = try_open(address, "spate.v1").await?;
        let opening = ClientMessage::Hello(hello(vec![self.subscription()]));
        ws.send(Message::Binary(opening.encode().into())).await.ok()?;
        Some(ws)
    }

    /// Takes frames until the fate of every offset before `end` is known; false when the connection ended first.
    pub(crate) async fn read_to(&mut self, ws: &mut Ws, end: u64) -> bool {
        while self.next() < end {
            match tokio::time::timeout(crate::support::PATIENCE, ws.next()).await.expect("a frame in time") {
                Some(Ok(Message::Binary(bytes))) => self.take(ServerFrame::decode(&bytes).unwrap()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return false,
            }
        }
        true
    }

    /// Every offset from the first known one to `end` has a fate, and what was seen is what was published.
    pub(crate) fn check(&self, end: u64, published: impl Fn(u64) -> f64) {
        let first = self.fates.keys().next().copied().unwrap_or(end);
        assert!(self.fates.keys().copied().eq(first..end), "a fate for every offset {first}..{end}");
        for (offset, fate) in &self.fates {
            if let Fate::Seen(value) = fate {
                assert_eq!(*value, published(*offset), "offset {offset}");
            }
        }
    }
}
