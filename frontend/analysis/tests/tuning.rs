//! Other detectors while events come in: nothing of it changes what was said, and all of it can be told again.

#![expect(clippy::expect_used, reason = "a failed expectation is a failed test")]

use spate_analysis::decision::{Decision, Unexplained};
use spate_analysis::detector::{Settings, find};
use spate_analysis::inject::FaultSpec;
use spate_analysis::stream::{Series, StreamConfig};
use spate_analysis::tuning::{Choice, Which};
use spate_analysis::window::Tumbling;
use spate_analysis::{Engine, StreamId};
use spate_shared::batch::{Batch, Column, Values};
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use spate_shared::time::MINUTE;

const EVENTS: usize = 4_000;

/// Two measures a minute apart, with a jump of the first at 3,000 and 3,500.
fn value(event: usize) -> [f64; 2] {
    let first = (event * event % 101) as f64 + if [3_000, 3_500].contains(&event) { 900.0 } else { 0.0 };
    [first, (event * 7 % 13) as f64]
}

fn batch(events: std::ops::Range<usize>) -> Batch {
    let column = |at: usize| Column {
        values: Values::F64(events.clone().map(|event| value(event)[at]).collect()),
        validity: None,
    };
    let columns = vec![column(0), column(1)];
    Batch { times: events.clone().map(|event| event as i64 * MINUTE).collect(), columns }
}

fn engine() -> (Engine, StreamId) {
    let time = TimeField { name: "time".into(), source: TimeSource::Event };
    let schema = Schema::new(time, vec![Field::new("p", FieldType::F64), Field::new("q", FieldType::F64)]);
    let mut engine = Engine::new();
    let stream = engine.open("s", schema, StreamConfig::new(Tumbling::aligned(10 * MINUTE)));
    (engine, stream)
}

fn push(engine: &mut Engine, stream: StreamId, events: std::ops::Range<usize>) {
    for first in events.clone().step_by(100) {
        engine.push(stream, &batch(first..(first + 100).min(events.end)), 0);
    }
}

fn p() -> Which {
    Which { measure: "p".into(), group: None }
}

fn choice(name: &str, parameters: &[(&str, &str)]) -> Choice {
    let mut settings = Settings::new(find(name).expect("in the table"));
    for (name, value) in parameters {
        settings.set(name, value).expect("in range");
    }
    Choice::of(settings)
}

fn series(engine: &Engine, stream: StreamId) -> &Series {
    &engine.stream(stream).series()[0]
}

/// Times and reasons of the alerts of `p`.
fn alerts(engine: &Engine) -> Vec<(u64, String)> {
    let of_p = engine.alerts().iter().filter(|alert| alert.series.series == 0);
    of_p.map(|alert| (alert.number, alert.verdict.reason.words())).collect()
}

#[test]
fn a_detector_chosen_late_goes_on_as_if_it_had_been_there_from_the_start() {
    let robust = choice("robust-z", &[("window", "300")]);
    let (mut early, stream) = engine();
    early.choose(stream, &p(), &robust);
    push(&mut early, stream, 0..EVENTS);
    let (mut late, stream) = engine();
    push(&mut late, stream, 0..2_000);
    late.choose(stream, &p(), &robust);
    assert_eq!(series(&late, stream).warm_up(), 0, "it learned from the events held");
    push(&mut late, stream, 2_000..EVENTS);
    let after = |engine: &Engine| {
        alerts(engine).into_iter().filter(|(number, _)| *number >= 2_000).collect::<Vec<_>>()
    };
    assert_eq!(after(&early), after(&late));
    assert_eq!(after(&late).iter().map(|(number, _)| *number).collect::<Vec<_>>(), [3_000, 3_500]);
    assert_eq!(series(&late, stream).choice(), &robust);
}

#[test]
fn what_if_says_what_would_be_and_changes_nothing() {
    let (mut engine, stream) = engine();
    push(&mut engine, stream, 0..EVENTS);
    let before = alerts(&engine);
    let same = engine.what_if(stream, &p(), &Choice::default());
    assert_eq!(
        (same.events, same.before, same.after, same.kept),
        (4_000, before.len() as u64, before.len() as u64, before.len() as u64)
    );
    assert!(same.moved.is_empty() && same.gained.is_empty() && same.lost.is_empty());
    let silent = engine.what_if(stream, &p(), &choice("record-light", &[("level", "10")]));
    assert_eq!((silent.after, silent.lost.len()), (0, before.len()));
    let limits = engine.what_if(stream, &p(), &choice("limits", &[("above", "99")]));
    assert!(
        limits.after > 10
            && limits.gained.len() as u64 == limits.after - limits.kept - limits.moved.len() as u64
    );
    assert!(limits.gained[0].words.starts_with("above the limit of 99"), "{:?}", limits.gained[0]);
    assert_eq!(alerts(&engine), before);
}

