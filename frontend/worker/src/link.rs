//! The conversation with a relay, without the socket: hello, resume, credit, back-off.

use std::collections::{BTreeMap, BTreeSet};

use spate_shared::catalog::StreamInfo;
use spate_shared::wire::{ClientMessage, CloseCode, Hello, Mode, PROTOCOL, Start, Subscribe};

use crate::BUILD;
use crate::protocol::Connection;

/// Data the relay may have under way to this client.
const CREDIT_BYTES: u64 = 1 << 20;
/// Credit is given back in parts of this size, not frame by frame.
const CREDIT_STEP_BYTES: u64 = CREDIT_BYTES / 4;
/// History asked for when a stream is first subscribed, in events.
const HISTORY: u64 = 100_000;
/// First and longest wait before another attempt.
const BACK_OFF_MILLIS: (u64, u64) = (250, 10_000);
/// Milliseconds between data frames of one stream while nobody looks.
const HIDDEN_RATE_MILLIS: u32 = 1_000;

/// A subscription's place in its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The epoch it is in.
    pub epoch: u64,
    /// First offset not seen.
    pub next: u64,
}

/// What the link wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkAction {
    /// Open a socket.
    Connect,
    /// Send a message on it.
    Send(ClientMessage),
    /// Wake the link after this long.
    RetryIn {
        /// Milliseconds.
        millis: u32,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Between sockets.
    Waiting,
    /// On a socket.
    Open,
    /// Refused for good.
    Over,
}

/// The state of the conversation.
#[derive(Debug)]
pub struct Link {
    random: u64,
    attempt: u32,
    phase: Phase,
    is_hidden: bool,
    unreturned_bytes: u64,
    /// Where each stream ever subscribed stands.
    positions: BTreeMap<String, Position>,
    /// What is subscribed on this socket.
    subscribed: BTreeSet<String>,
    /// Events that the relay holds back, by stream.
    behind: BTreeMap<String, u64>,
    state: Connection,
}

impl Link {
    /// A link that is about to connect. `seed` varies the back-off between clients.
    pub fn new(seed: u64) -> Self {
        Self {
            random: seed,
            attempt: 0,
            phase: Phase::Waiting,
            is_hidden: false,
            unreturned_bytes: 0,
            positions: BTreeMap::new(),
            subscribed: BTreeSet::new(),
            behind: BTreeMap::new(),
            state: Connection::Connecting,
        }
    }

    /// What to show.
    pub fn state(&self) -> &Connection {
        &self.state
    }

    /// The socket is open: introduces itself. Subscriptions follow the catalog that the answer brings.
    pub fn opened(&mut self) -> Vec<LinkAction> {
        self.phase = Phase::Open;
        self.unreturned_bytes = 0;
        self.behind.clear();
        self.subscribed.clear();
        let (build, credit_bytes) = (BUILD.to_owned(), Some(CREDIT_BYTES));
        let hello = Hello { protocol: PROTOCOL, build, credit_bytes, streams: Vec::new() };
        let mut actions = vec![LinkAction::Send(ClientMessage::Hello(hello))];
        if self.is_hidden {
            actions.push(rate(HIDDEN_RATE_MILLIS));
        }
        actions
    }

    /// The relay named streams: subscribes to those that are new on this socket, where they stood if they were known
    /// before. A stream that a restarted relay does not know yet is resumed when it names it.
    pub fn catalog(&mut self, streams: &[StreamInfo]) -> Vec<LinkAction> {
        let is_new = |stream: &&StreamInfo| self.subscribed.insert(stream.name.clone());
        let new: Vec<_> = streams.iter().filter(is_new).collect();
        let subscribe_new = |stream: &StreamInfo| {
            let known = self.positions.get(&stream.name);
            let resume = |position: &Position| Start::Resume { epoch: position.epoch, offset: position.next };
            let start = known.map_or(Start::Last(HISTORY), resume);
            subscribe(&stream.name, start)
        };
        new.into_iter().map(subscribe_new).collect()
    }

    /// The relay answered `welcome`.
    pub fn welcomed(&mut self) {
        self.attempt = 0;
        self.state = Connection::Live;
    }

