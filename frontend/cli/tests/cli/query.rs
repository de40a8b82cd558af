//! `spate query`: the same answer from every kind of input, equal to a naive one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};
use spate_shared::time;

use super::spate::{Ran, command, run, run_ok};

/// Writes a file and queries it.
fn query(name: &str, text: &str, options: &[&str]) -> Ran {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    fs::write(&path, text).expect("an input");
    let path = path.to_str().expect("UTF-8");
    run(&[&["query", path], options].concat())
}

fn check(text: &str, options: &[&str], expect: &str) {
    let ran = query("in.csv", text, options);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, expect), "{}", ran.stderr);
}

const ORDERS: &str = "\
t,shop,euros
2024-05-01T10:00:05Z,north,10
2024-05-01T10:00:50Z,south,4.5
2024-05-01T10:01:10Z,north,2
2024-05-01T10:00:58Z,north,30
2024-05-01T10:02:30Z,south,
2024-05-01T10:00:59Z,north,100
";

#[test]
fn the_worked_example_of_the_documentation_holds() {
    let options = [
        "--time",
        "t",
        "--by",
        "shop",
        "--window",
        "tumbling 1m",
        "--agg",
        "count,sum(euros)",
        "--watermark",
        "30s",
    ];
    let expect = "\
window_start,window_end,shop,count,sum(euros)
2024-05-01T10:00:00Z,2024-05-01T10:01:00Z,north,2,40
2024-05-01T10:00:00Z,2024-05-01T10:01:00Z,south,1,4.5
2024-05-01T10:01:00Z,2024-05-01T10:02:00Z,north,1,2
2024-05-01T10:02:00Z,2024-05-01T10:03:00Z,south,1,
";
    check(ORDERS, &options, expect);
    let documented =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/windows.md")).expect("the page");
    assert!(
        documented.contains(ORDERS) && documented.contains(expect),
        "docs/windows.md shows another example"
    );
}

#[test]
fn late_events_revise_within_the_lateness_and_go_to_a_file_beyond() {
    let folder = tempfile::tempdir().expect("a folder");
    let late = folder.path().join("late.ndjson");
    let late = late.to_str().expect("UTF-8");
    let options =
        ["--by", "shop", "--window", "tumbling 1m", "--agg", "sum(euros)", "--watermark", "30s", "--changes"];
    let ran = query("in.csv", ORDERS, &[&options[..], &["--late", late]].concat());
    assert_eq!(fs::read_to_string(late).expect("a file").lines().count(), 1, "{ran:?}");
    assert!(ran.stderr.contains("5 events in windows, 1 late"), "{}", ran.stderr);
    let ran = query("in.csv", ORDERS, &[&options[..], &["--lateness", "5m", "--format", "json"]].concat());
    let rows: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let revised: Vec<&Value> = rows.iter().filter(|row| row["status"] == "revised").collect();
    assert_eq!(
        (revised.len(), &revised[0]["sum(euros)"], &revised[0]["was"][0]["values"]),
        (1, &json!(140.0), &json!([40.0]))
    );
    let ran = query("in.csv", ORDERS, &[&options[..], &["--keep-open"]].concat());
    assert!(ran.stdout.lines().last().expect("rows").contains(",south,,provisional,"), "{}", ran.stdout);
}

#[test]
fn a_checkpoint_goes_on_where_an_earlier_run_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (input, state) = (path("in.csv"), path("state"));
    let options =
        ["--by", "shop", "--window", "tumbling 1m", "--agg", "count,sum(euros)", "--watermark", "30s"];
    fs::write(&input, ORDERS).expect("an input");
    let all = run_ok(&[&["query", &input][..], &options].concat()).stdout;
    let lines: Vec<&str> = ORDERS.split_inclusive('\n').collect();
    let (late, mut rows) = (path("late.ndjson"), String::new());
    for upto in [3, 5, lines.len()] {
        fs::write(&input, lines[..upto].concat()).expect("an input");
        let ran = run(&[&["query", &input, "--checkpoint", &state, "--late", &late][..], &options].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        rows.push_str(&ran.stdout);
    }
    assert!(all.starts_with(&rows), "what is closed so far, each once: {rows}");
    assert!(rows.lines().count() >= 3);
    assert_eq!(fs::read_to_string(&late).expect("late events").lines().count(), 1);
    let other = run(&["query", &input, "--checkpoint", &state, "--window", "tumbling 2m", "--agg", "count"]);
    assert!(other.code == 2 && other.stderr.contains("it is of another query"), "{}", other.stderr);
    let mut bytes = fs::read(&state).expect("a checkpoint");
    bytes[8] = 77;
    fs::write(&state, bytes).expect("a checkpoint");
    let old = run(&[&["query", &input, "--checkpoint", &state][..], &options].concat());
    assert!(
        old.code == 1 && old.stderr.contains("has version 77, this build reads version 2"),
        "{}",
        old.stderr
    );
}

