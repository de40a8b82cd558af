//! `spate evaluate` on a corpus whose score is known.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use super::spate::{Ran, run};

/// 2,000 rows 5 minutes apart with a jump at row 1,500; a time is repeated, and the clock once steps back.
fn corpus(labels: &str, options: &[&str]) -> Ran {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = "timestamp,value\n".to_owned();
    for row in 0..2_000i64 {
        let step = if row == 700 { row - 13 } else { row - row % 2 };
        let value = (row * row) % 101 + if row >= 1_500 { 400 } else { 0 };
        writeln!(text, "{},{value}", 1_400_000_000 + step * 300).expect("a String");
    }
    fs::write(folder.path().join("jump.csv"), text).expect("a series");
    let path = folder.path().join("windows.json");
    fs::write(&path, labels).expect("labels");
    let [folder, labels] = [folder.path(), &path].map(|path| path.to_str().expect("UTF-8").to_owned());
    let mut args = vec!["evaluate", "--labels", &labels, &folder];
    args.extend(options);
    run(&args)
}

/// Rows 1,500 to 1,599 as times.
const LABELS: &str = r#"{"jump.csv": [["2014-05-18 21:53:20", "2014-05-19 06:03:20.000"]]}"#;

#[test]
fn a_detector_that_sees_the_jump_at_once_gets_all_but_what_other_alerts_cost() {
    let ran = corpus(LABELS, &["--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(
        (&report["rows"], &report["windows"], &report["rows_in_windows"]),
        (&2_000.into(), &1.into(), &100.into())
    );
    let detectors = report["detectors"].as_array().expect("a list");
    let light = &detectors[0];
    assert_eq!(light["name"], "record-light");
    assert_eq!(light["nab"]["Standard"]["best"], 100.0, "{light}");
    assert!(light["bytes"].as_u64().is_some_and(|bytes| bytes <= 16 << 10), "{light}");
    let clock = detectors.last().expect("a line");
    // Alerts at rows 400, 800, 1,200, 1,600; the window is missed and three of them come before it: 0.11 each. The
    // last is (1,600 - 1,599) / 99 after it.
    let near = 2.0 / (1.0 + (5.0f64 / 99.0).exp()) - 1.0;
    let expect = 100.0 * (-0.33 + 0.11 * near) / 2.0;
    let got = clock["nab"]["Standard"]["shipped"].as_f64().expect("a number");
    assert!((got - expect).abs() < 1e-9, "{got} is not {expect}");
}

#[test]
fn the_table_ends_with_the_clock() {
    let ran = corpus(LABELS, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.starts_with("1 series, 2,000 rows, 1 window; 5.0 % of rows lie in windows"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.lines().last().is_some_and(|line| line.contains("a clock, every 400 rows")));
}

#[test]
fn labels_that_fit_nothing_are_refused_with_the_file() {
    for (labels, options, code, says) in [
        ("[]", &[][..], 1, "windows.json"),
        (r#"{"jump.csv": []}"#, &[], 1, "no window is labelled"),
        (r#"{"lost.csv": [["2014-05-18", "2014-05-19"]]}"#, &[], 1, "lost.csv"),
        (
            r#"{"jump.csv": [["2015-01-01", "2015-01-02"]]}"#,
            &[],
            1,
            "no row lies in the labelled window 2015-01-01",
        ),
        (r#"{"jump.csv": [["soon", "later"]]}"#, &[], 1, "a labelled window"),
        (LABELS, &["--value", "load"], 2, "has no field \"load\"; it has timestamp, value"),
        (LABELS, &["--param", "level=1"], 2, "--param needs exactly one --detector"),
    ] {
        let ran = corpus(labels, options);
        assert_eq!(ran.code, code, "{labels} {ran:?}");
        assert!(ran.stderr.contains(says), "{says} is not in {}", ran.stderr);
    }
}

#[test]
fn faults_are_put_into_recordings_and_what_is_found_is_told_by_kind() {
    let recordings = concat!(env!("CARGO_MANIFEST_DIR"), "/../../recordings");
    let args = ["evaluate", recordings, "--inject", "spike,dropout", "--seed", "3", "--detector"];
    let said = |detector: &str, format: &str| run(&[&args[..], &[detector, "--format", format]].concat());
    let robust = said("robust-z", "json");
    assert_eq!(robust.code, 0, "{}", robust.stderr);
    let robust: Value = serde_json::from_str(&robust.stdout).expect("JSON");
    assert!(robust["series"].as_u64().is_some_and(|series| series >= 15), "{robust}");
    let kinds: Vec<&String> = robust["faults"].as_object().expect("kinds").keys().collect();
    assert_eq!(kinds, ["spike", "dropout"]);
    let recall = |said: &Value, kind: &str| said["detectors"][0]["recall"][kind].as_f64().expect("a number");
    let missing: Value = serde_json::from_str(&said("missing", "json").stdout).expect("JSON");
    assert_eq!(robust["faults"], missing["faults"], "the same seed gives the same faults");
    assert!(recall(&robust, "spike") > recall(&missing, "spike"), "{robust} {missing}");
    assert!(recall(&missing, "dropout") > 0.9 && recall(&missing, "dropout") > recall(&robust, "dropout"));
    let text = said("missing", "table").stdout;
    assert!(text.contains("faults put in on purpose (seed 3)") && text.contains("false/day"), "{text}");
}

#[test]
fn faults_that_cannot_be_put_in_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().to_str().expect("UTF-8");
    for (options, code, says) in [
        (&["--inject", "magic"][..], 2, "no fault \"magic\"; there are spike, dip, "),
        (&["--inject", "spike", "--part", "0.7"], 2, "up to 0.5, not 0.7"),
        (&["--inject", "all"], 1, "no .csv or .spate file lies in it"),
        (&["--part", "0.1"], 2, "--inject"),
        (&[], 2, "--labels"),
    ] {
        let ran = run(&[&["evaluate", folder], options].concat());
        assert_eq!(ran.code, code, "{options:?} {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{says} is not in {}", ran.stderr);
    }
}
