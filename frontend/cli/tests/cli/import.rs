//! `spate import` against naive readings of the same text.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use spate_shared::time;

use super::spate::{Ran, command, events, open, run, run_ok};

/// Writes the inputs, imports them with the options, and gives the run and the events.
fn check(inputs: &[(&str, &[u8])], options: &[&str]) -> (Ran, Vec<(String, u64, Value)>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let output = path("out.spate");
    let mut args = vec!["import".to_owned(), "-o".to_owned(), output.clone()];
    for (name, text) in inputs {
        fs::write(path(name), text).expect("an input");
        args.push(path(name));
    }
    args.extend(options.iter().map(|&option| option.to_owned()));
    let ran = run(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let events = if Path::new(&output).exists() { events(&open(Path::new(&output))) } else { Vec::new() };
    assert!(!Path::new(&format!("{output}.partial")).exists(), "the partial file was left");
    (ran, events)
}

/// 20,000 rows with repeated, backward and missing values: more than two chunks.
fn long_csv() -> String {
    let mut text = "timestamp,value,level\n".to_owned();
    let mut state = 1u64;
    for row in 0..20_000u64 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let seconds = 1_400_000_000 + row * 60 - if row % 100 == 7 { 3_600 } else { 0 };
        let value = if row % 50 == 3 { String::new() } else { format!("{:.3}", (state >> 40) as f64 / 1e3) };
        let level = ["low", "high", "odd"][(state >> 60) as usize % 3];
        writeln!(text, "{seconds},{value},{level}").expect("a String");
    }
    text
}

