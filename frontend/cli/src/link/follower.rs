//! What a client knows of the streams it follows: no socket, no clock.
//!
//! Over any number of connections every event is given out exactly once and in order: a connection resumes at the
//! next offset, events seen before are dropped, and what will never come is a [`Notice`].

use spate_shared::catalog::StreamInfo;
use spate_shared::schema::Schema;
use spate_shared::wire::{
    ClientMessage, DataFrame, ErrorCode, Hello, Mode, PROTOCOL, ServerMessage, Start, Subscribe,
};

use super::Notice;

/// Bytes of data frames a relay may have under way to this client.
const CREDIT_BYTES: u64 = 4 << 20;

/// Which streams to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All there are, and those that appear later.
    All,
    /// These, waiting for those that are not there yet.
    Named(Vec<String>),
}

impl Wanted {
    /// The names given, or all streams when there are none.
    pub(crate) fn from_names(names: &[String]) -> Self {
        if names.is_empty() { Self::All } else { Self::Named(names.to_vec()) }
    }
}

/// One stream being followed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Followed {
    pub(crate) name: String,
    /// Its number on this connection; `None` before the relay said it.
    id: Option<u32>,
    pub(crate) schema: Option<Schema>,
    /// Epoch and next offset; `None` before the relay said them.
    pub(crate) position: Option<(u64, u64)>,
    start: Start,
    /// Whether the relay said that there is no such stream yet.
    is_awaited: bool,
}

/// All streams being followed.
#[derive(Debug)]
pub(crate) struct Follower {
    wanted: Wanted,
    start: Start,
    pub(crate) streams: Vec<Followed>,
    credit_due: u64,
}

impl Follower {
    pub(crate) fn new(wanted: Wanted, start: &Start) -> Self {
        let mut follower =
            Self { wanted: Wanted::All, start: start.clone(), streams: Vec::new(), credit_due: 0 };
        if let Wanted::Named(names) = &wanted {
            for name in names {
                follower.add(name, start.clone());
            }
        }
        follower.wanted = wanted;
        follower
    }

    /// The first message of a connection.
    pub(crate) fn hello(&mut self) -> ClientMessage {
        self.credit_due = 0;
        for stream in &mut self.streams {
            (stream.id, stream.is_awaited) = (None, false);
        }
        ClientMessage::Hello(Hello {
            protocol: PROTOCOL,
            build: concat!("spate-cli ", env!("CARGO_PKG_VERSION")).to_owned(),
            credit_bytes: Some(CREDIT_BYTES),
            streams: self.streams.iter().map(Followed::subscription).collect(),
        })
    }

    /// Takes in a control message: what to answer, and what to say.
    pub(crate) fn message(&mut self, message: ServerMessage) -> (Vec<ClientMessage>, Vec<Notice>) {
        match message {
            ServerMessage::Welcome { catalog, .. } => {
                // What appears after the first connection is wanted from its beginning.
                let start = std::mem::replace(&mut self.start, Start::Earliest);
                (self.catalog(catalog, &start), Vec::new())
            }
            ServerMessage::Catalog { streams } => (self.catalog(streams, &Start::Earliest), Vec::new()),
            ServerMessage::Ok { stream, id, epoch, next, mode, schema } => {
                (Vec::new(), self.began(&stream, id, (epoch, next), mode, schema))
            }
            // This client sets no filter, so what is passed over is missing.
            ServerMessage::Gap { stream, epoch, from, to, .. }
            | ServerMessage::Skipped { stream, epoch, from, to } => {
                (Vec::new(), self.gap(stream, epoch, from, to))
            }
            ServerMessage::Behind { stream, events } => {
                let name = self.by_id(stream).map(|followed| followed.name.clone());
                (Vec::new(), name.map(|stream| Notice::Behind { stream, events }).into_iter().collect())
            }
            ServerMessage::Error { stream: Some(stream), code: ErrorCode::UnknownStream, .. } => {
                if let Some(followed) = self.streams.iter_mut().find(|followed| followed.name == stream) {
                    followed.start = Start::Earliest;
                    followed.is_awaited = true;
                }
                (Vec::new(), vec![Notice::Waiting { stream }])
            }
            ServerMessage::Error { message, .. } => (Vec::new(), vec![Notice::Refused { message }]),
        }
    }