#[test]
fn steps_and_tables_come_before_windows() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = folder.path().join("shops.csv");
    let run_with = |shops: &str| {
        fs::write(&table, shops).expect("a table");
        let table = format!("shops={}", table.to_str().expect("UTF-8"));
        let steps =
            ["--step", "valid euros ..50 clamp", "--step", "lookup shop in shops by id", "--table", &table];
        let window = ["--by", "region", "--window", "tumbling 1h", "--agg", "sum(euros)"];
        query("in.csv", ORDERS, &[&steps[..], &window[..]].concat())
    };
    let ran = run_with("id,region\nnorth,EU\nsouth,US\n");
    let expect = "\
window_start,window_end,region,sum(euros)
2024-05-01T10:00:00Z,2024-05-01T11:00:00Z,EU,92
2024-05-01T10:00:00Z,2024-05-01T11:00:00Z,US,4.5
";
    assert_eq!((ran.code, ran.stdout.as_str()), (0, expect), "{}", ran.stderr);
    let ran = run_with("id,region\nnorth,EU\nsouth,US\nnorth,UK\n");
    assert!(ran.code == 2 && ran.stderr.contains("\"north\" stands in lines 2 and 4"), "{}", ran.stderr);
}

/// Rows with keys that look like numbers, missing values, disorder, and oddities when asked for.
fn csv(rows: u64, odd: bool) -> String {
    let mut text = "ts,unused,key,value\n".to_owned();
    let mut state = 3u64;
    for row in 0..rows {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let seconds = 1_700_000_000 + row / 20 - (state >> 61);
        let value = match (state >> 40) % 50 {
            0 => String::new(),
            number => format!("{number}.{}", (state >> 20) % 8 * 125),
        };
        let (key, end) = ((state >> 50) % 7, if odd && row % 11 == 3 { "\r\n" } else { "\n" });
        match row % 1_000 {
            17 if odd => writeln!(text, "{seconds},x,{key}"),
            18 if odd => writeln!(text, "{seconds},x,{key},many"),
            19 if odd => writeln!(text, "soon,x,{key},1"),
            20 if odd => writeln!(text),
            21 if odd => writeln!(text, "{seconds}, x , {key} , {value} "),
            _ => write!(text, "{},x,{key},{value}{end}", time::format(seconds as i64 * time::SECOND)),
        }
        .expect("a String");
    }
    text
}

/// Count and sum by minute and key, read cell by cell.
fn naive(text: &str) -> (Vec<String>, usize) {
    let mut windows: BTreeMap<(i64, String), (u64, f64)> = BTreeMap::new();
    let mut rejected = 0;
    for line in text.lines().skip(1).filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let value =
            cells.get(3).map(|cell| if cell.is_empty() { Some(0.0) } else { cell.parse::<f64>().ok() });
        let (Some(Some(value)), Ok(time)) = (value, time::parse(cells[0])) else {
            rejected += 1;
            continue;
        };
        let (count, sum) = windows.entry((time.div_euclid(time::MINUTE), cells[2].to_owned())).or_default();
        *count += 1;
        *sum += value;
    }
    let row = |((minute, key), (count, sum)): ((i64, String), (u64, f64))| {
        let [start, end] = [minute, minute + 1].map(|minute| time::format(minute * time::MINUTE));
        format!("{start},{end},{key},{count},{sum}")
    };
    (windows.into_iter().map(row).collect(), rejected)
}

