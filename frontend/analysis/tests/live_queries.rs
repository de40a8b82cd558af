//! Queries asked of an engine: held events first, then what comes, with everything bounded and every change visible.

#![expect(clippy::expect_used, reason = "a failed expectation is a failed test")]

use proptest::prelude::*;
use spate_analysis::aggregate::Value;
use spate_analysis::query::{Answer, Given, QueryError, QuerySpec, Status, Was};
use spate_analysis::stream::StreamConfig;
use spate_analysis::window::{Interval, Tumbling};
use spate_analysis::{Engine, StreamId};
use spate_shared::batch::{Batch, Column, Values};
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use spate_shared::time::{Nanos, SECOND};

fn schema(field: &str) -> Schema {
    let time = TimeField { name: "t".into(), source: TimeSource::Event };
    Schema::new(time, vec![Field::new(field, FieldType::F64)])
}

fn batch(events: &[(Nanos, i32)]) -> Batch {
    let values = Values::F64(events.iter().map(|(_, value)| f64::from(*value)).collect());
    Batch {
        times: events.iter().map(|(time, _)| *time).collect(),
        columns: vec![Column { values, validity: None }],
    }
}

fn engine() -> (Engine, StreamId) {
    let mut engine = Engine::new();
    let mut config = StreamConfig::new(Tumbling::aligned(10));
    (config.idle_timeout, config.out_of_orderness) = (SECOND, 0);
    let stream = engine.open("s", schema("v"), config);
    (engine, stream)
}

fn spec(json: &str) -> QuerySpec {
    serde_json::from_str(json).expect("a query")
}

const SUMS: &str = r#"{"window": "tumbling 10ns", "agg": ["sum(v)"], "lateness": "20ns"}"#;

fn all(answer: &Answer) -> Vec<(Interval, Given)> {
    let results = answer.results(Nanos::MIN, Nanos::MAX);
    results.map(|(interval, _, given)| (interval, given.clone())).collect()
}

fn sum(of: f64) -> Vec<Value> {
    vec![Value::Number(of)]
}

proptest! {
    #[test]
    fn an_answer_does_not_depend_on_when_it_was_asked(
        events in proptest::collection::vec((-40..40i64, -9..9i32), 1..200), asked_at in 0..200usize, batch_len in 1..40usize,
    ) {
        let events: Vec<(Nanos, i32)> = events.iter().zip(0..).map(|((jitter, value), at)| (at * 4 + jitter, *value)).collect();
        let (mut engine, stream) = engine();
        let first = engine.ask(stream, &spec(SUMS)).expect("valid");
        let mut later = None;
        for (index, chunk) in events.chunks(batch_len).enumerate() {
            if later.is_none() && index * batch_len >= asked_at {
                later = engine.ask(stream, &spec(SUMS)).ok();
            }
            engine.push(stream, &batch(chunk), 0);
        }
        let later = later.unwrap_or_else(|| engine.ask(stream, &spec(SUMS)).expect("valid"));
        let [first, later] = [first, later].map(|id| engine.answer(id).expect("asked"));
        prop_assert_eq!(all(first), all(later));
        prop_assert_eq!(first.open(), later.open());
        prop_assert_eq!(first.counts(), later.counts());
        prop_assert!(first.counts().events.add_up());
        prop_assert_eq!(first.late().len() as u64 + first.late().trimmed(), first.counts().events.late);
    }
}

#[test]
fn a_revised_result_says_what_it_was_each_time() {
    let (mut engine, stream) = engine();
    let query = engine.ask(stream, &spec(SUMS)).expect("valid");
    for event in [(1, 1), (12, 2), (3, 4), (4, 8), (33, 16), (5, 32)] {
        engine.push(stream, &batch(&[event]), 0);
    }
    let answer = engine.answer(query).expect("asked");
    let interval = Interval { start: 0, end: 10 };
    let was = |values: f64| Was { interval, values: sum(values) };
    let revised = Given { values: sum(13.0), was: vec![was(1.0), was(5.0)], revisions: 2 };
    let once = Given { values: sum(2.0), ..Given::default() };
    assert_eq!(all(answer), [(interval, revised), (Interval { start: 10, end: 20 }, once)]);
    assert_eq!(answer.revisions(), 2);
    let open: Vec<_> =
        answer.open().into_iter().map(|open| (open.interval.start, open.values, open.status)).collect();
    assert_eq!(open, [(30, sum(16.0), Status::Provisional)]);
    let late = answer.late().batches().next().expect("a late event");
    assert_eq!(late.batch.event_json(&schema("v"), 0)["v"], 32.0, "the late lane can be exported");
    let inside: Vec<_> = answer.results(10, 40).map(|(interval, ..)| interval.start).collect();
    assert_eq!(inside, [10], "a window that ends where the range starts is outside");
}

