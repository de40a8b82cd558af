//! `spate forecast`: held against a naive forecaster of its own, and against what came.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::spate::{Ran, run, run_ok};

fn check(text: &str, options: &[&str]) -> Ran {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("load.csv");
    fs::write(&path, text).expect("events");
    let mut args = vec!["forecast", path.to_str().expect("UTF-8")];
    args.extend(options);
    run(&args)
}

/// Ten minutes apart, a ramp each day and noise without a generator.
fn value(row: u32) -> f64 {
    f64::from(row % 144) + f64::from(row * row % 101) / 20.0
}

fn series(rows: u32) -> String {
    let mut text = "t,v\n".to_owned();
    for row in 0..rows {
        writeln!(text, "{},{}", 1_399_939_200 + row * 600, value(row)).expect("a String");
    }
    text
}

fn json(ran: &Ran) -> Value {
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).expect("JSON")
}

#[test]
fn a_daily_ramp_goes_on_and_errors_are_held_against_the_naive_ones() {
    let said = json(&check(&series(4_320), &["--measure", "v", "--horizon", "40", "--format", "json"]));
    let steps = said["steps"].as_array().expect("a list");
    assert_eq!((steps.len(), &said["from"]["value"]), (32, &value(4_319).into()));
    for step in steps {
        let ahead = step["ahead"].as_u64().expect("a number") as u32;
        let [forecast, lower, upper] =
            ["forecast", "lower", "upper"].map(|name| step[name].as_f64().expect("one"));
        let comes = f64::from((4_319 + ahead) % 144) + 2.5;
        assert!((forecast - comes).abs() < 4.0 && lower < forecast && forecast < upper, "{step}");
        let time = 1_399_939_200 + i64::from(4_319 + ahead) * 600;
        assert_eq!(spate_shared::time::parse(step["time"].as_str().expect("text")), Ok(time * 1_000_000_000));
        let coverage = step["coverage"].as_f64().expect("one");
        assert!((0.87..0.93).contains(&coverage), "{step}");
    }
    // The error of the last value, as anybody would compute it, over the forecasts that count: those that had an
    // interval, which begin with the 31st to be judged.
    let ahead = 1u32;
    let judged: Vec<u32> = (ahead..4_320).skip(30 + ahead as usize).collect();
    let naive: f64 = judged.iter().map(|row| (value(*row) - value(row - ahead)).abs()).sum::<f64>();
    let naive = naive / judged.len() as f64;
    let matured = steps[0]["matured"].as_u64().expect("a number") as usize;
    assert!(matured.abs_diff(judged.len()) <= 1, "{matured} {}", judged.len());
    let of_last = steps[0]["error"].as_f64().expect("one") / steps[0]["vs_last"].as_f64().expect("one");
    assert!((of_last - naive).abs() < 0.02 * naive, "{of_last} {naive}");
    let against = |step: usize, model: &str| steps[step][model].as_f64().expect("one");
    assert!(against(0, "vs_day") < 0.9 && against(20, "vs_last") < 0.1, "{}", steps[20]);
}

#[test]
fn a_forecast_from_a_time_knows_nothing_of_what_comes_after() {
    let at = (1_399_939_200 + 3_000 * 600).to_string();
    let of = |text: &str, more: &[&str]| {
        json(&check(text, &[&["--measure", "v", "--format", "json"], more].concat()))
    };
    assert_eq!(of(&series(4_000), &["--at", &at]), of(&series(3_000), &[]));
}

#[test]
fn a_checkpoint_goes_on_where_an_earlier_run_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (input, state) = (path("load.csv"), path("state"));
    let mut text = "t,host,v\n".to_owned();
    for row in 0..5_000 {
        let host = if row % 3 == 0 { "b" } else { "a" };
        writeln!(text, "{},{host},{}", 1_399_939_200 + row * 600, value(row)).expect("a String");
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let args = ["forecast", &input, "--measure", "v", "--by", "host", "--group", "a", "--format", "json"];
    for rows in [40, 4_500, lines.len()] {
        fs::write(&input, lines[..rows].concat()).expect("an input");
        let goes_on = run_ok(&[&args[..], &["--checkpoint", &state]].concat());
        assert_eq!(goes_on.stdout, run_ok(&args).stdout, "{rows}");
    }
    let other = run(&[&args[..], &["--checkpoint", &state, "--horizon", "3"]].concat());
    assert!(other.code == 2 && other.stderr.contains("of another run, 12 ahead for v"), "{}", other.stderr);
    fs::write(&input, lines[..30].concat()).expect("an input");
    let shorter = run(&[&args[..], &["--checkpoint", &state]].concat());
    assert!(shorter.code == 1 && shorter.stderr.contains("took more than there is"), "{}", shorter.stderr);
    let mut bytes = fs::read(&state).expect("a checkpoint");
    bytes[8] = 77;
    fs::write(&state, bytes).expect("a checkpoint");
    let old = run(&[&args[..], &["--checkpoint", &state]].concat());
    assert!(old.code == 1 && old.stderr.contains("has version 77, this build reads"), "{}", old.stderr);
}

#[test]
fn a_bundled_recording_is_forecast_for_people() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recordings/nyc_taxi.spate");
    let text = run_ok(&["forecast", path.to_str().expect("UTF-8"), "--horizon", "3"]).stdout;
    assert!(text.starts_with("nyc_taxi · passengers, from 26288.0 at 2015-01-31T23:30:00Z; "), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6, "{text}");
    assert!(lines[5].trim_start().starts_with("3  2015-02-01T01:00:00Z"), "{text}");
}

#[test]
fn what_cannot_be_forecast_is_said() {
    for (text, options, code, says) in [
        (series(10), &["--measure", "w"][..], 2, "has no field \"w\"; it has v"),
        (series(10), &["--measure", "v", "--horizon", "0"], 2, "1..=1000"),
        (series(10), &["--measure", "v", "--at", "2001-01-01"], 1, "there are no values in it"),
        ("t,v\n".to_owned(), &["--measure", "v"], 2, "has no field"),
    ] {
        let ran = check(&text, options);
        assert_eq!(ran.code, code, "{options:?} {ran:?}");
        assert!(ran.stderr.contains(says), "{says} is not in {}", ran.stderr);
    }
    let few = check(&series(10), &["--measure", "v", "--horizon", "2"]);
    assert!(few.code == 0 && few.stdout.contains("no interval yet"), "{few:?}");
}
