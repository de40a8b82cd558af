//! Text as people and programs really send it: each case says what is taken, what is rejected and why.

use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use spate_shared::text::{Format, Intake, MAX_LINE_BYTES, TextReader};

/// Reads a text `max_rows` at a time; one line of summary for each event and each rejection, then the schema.
fn read(format: Format, text: &[u8], intake: &mut Intake, max_rows: usize, arrival: Option<i64>) -> String {
    let mut reader = TextReader::new(format, text);
    let mut lines = Vec::new();
    while let Some(chunk) = reader.next_chunk(max_rows).expect("memory reads") {
        let received = chunk.rows.len() + chunk.rejected.len();
        let taken = intake.take(chunk, arrival);
        assert_eq!(received, taken.batch.len() + taken.rejected.len(), "received == taken + rejected");
        if let Some(schema) = intake.schema() {
            lines.extend((0..taken.batch.len()).map(|row| taken.batch.event_json(schema, row).to_string()));
        }
        lines.extend(taken.rejected.iter().map(|rejection| format!("! {rejection}")));
    }
    if let Some(schema) = intake.schema() {
        let fields: Vec<_> =
            schema.fields.iter().map(|field| format!("{} {}", field.name, field.ty.name())).collect();
        let source = if schema.time.source == TimeSource::Arrival { " (arrival)" } else { "" };
        lines.push(format!("v{} {}{source}: {}", schema.version, schema.time.name, fields.join(", ")));
    }
    lines.join("\n")
}

#[track_caller]
fn check(format: Format, text: impl AsRef<[u8]>, expected: &str) {
    let found = read(format, text.as_ref(), &mut Intake::inferred(), 1_000, None);
    assert_eq!(found.trim(), lines(expected));
}

