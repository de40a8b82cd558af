//! Sends what is sealed to every client that waits for nothing else.
//!
//! To wake a task for each client and each segment costs as much as to write the segment. So a session at the head of
//! its streams sleeps and lends its line, and as many tasks for each stream as threads serve write to all lines in a
//! row. What is out of the ordinary, a slow client, spent credit, a new schema, is left to the session.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::yield_now;

use super::line::Line;
use crate::log::{Read, Segment, Stream};
use crate::metrics::Metrics;

/// Lines that are written to before other tasks have their turn.
const TURN_LINES: usize = 64;

/// The broadcasters of all streams.
pub(crate) struct Broadcasters {
    /// By the stream's number, one share of its readers for each thread that serves.
    shares: Mutex<HashMap<u32, Vec<Arc<Share>>>>,
    changes: watch::Receiver<usize>,
    draining: watch::Receiver<bool>,
    metrics: Arc<Metrics>,
}

/// The readers of one broadcaster.
type Share = Mutex<Vec<Weak<Seat>>>;

/// The place of a subscription among the readers of a stream; dropped, it is left.
pub(super) struct Seat {
    line: Arc<Line>,
}

/// What is new in a stream since the broadcaster last looked.
pub(super) struct News {
    pub(super) stream: u32,
    pub(super) name: String,
    pub(super) epoch: u64,
    pub(super) head: u64,
    /// How many changes of the catalog a client must have been told of to understand the segments.
    pub(super) announced: usize,
    pub(super) segments: Vec<Arc<Segment>>,
}

/// What was sent.
#[derive(Default)]
pub(super) struct Sent {
    frames: u64,
    events: u64,
    bytes: u64,
}

impl Sent {
    pub(super) fn add(&mut self, rows: u32, bytes: usize) {
        self.frames += 1;
        self.events += u64::from(rows);
        self.bytes += bytes as u64;
    }
}

impl Broadcasters {
    pub(crate) fn new(
        changes: watch::Receiver<usize>,
        draining: watch::Receiver<bool>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { shares: Mutex::default(), changes, draining, metrics }
    }

    /// Serves a subscription whenever its line is lent.
    pub(super) fn join(&self, stream: &Arc<Stream>, line: &Arc<Line>) -> Arc<Seat> {
        let mut all = self.shares.lock();
        let shares = all.entry(stream.id()).or_insert_with(|| {
            let start = |_| {
                let (share, head) = (Arc::new(Share::default()), stream.watch());
                // As it is now, and not when the task first runs: what is sealed until then is news.
                let cursor = *head.borrow();
                let broadcaster = Broadcaster {
                    stream: Arc::clone(stream),
                    share: Arc::clone(&share),
                    head,
                    cursor,
                    changes: self.changes.clone(),
                    metrics: Arc::clone(&self.metrics),
                };
                tokio::spawn(broadcaster.run(self.draining.clone()));
                share
            };
            (0..Handle::current().metrics().num_workers()).map(start).collect()
        });
        let seat = Arc::new(Seat { line: Arc::clone(line) });
        if let Some(share) = shares.iter().min_by_key(|share| share.lock().len()) {
            take_place(&mut share.lock(), Arc::downgrade(&seat));
        }
        seat
    }
}

/// In place of one who left, if the readers would otherwise need more memory. The others stay where they are, since a
/// broadcaster may be under way among them.
fn take_place(seats: &mut Vec<Weak<Seat>>, seat: Weak<Seat>) {
    let is_full = seats.len() == seats.capacity();
    match seats.iter_mut().find(|other| is_full && other.strong_count() == 0) {
        Some(left) => *left = seat,
        None => seats.push(seat),
    }
}

struct Broadcaster {
    stream: Arc<Stream>,
    share: Arc<Share>,
    head: watch::Receiver<u64>,
    /// How far it has looked.
    cursor: u64,
    changes: watch::Receiver<usize>,
    metrics: Arc<Metrics>,
}

