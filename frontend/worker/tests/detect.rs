//! Detectors, faults and forecasts through the worker: scripted commands, and what comes out.

#![expect(clippy::expect_used, reason = "a failed expectation is a failed test")]

use spate_shared::batch::{Batch, Column, Values};
use spate_shared::catalog::StreamInfo;
use spate_shared::recording::{Metadata, Writer};
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use spate_shared::time::{Nanos, SECOND};
use spate_shared::wire::{DataFrame, DataHeader};
use spate_worker::protocol::{
    Command, DecisionAnswer, DetectAnswer, DetectCommand, DetectRequest, DetectStatus, DetectUpdate,
    DetectorChoice, FaultChoice, PlayCommand, Source, Target, Update,
};
use spate_worker::runtime::{Effect, Runtime, Wake};

/// A runtime playing a recording of 4,000 events of two measures, a second apart, with a jump at 3,000.
struct Script {
    runtime: Runtime,
    now: Nanos,
    request: u32,
}

impl Script {
    fn new() -> Self {
        let mut script = Self { runtime: Runtime::default(), now: 0, request: 0 };
        let source = Source::File { name: "s.spate".into(), bytes: recording() };
        script.command(Command::Open { generation: 1, source });
        script.seek(1.0);
        script
    }

    fn command(&mut self, command: Command) -> Vec<Effect> {
        self.runtime.wake(self.now, Wake::Command(command))
    }

    fn seek(&mut self, part: f64) {
        self.command(Command::Play(PlayCommand::Seek(part)));
    }

    fn ask(&mut self, command: DetectCommand) -> Result<DetectAnswer, String> {
        self.request += 1;
        let effects = self.command(Command::Detect(DetectRequest { request: self.request, command }));
        let answers = effects.into_iter().filter_map(|effect| match effect {
            Effect::Post(Update::Detect(bytes)) => match DetectUpdate::from_bytes(&bytes).expect("an update")
            {
                DetectUpdate::Answer { request, result } => Some((request, result)),
                DetectUpdate::Status(_) => None,
            },
            _ => None,
        });
        let mut answers: Vec<_> = answers.collect();
        assert_eq!(answers.len(), 1, "every request is answered once");
        let (request, result) = answers.remove(0);
        assert_eq!(request, self.request);
        result
    }

    fn status(&mut self) -> Option<DetectStatus> {
        self.now += 2 * SECOND;
        let effects = self.runtime.wake(self.now, Wake::Frame);
        effects.into_iter().find_map(|effect| match effect {
            Effect::Post(Update::Detect(bytes)) => match DetectUpdate::from_bytes(&bytes).expect("an update")
            {
                DetectUpdate::Status(status) => Some(*status),
                DetectUpdate::Answer { .. } => None,
            },
            _ => None,
        })
    }

    fn watch(&mut self) -> DetectStatus {
        let command = DetectCommand::Watch { target: Some(target()) };
        self.command(Command::Detect(DetectRequest { request: 0, command }));
        self.status().expect("the state is told at once")
    }
}

fn recording() -> Vec<u8> {
    let time = TimeField { name: "t".into(), source: TimeSource::Event };
    let schema = Schema::new(time, vec![Field::new("v", FieldType::F64), Field::new("w", FieldType::F64)]);
    let info = StreamInfo { name: "s".into(), id: 4, epoch: 7, oldest: 0, head: 4_000, schema };
    let mut writer = Writer::new(Vec::new(), &Metadata::default()).expect("a Vec takes all");
    writer.catalog(0, &[info]).expect("a Vec takes all");
    for base in (0..4_000u64).step_by(100) {
        let events = base..base + 100;
        let value = |event: u64| (event * event % 101) as f64 + if event == 3_000 { 900.0 } else { 0.0 };
        let column = |values: Vec<f64>| Column { values: Values::F64(values), validity: None };
        let columns = vec![
            column(events.clone().map(value).collect()),
            column(events.clone().map(|event| (event * 7 % 13) as f64).collect()),
        ];
        let batch = Batch { times: events.map(|event| event as Nanos * SECOND).collect(), columns };
        let header =
            DataHeader { stream: 4, schema: 1, epoch: 7, base, rows: 100, sealed: base as Nanos * SECOND };
        writer.data(base as Nanos * SECOND, &DataFrame { header, batch }).expect("a Vec takes all");
    }
    writer.finish().expect("a Vec takes all").0
}