    /// Takes in events: the stream and those not seen before; `None` when all were, or the stream is not followed.
    pub(crate) fn data(&mut self, mut frame: DataFrame) -> (Option<(usize, DataFrame)>, Vec<Notice>) {
        let found = self.streams.iter().position(|followed| followed.id == Some(frame.header.stream));
        let Some((index, followed)) = found.and_then(|index| Some((index, self.streams.get_mut(index)?)))
        else {
            return (None, Vec::new());
        };
        let (epoch, base) = (frame.header.epoch, frame.header.base);
        let mut notices = Vec::new();
        let next = match followed.position {
            Some((known, next)) if known == epoch => next,
            _ => {
                notices.push(Notice::Reset { stream: followed.name.clone(), epoch, next: base });
                base
            }
        };
        if base > next {
            notices.push(Notice::Gap { stream: followed.name.clone(), from: next, to: base });
        }
        let seen = next.saturating_sub(base);
        if seen >= u64::from(frame.header.rows) {
            return (None, notices);
        }
        if seen > 0 {
            frame = frame.part(seen as usize..frame.batch.len());
        }
        followed.position = Some((epoch, frame.header.base + u64::from(frame.header.rows)));
        (Some((index, frame)), notices)
    }

    /// Counts bytes of a data frame as read; credit to give when enough of it is due.
    pub(crate) fn credit(&mut self, bytes: usize) -> Option<ClientMessage> {
        self.credit_due += bytes as u64;
        (self.credit_due >= CREDIT_BYTES / 4)
            .then(|| ClientMessage::Credit { bytes: std::mem::take(&mut self.credit_due) })
    }

    fn add(&mut self, name: &str, start: Start) {
        if !self.streams.iter().any(|followed| followed.name == name) {
            let name = name.to_owned();
            self.streams.push(Followed {
                name,
                id: None,
                schema: None,
                position: None,
                start,
                is_awaited: false,
            });
        }
    }

    fn by_id(&mut self, id: u32) -> Option<&mut Followed> {
        self.streams.iter_mut().find(|followed| followed.id == Some(id))
    }

    /// Takes over schemas, and subscribes to what is wanted and new.
    fn catalog(&mut self, infos: Vec<StreamInfo>, start: &Start) -> Vec<ClientMessage> {
        let mut answers = Vec::new();
        for info in infos {
            let known = self.streams.iter_mut().find(|followed| followed.name == info.name);
            if let Some(followed) = known {
                if followed.id == Some(info.id) {
                    followed.schema = Some(info.schema);
                } else if std::mem::take(&mut followed.is_awaited) {
                    answers.push(ClientMessage::Subscribe(followed.subscription()));
                }
            } else if self.wanted == Wanted::All {
                self.add(&info.name, start.clone());
                answers.extend(self.streams.last().map(|new| ClientMessage::Subscribe(new.subscription())));
            }
        }
        answers
    }

    fn began(
        &mut self,
        name: &str,
        id: u32,
        position: (u64, u64),
        mode: Mode,
        schema: Schema,
    ) -> Vec<Notice> {
        let Some(followed) = self.streams.iter_mut().find(|followed| followed.name == name) else {
            return Vec::new();
        };
        followed.id = Some(id);
        followed.schema = Some(schema);
        match mode {
            // The `gap` message that follows says what is missing and moves the position.
            Mode::Gap | Mode::Resumed => Vec::new(),
            Mode::Started => {
                followed.position = Some(position);
                Vec::new()
            }
            Mode::Reset => {
                followed.position = Some(position);
                vec![Notice::Reset { stream: name.to_owned(), epoch: position.0, next: position.1 }]
            }
        }
    }

