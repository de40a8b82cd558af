//! A client of a case: what it wished for, its line when it has one, and what it was told.

use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use spate_shared::wire::{
    ClientMessage, Condition, Hello, Policy, ServerFrame, ServerMessage, Start, Subscribe, Test,
};
use tokio_tungstenite::tungstenite::Message;

use super::world::{Event, KEYS};
use crate::reader::{Fate, Reader};
use crate::support::{Ws, hello, open, subscribe};

/// What a client asks for.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) policy: Policy,
    pub(super) start: Start,
    /// Only events of this key.
    pub(super) key: Option<usize>,
    /// Only the field `v`.
    pub(super) narrow: bool,
    pub(super) credit: Option<u64>,
}

impl Wish {
    fn meets(&self, event: &Event) -> bool {
        self.key.is_none_or(|key| event.key == key)
    }

    fn subscribe(&self) -> Subscribe {
        let filter = self
            .key
            .map(|key| Condition { field: "key".to_owned(), is: Test::AnyOf(vec![KEYS[key].to_owned()]) });
        Subscribe {
            policy: self.policy,
            fields: self.narrow.then(|| vec!["v".to_owned()]),
            filter: filter.into_iter().collect(),
            ..subscribe("s", self.start.clone())
        }
    }
}

pub(super) struct Subscriber {
    wish: Wish,
    pub(super) reader: Reader,
    ws: Option<Ws>,
    /// Whether the relay ended a connection: by its policy, or since a ping was not answered.
    pub(super) was_cut: bool,
    /// Events it was told are missing, over all epochs.
    pub(super) missing: u64,
    /// Events that conflation left out, over all epochs.
    pub(super) conflated: u64,
}

/// A stream that does not exist: the answer to it says that all before has been read.
const BARRIER: &str = "barrier";

impl Subscriber {
    pub(super) fn new(wish: Wish) -> Self {
        let reader = Reader::new(wish.subscribe());
        Self { wish, reader, ws: None, was_cut: false, missing: 0, conflated: 0 }
    }

    pub(super) fn cut(&mut self) {
        self.ws = None;
    }

    pub(super) async fn connect(&mut self, address: SocketAddr) {
        if self.ws.is_some() {
            return;
        }
        self.ws = Some(open(address, "spate.v1").await);
        let streams = vec![self.reader.subscription()];
        self.send(ClientMessage::Hello(Hello { credit_bytes: self.wish.credit, ..hello(streams) })).await;
    }

    /// Says something, if there is a line.
    pub(super) async fn send(&mut self, message: ClientMessage) {
        let Some(ws) = &mut self.ws else { return };
        if ws.send(Message::Binary(message.encode().into())).await.is_err() {
            self.lose_line();
        }
    }

    fn lose_line(&mut self) {
        self.ws = None;
        self.was_cut = true;
    }

    /// The next frame; `None` when there is no line any more.
    async fn frame(&mut self) -> Option<ServerFrame> {
        while let Some(ws) = &mut self.ws {
            match ws.next().await {
                Some(Ok(Message::Binary(bytes))) => return Some(ServerFrame::decode(&bytes).unwrap()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(Some(frame)))) if (4400..4500).contains(&u16::from(frame.code)) => {
                    panic!("{frame:?}")
                }
                _ => self.lose_line(),
            }
        }
        None
    }

    fn take(&mut self, frame: ServerFrame) {
        match &frame {
            ServerFrame::Message(ServerMessage::Gap { from, to, .. }) => self.missing += to - from,
            ServerFrame::Selected(frame) if frame.is_conflated => {
                self.conflated += u64::from(frame.span - frame.header.rows);
            }
            _ => {}
        }
        self.reader.take(frame);
    }

    /// Takes in all that the relay says until it has heard this client.
    pub(super) async fn read(&mut self) {
        self.send(ClientMessage::Subscribe(subscribe(BARRIER, Start::Live))).await;
        while let Some(frame) = self.frame().await {
            match frame {
                ServerFrame::Message(ServerMessage::Error { stream, .. })
                    if stream.as_deref() == Some(BARRIER) =>
                {
                    return;
                }
                frame => self.take(frame),
            }
        }
    }

    /// Subscribes again where it stands: what came for the old subscription meanwhile is not taken.
    pub(super) async fn resubscribe(&mut self) {
        self.read().await;
        self.send(ClientMessage::Subscribe(self.reader.subscription())).await;
        while let Some(frame) = self.frame().await {
            if matches!(frame, ServerFrame::Message(ServerMessage::Ok { .. })) {
                return self.take(frame);
            }
        }
    }

    /// Holds what it was told against what was published. `oldest` is the first offset that the relay still holds.
    pub(super) fn check(&self, published: &[Event], oldest: u64) {
        self.reader.check(published.len() as u64, |offset| published[offset as usize].value);
        // The first event of each key that was seen after the offset at hand.
        let mut next_seen = [u64::MAX; KEYS.len()];
        for (&offset, fate) in self.reader.fates.iter().rev() {
            let event = &published[offset as usize];
            let meets = self.wish.meets(event);
            match fate {
                Fate::Seen(_) => {
                    assert!(meets, "{offset} was not asked for");
                    next_seen[event.key] = offset;
                }
                Fate::Skipped => assert!(!meets, "{offset} was asked for"),
                Fate::Missing => assert!(offset < oldest, "{offset} is held, from {oldest} on"),
                Fate::Conflated => {
                    let is_replaced = next_seen[event.key] < self.end_of_run(offset);
                    assert!(!meets || is_replaced, "{offset} is lost");
                }
            }
        }
    }

    /// Where the conflated run ends that an offset is in.
    fn end_of_run(&self, offset: u64) -> u64 {
        assert_eq!(self.wish.policy, Policy::Conflate);
        self.reader.runs.iter().find(|(from, to)| (*from..*to).contains(&offset)).expect("a run").1
    }
}
