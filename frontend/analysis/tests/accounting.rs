//! Every event ends in exactly one count, and batches make no difference.

#![expect(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use spate_analysis::stream::StreamConfig;
use spate_analysis::window::Tumbling;
use spate_analysis::{Counts, Engine, StreamId};
use spate_shared::batch::{Batch, Column, Values, intern};
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};

#[derive(Debug, Clone)]
struct Event {
    time: i64,
    key: u8,
    value: Option<f64>,
}

fn schema() -> Schema {
    let time = TimeField { name: "time".into(), source: TimeSource::Event };
    Schema::new(time, vec![Field::new("key", FieldType::Category), Field::new("value", FieldType::F64)])
}

fn batch(events: &[Event]) -> Batch {
    let (mut dictionary, mut codes) = (Vec::new(), Vec::new());
    let mut value = Column::empty(FieldType::F64);
    for event in events {
        codes.push(intern(&mut dictionary, &event.key.to_string()));
        match (event.value, &mut value.values) {
            (Some(number), Values::F64(values)) => {
                values.push(number);
                value.mark_present();
            }
            _ => value.push_missing(),
        }
    }
    let key = Column { values: Values::Category { dictionary, codes }, validity: None };
    Batch { times: events.iter().map(|event| event.time).collect(), columns: vec![key, value] }
}

fn engine(events: &[Event], batch_len: usize) -> (Engine, StreamId) {
    let mut config = StreamConfig::new(Tumbling::new(50, 0).expect("valid"));
    (config.out_of_orderness, config.lateness, config.max_groups) = (20, 30, 6);
    let mut engine = Engine::new();
    let stream = engine.open("s", schema(), config);
    for chunk in events.chunks(batch_len) {
        engine.push(stream, &batch(chunk), 0);
        assert!(engine.stream(stream).counts().add_up());
    }
    (engine, stream)
}

/// The same fates, told one event at a time from the definitions.
fn naive(events: &[Event]) -> Counts {
    let mut counts = Counts::default();
    // Number of the last event and end of the last window, by key.
    let mut keys: BTreeMap<u8, (usize, i64)> = BTreeMap::new();
    let mut head = None::<i64>;
    for (number, event) in events.iter().enumerate() {
        counts.received += 1;
        let window_end = event.time.div_euclid(50) * 50 + 50;
        let is_late = head.is_some_and(|head| window_end + 30 <= head - 20);
        let watermark = head.map_or(i64::MIN, |head| head - 20);
        if event.value.is_some_and(|value| !value.is_finite()) {
            counts.rejected += 1;
            continue;
        }
        if !keys.contains_key(&event.key) && keys.len() == 6 {
            let closed = keys.iter().filter(|(_, (_, closes_at))| *closes_at <= watermark);
            let least_active = closed.min_by_key(|(_, (last, _))| *last).map(|(key, _)| *key);
            let Some(key) = least_active.filter(|_| !is_late) else {
                counts.shed += 1;
                continue;
            };
            keys.remove(&key);
        }
        let active = keys.entry(event.key).or_insert((0, i64::MIN));
        *active = (number, active.1.max(window_end + 30));
        if is_late {
            counts.late += 1;
        } else {
            counts.windowed += 1;
            head = head.max(Some(event.time));
        }
    }
    counts
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let value = prop_oneof![
        10 => (-5.0..5.0f64).prop_map(Some), 1 => Just(None), 1 => Just(Some(f64::NAN)), 1 => Just(Some(f64::INFINITY)),
    ];
    proptest::collection::vec((-150..150i64, 0..9u8, value), 0..600).prop_map(|steps| {
        let mut clock = 0;
        let event = |(jitter, key, value): (i64, u8, Option<f64>)| {
            clock += 3;
            Event { time: clock + jitter, key, value }
        };
        steps.into_iter().map(event).collect()
    })
}