#[test]
fn a_session_that_joins_others_says_what_each_was() {
    let (mut engine, stream) = engine();
    let query =
        engine.ask(stream, &spec(r#"{"window": "session 10ns", "agg": ["sum(v)"], "lateness": "50ns"}"#));
    let query = query.expect("valid");
    engine.push(stream, &batch(&[(0, 1), (15, 2), (40, 4), (8, 8)]), 0);
    let results = all(engine.answer(query).expect("asked"));
    let [(interval, given)] = &results[..] else { panic!("{results:?}") };
    assert_eq!((interval.start, interval.end, &given.values), (0, 25, &sum(11.0)));
    let was: Vec<_> = given.was.iter().map(|was| (was.interval.start, was.values.clone())).collect();
    assert_eq!(was, [(0, sum(1.0)), (15, sum(2.0))]);
}

#[test]
fn a_silent_stream_closes_its_windows_when_processing_time_goes_on() {
    let (mut engine, stream) = engine();
    let query =
        engine.ask(stream, &spec(r#"{"window": "tumbling 10ns", "agg": ["count"], "watermark": "5ns"}"#));
    let query = query.expect("valid");
    engine.push(stream, &batch(&[(3, 1), (10, 1)]), 7 * SECOND);
    let len = |engine: &Engine| engine.answer(query).expect("asked").len();
    engine.tick(8 * SECOND - 1);
    assert_eq!(len(&engine), 0);
    engine.tick(8 * SECOND);
    assert_eq!(len(&engine), 1);
}

#[test]
fn a_far_future_time_is_rejected_and_does_not_close_windows() {
    let mut engine = Engine::new();
    let config = StreamConfig { ahead: Some(100), ..StreamConfig::new(Tumbling::aligned(10)) };
    let stream = engine.open("s", schema("v"), config);
    let query = engine.ask(stream, &spec(SUMS)).expect("valid");
    engine.push(stream, &batch(&[(1, 1), (5_000, 1), (2, 1)]), 0);
    let of_query = engine.answer(query).expect("asked").counts().events;
    for counts in [of_query, engine.stream(stream).counts()] {
        assert_eq!((counts.windowed, counts.late, counts.rejected, counts.ahead), (2, 0, 1, 1));
    }
}

#[test]
fn a_query_goes_on_with_a_stream_that_began_anew_unless_its_fields_are_gone() {
    let (mut engine, stream) = engine();
    let query = engine.ask(stream, &spec(SUMS)).expect("valid");
    engine.push(stream, &batch(&[(1, 1), (100, 1)]), 0);
    engine.restart(stream, schema("v"));
    assert_eq!(engine.answer(query).expect("kept").counts().events.received, 0);
    engine.restart(stream, schema("other"));
    assert!(engine.answer(query).is_none());
    let error = engine.ask(stream, &spec(SUMS)).expect_err("no such field");
    assert!(matches!(&error, QueryError::Field { name, .. } if name == "v"), "{error}");
    let several = spec(r#"{"window": "tumbling 1s", "also": ["tumbling 1m"], "agg": ["count"]}"#);
    assert!(matches!(engine.ask(stream, &several), Err(QueryError::Also(_))));
    let query = engine.ask(stream, &spec(r#"{"window": "tumbling 1s", "agg": ["count"]}"#)).expect("valid");
    engine.drop_query(query);
    assert!(engine.answer(query).is_none());
}

#[test]
fn results_and_events_are_held_within_bounds_and_what_is_let_go_is_counted() {
    let (mut engine, stream) = engine();
    let query = engine.ask(stream, &spec(r#"{"window": "tumbling 1ns", "agg": ["count"]}"#)).expect("valid");
    let events: Vec<(Nanos, i32)> = (0..60_001).map(|time| (time, 0)).collect();
    events.chunks(7_000).for_each(|chunk| engine.push(stream, &batch(chunk), 0));
    let answer = engine.answer(query).expect("asked");
    assert_eq!((answer.len(), answer.forgotten()), (50_000, 10_000));
    assert_eq!(engine.events(stream).numbers(), 0..60_001);
}