#[test]
fn a_shadow_watches_is_compared_and_takes_over() {
    let (mut engine, stream) = engine();
    engine.set_shadow(stream, &p(), Some(&choice("robust-z", &[])));
    push(&mut engine, stream, 0..3_200);
    let before = alerts(&engine);
    let (shadow, comparison) = series(&engine, stream).shadow().expect("it is there");
    assert_eq!(shadow.settings.kind().name, "robust-z");
    assert_eq!(comparison.events, 3_200);
    assert!(comparison.both >= 1 && comparison.agreement() > 0.0, "{comparison:?}");
    assert!(comparison.delay().abs() < 2.0 && comparison.shadow_bytes < comparison.active_bytes);
    engine.promote(stream, &p());
    assert_eq!(series(&engine, stream).choice().settings.kind().name, "robust-z");
    assert!(series(&engine, stream).shadow().is_none() && alerts(&engine) == before);
    push(&mut engine, stream, 3_200..EVENTS);
    let last = engine.alerts().iter().rev().find(|alert| alert.series.series == 0).expect("the second jump");
    assert_eq!((last.number, last.basis.detector.as_str()), (3_500, "robust-z"));
}

#[test]
fn a_decision_comes_out_the_same_whatever_happened_on_the_way() {
    let (mut engine, stream) = engine();
    let mut with_q = choice("half-space", &[]);
    with_q.with = vec!["q".into()];
    push(&mut engine, stream, 0..500);
    engine.freeze(stream, &p(), true);
    push(&mut engine, stream, 500..700);
    engine.freeze(stream, &p(), false);
    push(&mut engine, stream, 700..3_200);
    engine.choose(stream, &p(), &with_q);
    push(&mut engine, stream, 3_200..3_400);
    engine.choose(
        stream,
        &p(),
        &Choice { sensitivity: 2.0, ..choice("consensus", &[("of", "robust-z,record-light")]) },
    );
    push(&mut engine, stream, 3_400..EVENTS);
    let ids: Vec<u64> = engine.alerts().iter().map(|alert| alert.id).collect();
    assert!(ids.len() >= 2);
    let mut detectors = Vec::new();
    for id in ids {
        let decision = engine.decision(id).expect("it is kept");
        let again = engine.recompute(&decision, &[]).expect("its events are held");
        assert_eq!(again, decision);
        let json = serde_json::to_string(&decision).expect("JSON");
        let back: Decision = serde_json::from_str(&json).expect("its own JSON");
        assert_eq!((back.computed_digest(), &back), (decision.digest.clone(), &decision));
        let altered = Decision { score: decision.score / 2.0, ..decision.clone() };
        assert_ne!(altered.computed_digest(), decision.digest);
        detectors.push(decision.basis.detector);
    }
    assert!(
        detectors.contains(&"record-light".to_owned()) && detectors.contains(&"consensus".to_owned()),
        "{detectors:?}"
    );
}

#[test]
fn what_was_said_last_is_what_an_alert_on_it_rests_on() {
    let (mut whole, stream) = engine();
    push(&mut whole, stream, 0..EVENTS);
    let of_p = whole.alerts().iter().find(|alert| alert.series.series == 0 && alert.number == 3_000);
    let alert = whole.decision(of_p.expect("the jump").id).expect("it is kept");
    let (mut prefix, stream) = engine();
    assert_eq!(prefix.latest_decision(stream, &p()), None);
    push(&mut prefix, stream, 0..3_001);
    let latest = prefix.latest_decision(stream, &p()).expect("there are values");
    assert_eq!((&latest, prefix.recompute(&alert, &[])), (&alert, Ok(alert.clone())));
    push(&mut prefix, stream, 3_001..3_003);
    let ordinary = prefix.latest_decision(stream, &p()).expect("there are values");
    assert_eq!((ordinary.number, prefix.recompute(&ordinary, &[])), (3_002, Ok(ordinary.clone())));
}