#[test]
fn what_is_read_back_equals_a_naive_reading_of_the_csv() {
    let text = long_csv();
    let expect: Vec<Value> = text
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let seconds: i64 = cells[0].parse().expect("seconds");
            let mut event = json!({"timestamp": time::format(seconds * time::SECOND), "level": cells[2]});
            if !cells[1].is_empty() {
                event["value"] = json!(cells[1].parse::<f64>().expect("a number"));
            }
            event
        })
        .collect();
    let (ran, events) = check(&[("long.csv", text.as_bytes())], &["--strict"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(events.iter().map(|(_, offset, _)| *offset).eq(0..20_000));
    assert!(events.iter().map(|(.., event)| event).eq(&expect));
}

#[test]
fn inspect_counts_what_import_took() {
    let folder = tempfile::tempdir().expect("a folder");
    let (input, output) = (folder.path().join("long.csv"), folder.path().join("long.spate"));
    fs::write(&input, long_csv()).expect("an input");
    let [input, output] = [&input, &output].map(|path| path.to_str().expect("UTF-8"));
    run_ok(&["import", input, "-o", output, "--unit", "value=ms", "--title", "Long"]);
    let report: Value =
        serde_json::from_str(&run_ok(&["inspect", output, "--verify", "--format", "json"]).stdout)
            .expect("JSON");
    let stream = &report["streams"][0];
    assert_eq!((&report["metadata"]["title"], &report["events"]), (&json!("Long"), &json!(20_000)));
    assert_eq!(
        (&stream["backward"], &stream["gaps"], &stream["duplicates"]),
        (&json!(200), &json!(0), &json!(0))
    );
    assert_eq!(stream["values"][0], json!({"field": "value", "missing": 400}));
    assert_eq!(stream["schema"]["fields"][0]["unit"], "ms");
    assert!(report["index_points"].as_u64().expect("a number") > 1);
}

#[test]
fn several_inputs_come_out_in_event_time_order_and_inputs_keep_theirs() {
    let a = b"t,v\n2014-01-01,1\n2014-01-03,3\n2014-01-02,2\n";
    let b = b"t,v\n2014-01-01,10\n2014-01-02,20\n2014-01-04,40\n";
    let (ran, events) =
        check(&[("vol_a.csv", a), ("vol_b.csv", b)], &["--by-file", "key", "--stream", "vol"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let got: Vec<(i64, &str)> = events
        .iter()
        .map(|(_, _, event)| (event["v"].as_i64().expect("v"), event["key"].as_str().expect("key")))
        .collect();
    assert_eq!(got, [(1, "a"), (10, "b"), (20, "b"), (3, "a"), (2, "a"), (40, "b")]);
}

#[test]
fn inputs_without_options_are_streams_named_for_their_files() {
    let (ran, events) = check(&[("a.csv", b"t,v\n1,1\n"), ("b.ndjson", b"{\"t\":0,\"w\":2}\n")], &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let streams: Vec<&str> = events.iter().map(|(stream, ..)| stream.as_str()).collect();
    assert_eq!(streams, ["b", "a"]);
}

#[test]
fn joined_events_of_one_moment_are_one_event_unless_they_contradict() {
    let inputs: [(&str, &[u8]); 3] = [
        ("x_cpc.csv", b"t,v\n1,1\n2,2\n"),
        ("x_cpm.csv", b"t,v\n1,10\n2,20\n"),
        ("y_cpm.csv", b"t,v\n2,200\n"),
    ];
    let options = "--join --stream ads --rename x_cpc:v=cpc --rename v=cpm --set x_cpc:site=x --set x_cpm:site=x \
                   --set y_cpm:site=y";
    let (ran, events) = check(&inputs, &options.split_whitespace().collect::<Vec<_>>());
    assert_eq!(ran.code, 0, "{ran:?}");
    let [one, two] = [1, 2].map(|second| time::format(second * time::SECOND));
    let expect = [
        json!({"t": one, "site": "x", "cpc": 1, "cpm": 10}),
        json!({"t": two, "site": "x", "cpc": 2, "cpm": 20}),
        json!({"t": two, "site": "y", "cpm": 200}),
    ];
    assert!(events.iter().map(|(.., event)| event).eq(&expect), "{events:?}");
}

#[test]
fn an_integer_field_widens_when_a_fraction_comes_later_from_another_input() {
    let (ran, events) =
        check(&[("a.csv", b"t,v\n1,1\n3,3\n"), ("b.csv", b"t,v,w\n2,2.5,x\n")], &["--stream", "s"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let values: Vec<f64> = events.iter().map(|(.., event)| event["v"].as_f64().expect("v")).collect();
    assert_eq!(values, [1.0, 2.5, 3.0]);
    assert_eq!(events[1].2["w"], "x");
}

#[test]
fn rows_that_cannot_be_taken_are_listed_with_line_field_and_reason() {
    let text = b"timestamp,value\n2014-01-01,1\n2014-01-02,NaN\n2014-01-03\n2014-01-04,inf\nsoon,5\n2014-01-06,\xff\n";
    let (ran, events) = check(&[("bad.csv", text)], &[]);
    assert_eq!((ran.code, events.len()), (0, 1), "{ran:?}");
    for part in [
        "line 3, field \"value\"",
        "line 4, field \"value\": row has 1 columns",
        "line 5",
        "line 6, field \"timestamp\"",
        "line 7, field \"value\": not UTF-8",
    ] {
        assert!(ran.stderr.contains(part), "{part} is not in {}", ran.stderr);
    }
    let (ran, events) = check(&[("bad.csv", text)], &["--strict"]);
    assert_eq!((ran.code, events.len()), (1, 0), "{ran:?}");
    assert!(ran.stderr.contains("5 rows rejected and --strict given"), "{}", ran.stderr);
}

#[test]
fn after_twenty_rejections_the_rest_is_counted() {
    let text = format!("t,v\n1,1\n{}", "2,x\n".repeat(50));
    let (ran, _) = check(&[("bad.csv", text.as_bytes())], &[]);
    assert_eq!(ran.stderr.matches("expected a number").count(), 20);
    assert!(ran.stderr.contains("30 more rows"), "{}", ran.stderr);
}

#[test]
fn a_line_of_ten_megabytes_is_one_rejection_in_every_format() {
    let long = "x".repeat(10 << 20);
    for (name, text) in [
        ("long.ndjson", format!("{{\"t\":1,\"v\":\"{long}\"}}\n{{\"t\":2,\"v\":\"y\"}}\n")),
        ("long.csv", format!("t,v\n1,{long}\n2,y\n")),
    ] {
        let (ran, events) = check(&[(name, text.as_bytes())], &[]);
        assert_eq!((ran.code, events.len()), (0, 1), "{}", ran.stderr);
        assert!(ran.stderr.contains("longer than") && ran.stderr.len() < 1_000, "{}", ran.stderr);
    }
}

#[test]
fn inputs_without_a_single_good_row_fail_and_write_nothing() {
    for (name, text) in [
        ("empty.csv", ""),
        ("header.csv", "t,v\n"),
        ("bad.ndjson", "nonsense\n"),
        ("twice.csv", "t,v,v\n1,2,3\n"),
    ] {
        let (ran, events) = check(&[(name, text.as_bytes())], &[]);
        assert_eq!((ran.code, events.len()), (1, 0), "{name}: {ran:?}");
        assert!(ran.stderr.contains(name), "{}", ran.stderr);
    }
}

#[test]
fn options_that_meet_no_field_or_file_are_usage_errors() {
    let input: [(&str, &[u8]); 1] = [("a.csv", b"t,v\n1,2\n")];
    for (options, says) in [
        (&["--rename", "x=y"][..], "no input has a field \"x\""),
        (&["--unit", "x=ms"], "no stream has a field \"x\""),
        (&["--rename", "b:v=w"], "no input is called \"b\""),
        (&["--rename", "v=t"], "has a field \"t\" already"),
        (&["--set", "v=1"], "has a field \"v\" already"),
        (&["--stream", "a b"], "is not valid"),
    ] {
        let (ran, events) = check(&input, options);
        assert_eq!((ran.code, events.len()), (2, 0), "{options:?}: {ran:?}");
        assert!(ran.stderr.contains(says), "{says} is not in {}", ran.stderr);
    }
}

#[test]
fn a_declared_schema_rejects_what_it_does_not_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let schema = folder.path().join("schema.json");
    let text = json!({"version": 1, "time": {"name": "t", "source": "event"},
        "fields": [{"name": "v", "type": "f64", "role": "measure", "unit": "ms"}]});
    fs::write(&schema, text.to_string()).expect("a schema");
    let rows = b"{\"t\":1,\"v\":2}\n{\"t\":2,\"v\":3,\"w\":4}\n";
    let (ran, events) = check(&[("a.ndjson", rows)], &["--schema", schema.to_str().expect("UTF-8")]);
    assert_eq!((ran.code, events.len()), (0, 1), "{ran:?}");
    assert!(ran.stderr.contains("line 2, field \"w\""), "{}", ran.stderr);
}

#[test]
fn standard_input_is_read_and_its_format_told_by_its_first_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("out.spate");
    let mut child = command()
        .args(["import", "-", "-o"])
        .arg(&output)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("spate starts");
    child.stdin.take().expect("a pipe").write_all(b"{\"t\":1,\"v\":2}\n").expect("a line");
    assert!(child.wait().expect("an end").success());
    let events = events(&open(&output));
    assert_eq!((events.len(), events[0].0.as_str()), (1, "stdin"));
}