fn lines(expected: &str) -> String {
    expected.trim().lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

use Format::{Csv, Json, Ndjson};

#[test]
fn a_csv_gets_types_from_its_first_values() {
    check(
        Csv,
        "ts,n,x,up,who\n2014-07-01,1,0.5,true,anna\n2014-07-01T01:00:00+01:00,-2,1e3,false,\n",
        r#"{"ts":"2014-07-01T00:00:00Z","n":1,"x":0.5,"up":true,"who":"anna"}
           {"ts":"2014-07-01T00:00:00Z","n":-2,"x":1000.0,"up":false}
           v1 ts: n i64, x f64, up bool, who category"#,
    );
}

#[test]
fn an_integer_field_widens_when_a_fraction_appears_in_the_same_chunk() {
    check(
        Csv,
        "t,n\n1,1\n2,2.5\n3,3\n",
        r#"{"t":"1970-01-01T00:00:01Z","n":1.0}
        {"t":"1970-01-01T00:00:02Z","n":2.5}
        {"t":"1970-01-01T00:00:03Z","n":3.0}
        v1 t: n f64"#,
    );
}

#[test]
fn the_schema_version_grows_by_one_for_each_chunk_that_changes_it() {
    let mut intake = Intake::inferred();
    let mut versions = Vec::new();
    let mut reader = TextReader::new(
        Ndjson,
        concat!(
            "{\"t\":1,\"a\":1,\"b\":1}\n{\"t\":1,\"c\":1}\n",
            "{\"t\":2,\"a\":1.5,\"b\":2.5}\n{\"t\":2,\"d\":1}\n",
            "{\"t\":3,\"a\":1,\"b\":\"x\",\"e\":1}\n{\"t\":3}\n",
            "{\"t\":4,\"e\":1}\n"
        )
        .as_bytes(),
    );
    while let Some(chunk) = reader.next_chunk(2).expect("memory reads") {
        intake.take(chunk, None);
        let schema = intake.schema().expect("events were taken");
        versions.push((schema.version, schema.fields.len()));
    }
    assert_eq!(versions, [(1, 3), (2, 4), (2, 4), (3, 5)]);
}

#[test]
fn a_conflict_names_line_field_and_value_and_brings_nothing_of_its_row() {
    check(
        Ndjson,
        "{\"t\":1,\"n\":1}\n{\"t\":2,\"new\":1,\"n\":\"one\"}\n{\"t\":3,\"n\":true}\n{\"t\":4,\"n\":4}",
        r#"{"t":"1970-01-01T00:00:01Z","n":1}
           {"t":"1970-01-01T00:00:04Z","n":4}
           ! line 2, field "n": expected a number, got "one"
           ! line 3, field "n": expected a number, got true
           v1 t: n i64"#,
    );
}

#[test]
fn a_rejected_row_does_not_widen_its_integers() {
    check(
        Ndjson,
        "{\"t\":1,\"n\":1}\n{\"t\":2,\"n\":1.5,\"z\":[1]}\n{\"n\":2.5}\n",
        r#"{"t":"1970-01-01T00:00:01Z","n":1}
           ! line 2, field "z": arrays are not taken; send one event per element
           ! line 3, field "t": the event has no time; name a field one of time, timestamp, ts, t, date, datetime, @timestamp, event_time, _time, or say which field it is
           v1 t: n i64"#,
    );
}

#[test]
fn a_text_whose_rows_are_all_rejected_does_not_fix_the_schema() {
    let mut intake = Intake::inferred();
    assert!(read(Ndjson, b"{\"v\":1}\n", &mut intake, 10, None).contains("the event has no time"));
    assert_eq!(intake.schema(), None);
    let later = read(Ndjson, b"{\"ts\":1,\"v\":1}\n", &mut intake, 10, None);
    assert_eq!(later, "{\"ts\":\"1970-01-01T00:00:01Z\",\"v\":1}\nv1 ts: v i64");
}

#[test]
fn the_time_is_found_by_name_then_by_look() {
    check(
        Csv,
        "day,TimeStamp\n2014-07-02,86400\n",
        r#"{"TimeStamp":"1970-01-02T00:00:00Z","day":"2014-07-02"}
        v1 TimeStamp: day category"#,
    );
    check(
        Csv,
        "n,day\n5,2014-07-02\n",
        r#"{"day":"2014-07-02T00:00:00Z","n":5}
        v1 day: n i64"#,
    );
}

#[test]
fn epoch_numbers_are_told_apart_by_magnitude() {
    let moment = r#"{"t":"2014-07-01T00:00:00Z"}"#;
    for number in ["1404172800", "1404172800.0", "1404172800000", "1404172800000000", "1404172800000000000"] {
        check(Ndjson, format!("{{\"t\":{number}}}"), &format!("{moment}\nv1 t: "));
        check(Csv, format!("t,v\n{number},\n"), &format!("{moment}\nv1 t: "));
    }
}

#[test]
fn an_event_without_a_time_gets_its_arrival_only_when_one_is_given() {
    let stamped = read(Csv, b"v\n1\n", &mut Intake::inferred(), 10, Some(1_000_000_000));
    assert_eq!(stamped, "{\"time\":\"1970-01-01T00:00:01Z\",\"v\":1}\nv1 time (arrival): v i64");
    let carried = read(Csv, b"t,v\n2,1\n,3\n", &mut Intake::inferred(), 10, Some(1_000_000_000));
    assert!(carried.contains("! line 3, field \"t\": the event has no time"), "{carried}");
}

#[test]
fn a_named_time_field_wins_over_the_usual_names() {
    let found = read(Csv, b"time,at\nnoon,1\n", &mut Intake::with_time("at"), 10, None);
    assert_eq!(found, "{\"at\":\"1970-01-01T00:00:01Z\",\"time\":\"noon\"}\nv1 at: time category");
}

#[test]
fn a_header_that_names_a_column_twice_is_refused_once_and_no_row_becomes_a_header() {
    check(
        Csv,
        "t,v,v\n1,2,3\n4,5,6\n",
        r#"! line 1, field "v": the header names this column twice; rename one, no row was read"#,
    );
}

#[test]
fn rows_with_the_wrong_number_of_columns_are_rejected_at_their_line() {
    check(
        Csv,
        "t,v\n1\n2,2,2\n\n3,3\n",
        r#"{"t":"1970-01-01T00:00:03Z","v":3}
           ! line 2, field "v": row has 1 columns, the header has 2
           ! line 3, field "v": row has 3 columns, the header has 2
           v1 t: v i64"#,
    );
}

#[test]
fn line_numbers_hold_across_quoted_newlines_blank_lines_and_crlf() {
    for end in ["\n", "\r\n"] {
        let text = format!("t,v{end}1,\"a{end}b\"{end}{end}x,c{end}2,\"d\"\"e\"{end}y,f");
        let found = read(Csv, text.as_bytes(), &mut Intake::inferred(), 1_000, None);
        let rejected: Vec<&str> =
            found.lines().filter_map(|line| line.strip_prefix("! ")?.split(',').next()).collect();
        assert_eq!(rejected, ["line 5", "line 7"], "{found}");
    }
}

#[test]
fn a_byte_order_mark_and_crlf_are_no_part_of_the_first_name_or_the_last_cell() {
    let expected = "{\"t\":\"1970-01-01T00:00:01Z\",\"v\":2}\nv1 t: v i64";
    check(Csv, "\u{feff}t,v\r\n1,2\r\n", expected);
    check(Csv, "\u{feff}\"t\",\"v\"\r\n1,2\r\n", expected);
    check(Ndjson, "\u{feff}{\"t\":1,\"v\":2}\r\n", expected);
    check(Json, "\u{feff}[{\"t\":1,\"v\":2}]", expected);
}

#[test]
fn bytes_that_are_not_utf_8_are_rejected_where_they_are() {
    check(
        Csv,
        b"t,v\n1,ok\n2,a\xff\n",
        r#"{"t":"1970-01-01T00:00:01Z","v":"ok"}
           ! line 3, field "v": not UTF-8 after 1 bytes; save the file as UTF-8
           v1 t: v category"#,
    );
    check(Ndjson, b"{\"t\":\"\xff\"}\n", "! line 1: not UTF-8 after 6 bytes; save the text as UTF-8");
    check(Json, b"[{\"t\":\"\xff\"}]", "! line 1: not UTF-8 after 7 bytes; save the text as UTF-8");
}

#[test]
fn nan_and_infinity_are_rejected_as_numbers() {
    for word in ["NaN", "inf", "-Infinity", "1e999"] {
        let found =
            read(Csv, format!("t,v\n1,1.5\n2,{word}\n").as_bytes(), &mut Intake::inferred(), 10, None);
        assert!(found.contains("! line 3, field \"v\": expected a finite number"), "{word}: {found}");
    }
}

#[test]
fn nested_objects_flatten_and_a_field_named_twice_is_rejected() {
    check(
        Ndjson,
        "{\"t\":1,\"a\":{\"b\":1,\"c\":{\"d\":2}}}\n{\"t\":2,\"a.b\":1,\"a\":{\"b\":2}}\n",
        r#"{"t":"1970-01-01T00:00:01Z","a.b":1,"a.c.d":2}
           ! line 2, field "a.b": the event names this field twice; rename one
           v1 t: a.b i64, a.c.d i64"#,
    );
}

#[test]
fn what_is_no_object_is_rejected() {
    check(
        Ndjson,
        "1\n{\"t\":\n\n[]\n",
        r#"! line 1: not an object; expected {"field": value, ..}
        ! line 2: not JSON: EOF while parsing a value at line 1 column 5
        ! line 4: not an object; expected {"field": value, ..}"#,
    );
    check(
        Json,
        "[1, {\"t\":1}]",
        "{\"t\":\"1970-01-01T00:00:01Z\"}\n! line 1: array element is not an object\nv1 t: ",
    );
    check(Json, "7", "! line 1: expected an array of objects, or one object");
    check(Json, "[\n{\"t\":1},\n", "! line 3: not JSON: EOF while parsing a value at line 3 column 0");
}

#[test]
fn an_empty_text_and_a_header_alone_are_no_rows() {
    for (format, text) in [
        (Csv, ""),
        (Csv, "t,v\n"),
        (Csv, "\n\n"),
        (Ndjson, ""),
        (Ndjson, "\n \n"),
        (Json, " "),
        (Json, "[]"),
        (Json, "\u{feff}"),
    ] {
        check(format, text, "");
    }
}

#[test]
fn a_declared_schema_takes_no_new_field_and_does_not_change() {
    let time = TimeField { name: "at".into(), source: TimeSource::Event };
    let fields = vec![Field::new("v", FieldType::F64), Field::new("seen", FieldType::Timestamp)];
    let schema = Schema::new(time, fields);
    let mut intake = Intake::with_schema(schema.clone());
    let text =
        b"{\"at\":1,\"v\":1,\"seen\":\"2014-07-01\"}\n{\"at\":2,\"w\":1}\n{\"at\":3,\"seen\":\"soon\"}\n";
    let found = read(Ndjson, text, &mut intake, 10, None);
    assert!(
        found.contains("{\"at\":\"1970-01-01T00:00:01Z\",\"v\":1.0,\"seen\":\"2014-07-01T00:00:00Z\"}"),
        "{found}"
    );
    assert!(found.contains("! line 2, field \"w\": not in the stream's declared schema"), "{found}");
    assert!(found.contains("! line 3, field \"seen\": not a time"), "{found}");
    assert_eq!(intake.schema(), Some(&schema));
}

#[test]
fn a_declared_integer_takes_no_fraction() {
    let time = TimeField { name: "at".into(), source: TimeSource::Event };
    let schema = Schema::new(time, vec![Field::new("v", FieldType::I64)]);
    let mut intake = Intake::with_schema(schema.clone());
    let found = read(Csv, b"at,v\n1,5\n2,5.5\n", &mut intake, 10, None);
    assert!(found.contains("! line 3, field \"v\": expected an integer, got \"5.5\""), "{found}");
    assert_eq!(intake.schema(), Some(&schema));
}

#[test]
fn a_line_of_ten_megabytes_is_rejected_and_the_next_is_read() {
    let long = "x".repeat(10 << 20);
    let csv = format!("t,v\n1,a\n2,{long}\n3,b\n");
    let found = read(Csv, csv.as_bytes(), &mut Intake::inferred(), 10, None);
    assert!(found.contains("! line 3: row is longer than 1 MiB; is a quote left open?"), "{found}");
    assert!(found.contains("00:00:03Z"), "{found}");
    let ndjson = format!("{{\"t\":1}}\n{{\"t\":\"{long}\"}}\n{{\"t\":3}}\n");
    let found = read(Ndjson, ndjson.as_bytes(), &mut Intake::inferred(), 10, None);
    assert!(found.contains(&format!("! line 2: line is longer than {MAX_LINE_BYTES} bytes")), "{found}");
    assert!(found.contains("00:00:03Z"), "{found}");
}

#[test]
fn a_quote_left_open_costs_one_rejection_at_the_line_where_it_opens() {
    let csv = format!("t,v\n1,a\n2,\"b\n{}", "3,c\n".repeat(1 << 19));
    let found = read(Csv, csv.as_bytes(), &mut Intake::inferred(), 10, None);
    assert!(found.contains("! line 3: row is longer than 1 MiB; is a quote left open?"), "{found}");
}

#[test]
fn a_stream_has_at_most_1024_fields_and_names_of_256_bytes() {
    let wide: Vec<String> = (0..1_100).map(|field| format!("\"f{field}\":1")).collect();
    let text = format!(
        "{{\"t\":1,{}}}\n{{\"t\":2,\"{}\":1}}\n{{\"t\":3,\"v\":1}}\n",
        wide.join(","),
        "n".repeat(300)
    );
    let found = read(Ndjson, text.as_bytes(), &mut Intake::inferred(), 10, None);
    assert!(found.contains("! line 1, field \"f1024\": a stream has at most 1024 fields"), "{found}");
    assert!(found.contains(&format!(
        "! line 2, field \"{}\": a field needs a name of 1 to 256 bytes",
        "n".repeat(256)
    )));
    assert!(found.ends_with("v1 t: v i64"), "{found}");
}

#[test]
fn a_long_value_is_quoted_in_part() {
    let text = format!("t,v\n{},1\n", "x".repeat(100_000));
    let found = read(Csv, text.as_bytes(), &mut Intake::with_time("t"), 10, None);
    assert!(found.len() < 300, "{}", found.len());
}

#[test]
fn an_empty_text_after_a_missing_one_is_still_one_dictionary_entry() {
    let mut intake = Intake::inferred();
    let text = b"{\"t\":1,\"k\":\"a\"}\n{\"t\":2}\n{\"t\":3,\"k\":\"\"}\n{\"t\":4,\"k\":\"a\"}\n";
    let mut reader = TextReader::new(Ndjson, text.as_slice());
    intake.take(reader.next_chunk(1).expect("memory reads").expect("a row"), None);
    let taken = intake.take(reader.next_chunk(9).expect("memory reads").expect("rows"), None);
    let spate_shared::batch::Values::Category { dictionary, .. } = &taken.batch.columns[0].values else {
        panic!("not a category")
    };
    assert_eq!(dictionary, &["", "a"]);
    assert_eq!(
        (0..3).map(|row| taken.batch.columns[0].text(row)).collect::<Vec<_>>(),
        [None, Some(""), Some("a")]
    );
}
