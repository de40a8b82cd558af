//! Many subscribers of one stream, and what they saw.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;
use spate_shared::wire::{DataFrame, DataHeader};

use crate::client::Client;
use crate::server::{Kind, Server};

const WARM_UP: Duration = Duration::from_secs(2);
const MEASURED: Duration = Duration::from_secs(10);
/// One client in so many notes latencies.
const SAMPLED: usize = 10;

/// What one load measured.
pub(crate) struct Load {
    seconds: f64,
    deliveries: f64,
    bytes: f64,
    cpu_seconds: f64,
    rss_bytes: f64,
    /// Seal to receipt, p50 and p99.
    sealed_millis: [f64; 2],
    /// Event time to receipt, p50 and p99, where frames carry event times.
    pub(crate) event_millis: Option<[f64; 2]>,
}

#[derive(Default)]
struct Seen {
    deliveries: AtomicU64,
    bytes: AtomicU64,
    sealed: Mutex<Vec<i64>>,
    events: Mutex<Vec<i64>>,
}

impl Load {
    pub(crate) async fn run(server: &Server, subscribers: usize) -> Self {
        let seen = Arc::new(Seen::default());
        let stream = (server.kind == Kind::Relay).then_some("load");
        let mut readers = Vec::with_capacity(subscribers);
        for at in 0..subscribers {
            let client = Client::connect(server.address, stream).await;
            readers.push(tokio::spawn(read(client, server.kind, Arc::clone(&seen), at % SAMPLED == 0)));
        }
        tokio::time::sleep(WARM_UP).await;
        seen.sealed.lock().clear();
        seen.events.lock().clear();
        let start = Instant::now();
        let count = || (seen.deliveries.load(Ordering::Relaxed), seen.bytes.load(Ordering::Relaxed));
        let (before, cpu_before) = (count(), server.cpu_seconds());
        tokio::time::sleep(MEASURED).await;
        let (after, cpu_after, seconds) = (count(), server.cpu_seconds(), start.elapsed().as_secs_f64());
        let rss_bytes = server.rss_bytes();
        readers.iter().for_each(tokio::task::JoinHandle::abort);
        let events = percentiles(&seen.events);
        Self {
            seconds,
            deliveries: (after.0 - before.0) as f64,
            bytes: (after.1 - before.1) as f64,
            cpu_seconds: cpu_after - cpu_before,
            rss_bytes,
            sealed_millis: percentiles(&seen.sealed).unwrap_or_default(),
            event_millis: events,
        }
    }

    pub(crate) fn cpu_percent(&self) -> f64 {
        100.0 * self.cpu_seconds / self.seconds
    }

    pub(crate) fn cpu_per_million(&self) -> f64 {
        self.cpu_seconds / (self.deliveries / 1e6)
    }

    pub(crate) fn print(&self, name: &str) {
        let [p50, p99] = self.sealed_millis;
        println!(
            "{name:<10} {:>13.0} {:>8.1} {:>8.2} {:>9.1} {:>8.3} {p50:>10.2} {p99:>10.2} {:>7.1}",
            self.deliveries / self.seconds,
            self.bytes / self.deliveries,
            self.cpu_seconds,
            self.cpu_percent(),
            self.cpu_per_million(),
            self.rss_bytes / 1e6,
        );
    }
}

async fn read(mut client: Client, kind: Kind, seen: Arc<Seen>, sampled: bool) {
    loop {
        let frame = client.frame().await;
        let (rows, sealed) = match kind {
            Kind::Relay => match DataHeader::peek(frame) {
                Ok(header) => (u64::from(header.rows), header.sealed),
                Err(_) => continue,
            },
            Kind::WsPeer { event_bytes } => {
                let Some((head, events)) = frame.split_first_chunk::<8>() else { continue };
                (events.len() as u64 / event_bytes, i64::from_le_bytes(*head))
            }
        };
        seen.deliveries.fetch_add(rows, Ordering::Relaxed);
        seen.bytes.fetch_add(frame.len() as u64, Ordering::Relaxed);
        if sampled {
            let now = wall_nanos();
            seen.sealed.lock().push(now - sealed);
            if kind == Kind::Relay {
                let batch = DataFrame::decode(frame).unwrap().batch;
                seen.events.lock().extend(batch.times.iter().map(|time| now - time));
            }
        }
    }
}

fn wall_nanos() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as i64
}

/// Milliseconds at 50 % and 99 %.
fn percentiles(nanos: &Mutex<Vec<i64>>) -> Option<[f64; 2]> {
    let mut nanos = std::mem::take(&mut *nanos.lock());
    nanos.sort_unstable();
    let last = nanos.len().checked_sub(1)?;
    Some([0.5, 0.99].map(|share| nanos[(last as f64 * share) as usize] as f64 / 1e6))
}