proptest! {
    #[test]
    fn received_is_windowed_and_late_and_rejected_and_shed(events in events(), batch_len in 1..70usize) {
        let (engine, stream) = engine(&events, batch_len);
        let counts = engine.stream(stream).counts();
        prop_assert_eq!(Counts { scored: 0, ..counts }, naive(&events));
    }

    #[test]
    fn batches_make_no_difference_to_windows_points_and_alerts(events in events(), batch_len in 1..70usize) {
        let view = |(engine, stream): (Engine, StreamId)| {
            let series: Vec<_> = engine.stream(stream).series().iter().map(|series| {
                let points: Vec<_> = series.retention().iter()
                    .map(|p| (p.time, p.value.to_bits(), p.score.to_bits())).collect();
                (series.label().to_owned(), points, series.windows().iter().cloned().collect::<Vec<_>>())
            }).collect();
            // Alerts of one series come in order; between series the batch decides which is noticed first.
            let mut alerts: Vec<_> = engine.alerts().iter().map(|a| (a.series.series, a.start, a.last)).collect();
            alerts.sort_unstable();
            (series, alerts)
        };
        prop_assert_eq!(view(engine(&events, batch_len)), view(engine(&events, events.len().max(1))));
    }
}

#[test]
fn a_late_event_is_counted_and_drawn_but_not_windowed() {
    let mut events: Vec<Event> = (0..40).map(|i| Event { time: i * 10, key: 0, value: Some(1.0) }).collect();
    events.push(Event { time: 0, key: 0, value: Some(9.0) });
    let (engine, stream) = engine(&events, 8);
    let series = &engine.stream(stream).series()[0];
    assert_eq!(engine.stream(stream).counts().late, 1);
    assert_eq!(series.retention().len(), 41);
    assert_eq!(series.windows().iter().map(|window| window.values.count).sum::<u64>(), 40);
}

#[test]
fn a_long_first_batch_is_held_whole() {
    let events: Vec<Event> = (0..4_000).map(|i| Event { time: i, key: 0, value: Some(1.0) }).collect();
    let (engine, stream) = engine(&events, 4_000);
    assert_eq!(engine.stream(stream).series()[0].retention().len(), 4_000);
}

#[test]
fn a_declared_gap_lies_between_the_events_around_it() {
    let (mut engine, stream) = engine(&[Event { time: 10, key: 0, value: Some(1.0) }], 1);
    engine.gap(stream);
    engine.push(stream, &batch(&[Event { time: 90, key: 0, value: Some(1.0) }]), 0);
    let gaps = engine.stream(stream).gaps();
    assert_eq!((gaps.len(), gaps[0].from, gaps[0].to), (1, 10, 90));
}

#[test]
fn an_event_out_of_order_does_not_hide_a_declared_gap() {
    let event = |time| Event { time, key: 0, value: Some(1.0) };
    let (mut engine, stream) = engine(&[event(10)], 1);
    engine.gap(stream);
    engine.push(stream, &batch(&[event(9), event(90)]), 0);
    let gaps = engine.stream(stream).gaps();
    assert_eq!((gaps.len(), gaps[0].from, gaps[0].to), (1, 10, 90));
}

#[test]
fn a_restart_forgets_events_and_alerts_and_keeps_the_counts() {
    let mut events: Vec<Event> =
        (0..400).map(|i| Event { time: i * 10, key: 0, value: Some((i % 7) as f64) }).collect();
    events.push(Event { time: 4_000, key: 0, value: Some(1e6) });
    let (mut engine, stream) = engine(&events, 50);
    assert_eq!(engine.alerts().iter().count(), 1);
    engine.restart(stream, schema());
    assert_eq!((engine.alerts().iter().count(), engine.alerts().total()), (0, 1));
    assert_eq!((engine.stream(stream).counts().received, engine.stream(stream).series().len()), (401, 0));
}

#[test]
fn over_the_bound_the_least_recently_active_group_makes_room_and_is_named() {
    let event = |time, key| Event { time, key, value: Some(1.0) };
    let mut events: Vec<Event> = (0..6).map(|key| event(i64::from(key), key)).collect();
    events.extend([event(6, 9), event(7, 0), event(300, 1), event(301, 7)]);
    let (engine, stream) = engine(&events, 4);
    let stream = engine.stream(stream);
    let names = |tally: &spate_analysis::Tally| tally.names().keys().cloned().collect::<Vec<_>>();
    assert_eq!((names(stream.shed_groups()), stream.counts().shed), (vec!["9".to_owned()], 1));
    assert_eq!(names(stream.forgotten_groups()), ["2"], "0 had an event since, 1 has an open window");
    let labels: Vec<_> = stream.series().iter().map(spate_analysis::stream::Series::label).collect();
    assert_eq!(labels, ["0", "1", "7", "3", "4", "5"]);
    assert_eq!(stream.series()[2].retention().len(), 1);
}
