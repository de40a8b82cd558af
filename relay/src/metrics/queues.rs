//! Every place where something waits: how much, how much there may be, and what was let go.

use metrics::Label;
use metrics_exporter_prometheus::PrometheusRecorder;

use super::{Kind, counter, gauge, stream_label};
use crate::jetstream::{MAX_PAST_BYTES, MAX_WAITING_BYTES};
use crate::log::disk::MAX_UNWRITTEN_BYTES;
use crate::log::{ARCHIVE_READERS, Log, SEAL_BYTES, Stream};
use crate::relay::Relay;

/// The metrics of queues: name, kind and meaning.
pub(super) const METRICS: &[(&str, Kind, &str)] = &[
    (DEPTH, Kind::Gauge, "what waits, by queue, and by stream where each has its own"),
    (CAPACITY, Kind::Gauge, "how much may wait, by queue and stream"),
    (DROPPED, Kind::Counter, "what left a queue before everybody had it, by queue and stream"),
    (LAG, Kind::Gauge, "events that the reader furthest behind has not been sent, by stream"),
];

const DEPTH: &str = "spate_queue_depth";
const CAPACITY: &str = "spate_queue_capacity";
const DROPPED: &str = "spate_queue_dropped_total";
const LAG: &str = "spate_lag_events";

/// What a queue holds now.
struct Figures {
    queue: &'static str,
    depth: usize,
    capacity: usize,
    /// `None` for a queue that refuses what it has no room for.
    dropped: Option<u64>,
}

/// Sets the figures of everything that waits in a relay.
pub(super) fn observe(recorder: &PrometheusRecorder, relay: &Relay) {
    for stream in relay.streams.all() {
        let label = || stream_label(stream.name());
        for figures in of_stream(&stream, relay.ring.bytes) {
            set(recorder, &figures, &label());
        }
        gauge(recorder, LAG, label()).set(stream.furthest_behind() as f64);
    }
    for (stream, depth) in relay.jetstream.iter().flat_map(|jetstream| jetstream.waiting()) {
        let figures = Figures { queue: "jetstream", depth, capacity: MAX_WAITING_BYTES, dropped: None };
        set(recorder, &figures, &stream_label(&stream));
    }
    let used = |capacity: usize, semaphore: &tokio::sync::Semaphore| {
        (capacity.saturating_sub(semaphore.available_permits()), capacity)
    };
    let connections = used(relay.limits.connections, &relay.connections);
    let decoders = used(crate::relay::decoders(), &relay.decoders);
    let archive_readers = (relay.streams.archive_readers(), ARCHIVE_READERS);
    let past = relay.jetstream.as_ref().map(|jetstream| (jetstream.past_bytes(), MAX_PAST_BYTES));
    let queues = [("connections", connections), ("decoders", decoders), ("archive_readers", archive_readers)];
    for (queue, (depth, capacity)) in queues.into_iter().chain(past.map(|past| ("jetstream_past", past))) {
        set(recorder, &Figures { queue, depth, capacity, dropped: None }, &[]);
    }
}

fn of_stream(stream: &Stream, ring_bytes: usize) -> Vec<Figures> {
    let look = |log: &Log| (log.open_bytes(), log.size_bytes(), log.unwritten_bytes(), log.trimmed_events());
    let (open, ring, unwritten, trimmed) = stream.with_log(look);
    let mut figures = vec![
        Figures { queue: "open", depth: open, capacity: SEAL_BYTES, dropped: None },
        Figures { queue: "ring", depth: ring, capacity: ring_bytes, dropped: Some(trimmed) },
    ];
    if stream.store().is_some() {
        let capacity = MAX_UNWRITTEN_BYTES;
        figures.push(Figures { queue: "disk", depth: unwritten, capacity, dropped: None });
    }
    figures
}

fn set(recorder: &PrometheusRecorder, figures: &Figures, labels: &[Label]) {
    let labels = || [&[Label::new("queue", figures.queue)], labels].concat();
    gauge(recorder, DEPTH, labels()).set(figures.depth as f64);
    gauge(recorder, CAPACITY, labels()).set(figures.capacity as f64);
    if let Some(dropped) = figures.dropped {
        counter(recorder, DROPPED, labels()).absolute(dropped);
    }
}