    /// A subscription begins. What was said of one before it no longer counts.
    pub fn begun(&mut self, stream: &str, position: Position, mode: Mode) {
        if matches!(mode, Mode::Started | Mode::Reset) {
            self.moved(stream, position);
        }
        if self.behind.remove(stream).is_some() {
            self.show_behind();
        }
    }

    /// A subscription stands somewhere else.
    pub fn moved(&mut self, stream: &str, position: Position) {
        match self.positions.get_mut(stream) {
            Some(held) => *held = position,
            None => drop(self.positions.insert(stream.to_owned(), position)),
        }
    }

    /// The relay holds events of a stream back for this client.
    pub fn behind(&mut self, stream: String, events: u64) {
        self.behind.insert(stream, events);
        self.show_behind();
    }

    /// Begins at the latest events where the relay holds some back.
    pub fn skip_ahead(&self) -> Vec<LinkAction> {
        let behind = self.behind.iter().filter(|(_, events)| **events > 0);
        behind.map(|(stream, _)| subscribe(stream, Start::Live)).collect()
    }

    fn show_behind(&mut self) {
        let events = self.behind.values().sum();
        self.state = if events == 0 { Connection::Live } else { Connection::Behind { events } };
    }

    /// A data frame of `bytes` was worked off.
    pub fn consumed(&mut self, bytes: usize) -> Option<LinkAction> {
        self.unreturned_bytes += bytes as u64;
        if self.unreturned_bytes < CREDIT_STEP_BYTES {
            return None;
        }
        let bytes = std::mem::take(&mut self.unreturned_bytes);
        Some(LinkAction::Send(ClientMessage::Credit { bytes }))
    }

    /// Nobody looks at the tab, or somebody does again.
    pub fn set_hidden(&mut self, is_hidden: bool) -> Option<LinkAction> {
        self.is_hidden = is_hidden;
        (self.phase == Phase::Open).then(|| rate(if is_hidden { HIDDEN_RATE_MILLIS } else { 0 }))
    }

    /// The socket closed, or never opened.
    pub fn closed(&mut self, code: u16, reason: &str) -> Option<LinkAction> {
        if !CloseCode::should_retry(code) {
            self.phase = Phase::Over;
            let why = if reason.is_empty() { format!("close code {code}") } else { reason.to_owned() };
            self.state = Connection::Offline { reason: format!("the relay ended the connection: {why}") };
            return None;
        }
        self.phase = Phase::Waiting;
        let hint = reason.strip_prefix("retry ").and_then(|millis| millis.parse::<u64>().ok());
        let millis = hint.unwrap_or_else(|| self.back_off()).min(60_000) as u32;
        self.attempt += 1;
        self.state = Connection::Resuming { attempt: self.attempt, retry_millis: millis };
        Some(LinkAction::RetryIn { millis })
    }

    /// The wait is over.
    pub fn retry(&mut self) -> Option<LinkAction> {
        (self.phase == Phase::Waiting).then_some(LinkAction::Connect)
    }

    /// Somebody does not want to wait, or hopes that what was final is not any more.
    pub fn reconnect(&mut self) -> Option<LinkAction> {
        if self.phase == Phase::Open {
            return None;
        }
        self.phase = Phase::Waiting;
        self.state = Connection::Connecting;
        self.retry()
    }

    /// Doubling waits, each drawn from between half of it and all of it.
    fn back_off(&mut self) -> u64 {
        let (first, longest) = BACK_OFF_MILLIS;
        let full = (first << self.attempt.min(10)).min(longest);
        full / 2 + self.next_random() % (full / 2 + 1)
    }