fn target() -> Target {
    Target { stream: "s".into(), measure: "v".into(), group: None }
}

fn choice(detector: &str, parameters: &[(&str, &str)]) -> DetectorChoice {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    DetectorChoice {
        detector: detector.to_owned(),
        parameters: parameters.iter().map(own).collect(),
        sensitivity: 1.0,
        with: Vec::new(),
    }
}

#[test]
fn a_chosen_detector_is_told_and_stays_when_the_recording_goes_back() {
    let mut script = Script::new();
    let command =
        DetectCommand::Choose { target: target(), choice: choice("robust-z", &[("window", "300")]) };
    assert_eq!(script.ask(command), Ok(DetectAnswer::Done));
    let status = script.watch();
    assert_eq!((status.choice.detector.as_str(), status.warm_up, status.series), ("robust-z", 0, 1));
    assert!(status.choice.parameters.contains(&("window".to_owned(), "300".to_owned())));
    assert!(script.status().is_none(), "what did not change is not told again");
    script.seek(0.5);
    assert_eq!(script.watch().choice.detector, "robust-z");
    let shipped = DetectCommand::Choose { target: target(), choice: DetectorChoice::default() };
    assert_eq!(script.ask(shipped), Ok(DetectAnswer::Done));
    assert_eq!(script.watch().choice.detector, spate_analysis::detector::DETECTORS[0].name);
}

#[test]
fn forms_name_every_detector_and_fault() {
    let Ok(DetectAnswer::Forms(forms)) = Script::new().ask(DetectCommand::List) else { panic!("no forms") };
    let names: Vec<&str> = forms.detectors.iter().map(|form| form.name.as_str()).collect();
    let known: Vec<&str> = spate_analysis::detector::DETECTORS.iter().map(|kind| kind.name).collect();
    assert_eq!(names, known);
    let faults: Vec<&str> = forms.faults.iter().map(|(name, _)| name.as_str()).collect();
    let known: Vec<&str> = spate_analysis::inject::FAULTS.iter().map(|kind| kind.name).collect();
    assert_eq!(faults, known);
}

#[test]
fn what_if_lists_what_would_change() {
    let mut script = Script::new();
    let command = |detector: &str, level: &str| DetectCommand::WhatIf {
        target: target(),
        choice: choice(detector, &[("level", level)]),
    };
    let Ok(DetectAnswer::WhatIf(silent)) = script.ask(command("record-light", "10")) else {
        panic!("no answer")
    };
    assert_eq!((silent.events, silent.after), (4_000, 0));
    assert!(silent.before > 0 && silent.lost.len() as u64 == silent.before);
    let jump = silent.lost.iter().find(|alert| alert.time == 3_000 * SECOND).expect("the jump");
    assert!(jump.reason.contains("went above its") && jump.series == "v", "{jump:?}");
}

#[test]
fn a_shadow_is_compared_and_promoted() {
    let mut script = Script::new();
    let shadow = DetectCommand::Shadow { target: target(), choice: Some(choice("robust-z", &[])) };
    assert_eq!(script.ask(shadow), Ok(DetectAnswer::Done));
    script.seek(0.1);
    script.seek(1.0);
    let compared = script.watch().shadow.expect("it watches");
    assert!(compared.events > 3_000 && compared.both >= 1 && compared.agreement.is_some(), "{compared:?}");
    assert_eq!(script.ask(DetectCommand::Promote { target: target() }), Ok(DetectAnswer::Done));
    let status = script.watch();
    assert!(status.choice.detector == "robust-z" && status.shadow.is_none());
    let again = script.ask(DetectCommand::Promote { target: target() });
    assert!(again.expect_err("nothing to promote").contains("choose one first"));
}

