use super::*;
use spate_shared::schema::{Field, FieldType, TimeField, TimeSource};
use spate_shared::time::MILLISECOND;
use spate_shared::wire::DataFrame;

fn schema(fields: &[&str]) -> Schema {
    let time = TimeField { name: "t".into(), source: TimeSource::Event };
    Schema::new(time, fields.iter().map(|name| Field::new(*name, FieldType::F64)).collect())
}

/// `n` events without fields, with times from `first` on.
fn events(first: i64, n: i64) -> Batch {
    Batch { times: (first..first + n).collect(), columns: Vec::new() }
}

fn log(ring: Ring) -> Log {
    Log::new(3, 9, schema(&[]), ring)
}

const KEEP_ALL: Ring = Ring { bytes: usize::MAX, age: i64::MAX };
const MS: Nanos = MILLISECOND;

/// All segments from the oldest on as `(base, rows, sealed)`.
fn segments(log: &Log) -> Vec<(u64, u32, Nanos)> {
    let mut all = Vec::new();
    let mut cursor = log.oldest();
    while let Read::Segment(segment) = log.read(cursor) {
        let frame = DataFrame::decode(segment.binary().payload()).unwrap();
        assert_eq!(frame.header, *segment.header());
        assert_eq!(
            (frame.header.stream, frame.header.epoch, frame.batch.len()),
            (3, 9, frame.header.rows as usize)
        );
        all.push((frame.header.base, frame.header.rows, frame.header.sealed));
        cursor = segment.end();
    }
    all
}

#[test]
fn an_idle_stream_seals_at_once_and_a_burst_every_16_ms() {
    let mut log = log(KEEP_ALL);
    assert_eq!(log.append(events(0, 1), 100 * MS), None);
    assert_eq!(log.append(events(1, 1), 101 * MS), Some(116 * MS));
    assert_eq!(log.append(events(2, 1), 110 * MS), Some(116 * MS));
    assert_eq!(segments(&log), [(0, 1, 100 * MS)]);
    assert!(log.seal(116 * MS));
    assert!(!log.seal(117 * MS));
    assert_eq!(log.append(events(3, 1), 140 * MS), None);
    assert_eq!(segments(&log), [(0, 1, 100 * MS), (1, 2, 116 * MS), (3, 1, 140 * MS)]);
}

#[test]
fn a_burst_waits_longer_for_many_readers_and_not_at_all_in_immediate_mode() {
    let mut log = log(KEEP_ALL);
    log.append(events(0, 1), 100 * MS);
    log.follow_readers(600);
    assert_eq!(log.append(events(1, 1), 101 * MS), Some(133 * MS));
    log.follow_readers(5_000);
    assert_eq!(log.append(events(2, 1), 110 * MS), Some(200 * MS));
    log.follow_readers(1);
    assert_eq!(log.append(events(3, 1), 111 * MS), Some(116 * MS));
    let mut log = log.paced(Pace::Immediate);
    log.seal(116 * MS);
    for at in 4..7 {
        assert_eq!(log.append(events(at, 1), 117 * MS), None);
    }
    let bases: Vec<u64> = segments(&log).iter().map(|(base, ..)| *base).collect();
    assert_eq!(bases, [0, 1, 4, 5, 6]);
}

#[test]
fn a_large_batch_is_cut_at_4096_rows() {
    let mut log = log(KEEP_ALL);
    log.append(events(0, 10_000), 0);
    log.seal(1);
    let rows: Vec<u32> = segments(&log).iter().map(|(_, rows, _)| *rows).collect();
    assert_eq!(rows, [4096, 4096, 1808]);
}

#[test]
fn a_batch_of_long_text_is_cut_at_64_kib_and_a_single_long_event_is_whole() {
    let time = TimeField { name: "t".into(), source: TimeSource::Event };
    let mut log = Log::new(3, 9, Schema::new(time, vec![Field::new("text", FieldType::Text)]), KEEP_ALL);
    let text = |rows: usize, bytes: usize| Batch {
        times: vec![0; rows],
        columns: vec![spate_shared::batch::Column {
            values: spate_shared::batch::Values::Text(vec!["x".repeat(bytes); rows].into()),
            validity: None,
        }],
    };
    log.append(text(10, 20 << 10), 0);
    log.append(text(1, 1 << 20), 0);
    log.seal(1);
    let rows: Vec<u32> = segments(&log).iter().map(|(_, rows, _)| *rows).collect();
    assert_eq!(rows, [3, 3, 3, 1, 1]);
}

