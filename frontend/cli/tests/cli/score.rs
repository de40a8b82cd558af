//! `spate score`: one row out for each row in.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::process::Stdio;

use serde_json::Value;

use super::spate::{Ran, command, run, run_ok};

const HEADER: &str = "time,value,score,evidence,alert,lower,upper,reason";

/// Scores a text given as a file; the run and its lines.
fn check(name: &str, text: &str, options: &[&str]) -> (Ran, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    fs::write(&path, text).expect("an input");
    let mut args = vec!["score", path.to_str().expect("UTF-8"), "--time", "t", "--value", "v"];
    args.extend(options);
    let ran = run(&args);
    let lines = ran.stdout.lines().map(str::to_owned).collect();
    (ran, lines)
}

/// Rows a minute apart with a spike near the end.
fn series(rows: u32) -> String {
    let mut text = "t,v\n".to_owned();
    for row in 0..rows {
        let value = if row == 900 { 500 } else { (row * row) % 101 };
        writeln!(text, "{},{value}", 1_400_000_000 + row * 60).expect("a String");
    }
    text
}

fn column(line: &str, at: usize) -> &str {
    line.split(',').nth(at).expect("a column")
}

/// Whether it cannot do without a file.
fn needs_file(kind: &Value) -> bool {
    kind["texts"].as_array().is_some_and(|texts| texts.iter().any(|text| text["file"] == true))
}

fn detectors() -> Vec<Value> {
    serde_json::from_str(&run_ok(&["detectors", "--format", "json"]).stdout).expect("JSON")
}

#[test]
fn a_spike_alerts_with_a_reason_and_ordinary_rows_do_not() {
    let (ran, lines) = check("a.csv", &series(1_000), &[]);
    assert_eq!((ran.code, lines.len(), lines[0].as_str()), (0, 1_001, HEADER), "{}", ran.stderr);
    assert_eq!(lines[60], "1400003540,47,,,,,,", "the 60th row still warms up");
    assert!(column(&lines[61], 2).parse::<f64>().is_ok_and(|score| (0.0..=1.0).contains(&score)));
    assert_eq!(column(&lines[901], 4), "1");
    assert!(lines[901].contains("went above its"), "{}", lines[901]);
    assert!(lines[700..901].iter().all(|line| column(line, 4) == "0" && column(line, 7).is_empty()));
}

