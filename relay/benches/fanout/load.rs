//! Many subscribers of one stream, and what they saw.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;
use spate_shared::wire::{DataFrame, DataHeader};

use crate::client::Client;
use crate::publisher::Publisher;
use crate::server::{EVENT_BYTES, Kind, Server};

const WARM_UP: Duration = Duration::from_secs(2);
/// Seconds that are measured.
const MEASURED: usize = 9;
/// One client in so many notes latencies.
const SAMPLED: usize = 10;

/// What there is to do.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) subscribers: usize,
    pub(crate) per_second: u64,
    pub(crate) batches: Batches,
}

/// How events are gathered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Batches {
    /// Sent on every 16 ms.
    Sixteen,
    /// As the relay decides by its readers.
    Adaptive,
    /// Published and sent on one by one.
    None,
}

impl Batches {
    /// `batch.interval` of the relay.
    pub(crate) fn interval(self) -> &'static str {
        match self {
            Self::Sixteen => "16ms",
            Self::Adaptive => "adaptive",
            Self::None => "immediate",
        }
    }
}

/// How a server did it.
pub(crate) struct Figures {
    seconds: f64,
    deliveries: f64,
    bytes: f64,
    cpu_seconds: f64,
    pub(crate) rss_bytes: f64,
    /// Published to received: p50 and p99 of the median second, and p99 of the worst. A machine that stands still for a
    /// moment spoils a second and not the figure.
    pub(crate) millis: [f64; 3],
}

#[derive(Default)]
struct Seen {
    deliveries: AtomicU64,
    bytes: AtomicU64,
    nanos: Mutex<Vec<i64>>,
}

impl Load {
    pub(crate) async fn run(self, server: &Server) -> Figures {
        let seen = Arc::new(Seen::default());
        let mut readers = Vec::with_capacity(self.subscribers);
        for at in 0..self.subscribers {
            let client = Client::connect(server.address, server.kind).await;
            readers.push(tokio::spawn(read(client, server.kind, Arc::clone(&seen), at % SAMPLED == 0)));
        }
        let publisher = Publisher::start(server, self.per_second, self.batches == Batches::None);
        tokio::time::sleep(WARM_UP).await;
        seen.nanos.lock().clear();
        let start = Instant::now();
        let count = || (seen.deliveries.load(Ordering::Relaxed), seen.bytes.load(Ordering::Relaxed));
        let (before, cpu_before) = (count(), server.cpu_seconds());
        let mut by_second = [[0.0; 2]; MEASURED];
        for millis in &mut by_second {
            tokio::time::sleep(Duration::from_secs(1)).await;
            *millis = percentiles(&seen.nanos);
        }
        let (after, cpu_after, seconds) = (count(), server.cpu_seconds(), start.elapsed().as_secs_f64());
        let rss_bytes = server.rss_bytes();
        readers.iter().for_each(tokio::task::JoinHandle::abort);
        drop(publisher);
        Figures {
            seconds,
            deliveries: (after.0 - before.0) as f64,
            bytes: (after.1 - before.1) as f64,
            cpu_seconds: cpu_after - cpu_before,
            rss_bytes,
            millis: sum_up(by_second),
        }
    }

    pub(crate) fn name(self) -> String {
        format!("{} x {}/s, {}", self.subscribers, self.per_second, self.batches.interval())
    }
}

impl Figures {
    pub(crate) fn cpu_per_million(&self) -> f64 {
        self.cpu_seconds / (self.deliveries / 1e6)
    }

    /// One row of the table.
    pub(crate) fn print(&self, load: Load, name: &str) {
        let [p50, p99, worst] = self.millis;
        let per_second = self.deliveries / self.seconds;
        let behind = per_second < 0.95 * (load.subscribers as u64 * load.per_second) as f64;
        println!(
            "{:<25} {name:<12} {per_second:>12.0} {:>8.1} {:>9.1} {:>8.3} {:>7.1} {p50:>8.2} {p99:>8.2} {worst:>8.2}{}",
            load.name(),
            self.bytes / self.deliveries,
            100.0 * self.cpu_seconds / self.seconds,
            self.cpu_per_million(),
            self.rss_bytes / 1e6,
            if behind { "  fell behind" } else { "" },
        );
    }
}

async fn read(mut client: Client, kind: Kind, seen: Arc<Seen>, sampled: bool) {
    // What a frame of nats-server has begun.
    let mut begun = Vec::new();
    let mut sent = Vec::new();
    loop {
        let frame = client.frame().await;
        seen.bytes.fetch_add(frame.len() as u64, Ordering::Relaxed);
        let rows = match kind {
            Kind::Relay => {
                let Ok(header) = DataHeader::peek(frame) else { continue };
                if sampled {
                    sent.extend(DataFrame::decode(frame).unwrap().batch.times);
                }
                u64::from(header.rows)
            }
            Kind::WsPeer => {
                let events = frame.chunks_exact(EVENT_BYTES);
                let rows = events.len() as u64;
                if sampled {
                    sent.extend(events.map(sent_at));
                }
                rows
            }
            Kind::Nats => {
                begun.extend_from_slice(frame);
                take_messages(&mut begun, |event| {
                    if sampled {
                        sent.push(sent_at(event));
                    }
                })
            }
        };
        seen.deliveries.fetch_add(rows, Ordering::Relaxed);
        let now = wall_nanos();
        if sampled {
            seen.nanos.lock().extend(sent.drain(..).map(|sent| now - sent));
        }
    }
}

/// When an event of 64 bytes was sent.
fn sent_at(event: &[u8]) -> i64 {
    i64::from_le_bytes(*event.first_chunk().unwrap())
}

/// Takes whole protocol messages of NATS; how many carried an event.
fn take_messages(bytes: &mut Vec<u8>, mut event: impl FnMut(&[u8])) -> u64 {
    let (mut at, mut count) = (0, 0);
    while let Some(line) = bytes[at..].iter().position(|byte| *byte == b'\n') {
        let start = at + line + 1;
        if !bytes[at..].starts_with(b"MSG ") {
            at = start;
            continue;
        }
        let end = start + EVENT_BYTES;
        if bytes.len() < end + 2 {
            break;
        }
        event(&bytes[start..end]);
        count += 1;
        at = end + 2;
    }
    bytes.drain(..at);
    count
}

pub(crate) fn wall_nanos() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as i64
}

fn sum_up(by_second: [[f64; 2]; MEASURED]) -> [f64; 3] {
    let sorted = |at: usize| {
        let mut all = by_second.map(|millis| millis[at]);
        all.sort_unstable_by(f64::total_cmp);
        all
    };
    let (p50, p99) = (sorted(0), sorted(1));
    [p50[MEASURED / 2], p99[MEASURED / 2], p99[MEASURED - 1]]
}

/// Milliseconds at 50 % and 99 %.
fn percentiles(nanos: &Mutex<Vec<i64>>) -> [f64; 2] {
    let mut nanos = std::mem::take(&mut *nanos.lock());
    nanos.sort_unstable();
    let at = |share: f64| nanos.get(((nanos.len() as f64 - 1.0) * share) as usize).copied();
    [0.5, 0.99].map(|share| at(share).map_or(f64::NAN, |nanos| nanos as f64 / 1e6))
}