impl Broadcaster {
    /// Until the relay drains, when each session delivers the rest itself.
    async fn run(mut self, mut draining: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                changed = self.head.changed() => if changed.is_err() { return },
                _ = draining.wait_for(|draining| *draining) => return,
            }
            // The log is read without the head's lock: who seals takes the two the other way round.
            let end = *self.head.borrow_and_update();
            let news = self.read(end);
            self.cursor = end;
            let mut at = 0;
            loop {
                let seats = self.seats(&mut at);
                if seats.is_empty() {
                    break;
                }
                let mut sent = Sent::default();
                for seat in &seats {
                    seat.line.offer(&news, &mut sent);
                }
                self.metrics.frames_sent.increment(sent.frames);
                self.metrics.events_sent.increment(sent.events);
                self.metrics.bytes_sent.increment(sent.bytes);
                // Whose session has ended is let go now, not after the others' turn.
                drop(seats);
                yield_now().await;
            }
        }
    }

    /// The segments up to the head, or to a hole: that is for the sessions to declare.
    fn read(&self, head: u64) -> News {
        let (mut cursor, mut segments) = (self.cursor, Vec::new());
        while cursor < head
            && let Read::Segment(segment) = self.stream.read(cursor)
        {
            cursor = segment.end();
            segments.push(segment);
        }
        News {
            stream: self.stream.id(),
            name: self.stream.name().to_owned(),
            epoch: self.stream.epoch(),
            head,
            // The log lists a schema among the changes before a segment that uses it can be read.
            announced: *self.changes.borrow(),
            segments,
        }
    }

    /// The next readers from a place on, which moves behind them. Those who left are forgotten.
    fn seats(&self, at: &mut usize) -> Vec<Arc<Seat>> {
        let mut share = self.share.lock();
        let mut seats = Vec::with_capacity(TURN_LINES);
        while seats.len() < TURN_LINES && *at < share.len() {
            match share[*at].upgrade() {
                Some(seat) => {
                    seats.push(seat);
                    *at += 1;
                }
                None => drop(share.swap_remove(*at)),
            }
        }
        seats
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use futures_util::FutureExt as _;
    use spate_shared::batch::Batch;
    use spate_shared::schema::{Schema, TimeField, TimeSource};
    use tokio::io::AsyncReadExt as _;
    use tokio::net::{TcpListener, TcpStream};

    use super::super::Twin;
    use super::super::line::{Cursor, Loan};
    use super::*;
    use crate::clock;
    use crate::log::{Ring, Sealer, Streams};

    /// A stream `s` without fields, among others to come.
    fn stream(metrics: &Arc<Metrics>) -> (Streams, Sealer, Arc<Stream>, Schema) {
        let ring = Ring { bytes: 1 << 20, age: i64::MAX };
        let (streams, sealer) = Streams::new(ring, 1, clock::system(), Arc::clone(metrics));
        let schema = Schema::new(TimeField { name: "t".into(), source: TimeSource::Event }, Vec::new());
        let stream = streams.create("s", schema.clone()).unwrap();
        (streams, sealer, stream, schema)
    }

    /// A line, and its client.
    async fn line() -> (Arc<Line>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (served, _) = listener.accept().await.unwrap();
        served.writable().await.unwrap();
        (Line::new(served, Twin::Binary), client)
    }

    fn two_events() -> Batch {
        Batch { times: vec![1, 2], columns: Vec::new() }
    }

    #[tokio::test]
    async fn what_is_sealed_before_a_broadcaster_first_runs_is_sent() {
        let metrics = Arc::new(Metrics::new());
        let (streams, _sealer, stream, schema) = stream(&metrics);
        let (_drain, draining) = watch::channel(false);
        let broadcasters = Broadcasters::new(streams.watch_changes(), draining, metrics);
        let (line, mut client) = line().await;
        let _seat = broadcasters.join(&stream, &line);
        let shown = Arc::new(AtomicU64::new(0));
        let cursor = Cursor { stream: stream.id(), epoch: stream.epoch(), next: 0, shown };
        line.lend(Loan::new(None, *streams.watch_changes().borrow(), vec![cursor]));
        // Nothing has been waited for since it joined, so its broadcaster has not run.
        stream.publish(&schema, two_events(), 0).unwrap();

        let Read::Segment(segment) = stream.read(0) else { panic!("nothing was sealed") };
        let expected = segment.binary().bytes();
        let mut sent = vec![0; expected.len()];
        client.read_exact(&mut sent).await.unwrap();
        assert_eq!(sent, expected);
        assert_eq!(line.take_back().unwrap().cursors[0].next, 2);
    }

    #[tokio::test]
    async fn nothing_of_another_epoch_goes_out_on_a_line_and_its_session_is_told() {
        let (streams, _sealer, stream, schema) = stream(&Arc::new(Metrics::new()));
        stream.publish(&schema, two_events(), 0).unwrap();
        let Read::Segment(segment) = stream.read(0) else { panic!("nothing was sealed") };
        let (epoch, announced) = (stream.epoch(), *streams.watch_changes().borrow());
        // The epochs that the client knows and that the news says it is of.
        for (known, told, is_sent) in
            [(epoch, epoch, true), (epoch - 1, epoch, false), (epoch + 1, epoch + 1, false)]
        {
            let (line, client) = line().await;
            let cursor = Cursor { stream: stream.id(), epoch: known, next: 0, shown: Arc::default() };
            line.lend(Loan::new(None, announced, vec![cursor]));
            let segments = vec![Arc::clone(&segment)];
            let news =
                News { stream: stream.id(), name: "s".into(), epoch: told, head: 2, announced, segments };
            let mut sent = Sent::default();
            line.offer(&news, &mut sent);
            assert_eq!(
                (sent.frames, line.take_back().unwrap().cursors[0].next),
                if is_sent { (1, 2) } else { (0, 0) }
            );
            assert_eq!(line.summoned().now_or_never().is_none(), is_sent, "known {known}, told {told}");
            drop(client);
        }
    }
}
