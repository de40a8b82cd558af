//! `spate explain`: the record of a verdict, made again.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::spate::{Ran, run, run_ok};

/// Rows a minute apart of two hosts, with a spike of one; every seventh comes after the one that follows it.
fn events() -> String {
    let mut rows: Vec<String> = Vec::new();
    for row in 0..900u32 {
        let value = if row == 850 { 500 } else { (row * row) % 101 };
        rows.push(format!("{},a,{value},{}", 1_400_000_000 + row * 60, row % 13));
        rows.push(format!("{},b,7,1", 1_400_000_000 + row * 60));
    }
    for row in (0..rows.len() - 2).step_by(14) {
        rows.swap(row, row + 2);
    }
    format!("t,host,v,w\n{}\n", rows.join("\n"))
}

/// Explains an event of host a.
fn check(folder: &Path, options: &[&str]) -> Ran {
    let path = folder.join("events.csv");
    fs::write(&path, events()).expect("events");
    let mut args = vec!["explain", path.to_str().expect("UTF-8"), "--by", "host"];
    args.extend(options);
    run(&args)
}

const OF_A: [&str; 4] = ["--measure", "v", "--group", "a"];

fn with<'a>(options: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    options.iter().chain(more).copied().collect()
}

#[test]
fn a_record_says_what_spate_score_says_of_the_row_whatever_the_detector() {
    let folder = tempfile::tempdir().expect("a folder");
    let detectors: Vec<Value> =
        serde_json::from_str(&run_ok(&["detectors", "--format", "json"]).stdout).expect("JSON");
    let needs_file =
        |kind: &&Value| kind["texts"].as_array().is_some_and(|t| t.iter().any(|t| t["file"] == true));
    let mut alone = "t,v\n".to_owned();
    for line in events().lines().filter(|line| line.contains(",a,")) {
        let cells: Vec<&str> = line.split(',').collect();
        writeln!(alone, "{},{}", cells[0], cells[2]).expect("a String");
    }
    let path = folder.path().join("alone.csv");
    fs::write(&path, &alone).expect("events");
    for kind in detectors.iter().filter(|kind| !needs_file(kind)) {
        let name = kind["name"].as_str().expect("a name");
        let scored =
            ["score", path.to_str().expect("UTF-8"), "--time", "t", "--value", "v", "--detector", name];
        let scored = run_ok(&[&scored[..], &["--format", "json"]].concat()).stdout;
        for row in [700, 850] {
            let time = (1_400_000_000 + row * 60).to_string();
            let said = scored.lines().find(|line| line.contains(&time)).expect("its row");
            let said: Value = serde_json::from_str(said).expect("JSON");
            let more = ["--at", &time, "--detector", name, "--format", "json"];
            let ran = check(folder.path(), &with(&OF_A, &more));
            assert_eq!(ran.code, 0, "{name} {}", ran.stderr);
            let record: Value = serde_json::from_str(&ran.stdout).expect("JSON");
            let of_record =
                [&record["score"], &record["evidence"], &record["expected"][0], &record["expected"][1]];
            assert_eq!(
                of_record,
                [&said["score"], &said["evidence"], &said["lower"], &said["upper"]],
                "{name}"
            );
            assert_eq!(record["digest"], record["recomputed"], "{name}");
            if let Some(reason) = said["reason"].as_str() {
                assert_eq!(record["words"], reason);
            }
        }
    }
}

#[test]
fn a_record_is_made_again_from_its_file_and_an_altered_one_is_found_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = check(folder.path(), &with(&OF_A, &["--at", "1400051000", "--format", "json"]));
    assert_eq!(made.code, 0, "{}", made.stderr);
    let path = folder.path().join("record.json");
    let record = path.to_str().expect("UTF-8").to_owned();
    fs::write(&path, &made.stdout).expect("a record");
    let again = check(folder.path(), &["--record", &record]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    for says in ["500", "the same, to the bit"] {
        assert!(again.stdout.contains(says), "{says} is not in {}", again.stdout);
    }
    let value: Value = serde_json::from_str(&made.stdout).expect("JSON");
    assert_eq!(value["value"], 500.0);
    for (altered, says) in [
        (made.stdout.replace("\"value\":500.0", "\"value\":400.0"), "it was altered"),
        (made.stdout.replace("\"number\":1", "\"number\":9"), "has no verdict here"),
        (made.stdout.replace("\"record-light\"", "\"magic\""), "no detector \"magic\""),
        ("{}".to_owned(), "no record of a decision"),
    ] {
        fs::write(&path, altered).expect("a record");
        let ran = check(folder.path(), &["--record", &record]);
        assert_eq!(ran.code, 1, "{says} {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{says} is not in {}", ran.stderr);
    }
}

#[test]
fn several_measures_are_looked_at_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let more = ["--at", "1400051000", "--detector", "half-space", "--with", "w", "--format", "json"];
    let ran = check(folder.path(), &with(&OF_A, &more));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let record: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(
        (&record["basis"]["with"][0], &record["reason"]["Sparse"]["measures"]),
        (&"w".into(), &2.into())
    );
}

#[test]
fn a_bundled_recording_is_explained_in_words() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recordings/nyc_taxi.spate");
    let path = path.to_str().expect("UTF-8");
    let ran = run_ok(&["explain", path, "--at", "2014-11-02 01:00"]);
    for says in
        ["nyc_taxi · passengers", "at 2014-11-02T01:00:00Z", "39197", "record-light level=0.08", "to the bit"]
    {
        assert!(ran.stdout.contains(says), "{says} is not in {}", ran.stdout);
    }
}

#[test]
fn what_cannot_be_explained_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    for (options, code, says) in [
        (&["--at", "1400051000"][..], 2, "--measure: name the field"),
        (&["--at", "1400051000", "--measure", "x"], 2, "has no field \"x\"; it has "),
        (&["--at", "1400051000", "--measure", "v"], 2, "--group: choose one of "),
        (&["--at", "1400051000", "--measure", "v", "--group", "c"], 2, "--group: choose one of "),
        (&["--at", "1400000000", "--measure", "v", "--group", "a"], 1, "has not seen enough"),
        (
            &["--at", "1500000000", "--measure", "v", "--group", "a"],
            1,
            "no value of \"v\" comes in time at or after 2017",
        ),
        (&["--measure", "v"], 2, "--at"),
        (&["--at", "1400051000", "--measure", "v", "--group", "a", "--with", "w"], 2, "looks at one measure"),
    ] {
        let ran = check(folder.path(), options);
        assert_eq!(ran.code, code, "{options:?} {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{says} is not in {}", ran.stderr);
    }
}
