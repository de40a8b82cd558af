//! Windowed queries against a naive reading of their definition, and the cases that Flink documents.

#![expect(clippy::expect_used, reason = "a failed expectation is a failed test")]

mod naive;
mod together;

use naive::{Event, Naive};
use proptest::prelude::*;
use spate_analysis::aggregate::Value;
use spate_analysis::checkpoint;
use spate_analysis::query::{Emit, Outcome, QuerySpec, Status, WindowQuery, WindowResult};
use spate_analysis::window::Window;
use spate_shared::batch::{Batch, Column, Values, intern};
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};

const AGGREGATES: &str = "count, count(v), sum(v), mean(v), min(v), max(v), first(v), last(v), variance(v), stddev(v), rate, \
     rate(v), ratio(v, w), p50(v), distinct(v), top3(v), histogram(v)";

fn schema() -> Schema {
    let time = TimeField { name: "t".into(), source: TimeSource::Event };
    let fields = [
        ("k", FieldType::Category),
        ("v", FieldType::F64),
        ("w", FieldType::F64),
        ("z", FieldType::Category),
    ];
    Schema::new(time, fields.map(|(name, ty)| Field::new(name, ty)).into())
}

fn spec(window: &str, watermark: i64, lateness: i64) -> QuerySpec {
    let mut spec: QuerySpec =
        serde_json::from_str(r#"{"by": ["k"], "window": "tumbling 1s", "agg": []}"#).expect("valid");
    spec.window = window.parse::<Window>().expect(window);
    spec.agg = split(AGGREGATES).iter().map(|call| call.parse().expect("an aggregate")).collect();
    (spec.watermark, spec.lateness) = (watermark, lateness);
    spec
}

/// Calls by the commas that are not in brackets.
fn split(calls: &str) -> Vec<&str> {
    let mut depth = 0;
    let calls = calls.split(|letter| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        letter == ',' && depth == 0
    });
    calls.map(str::trim).collect()
}

fn batch(events: &[Event]) -> Batch {
    let (mut dictionary, mut codes) = (Vec::new(), Vec::new());
    let mut z = Column::empty(FieldType::Category);
    let mut columns = [Column::empty(FieldType::F64), Column::empty(FieldType::F64)];
    for event in events {
        codes.push(intern(&mut dictionary, &event.key.to_string()));
        match (event.time % 3, &mut z.values) {
            (1 | 2, Values::Category { dictionary, codes }) => {
                codes.push(intern(dictionary, &event.time.to_string()));
                z.mark_present();
            }
            _ => z.push_missing(),
        }
        for (column, value) in columns.iter_mut().zip([event.v, Some(2.0)]) {
            match (value, &mut column.values) {
                (Some(number), Values::F64(values)) => {
                    values.push(number);
                    column.mark_present();
                }
                _ => column.push_missing(),
            }
        }
    }
    let key = Column { values: Values::Category { dictionary, codes }, validity: None };
    let [v, w] = columns;
    Batch { times: events.iter().map(|event| event.time).collect(), columns: vec![key, v, w, z] }
}

fn run(spec: &QuerySpec, events: &[Event], batch_len: usize, emit: Emit) -> (WindowQuery, Outcome) {
    let mut query = WindowQuery::new(spec, &schema(), emit).expect("valid");
    let mut outcome = Outcome::default();
    for (index, chunk) in events.chunks(batch_len).enumerate() {
        let late = outcome.late.len();
        query.push(&batch(chunk), &mut outcome);
        outcome.late[late..].iter_mut().for_each(|row| *row += index * batch_len);
        assert!(query.counts().events.add_up());
    }
    query.finish(&mut outcome);
    (query, outcome)
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let value = prop_oneof![10 => (-40..40i32).prop_map(|v| Some(f64::from(v))), 1 => Just(None), 1 => Just(Some(f64::NAN))];
    let step = prop_oneof![8 => 0..4i64, 1 => Just(40), 1 => Just(0)];
    proptest::collection::vec((step, -60..20i64, 0..5u8, value), 0..250).prop_map(|steps| {
        let mut clock = -100;
        let event = |(step, jitter, key, v)| {
            clock += step;
            Event { time: clock + jitter, key, v }
        };
        steps.into_iter().map(event).collect()
    })
}

fn windows() -> impl Strategy<Value = String> {
    let duration = 1..50i64;
    prop_oneof![
        (duration.clone(), 0..30i64).prop_map(|(width, offset)| format!("tumbling {width}ns + {offset}ns")),
        (duration.clone(), duration.clone(), 0..30i64)
            .prop_map(|(width, slide, offset)| format!("hopping {width}ns/{slide}ns + {offset}ns")),
        duration.prop_map(|gap| format!("session {gap}ns")),
    ]
}