    fn gap(&mut self, id: u32, epoch: u64, from: u64, to: u64) -> Vec<Notice> {
        let Some(followed) = self.by_id(id) else { return Vec::new() };
        let from = followed.position.map_or(from, |(_, next)| from.max(next));
        if to <= from {
            return Vec::new();
        }
        followed.position = Some((epoch, to));
        vec![Notice::Gap { stream: followed.name.clone(), from, to }]
    }
}

impl Followed {
    fn subscription(&self) -> Subscribe {
        let start = match self.position {
            Some((epoch, offset)) => Start::Resume { epoch, offset },
            None => self.start.clone(),
        };
        Subscribe::new(&self.name, start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_shared::schema::{TimeField, TimeSource};

    fn schema() -> Schema {
        Schema::new(TimeField { name: "t".into(), source: TimeSource::Event }, Vec::new())
    }

    fn catalog(name: &str) -> ServerMessage {
        let info = StreamInfo { name: name.into(), id: 7, epoch: 1, oldest: 0, head: 0, schema: schema() };
        ServerMessage::Catalog { streams: vec![info] }
    }

    fn unknown(name: &str) -> ServerMessage {
        let code = ErrorCode::UnknownStream;
        ServerMessage::Error { stream: Some(name.into()), code, message: String::new() }
    }

    fn subscribed(follower: &mut Follower, message: ServerMessage) -> Vec<(String, Start)> {
        let (answers, _) = follower.message(message);
        let subscription = |answer: ClientMessage| match answer {
            ClientMessage::Subscribe(subscribe) => (subscribe.stream, subscribe.start),
            other => panic!("{other:?}"),
        };
        answers.into_iter().map(subscription).collect()
    }

    #[test]
    fn a_stream_that_is_not_there_yet_is_subscribed_to_from_its_beginning_once_it_appears() {
        let mut follower = Follower::new(Wanted::Named(vec!["a".into()]), &Start::Live);
        let (_, notices) = follower.message(unknown("a"));
        assert_eq!(notices, [Notice::Waiting { stream: "a".into() }]);
        assert_eq!(subscribed(&mut follower, catalog("b")), []);
        assert_eq!(subscribed(&mut follower, catalog("a")), [("a".into(), Start::Earliest)]);
        assert_eq!(subscribed(&mut follower, catalog("a")), []);
    }

    #[test]
    fn a_stream_that_a_restarted_relay_lacks_resumes_when_it_comes_back() {
        let mut follower = Follower::new(Wanted::Named(vec!["a".into()]), &Start::Live);
        let (stream, id, epoch, next, mode) = ("a".into(), 3, 1, 40, Mode::Started);
        follower.message(ServerMessage::Ok { stream, id, epoch, next, mode, schema: schema() });
        follower.hello();
        follower.message(unknown("a"));
        let resume = Start::Resume { epoch: 1, offset: 40 };
        assert_eq!(subscribed(&mut follower, catalog("a")), [("a".into(), resume)]);
    }

    #[test]
    fn without_names_a_later_stream_is_followed_from_its_beginning() {
        let mut follower = Follower::new(Wanted::All, &Start::Live);
        let (protocol, build, now, catalog_now) = (PROTOCOL, String::new(), 0, Vec::new());
        let welcome = ServerMessage::Welcome { protocol, build, now, catalog: catalog_now };
        assert_eq!(subscribed(&mut follower, welcome), []);
        assert_eq!(subscribed(&mut follower, catalog("a")), [("a".into(), Start::Earliest)]);
    }

    #[test]
    fn credit_is_given_back_in_quarters() {
        let mut follower = Follower::new(Wanted::All, &Start::Live);
        assert_eq!(follower.credit(CREDIT_BYTES as usize / 4 - 1), None);
        assert_eq!(follower.credit(1), Some(ClientMessage::Credit { bytes: CREDIT_BYTES / 4 }));
        assert_eq!(follower.credit(1), None);
    }
}
