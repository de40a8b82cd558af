//! Cases by hand: those of "Windows" in Flink's documentation, and the ends of what a query takes.

use spate_analysis::aggregate::Value;
use spate_analysis::query::{Emit, Outcome, QuerySpec, Status, WindowQuery};

use super::naive::Event;
use super::{batch, run, schema, spec, split};

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