/// Equal, or a number within the error that its aggregate states.
fn close(got: &Value, expected: &Value) -> bool {
    match (got, expected) {
        (Value::Number(got), Value::Number(expected)) => {
            (got - expected).abs() <= 1e-9 * expected.abs().max(1.0)
        }
        (got, expected) => got == expected,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_window_and_aggregate_equals_sorting_and_looping(
        events in events(), window in windows(), watermark in 0..40i64, lateness in 0..40i64, batch_len in 1..70usize,
    ) {
        let spec = spec(&window, watermark, lateness);
        let (query, outcome) = run(&spec, &events, batch_len, Emit::Closed);
        let naive = Naive::run(&spec.window, &events, watermark, lateness);
        let counts = query.counts();
        prop_assert_eq!(&outcome.late, &naive.late);
        prop_assert_eq!((counts.between, counts.events.windowed, counts.events.rejected), (naive.between, naive.windowed, naive.rejected));
        let places = |results: &[WindowResult]| -> Vec<_> { results.iter().map(|r| (r.interval, r.group[0].clone())).collect() };
        let expected: Vec<_> = naive.rows.iter().map(|row| (row.interval, Some(row.key.to_string()))).collect();
        prop_assert_eq!(places(&outcome.results), expected);
        for (result, row) in outcome.results.iter().zip(&naive.rows) {
            for ((got, expected), call) in result.values.iter().zip(row.values()).zip(&spec.agg) {
                let is_close = match (call.aggregate().name, got, &expected) {
                    ("pN", Value::Number(got), Value::Number(expected)) => (got - expected).abs() <= 0.008 * expected.abs(),
                    _ => close(got, &expected),
                };
                prop_assert!(is_close, "{} {:?}: {:?} for {:?}", call, result.interval, got, expected);
            }
        }
    }

    #[test]
    fn batches_make_no_difference_and_the_last_word_on_a_window_is_what_closing_says(
        events in events(), window in windows(), watermark in 0..40i64, lateness in 0..40i64, batch_len in 1..70usize, by_two: bool,
    ) {
        let mut spec = spec(&window, watermark, lateness);
        if by_two {
            spec.by = vec!["z".to_owned(), "k".to_owned()];
        }
        let (_, changes) = run(&spec, &events, batch_len, Emit::Changes);
        prop_assert_eq!(&changes, &run(&spec, &events, events.len().max(1), Emit::Changes).1);
        let mut standing: Vec<WindowResult> = Vec::new();
        for result in changes.results {
            if let Status::Revised(was) = &result.status {
                for was in was {
                    let replaced = standing.iter().position(|held| held.group == result.group && held.interval == was.interval);
                    let replaced = standing.remove(replaced.expect("what is revised was given"));
                    prop_assert_eq!(&replaced.values, &was.values);
                }
            }
            standing.push(WindowResult { status: Status::Final, ..result });
        }
        standing.sort_by(|a, b| (a.interval.end, a.interval.start, &a.group).cmp(&(b.interval.end, b.interval.start, &b.group)));
        let (_, closed) = run(&spec, &events, batch_len, Emit::Closed);
        let view = |results: &[WindowResult]| -> Vec<_> {
            results.iter().map(|r| (r.interval, r.group.clone(), format!("{:?}", &r.values[..8]))).collect()
        };
        prop_assert_eq!(standing.len(), closed.results.len());
        for (standing, closed) in view(&standing).iter().zip(view(&closed.results)) {
            prop_assert_eq!((&standing.0, &standing.1), (&closed.0, &closed.1));
        }
    }

    #[test]
    fn a_query_that_goes_on_from_a_checkpoint_equals_one_that_never_stopped(
        events in events(), window in windows(), watermark in 0..40i64, lateness in 0..40i64, cut in 0..250usize,
        max_groups in 2..6usize, changes: bool,
    ) {
        let mut spec = spec(&window, watermark, lateness);
        (spec.max_groups, spec.dedup) = (max_groups, "z within 5ns".parse().ok());
        let emit = if changes { Emit::Changes } else { Emit::Closed };
        let (first, rest) = events.split_at(cut.min(events.len()));
        let mut whole = WindowQuery::new(&spec, &schema(), emit).expect("valid");
        let mut before = Outcome::default();
        whole.push(&batch(first), &mut before);
        let bytes = checkpoint::write(&whole.state());
        let state = checkpoint::read(&bytes).expect("its own checkpoint");
        let mut resumed = WindowQuery::resume(&spec, &schema(), emit, state).expect("its own state");
        prop_assert_eq!(&checkpoint::write(&resumed.state()), &bytes);
        let [mut of_whole, mut of_resumed] = [Outcome::default(), Outcome::default()];
        for (query, outcome) in [(&mut whole, &mut of_whole), (&mut resumed, &mut of_resumed)] {
            query.push(&batch(rest), outcome);
        }
        prop_assert_eq!(checkpoint::write(&whole.state()), checkpoint::write(&resumed.state()));
        for (query, outcome) in [(&mut whole, &mut of_whole), (&mut resumed, &mut of_resumed)] {
            query.finish(outcome);
        }
        prop_assert_eq!(of_whole, of_resumed);
        prop_assert_eq!(whole.counts(), resumed.counts());
        prop_assert_eq!(whole.shed_groups(), resumed.shed_groups());
    }

    #[test]
    fn what_is_open_is_what_would_be_final_if_nothing_more_came(
        events in events(), window in windows(), watermark in 0..40i64, lateness in 0..40i64,
    ) {
        let mut query = WindowQuery::new(&spec(&window, watermark, lateness), &schema(), Emit::Changes).expect("valid");
        let mut outcome = Outcome::default();
        query.push(&batch(&events), &mut outcome);
        let open = query.open();
        outcome.results.clear();
        query.finish(&mut outcome);
        prop_assert_eq!(open.len(), outcome.results.len());
        for (open, closed) in open.iter().zip(&outcome.results) {
            prop_assert_eq!((open.interval, &open.group), (closed.interval, &closed.group));
            prop_assert_eq!(&open.status, &Status::Provisional);
            prop_assert!(open.values.iter().zip(&closed.values).all(|(a, b)| close(a, b)), "{:?} {:?}", open, closed);
        }
    }

    #[test]
    fn with_a_bound_on_groups_a_result_is_whole_or_absent(
        events in events(), window in windows(), watermark in 0..40i64, max_groups in 1..4usize,
    ) {
        let mut spec = spec(&window, watermark, 0);
        let (_, whole) = run(&spec, &events, 64, Emit::Closed);
        spec.max_groups = max_groups;
        let (query, bounded) = run(&spec, &events, 64, Emit::Closed);
        let named: u64 = query.shed_groups().names().values().sum();
        prop_assert_eq!(named, query.counts().events.shed);
        if named == 0 {
            prop_assert_eq!(bounded, whole);
        } else if !window.starts_with("session") {
            prop_assert_eq!(bounded.late, whole.late);
            prop_assert!(bounded.results.iter().all(|result| whole.results.contains(result)));
        }
    }
}

/// Pushes (time, value) pairs one by one; every result as `start-end: sum status`.
fn check(
    window: &str,
    watermark: i64,
    lateness: i64,
    events: &[(i64, i32)],
    expect: &[&str],
    late: &[usize],
) {
    let mut spec = spec(window, watermark, lateness);
    (spec.by, spec.agg) = (Vec::new(), vec!["sum(v)".parse().expect("valid")]);
    let events: Vec<Event> =
        events.iter().map(|(time, v)| Event { time: *time, key: 0, v: Some(f64::from(*v)) }).collect();
    let (_, outcome) = run(&spec, &events, 1, Emit::Changes);
    let sum = |values: &[Value]| match values {
        [Value::Number(sum)] => *sum,
        other => panic!("{other:?}"),
    };
    let said = outcome.results.iter().map(|result| {
        let place = format!("{}-{}: {}", result.interval.start, result.interval.end, sum(&result.values));
        match &result.status {
            Status::Provisional => format!("{place} provisional"),
            Status::Final => place,
            Status::Revised(was) => {
                let was: Vec<String> = was
                    .iter()
                    .map(|was| format!("{}-{}: {}", was.interval.start, was.interval.end, sum(&was.values)))
                    .collect();
                format!("{place} was {}", was.join(" and "))
            }
        }
    });
    assert_eq!(said.collect::<Vec<_>>(), expect, "{window}");
    assert_eq!(outcome.late, late, "{window}");
}

/// The cases of "Windows" in Flink's documentation, by hand.
#[test]
fn windows_do_with_late_events_what_flink_documents() {
    // The window fires when the watermark passes its end; an event in time, whatever its order, is in it.
    check(
        "tumbling 10ns",
        3,
        0,
        &[(1, 1), (9, 2), (12, 4), (5, 8), (13, 16)],
        &["0-10: 11", "10-20: 20"],
        &[],
    );
    // Without allowed lateness an event behind the watermark is dropped to the side output.
    check("tumbling 10ns", 0, 0, &[(1, 1), (10, 2), (5, 4)], &["0-10: 1", "10-20: 2"], &[2]);
    // A late event within the allowed lateness fires the window again.
    check(
        "tumbling 10ns",
        0,
        5,
        &[(1, 1), (10, 2), (5, 4)],
        &["0-10: 1", "0-10: 5 was 0-10: 1", "10-20: 2"],
        &[],
    );
    // At end + lateness the window's state is gone.
    check("tumbling 10ns", 0, 5, &[(1, 1), (15, 2), (5, 4)], &["0-10: 1", "10-20: 2"], &[2]);
    // A late event may be the first of its window.
    check("tumbling 10ns", 0, 5, &[(12, 1), (5, 4)], &["0-10: 4", "10-20: 1"], &[]);
    // An event is in every hopping window that holds it, late for those that are gone and in time for others.
    check(
        "hopping 10ns/5ns",
        0,
        0,
        &[(1, 1), (6, 2), (11, 4), (8, 8)],
        &["-5-5: 1", "0-10: 3", "5-15: 14", "10-20: 4"],
        &[],
    );
    // Between hopping windows that leave gaps there is no window.
    check("hopping 2ns/10ns", 0, 0, &[(1, 1), (5, 2), (11, 4)], &["0-2: 1", "10-12: 4"], &[]);
    // A session closes after the gap.
    check("session 10ns", 0, 0, &[(0, 1), (9, 2), (30, 4)], &["0-19: 3", "30-40: 4"], &[]);
    // An event out of order that bridges two open sessions makes them one.
    check("session 10ns", 20, 0, &[(0, 1), (15, 2), (8, 4)], &["0-25: 7"], &[]);
    // A late event merges sessions that have fired, which fires the merged one.
    check(
        "session 10ns",
        0,
        20,
        &[(0, 1), (15, 2), (26, 4), (8, 8)],
        &["0-10: 1", "15-25: 2", "0-25: 11 was 0-10: 1 and 15-25: 2", "26-36: 4"],
        &[],
    );
    // A late event that joins a fired session to an open one takes the result back until the watermark passes again.
    check(
        "session 10ns",
        0,
        20,
        &[(0, 1), (15, 2), (8, 4), (40, 8)],
        &["0-10: 1", "0-25: 7 was 0-10: 1", "40-50: 8"],
        &[],
    );
    // Sessions are half-open: an event exactly a gap later begins the next.
    check("session 10ns", 0, 0, &[(0, 1), (10, 2)], &["0-10: 1", "10-20: 2"], &[]);
}

#[test]
fn the_ends_of_time_and_of_numbers_are_defined() {
    let spec = |agg: &str| {
        let mut spec = spec("tumbling 1m", 0, 0);
        (spec.by, spec.agg) =
            (Vec::new(), split(agg).iter().map(|call| call.parse().expect("valid")).collect());
        spec
    };
    let event = |time, v| Event { time, key: 0, v: Some(v) };
    let (_, outcome) =
        run(&spec("sum(v), mean(v)"), &[event(0, f64::MAX), event(1, f64::MAX)], 9, Emit::Closed);
    assert_eq!(outcome.results[0].values, [Value::Number(f64::INFINITY), Value::Number(f64::MAX)]);
    let (_, outcome) =
        run(&spec("sum(v)"), &[event(0, 1e100), event(0, 1.0), event(0, -1e100)], 9, Emit::Closed);
    assert_eq!(outcome.results[0].values, [Value::Number(1.0)], "the sum is compensated");
    for window in ["tumbling 1m", "hopping 1m/7s", "session 1m"] {
        let mut spec = spec("count");
        spec.window = window.parse().expect("valid");
        let (query, outcome) =
            run(&spec, &[event(i64::MIN, 1.0), event(0, 1.0), event(i64::MAX - 1, 1.0)], 9, Emit::Closed);
        let ends: Vec<i64> = outcome.results.iter().map(|result| result.interval.end).collect();
        assert!(ends.is_sorted() && ends.last() == Some(&i64::MAX), "{window} {ends:?}");
        assert_eq!(query.counts().events.windowed, 3);
        assert!(outcome.results.iter().any(|result| result.interval.start <= 0 && result.interval.end > 0));
    }
}

#[test]
fn the_checkpoint_of_another_query_is_refused() {
    let query = WindowQuery::new(&spec("tumbling 1m", 0, 0), &schema(), Emit::Closed).expect("valid");
    for (window, emit) in [("tumbling 2m", Emit::Closed), ("tumbling 1m", Emit::Changes)] {
        let resumed = WindowQuery::resume(&spec(window, 0, 0), &schema(), emit, query.state());
        let message = resumed.expect_err("another query").to_string();
        assert!(message.contains("the checkpoint does not fit: it is of another query"), "{message}");
    }
}

#[test]
fn a_time_too_far_ahead_does_not_move_the_watermark_unless_the_stream_has_jumped() {
    let mut spec = spec("tumbling 10ns", 0, 0);
    spec.ahead = Some(100);
    let event = |time| Event { time, key: 0, v: Some(1.0) };
    let stray = [1, 5_000, 2, 101, 5_000, 103].map(event);
    let (query, outcome) = run(&spec, &stray, 2, Emit::Closed);
    let counts = query.counts();
    assert_eq!(
        (counts.events.ahead, counts.events.rejected, counts.events.windowed, counts.events.late),
        (2, 2, 4, 0)
    );
    assert_eq!(outcome.results.len(), 2);
    let jump: Vec<Event> = std::iter::once(1).chain(5_000..5_030).map(event).collect();
    let (query, _) = run(&spec, &jump, 7, Emit::Closed);
    assert_eq!((query.counts().events.ahead, query.counts().events.windowed), (9, 22));
}

#[test]
fn open_windows_are_given_as_they_are() {
    for window in ["tumbling 10ns", "hopping 10ns/5ns", "session 10ns"] {
        let mut query = WindowQuery::new(&spec(window, 0, 0), &schema(), Emit::Changes).expect("valid");
        let mut outcome = Outcome::default();
        query.push(&batch(&[Event { time: 12, key: 1, v: Some(3.0) }]), &mut outcome);
        let open = query.open();
        assert!(outcome.results.is_empty() && !open.is_empty(), "{window}");
        assert!(
            open.iter()
                .all(|result| result.status == Status::Provisional && result.values[0] == Value::Count(1))
        );
        query.finish(&mut outcome);
        assert_eq!(outcome.results.len(), open.len(), "{window}");
    }
}

#[test]
fn every_fault_of_a_query_names_its_part_and_the_choices() {
    for (json, says) in [
        (
            r#"{"by": ["x"], "window": "session 1s", "agg": ["count"]}"#,
            "by: no field is called \"x\": choose one of k, v, w, z",
        ),
        (r#"{"window": "session 1s", "agg": ["sum(k)"]}"#, "agg: sum(k): \"k\" is text"),
        (r#"{"window": "session 1s", "agg": ["sum(x)"]}"#, "agg: sum(x): no field is called \"x\""),
        (r#"{"window": "session 1s", "agg": []}"#, "at least one aggregate"),
        (r#"{"window": "session 1s", "agg": ["count"], "where": "v + 1"}"#, "where: expected true or false"),
        (
            r#"{"window": "session 1s", "agg": ["count"], "where": "v > y"}"#,
            "where: column 5: no field is called \"y\"",
        ),
        (
            r#"{"window": "session 1s", "agg": ["count"], "derive": ["v = 1"]}"#,
            "derive: there is a field \"v\"",
        ),
        (
            r#"{"window": "session 1s", "agg": ["count"], "derive": ["u"]}"#,
            "derive: expected NAME = EXPRESSION",
        ),
        (
            r#"{"time": "when", "window": "session 1s", "agg": ["count"]}"#,
            "event time is \"t\", got \"when\"",
        ),
        (r#"{"window": "session 1s", "agg": ["count"], "max_groups": 0}"#, "max_groups must be"),
    ] {
        let spec: QuerySpec = serde_json::from_str(json).expect(json);
        let error = WindowQuery::new(&spec, &schema(), Emit::Closed).expect_err(json).to_string();
        assert!(error.contains(says), "{error}");
    }
    for (json, says) in [
        (r#"{"window": "sliding 1s", "agg": []}"#, "no window is called"),
        (r#"{"window": "session 1s", "agg": ["med(v)"]}"#, "no aggregate is called"),
        (r#"{"window": "session 1s", "agg": [], "lateness": "soon"}"#, "not a duration"),
        (r#"{"window": "session 1s", "agg": [], "late": "1s"}"#, "unknown field `late`"),
    ] {
        let error = serde_json::from_str::<QuerySpec>(json).expect_err(json).to_string();
        assert!(error.contains(says), "{error}");
    }
}
