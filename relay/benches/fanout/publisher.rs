//! One producer on one connection, the same for every server: each millisecond what is due by then.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::client::{end_of_head, frame, upgrade};
use crate::load::wall_nanos;
use crate::server::{EVENT_BYTES, Kind, Server};

const TICK: Duration = Duration::from_millis(1);

/// Publishes until it is dropped.
pub(crate) struct Publisher {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Publisher {
    /// Events carry the time at which they are sent. Those of a tick go in one message, or each in one of its own.
    pub(crate) fn start(server: &Server, per_second: u64, one_by_one: bool) -> Self {
        let mut tcp = connect(server);
        // nats-server pings; none of the servers answers what it took.
        let mut answers = tcp.try_clone().unwrap();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 64 << 10];
            while answers.read(&mut buffer).is_ok_and(|read| read > 0) {}
        });
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, kind) = (Arc::clone(&stop), server.kind);
        let publish = move || {
            let (start, mut sent) = (Instant::now(), 0);
            while !stopped.load(Ordering::Relaxed) {
                let due = (start.elapsed().as_secs_f64() * per_second as f64) as u64;
                let bytes = encode(kind, sent..due, one_by_one);
                // The server goes first when the bench ends early.
                if tcp.write_all(&bytes).is_err() {
                    break;
                }
                sent = due;
                std::thread::sleep(TICK);
            }
            let _ = tcp.shutdown(std::net::Shutdown::Both);
        };
        Self { stop, thread: Some(std::thread::spawn(publish)) }
    }
}

fn connect(server: &Server) -> TcpStream {
    let mut tcp = TcpStream::connect(server.publish_address).unwrap();
    tcp.set_nodelay(true).unwrap();
    let path = match server.kind {
        Kind::Relay => "/api/v1/streams/load/publish?format=csv&answers=losses",
        Kind::WsPeer => "/publish",
        Kind::Nats => {
            tcp.write_all(b"CONNECT {\"verbose\":false}\r\n").unwrap();
            return tcp;
        }
    };
    tcp.write_all(upgrade(server.publish_address, path, None).as_bytes()).unwrap();
    let mut answer = [0; 1024];
    let read = tcp.read(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 101") && end_of_head(&answer[..read]) == Some(read));
    tcp
}

/// Events of 64 bytes as the server takes them.
fn encode(kind: Kind, events: std::ops::Range<u64>, one_by_one: bool) -> Vec<u8> {
    if events.is_empty() {
        return Vec::new();
    }
    if one_by_one && kind == Kind::Relay {
        return events.flat_map(|at| encode(kind, at..at + 1, false)).collect();
    }
    let now = wall_nanos();
    let raw = |_| {
        let mut event = [b'x'; EVENT_BYTES];
        event[..8].copy_from_slice(&now.to_le_bytes());
        event
    };
    match kind {
        Kind::Relay => frame(0x81, csv(events, now).as_bytes()),
        Kind::WsPeer => frame(0x82, &events.flat_map(raw).collect::<Vec<_>>()),
        Kind::Nats => {
            let publish = |event: [u8; EVENT_BYTES]| [b"PUB load 64\r\n", &event[..], b"\r\n"].concat();
            events.map(raw).flat_map(publish).collect()
        }
    }
}

/// A time and a text, which the relay looks at no more than the others look at theirs.
fn csv(events: std::ops::Range<u64>, now: i64) -> String {
    let text = "x".repeat(EVENT_BYTES - 8);
    events.fold(String::from("time,text"), |mut csv, _| {
        write!(csv, "\n{now},{text}").unwrap();
        csv
    })
}