#[test]
fn what_cannot_be_computed_again_is_said() {
    let (mut engine, stream) = engine();
    push(&mut engine, stream, 0..EVENTS);
    let decision = engine.decision(engine.alerts().iter().last().expect("the jump").id).expect("it is kept");
    assert_eq!(engine.decision(999), Err(Unexplained::NoAlert(999)));
    let mut other = decision.clone();
    other.basis.detector = "magic".into();
    assert_eq!(engine.recompute(&other, &[]), Err(Unexplained::Detector("magic".into())));
    let mut other = decision.clone();
    other.subject.measure = "z".into();
    assert!(matches!(engine.recompute(&other, &[]), Err(Unexplained::NoSeries { .. })));
    let later = Decision { number: 9_999, ..decision.clone() };
    assert_eq!(engine.recompute(&later, &[]), Err(Unexplained::NoVerdict(9_999)));
    let mut other = decision;
    other.basis.detector = "isolation-forest".into();
    assert!(matches!(engine.recompute(&other, &[]), Err(Unexplained::Model(_))));
}

#[test]
fn a_reset_detector_warms_up_anew_and_a_frozen_one_stays_as_it_is() {
    let (mut engine, stream) = engine();
    push(&mut engine, stream, 0..500);
    engine.reset(stream, &p());
    assert_eq!(series(&engine, stream).warm_up(), 60);
    engine.freeze(stream, &p(), true);
    push(&mut engine, stream, 500..900);
    assert_eq!((series(&engine, stream).warm_up(), series(&engine, stream).is_frozen()), (60, true));
    engine.freeze(stream, &p(), false);
    push(&mut engine, stream, 900..1_000);
    assert_eq!(series(&engine, stream).warm_up(), 0);
}

#[test]
fn what_was_chosen_outlives_a_stream_that_begins_anew_and_holds_for_series_to_come() {
    let (mut engine, stream) = engine();
    engine.choose(stream, &p(), &choice("robust-z", &[]));
    engine.forecast(stream, &p(), &[1, 6]);
    push(&mut engine, stream, 0..100);
    let schema = engine.stream(stream).schema().clone();
    engine.restart(stream, schema);
    push(&mut engine, stream, 0..100);
    let first = series(&engine, stream);
    assert_eq!(first.choice().settings.kind().name, "robust-z");
    assert_eq!(first.forecaster().map(|forecaster| forecaster.steps().count()), Some(2));
    assert_eq!(engine.stream(stream).series()[1].choice(), &Choice::default());
}

#[test]
fn faults_are_put_in_found_counted_and_marked() {
    let (mut engine, stream) = engine();
    let contenders = vec![choice("robust-z", &[]).settings, choice("limits", &[]).settings];
    let spec = FaultSpec { kinds: vec!["spike".into()], part: 0.005, ..FaultSpec::default() };
    engine.inject(stream, "p", Some((spec, contenders.clone()))).expect("it can be done");
    push(&mut engine, stream, 0..2_900);
    assert!(engine.stream(stream).counts().add_up());
    let (measure, faults, lines) = engine.stream(stream).scoreboard().expect("faults are put in");
    assert!(measure == "p" && faults.len() > 4, "{faults:?}");
    assert!(lines[0].recall() > 0.8 && lines[1].recall() == 0.0, "{lines:?}");
    assert!(engine.alerts().iter().any(|alert| alert.is_synthetic));
    assert!(series(&engine, stream).is_synthetic() && !engine.stream(stream).series()[1].is_synthetic());
    let refused =
        engine.inject(stream, "p", Some((FaultSpec { part: 2.0, ..FaultSpec::default() }, contenders)));
    assert!(refused.is_err() && engine.stream(stream).scoreboard().is_some());
    engine.inject(stream, "p", None).expect("it can be ended");
    assert!(engine.stream(stream).scoreboard().is_none() && !series(&engine, stream).is_synthetic());
}

#[test]
fn every_kind_of_fault_keeps_the_counts_adding_up() {
    for kind in spate_analysis::inject::FAULTS {
        let (mut engine, stream) = engine();
        let spec = FaultSpec { kinds: vec![kind.name.into()], part: 0.3, ..FaultSpec::default() };
        engine.inject(stream, "p", Some((spec, Vec::new()))).expect("it can be done");
        push(&mut engine, stream, 0..2_000);
        let counts = engine.stream(stream).counts();
        assert!(counts.add_up() && counts.received == 2_000, "{}", kind.name);
        let missing =
            2_000 - engine.stream(stream).series()[0].windows().iter().map(|w| w.values.count).sum::<u64>();
        assert_eq!(missing > 0, kind.name == "dropout" || counts.late > 0, "{} {missing}", kind.name);
    }
}