#[test]
fn rows_with_bad_values_keep_their_place_and_are_listed() {
    let clean = series(1_000);
    let mut dirty: Vec<String> = clean.lines().map(str::to_owned).collect();
    for (at, bad) in [(50, "soon,1"), (500, "1400029970,NaN"), (800, "1400047970,"), (901, "1,2,3")] {
        dirty.insert(at, bad.to_owned());
    }
    let (ran, mut lines) = check("a.csv", &(dirty.join("\n") + "\n"), &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for (at, expect) in
        [(901, ",,,,,,,"), (800, "1400047970,,,,,,,"), (500, "1400029970,NaN,,,,,,"), (50, "soon,1,,,,,,")]
    {
        assert_eq!(lines.remove(at), expect);
    }
    assert_eq!(lines, check("a.csv", &clean, &[]).1, "they leave no trace in the others");
    for says in ["line 51, field \"t\"", "line 501, field \"v\": expected a finite number", "line 902"] {
        assert!(ran.stderr.contains(says), "{says} is not in {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("line 801"), "a missing value is no mistake: {}", ran.stderr);
}

#[test]
fn the_rows_of_a_prefix_are_the_same_bytes_whatever_follows() {
    for kind in detectors().iter().filter(|kind| !needs_file(kind)) {
        let detector = kind["name"].as_str().expect("a name");
        let whole = check("a.csv", &series(1_200), &["--detector", detector]).0.stdout;
        let prefix = check("a.csv", &series(950), &["--detector", detector]).0.stdout;
        assert!(whole.starts_with(&prefix) && prefix.len() > 10_000, "{detector}");
    }
}

#[test]
fn series_told_apart_by_a_field_are_scored_as_if_alone() {
    let alone = check("a.csv", &series(1_000), &[]).1;
    let mut both = "t,host,v\n".to_owned();
    for line in series(1_000).lines().skip(1) {
        let (time, value) = line.split_once(',').expect("two columns");
        write!(both, "{time},a,{value}\n{time},b,7\n").expect("a String");
    }
    let lines = check("both.csv", &both, &["--by", "host"]).1;
    assert_eq!(lines[0], format!("{HEADER},host"));
    let of_a: Vec<&str> = lines.iter().filter_map(|line| line.strip_suffix(",a")).collect();
    assert_eq!(of_a, alone[1..]);
}

#[test]
fn a_checkpoint_goes_on_where_an_earlier_run_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (input, state) = (path("a.csv"), path("state"));
    let mut whole = "t,host,v\n".to_owned();
    for line in series(1_000).lines().skip(1) {
        let (time, value) = line.split_once(',').expect("two columns");
        write!(whole, "{time},a,{value}\n{time},b,{}\nsoon,a,1\n", value.len()).expect("a String");
    }
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let args = ["score", &input, "--time", "t", "--value", "v", "--by", "host"];
    fs::write(&input, &whole).expect("an input");
    let at_once = run_ok(&args).stdout;
    let mut in_parts = String::new();
    for upto in [1_234, 2_701, lines.len()] {
        fs::write(&input, lines[..upto].concat()).expect("an input");
        in_parts.push_str(&run_ok(&[&args[..], &["--checkpoint", &state]].concat()).stdout);
    }
    assert!(in_parts == at_once, "the parts are the whole, byte for byte");
    let other = run(&[&args[..], &["--checkpoint", &state, "--param", "level=0.2"]].concat());
    assert!(other.code == 2 && other.stderr.contains("it is of another run"), "{}", other.stderr);
    let mut bytes = fs::read(&state).expect("a checkpoint");
    bytes[8] = 77;
    fs::write(&state, bytes).expect("a checkpoint");
    let old = run(&[&args[..], &["--checkpoint", &state]].concat());
    assert!(old.code == 1 && old.stderr.contains("has version 77, this build reads"), "{}", old.stderr);
}

#[test]
fn a_pipe_gets_each_row_before_the_next_is_sent() {
    let args = ["score", "-", "--time", "t", "--value", "v", "--format", "json"];
    let mut child =
        command().args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("spate starts");
    let mut input = child.stdin.take().expect("a pipe");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    for row in 0..70 {
        writeln!(input, "{{\"t\":{row},\"v\":{}}}", row % 7).expect("a row goes in");
        let line = output.next().expect("a row comes out").expect("UTF-8");
        let scored: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(scored["value"], f64::from(row % 7));
        assert_eq!(scored["score"].is_null(), row < 60, "{line}");
    }
    drop(input);
    assert!(child.wait().expect("an end").success());
}

#[test]
fn what_cannot_be_is_refused_with_what_can() {
    let text = series(10);
    for (options, says) in [
        (
            &["--detector", "magic"][..],
            "no detector \"magic\"; there are record-light, record-heavy, robust-z, ",
        ),
        (&["--param", "levle=1"], "record-light has no parameter \"levle\"; it has level"),
        (&["--param", "level=0"], "level of record-light is a number from 0.001 to 10, not \"0\""),
        (&["--by", "host"], "has no field \"host\"; it has t, v"),
    ] {
        let (ran, lines) = check("a.csv", &text, options);
        assert_eq!((ran.code, lines.len()), (2, 0), "{options:?}: {ran:?}");
        assert!(ran.stderr.contains(says), "{says} is not in {}", ran.stderr);
    }
}

#[test]
fn every_detector_is_listed_with_its_parameters() {
    let text = run_ok(&["detectors"]).stdout;
    assert!(text.starts_with("record-light (default)\n"), "{text}");
    for kind in detectors() {
        let name = kind["name"].as_str().expect("a name");
        assert!(text.contains(name));
        if needs_file(&kind) {
            assert!(text.contains("--param model="));
            continue;
        }
        for parameter in kind["parameters"].as_array().expect("a list") {
            let default = &parameter["default"];
            let default = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
            let setting = format!("{}={default}", parameter["name"].as_str().expect("a name"));
            let (ran, lines) = check("a.csv", &series(100), &["--detector", name, "--param", &setting]);
            assert_eq!((ran.code, lines.len()), (0, 101), "{name} {setting}: {}", ran.stderr);
        }
    }
}