#[test]
fn a_new_schema_seals_what_followed_the_old_one() {
    let mut log = log(KEEP_ALL);
    log.append(events(0, 1), 0);
    log.append(events(1, 1), MS);
    let mut next = schema(&["v"]);
    next.version = 2;
    assert!(log.set_schema(&next, 2 * MS));
    assert!(!log.set_schema(&next, 2 * MS));
    let mut batch = Batch::empty(&next);
    batch.times.push(5);
    batch.columns[0].push_missing();
    log.append(batch, 3 * MS);
    log.seal(20 * MS);
    let mut versions = Vec::new();
    let mut cursor = 0;
    while let Read::Segment(segment) = log.read(cursor) {
        versions.push((segment.header().base, segment.header().schema));
        assert_eq!(segment.schema().version, segment.header().schema);
        cursor = segment.end();
    }
    assert_eq!(versions, [(0, 1), (1, 1), (2, 2)]);
}

#[test]
fn the_ring_is_trimmed_by_bytes_and_says_what_is_oldest() {
    let mut log = log(KEEP_ALL);
    log.append(events(0, 8), 0);
    let one = log.size_bytes();
    log.ring.bytes = 3 * one + 16;
    for at in 1..10i64 {
        log.append(events(8 * at, 8), at * 20 * MS);
        assert!(log.size_bytes() <= 3 * one + 16, "{}", log.size_bytes());
    }
    assert_eq!((log.oldest(), log.head(), log.trimmed_events()), (56, 80, 56));
    assert!(matches!(log.read(55), Read::Missing { to: 56, reason: GapReason::Trimmed }));
    assert!(matches!(log.read(56), Read::Segment(segment) if segment.header().base == 56));
    assert!(matches!(log.read(63), Read::Segment(segment) if segment.header().base == 56));
    assert!(matches!(log.read(80), Read::Live));
}

#[test]
fn the_ring_is_trimmed_by_age_at_the_next_seal() {
    let mut log = log(Ring { bytes: usize::MAX, age: 100 * MS });
    for at in 0..5 {
        log.append(events(at, 1), at * 40 * MS);
    }
    assert_eq!(segments(&log), [(2, 1, 80 * MS), (3, 1, 120 * MS), (4, 1, 160 * MS)]);
}

#[test]
fn the_newest_segment_is_kept_however_small_the_ring() {
    let mut log = log(Ring { bytes: 0, age: 0 });
    log.append(events(0, 5), 0);
    log.append(events(5, 5), 50 * MS);
    assert_eq!((log.oldest(), log.head()), (5, 10));
}

#[test]
fn a_clock_that_steps_back_neither_loses_nor_trims() {
    let mut log = log(Ring { bytes: usize::MAX, age: 100 * MS });
    log.append(events(0, 1), 1_000 * MS);
    let due = log.append(events(1, 1), 0);
    assert_eq!(due, Some(1_016 * MS));
    log.seal(MS);
    assert_eq!(segments(&log), [(0, 1, 1_000 * MS), (1, 1, MS)]);
}

#[test]
fn only_the_newest_segments_keep_their_json() {
    let mut log = log(KEEP_ALL);
    for at in 0..40 {
        log.append(events(at, 1), at * 20 * MS);
        let Read::Segment(segment) = log.read(at as u64) else { panic!("offset {at}") };
        segment.json("s").unwrap();
    }
    let held = log.segments.iter().filter(|segment| segment.holds_json()).count();
    assert_eq!(held, JSON_SEGMENTS);
}

#[test]
fn the_tail_of_a_segment_begins_exactly_where_asked() {
    let mut log = log(KEEP_ALL);
    log.append(events(100, 10), 0);
    let Read::Segment(segment) = log.read(7) else { panic!("offset 7") };
    let tail = segment.tail(7).unwrap();
    assert_eq!((tail.header.base, tail.header.rows), (7, 3));
    assert_eq!(tail.batch.times, [107, 108, 109]);
    assert_eq!(DataFrame::decode(&tail.encode()).unwrap(), tail);
}

#[test]
fn a_run_begins_at_the_cursor_or_is_empty() {
    let mut log = log(Ring { bytes: 0, age: i64::MAX });
    let runs = |log: &Log| {
        [0, 5, 9].map(|cursor| log.run(cursor, 8).iter().map(|s| s.header().base).collect::<Vec<_>>())
    };
    log.append(events(0, 5), 100 * MS);
    assert_eq!(runs(&log), [vec![0], vec![], vec![]]);
    log.append(events(5, 5), 200 * MS);
    // The first segment left the ring: what a reader there gets is a gap, and not the next one.
    assert_eq!(runs(&log), [vec![], vec![5], vec![5]]);
}
