//! What the relay counts. One recorder per relay, so that two in one process do not mix.

mod queues;

use metrics::{Counter, Gauge, Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use spate_shared::wire::CloseCode;

use crate::relay::Relay;

/// Every metric but those of queues: name, kind and meaning. `docs/relay.md` lists all.
pub const METRICS: &[(&str, Kind, &str)] = &[
    (RECEIVED, Kind::Counter, "events that arrived, by stream; equals accepted plus rejected"),
    (ACCEPTED, Kind::Counter, "events that were given an offset, by stream"),
    (REJECTED, Kind::Counter, "events that got no offset, by stream"),
    (SEGMENTS, Kind::Counter, "batches sealed, by stream"),
    (HEAD, Kind::Gauge, "offset of the next event, by stream"),
    (CONNECTIONS, Kind::Gauge, "open WebSocket connections"),
    (SUBSCRIPTIONS, Kind::Gauge, "subscriptions of all connections"),
    (FRAMES_SENT, Kind::Counter, "data frames sent to all clients"),
    (EVENTS_SENT, Kind::Counter, "deliveries: events sent, counted once per client"),
    (BYTES_SENT, Kind::Counter, "bytes of data frames sent to all clients"),
    (GAP_EVENTS, Kind::Counter, "events declared missing to clients that fell off the ring"),
    (DISK_BYTES, Kind::Gauge, "bytes of segment files, by stream"),
    (DISK_FAULT, Kind::Gauge, "1 while the disk refuses events and so does ingest, by stream"),
    (DISK_SYNCS, Kind::Counter, "syncs of segment files"),
    (DISK_SYNC_MICROS, Kind::Counter, "microseconds that syncs took"),
    (DISK_SYNC_FAILURES, Kind::Counter, "syncs that failed"),
    (
        ARCHIVE_READS,
        Kind::Counter,
        "reads of history that had left the ring, from disk or JetStream, by stream",
    ),
    (ARCHIVE_FAILURES, Kind::Counter, "such reads that gave nothing: damage, or no answer, by stream"),
    (CONFLATED, Kind::Counter, "events left out for clients that fell behind under the policy conflate"),
    (BEHIND, Kind::Counter, "lag notices sent"),
    (CLOSED, Kind::Counter, "connections the relay closed, by close code"),
    (OUTPUT_EVENTS, Kind::Counter, "events given out as history or server-sent events, by output"),
    (OUTPUT_BYTES, Kind::Counter, "bytes given out as history or server-sent events, by output"),
    (UPSTREAM_CONNECTED, Kind::Gauge, "whether a feed is connected, by kind and stream"),
    (UPSTREAM_CONNECTS, Kind::Counter, "connections to a feed, by kind and stream"),
    (UPSTREAM_LOSSES, Kind::Counter, "connections to a feed that ended or did not begin, by kind and stream"),
    (
        UPSTREAM_AGAIN,
        Kind::Counter,
        "messages of a feed that came again and were dropped, by kind and stream",
    ),
    (RELOADS, Kind::Counter, "times the configuration was read again, by result"),
    (INGEST_REQUESTS, Kind::Counter, "HTTP ingest requests, by status"),
];

const RECEIVED: &str = "spate_events_received_total";
const ACCEPTED: &str = "spate_events_accepted_total";
const REJECTED: &str = "spate_events_rejected_total";
const SEGMENTS: &str = "spate_segments_sealed_total";
const HEAD: &str = "spate_stream_head";
const CONNECTIONS: &str = "spate_connections";
const SUBSCRIPTIONS: &str = "spate_subscriptions";
const FRAMES_SENT: &str = "spate_frames_sent_total";
const EVENTS_SENT: &str = "spate_events_sent_total";
const BYTES_SENT: &str = "spate_bytes_sent_total";
const GAP_EVENTS: &str = "spate_gap_events_total";
const DISK_BYTES: &str = "spate_disk_bytes";
const DISK_FAULT: &str = "spate_disk_fault";
const DISK_SYNCS: &str = "spate_disk_syncs_total";
const DISK_SYNC_MICROS: &str = "spate_disk_sync_microseconds_total";
const DISK_SYNC_FAILURES: &str = "spate_disk_sync_failures_total";
const ARCHIVE_READS: &str = "spate_archive_reads_total";
const ARCHIVE_FAILURES: &str = "spate_archive_read_failures_total";
const CONFLATED: &str = "spate_conflated_events_total";
const BEHIND: &str = "spate_behind_notices_total";
const CLOSED: &str = "spate_closed_total";
const OUTPUT_EVENTS: &str = "spate_output_events_total";
const OUTPUT_BYTES: &str = "spate_output_bytes_total";
const UPSTREAM_CONNECTED: &str = "spate_upstream_connected";
const UPSTREAM_CONNECTS: &str = "spate_upstream_connects_total";
const UPSTREAM_LOSSES: &str = "spate_upstream_losses_total";
const UPSTREAM_AGAIN: &str = "spate_upstream_redelivered_total";
const RELOADS: &str = "spate_config_reloads_total";
const INGEST_REQUESTS: &str = "spate_ingest_requests_total";

/// The stream label of events that were refused before their stream existed.
const NO_STREAM: &str = "(none)";

/// What a metric does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
}