const PER_MINUTE: [&str; 10] = [
    "--time",
    "ts",
    "--by",
    "key",
    "--window",
    "tumbling 1m",
    "--agg",
    "count,sum(value)",
    "--watermark",
    "10s",
];

#[test]
fn plain_odd_and_quoted_csv_equal_a_naive_reading() {
    for (text, quoted_row) in
        [(csv(30_000, false), None), (csv(30_000, true), None), (csv(30_000, true), Some(20_000))]
    {
        let (expect, rejected) = naive(&text);
        let quoted: String = text
            .lines()
            .enumerate()
            .map(|(at, line)| match quoted_row {
                Some(row) if at == row => line.replacen(",x,", ",\"x\",", 1) + "\n",
                _ => format!("{line}\n"),
            })
            .collect();
        let ran = query("in.csv", if quoted_row.is_some() { &quoted } else { &text }, &PER_MINUTE);
        let rows: Vec<&str> = ran.stdout.lines().skip(1).collect();
        assert_eq!(rows, expect, "{}", ran.stderr);
        let listed =
            ran.stderr.lines().filter(|line| line.contains("rejected: ") && line.contains("line ")).count();
        assert_eq!(listed, rejected.min(20), "{}", ran.stderr);
    }
}

#[test]
fn short_and_ragged_texts_are_read_whole() {
    let options = ["--window", "tumbling 1m", "--agg", "count,sum(v)"];
    for text in [
        "t,v\n1,2",
        "t,v\n1,2\n",
        "t,v\r\n\r\n\r\n1,2\r\n",
        "\u{feff}t,v\n\n1,2",
        "t,v\n1,\"2\"",
        "\"t\",v\n1,2\n\n",
    ] {
        let expect = "window_start,window_end,count,sum(v)\n1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,1,2\n";
        check(text, &options, expect);
    }
    for text in ["", "t,v\n", "t,v\n\n\n", "t,v\nsoon,2\n"] {
        let ran = query("in.csv", text, &options);
        assert!(ran.code == 1 && ran.stderr.contains("no events"), "{text:?}: {ran:?}");
    }
}

#[test]
fn lines_of_rejected_rows_are_those_of_the_file() {
    let mut text = csv(9_000, false);
    text.push_str("2023-11-14T22:13:20Z,x,1,many\n2023-11-14T22:13:20Z,\"x\",1,\"few\"\n");
    let ran = query("in.csv", &text, &PER_MINUTE);
    assert!(ran.stderr.contains("line 9002, field \"value\""), "{}", ran.stderr);
    assert!(ran.stderr.contains("line 9003, field \"value\""), "{}", ran.stderr);
}

#[test]
fn every_kind_of_input_and_a_query_in_json_give_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let text = csv(3_000, false).replace(",x,", ",x,k");
    fs::write(path("in.csv"), &text).expect("an input");
    let events: Vec<String> = text
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let value = cells[3].parse::<f64>().ok();
            json!({"ts": cells[0], "key": cells[2], "value": value}).to_string()
        })
        .collect();
    fs::write(path("in.ndjson"), events.join("\n")).expect("an input");
    run_ok(&["import", &path("in.csv"), "-o", &path("in.spate"), "--time", "ts"]);
    let spec = json!({"time": "ts", "by": ["key"], "window": "tumbling 1m", "agg": ["count", "sum(value)"], "watermark": "10s"});
    fs::write(path("query.json"), spec.to_string()).expect("a query");
    let expect = run_ok(&[&["query", &path("in.csv")], &PER_MINUTE[..]].concat()).stdout;
    assert!(expect.lines().count() > 10);
    for name in ["in.ndjson", "in.spate"] {
        assert_eq!(run_ok(&[&["query", &path(name)], &PER_MINUTE[..]].concat()).stdout, expect, "{name}");
    }
    assert_eq!(run_ok(&["query", &path("in.csv"), "--spec", &path("query.json")]).stdout, expect);
    let mut child = command()
        .args([&["query", "-"], &PER_MINUTE[..]].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("spate starts");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
    assert_eq!(String::from_utf8(child.wait_with_output().expect("an end").stdout).expect("UTF-8"), expect);
}