#[test]
fn an_alert_shows_its_record_and_is_decided_once_more() {
    let mut script = Script::new();
    let Ok(DetectAnswer::Decision(answer)) = script.ask(DetectCommand::Decision { alert: 0 }) else {
        panic!("no answer")
    };
    assert!(answer.is_confirmed(), "{answer:?}");
    let line = |name: &str| answer.lines.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str());
    assert_eq!(line("detector"), Some("record-light level=0.08"));
    assert_eq!(line("digest"), Some(answer.digest.as_str()));
    assert!(answer.json.contains(&answer.digest));
    let denied = DecisionAnswer { recomputed: Ok("0".into()), ..answer.clone() };
    assert!(!denied.is_confirmed());
    let none = script.ask(DetectCommand::Decision { alert: 9_999 });
    assert!(none.expect_err("no such alert").contains("no alert 9999"));
}

#[test]
fn learning_stops_and_begins_anew_and_sensitivity_moves_the_level() {
    let mut script = Script::new();
    assert_eq!(script.ask(DetectCommand::Freeze { target: target(), frozen: true }), Ok(DetectAnswer::Done));
    assert!(script.watch().frozen);
    assert_eq!(script.ask(DetectCommand::Reset { target: target() }), Ok(DetectAnswer::Done));
    assert_eq!(script.watch().warm_up, 60);
    assert_eq!(
        script.ask(DetectCommand::Sensitivity { target: target(), sensitivity: 4.0 }),
        Ok(DetectAnswer::Done)
    );
    let status = script.watch();
    assert_eq!((status.choice.sensitivity, status.warm_up), (4.0, 0));
}

#[test]
fn faults_have_a_scoreboard() {
    let mut script = Script::new();
    let detectors = vec!["robust-z".to_owned(), "limits".to_owned()];
    let faults = FaultChoice { seed: 3, kinds: vec!["spike".into()], part: 0.01, detectors };
    let command = DetectCommand::Inject { stream: "s".into(), measure: "v".into(), faults: Some(faults) };
    assert_eq!(script.ask(command), Ok(DetectAnswer::Done));
    script.seek(0.1);
    script.seek(1.0);
    let board = script.watch().faults.expect("faults are put in");
    assert!(board.faults > 10 && board.lines.len() == 2, "{board:?}");
    assert!(board.lines[0].recall > Some(0.8) && board.lines[1].recall == Some(0.0), "{board:?}");
}

#[test]
fn a_forecast_is_drawn_and_its_coverage_told() {
    let mut script = Script::new();
    let command = DetectCommand::Forecast { target: target(), horizons: vec![1, 12] };
    assert_eq!(script.ask(command), Ok(DetectAnswer::Done));
    let forecasts = script.watch().forecasts;
    assert_eq!(forecasts.iter().map(|forecast| forecast.horizon).collect::<Vec<_>>(), [1, 12]);
    assert!(forecasts.iter().all(|forecast| forecast.matured > 3_000));
    assert!(
        forecasts.iter().all(|forecast| forecast.coverage.is_some_and(|part| (0.8..1.0).contains(&part)))
    );
}

#[test]
fn what_cannot_be_is_refused_with_what_can() {
    let mut script = Script::new();
    let choose = |choice| DetectCommand::Choose { target: target(), choice };
    let elsewhere = Target { stream: "x".into(), ..target() };
    for (command, says) in [
        (choose(choice("magic", &[])), "no detector \"magic\"; there are record-light, "),
        (
            choose(choice("robust-z", &[("window", "1")])),
            "window of robust-z is a whole number from 60 to 5000",
        ),
        (choose(choice("isolation-forest", &[])), "isolation-forest needs model: file that tools/"),
        (
            choose(DetectorChoice { sensitivity: 0.0, ..choice("robust-z", &[]) }),
            "a sensitivity is a number from 0.01",
        ),
        (
            choose(DetectorChoice { with: vec!["w".into()], ..choice("robust-z", &[]) }),
            "robust-z looks at one measure; at several look half-space",
        ),
        (DetectCommand::Choose { target: elsewhere, choice: choice("robust-z", &[]) }, "no stream \"x\""),
        (
            DetectCommand::Reset { target: Target { measure: "z".into(), ..target() } },
            "no series of \"z\" in \"s\"",
        ),
    ] {
        let refused = script.ask(command).expect_err(says);
        assert!(refused.contains(says), "{says} is not in {refused}");
    }
    assert_eq!(script.watch().choice.detector, "record-light", "nothing changed");
}