/// The recorder, and the counters that belong to no stream.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    /// Events refused before their stream existed.
    pub no_stream: StreamMeters,
    /// Open connections.
    pub connections: Gauge,
    /// Subscriptions of all connections.
    pub subscriptions: Gauge,
    /// Data frames sent.
    pub frames_sent: Counter,
    /// Events sent, once per client.
    pub events_sent: Counter,
    /// Bytes of data frames sent.
    pub bytes_sent: Counter,
    /// Events declared missing.
    pub gap_events: Counter,
    /// Syncs of segment files.
    pub disk_syncs: Counter,
    /// What they took.
    pub disk_sync_micros: Counter,
    /// Those that failed.
    pub disk_sync_failures: Counter,
    /// Events left out by conflation.
    pub conflated_events: Counter,
    /// Lag notices sent.
    pub behind: Counter,
}

/// Counters of one stream. received = accepted + rejected, always.
pub struct StreamMeters {
    received: Counter,
    accepted: Counter,
    rejected: Counter,
    archive_reads: Counter,
    archive_failures: Counter,
}

impl StreamMeters {
    /// Counts events that arrived together.
    pub fn count(&self, accepted: u64, rejected: u64) {
        self.received.increment(accepted + rejected);
        self.accepted.increment(accepted);
        self.rejected.increment(rejected);
    }

    /// Counts a read of what had left the ring.
    pub fn read_back(&self, has_failed: bool) {
        self.archive_reads.increment(1);
        self.archive_failures.increment(u64::from(has_failed));
    }
}

/// Counters of a way out.
pub struct OutputMeter {
    events: Counter,
    bytes: Counter,
}

impl OutputMeter {
    /// Counts what was given to one reader.
    pub fn sent(&self, events: u64, bytes: usize) {
        self.events.increment(events);
        self.bytes.increment(bytes as u64);
    }
}

/// Meters of a feed that the relay connects to.
pub struct UpstreamMeter {
    connected: Gauge,
    connects: Counter,
    losses: Counter,
    again: Counter,
}

impl UpstreamMeter {
    /// The feed is there.
    pub fn found(&self) {
        self.connected.set(1.0);
        self.connects.increment(1);
    }

    /// A message came again and was dropped.
    pub fn came_again(&self) {
        self.again.increment(1);
    }

    /// The feed is not there.
    pub fn lost(&self) {
        self.connected.set(0.0);
        self.losses.increment(1);
    }
}

/// A feed that is stopped is no longer there.
impl Drop for UpstreamMeter {
    fn drop(&mut self) {
        self.connected.set(0.0);
    }
}

const METADATA: Metadata<'static> = Metadata::new("spate_relay", Level::INFO, None);

fn counter(recorder: &PrometheusRecorder, name: &'static str, labels: Vec<Label>) -> Counter {
    recorder.register_counter(&Key::from_parts(name, labels), &METADATA)
}

fn gauge(recorder: &PrometheusRecorder, name: &'static str, labels: Vec<Label>) -> Gauge {
    recorder.register_gauge(&Key::from_parts(name, labels), &METADATA)
}

fn stream_label(stream: &str) -> Vec<Label> {
    vec![Label::new("stream", stream.to_owned())]
}