#[test]
fn filters_and_derived_fields_are_computed_before_the_windows() {
    let text = "t,v,host\n0,1,a\n1,-2,a\n2,3,b\n3,4,\n";
    let options = [
        "--window",
        "tumbling 1m",
        "--agg",
        "count,sum(w),max(v),top1(host),distinct(host)",
        "--derive",
        "w = v * 2",
    ];
    check(
        text,
        &[&options[..], &["--where", "w > 0 and host != 'b'"]].concat(),
        "window_start,window_end,count,sum(w),max(v),top1(host),distinct(host)\n1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,1,2,1,a=1,1\n",
    );
    check(
        text,
        &options,
        "window_start,window_end,count,sum(w),max(v),top1(host),distinct(host)\n1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,4,12,4,a=2,2\n",
    );
}

#[test]
fn an_event_that_comes_twice_is_taken_once() {
    let text = "t,id,v\n0,7,1\n1,8,2\n2,7,4\n3,,8\n4,,16\n50,7,32\n";
    let options = ["--window", "tumbling 1m", "--agg", "count,sum(v)", "--dedup", "id within 10s"];
    let expect = "window_start,window_end,count,sum(v)\n1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,5,59\n";
    check(text, &options, expect);
    let ran = query("in.csv", text, &options);
    assert!(ran.stderr.contains("5 events in windows, 1 that came twice"), "{}", ran.stderr);
}

#[test]
fn windows_asked_together_are_each_of_them_asked_alone() {
    let rows = |windows: &[&str]| -> Vec<String> {
        let windows = windows.iter().flat_map(|window| ["--window", *window]);
        let options: Vec<&str> =
            ["--by", "shop", "--agg", "count,sum(euros)"].into_iter().chain(windows).collect();
        let ran = query("in.csv", ORDERS, &options);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout.lines().skip(1).map(str::to_owned).collect()
    };
    let together = rows(&["tumbling 1m", "hopping 2m/1m"]);
    let mut alone = [rows(&["tumbling 1m"]), rows(&["hopping 2m/1m"])].concat();
    assert!(together.len() > 6);
    let end = |row: &String| row.split(',').nth(1).map(str::to_owned);
    assert!(together.is_sorted_by_key(end));
    let mut sorted = together;
    sorted.sort_unstable();
    alone.sort_unstable();
    assert_eq!(sorted, alone);
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_the_choices() {
    let window = ["--window", "tumbling 1m", "--agg", "count"];
    for (options, code, says) in [
        (&["--window", "tumbling 0s", "--agg", "count"][..], 2, "more than 0"),
        (&["--window", "hopping 1d/1ns", "--agg", "count"], 2, "at most 10000"),
        (&["--window", "sliding 1m", "--agg", "count"], 2, "choose one of 'tumbling"),
        (&["--window", "tumbling 1m", "--agg", "median(euros)"], 2, "choose one of count"),
        (
            &["--window", "tumbling 1m", "--agg", "mean(price)"],
            2,
            "no field is called \"price\": choose one of",
        ),
        (&["--window", "tumbling 1m", "--agg", "mean(shop)"], 2, "\"shop\" is text"),
        (&[&window[..], &["--by", "city"]].concat(), 2, "by: no field is called \"city\": choose one of"),
        (&[&window[..], &["--dedup", "id within 1m"]].concat(), 2, "dedup: no field is called \"id\""),
        (&[&window[..], &["--dedup", "id"]].concat(), 2, "FIELD within DURATION"),
        (&[&window[..], &["--where", "euros >"]].concat(), 2, "column 8"),
        (&[&window[..], &["--where", "euro > 0"]].concat(), 2, "choose one of"),
        (&[&window[..], &["--derive", "euros = 1"]].concat(), 2, "already"),
        (&[&window[..], &["--time", "when"]].concat(), 2, "has no field \"when\"; it has t, shop, euros"),
        (&[&window[..], &["--window", "session 1m"]].concat(), 2, "ask for sessions alone"),
        (&["--agg", "count"], 2, "--window"),
    ] {
        let ran = query("in.csv", ORDERS, options);
        assert_eq!(ran.code, code, "{options:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{says} is not in {}", ran.stderr);
    }
}