    /// splitmix64.
    fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

fn subscribe(stream: &str, start: Start) -> LinkAction {
    LinkAction::Send(ClientMessage::Subscribe(Subscribe::new(stream, start)))
}

fn rate(millis: u32) -> LinkAction {
    LinkAction::Send(ClientMessage::Rate { millis })
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_shared::schema::{Schema, TimeField, TimeSource};

    #[test]
    fn waits_double_with_jitter_up_to_a_bound() {
        let mut link = Link::new(7);
        for attempt in 0..12u32 {
            let full = (250u32 << attempt.min(10)).min(10_000);
            match link.closed(1006, "") {
                Some(LinkAction::RetryIn { millis }) => {
                    assert!((full / 2..=full).contains(&millis), "{millis}");
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn two_clients_do_not_come_back_together() {
        let first = |seed| Link::new(seed).closed(1006, "");
        assert_ne!(first(1), first(2));
    }

    #[test]
    fn a_draining_relay_says_when_to_come_back() {
        let mut link = Link::new(7);
        assert_eq!(link.closed(1012, "retry 1234"), Some(LinkAction::RetryIn { millis: 1_234 }));
    }

    #[test]
    fn a_refusal_is_final() {
        let mut link = Link::new(7);
        assert_eq!(link.closed(4426, "protocol 2 is not spoken"), None);
        assert!(matches!(link.state(), Connection::Offline { reason } if reason.contains("protocol 2")));
        assert_eq!(link.retry(), None);
        assert_eq!(link.reconnect(), Some(LinkAction::Connect), "unless somebody asks for it");
        assert_eq!(link.state(), &Connection::Connecting);
        link.opened();
        assert_eq!(link.reconnect(), None, "what is open stays");
    }

    fn starts(actions: &[LinkAction]) -> Vec<(&str, &Start)> {
        let mut starts = Vec::new();
        for action in actions {
            if let LinkAction::Send(ClientMessage::Subscribe(subscribe)) = action {
                starts.push((subscribe.stream.as_str(), &subscribe.start));
            }
        }
        starts
    }

    #[test]
    fn it_skips_ahead_only_where_events_are_held_back() {
        let mut link = Link::new(7);
        link.opened();
        link.catalog(&[stream("taxi"), stream("cpu")]);
        link.behind("taxi".into(), 0);
        link.behind("cpu".into(), 900);
        assert_eq!(link.state(), &Connection::Behind { events: 900 });
        assert_eq!(starts(&link.skip_ahead()), [("cpu", &Start::Live)]);
        // Said of the subscription before.
        link.behind("cpu".into(), 950);
        link.begun("cpu", Position { epoch: 3, next: 2_000 }, Mode::Started);
        assert_eq!(link.state(), &Connection::Live);
        assert_eq!(link.skip_ahead(), []);
        link.closed(1006, "");
        link.opened();
        let resume = Start::Resume { epoch: 3, offset: 2_000 };
        assert_eq!(starts(&link.catalog(&[stream("cpu")])), [("cpu", &resume)], "from there on");
    }

    fn stream(name: &str) -> StreamInfo {
        let time = TimeField { name: "t".into(), source: TimeSource::Event };
        let schema = Schema::new(time, Vec::new());
        StreamInfo { name: name.into(), id: 0, epoch: 3, oldest: 0, head: 0, schema }
    }

    #[test]
    fn after_a_break_it_resumes_where_it_stood() {
        let mut link = Link::new(7);
        link.opened();
        assert!(matches!(starts(&link.catalog(&[stream("taxi")]))[..], [("taxi", Start::Last(_))]));
        link.moved("taxi", Position { epoch: 3, next: 17 });
        assert_eq!(link.catalog(&[stream("taxi")]), [], "once a socket");
        link.closed(1006, "");
        link.opened();
        let resume = Start::Resume { epoch: 3, offset: 17 };
        assert_eq!(starts(&link.catalog(&[stream("taxi")])), [("taxi", &resume)]);
    }

    #[test]
    fn a_stream_that_a_restarted_relay_names_late_is_resumed_then() {
        let mut link = Link::new(7);
        link.opened();
        link.catalog(&[stream("taxi")]);
        link.moved("taxi", Position { epoch: 3, next: 17 });
        link.closed(1006, "");
        link.opened();
        assert_eq!(link.catalog(&[]), []);
        let resume = Start::Resume { epoch: 3, offset: 17 };
        assert_eq!(starts(&link.catalog(&[stream("taxi")])), [("taxi", &resume)]);
    }

    #[test]
    fn credit_is_given_back_in_steps_and_in_full() {
        let mut link = Link::new(7);
        let returned: u64 = (0..1_000)
            .filter_map(|_| link.consumed(1_500))
            .map(|action| match action {
                LinkAction::Send(ClientMessage::Credit { bytes }) => bytes,
                other => panic!("{other:?}"),
            })
            .sum();
        assert_eq!(returned + link.unreturned_bytes, 1_500_000);
        assert!(link.unreturned_bytes < CREDIT_STEP_BYTES);
    }
}