fn meters(recorder: &PrometheusRecorder, stream: &str) -> StreamMeters {
    let of = |name| counter(recorder, name, stream_label(stream));
    StreamMeters {
        received: of(RECEIVED),
        accepted: of(ACCEPTED),
        rejected: of(REJECTED),
        archive_reads: of(ARCHIVE_READS),
        archive_failures: of(ARCHIVE_FAILURES),
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Registers everything at zero.
    pub fn new() -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        for (name, kind, help) in METRICS.iter().chain(queues::METRICS) {
            match kind {
                Kind::Counter => recorder.describe_counter((*name).into(), None, (*help).into()),
                Kind::Gauge => recorder.describe_gauge((*name).into(), None, (*help).into()),
            }
        }
        Self {
            no_stream: meters(&recorder, NO_STREAM),
            connections: gauge(&recorder, CONNECTIONS, Vec::new()),
            subscriptions: gauge(&recorder, SUBSCRIPTIONS, Vec::new()),
            frames_sent: counter(&recorder, FRAMES_SENT, Vec::new()),
            events_sent: counter(&recorder, EVENTS_SENT, Vec::new()),
            bytes_sent: counter(&recorder, BYTES_SENT, Vec::new()),
            gap_events: counter(&recorder, GAP_EVENTS, Vec::new()),
            disk_syncs: counter(&recorder, DISK_SYNCS, Vec::new()),
            disk_sync_micros: counter(&recorder, DISK_SYNC_MICROS, Vec::new()),
            disk_sync_failures: counter(&recorder, DISK_SYNC_FAILURES, Vec::new()),
            conflated_events: counter(&recorder, CONFLATED, Vec::new()),
            behind: counter(&recorder, BEHIND, Vec::new()),
            recorder,
            handle,
        }
    }

    /// The counters of a new stream.
    pub fn stream(&self, name: &str) -> StreamMeters {
        meters(&self.recorder, name)
    }

    /// Counts a close by the relay.
    pub fn closed(&self, code: CloseCode) {
        let label = Label::new("code", (code as u16).to_string());
        counter(&self.recorder, CLOSED, vec![label]).increment(1);
    }

    /// The counters of a way out beside the WebSocket.
    pub fn output(&self, name: &'static str) -> OutputMeter {
        let of = |metric| counter(&self.recorder, metric, vec![Label::new("output", name)]);
        OutputMeter { events: of(OUTPUT_EVENTS), bytes: of(OUTPUT_BYTES) }
    }

    /// The meters of a feed.
    pub fn upstream(&self, kind: &'static str, stream: &str) -> UpstreamMeter {
        let labels = || vec![Label::new("kind", kind), Label::new("stream", stream.to_owned())];
        UpstreamMeter {
            connected: gauge(&self.recorder, UPSTREAM_CONNECTED, labels()),
            connects: counter(&self.recorder, UPSTREAM_CONNECTS, labels()),
            losses: counter(&self.recorder, UPSTREAM_LOSSES, labels()),
            again: counter(&self.recorder, UPSTREAM_AGAIN, labels()),
        }
    }

    /// Counts a configuration that was read again.
    pub fn reloaded(&self, is_taken: bool) {
        let label = Label::new("result", if is_taken { "taken" } else { "refused" });
        counter(&self.recorder, RELOADS, vec![label]).increment(1);
    }

    /// Counts an answer to an ingest request.
    pub fn ingest_answered(&self, status: u16) {
        let label = Label::new("status", status.to_string());
        counter(&self.recorder, INGEST_REQUESTS, vec![label]).increment(1);
    }

    /// The Prometheus text, with the figures of logs and queues as they are now.
    pub fn render(&self, relay: &Relay) -> String {
        queues::observe(&self.recorder, relay);
        for stream in relay.streams.all() {
            let label = || stream_label(stream.name());
            let (head, segments) = stream.with_log(|log| (log.head(), log.sealed_segments()));
            gauge(&self.recorder, HEAD, label()).set(head as f64);
            counter(&self.recorder, SEGMENTS, label()).absolute(segments);
            if let Some(store) = stream.store() {
                gauge(&self.recorder, DISK_BYTES, label()).set(store.size_bytes() as f64);
                gauge(&self.recorder, DISK_FAULT, label()).set(f64::from(u8::from(stream.has_fault())));
            }
        }
        self.handle.render()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_described_where_operators_look() {
        let docs = include_str!("../../../docs/relay.md");
        for (name, _, meaning) in METRICS.iter().chain(queues::METRICS) {
            let row = format!("| `{name}` | {meaning} |");
            assert!(docs.contains(&row), "docs/relay.md lacks this row: {row}");
        }
    }
}
