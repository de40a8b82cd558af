//! Windowed queries against a naive reading of their definition.

#![expect(clippy::expect_used, reason = "a failed expectation is a failed test")]

mod cases;
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
            prop_assert_eq!(&open.values, &closed.values);
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
