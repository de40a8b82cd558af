//! Steps before windows, as a query sees them.

#![expect(clippy::expect_used, reason = "a failed expectation is a failed test")]

use spate_analysis::aggregate::Value;
use spate_analysis::query::{Emit, Outcome, QueryError, QuerySpec, WindowQuery};
use spate_shared::batch::{Batch, Bitmap, Column, Values};
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};

/// A number, a text, a flag and a time as text; the last event has none of them.
fn schema() -> Schema {
    let time = TimeField { name: "t".into(), source: TimeSource::Event };
    let mut v = Field::new("v", FieldType::F64);
    v.unit = Some("ms".to_owned());
    let host = Field::new("host", FieldType::Category);
    let text = Field::new("text", FieldType::Text);
    Schema::new(time, vec![v, host, text, Field::new("up", FieldType::Bool)])
}

fn batch() -> Batch {
    let mut up = Bitmap::default();
    for bit in [true, false, true, true] {
        up.push(bit);
    }
    let texts = ["Red fox, red ROOF!", "12.5", "yes", "2024-05-01T00:00:00Z"];
    let mut columns = [
        Values::F64(vec![-5.0, 50.0, 250.0, 100.0]),
        Values::Category { dictionary: vec!["a".into(), "b".into(), "c".into()], codes: vec![0, 1, 2, 0] },
        Values::Text(texts.into_iter().collect()),
        Values::Bool(up),
    ]
    .map(|values| Column { values, validity: None });
    columns.iter_mut().for_each(Column::push_missing);
    Batch { times: vec![1, 2, 3, 4, 5], columns: columns.into() }
}

const TABLES: &str = r#"{"hosts": "id,region,cores\na,eu,4\nb,us,8\n", "twice": "id,x\na,1\nb,2\na,3\n", "taken": "id,v\na,1\n"}"#;

fn query(steps: &[&str], agg: &str) -> Result<WindowQuery, QueryError> {
    let json = format!(
        r#"{{"window": "tumbling 10ns", "agg": ["{agg}"], "steps": {}, "tables": {TABLES}}}"#,
        serde_json::to_string(steps).expect("JSON")
    );
    let spec: QuerySpec = serde_json::from_str(&json).expect("a query");
    let again: QuerySpec =
        serde_json::from_str(&serde_json::to_string(&spec).expect("JSON")).expect("its own");
    assert_eq!(again, spec);
    WindowQuery::new(&spec, &schema(), Emit::Closed)
}

/// What the aggregate says of all five events, and how many did not get that far.
fn check(steps: &[&str], agg: &str, expect: &Value, left_out: u64) {
    let mut query = query(steps, agg).unwrap_or_else(|error| panic!("{error}"));
    let mut outcome = Outcome::default();
    query.push(&batch(), &mut outcome);
    query.finish(&mut outcome);
    assert_eq!(&outcome.results[0].values[0], expect, "{steps:?} {agg}");
    assert_eq!(query.counts().filtered, left_out, "{steps:?}");
}

fn sum(of: f64) -> Value {
    Value::Number(of)
}

#[test]
fn values_out_of_range_are_dropped_clamped_left_out_or_told() {
    check(&["valid v 0..100 drop"], "count", &Value::Count(3), 2);
    check(&["valid v 0..100 drop"], "sum(v)", &sum(150.0), 2);
    check(&["valid v 0..100 clamp"], "sum(v)", &sum(250.0), 0);
    check(&["valid v 0..100 null"], "sum(v)", &sum(150.0), 0);
    check(&["valid v 0..100 null"], "count", &Value::Count(5), 0);
    check(&["valid v 0..100 flag"], "sum(v_valid)", &sum(2.0), 0);
    check(&["valid v 0.. flag as ok", "where ok"], "count", &Value::Count(3), 2);
    check(&["valid v ..50 clamp"], "max(v)", &sum(50.0), 0);
}

#[test]
fn steps_run_in_their_order_and_see_what_earlier_ones_made() {
    check(&["derive w = v * 2", "valid w 0..100 clamp"], "sum(w)", &sum(300.0), 0);
    check(&["valid v 0..100 clamp", "derive w = v * 2"], "sum(w)", &sum(500.0), 0);
    check(&["where v > 0", "rename v to value", "derive v = value + 1"], "sum(v)", &sum(403.0), 2);
}

#[test]
fn units_convert_and_charts_learn_the_new_one() {
    check(&["convert v ms to s"], "max(v)", &sum(0.25), 0);
    assert_eq!(query(&["convert v ms to s"], "max(v)").expect("valid").unit(0), Some("s"));
    assert_eq!(query(&["valid v 0..1 clamp"], "max(v)").expect("valid").unit(0), Some("ms"));
    assert_eq!(query(&[], "count(v)").expect("valid").unit(0), None);
}

#[test]
fn fields_are_cast_where_their_values_allow_it() {
    check(&["cast text to number"], "count(text)", &Value::Count(1), 0);
    check(&["cast text to flag"], "sum(text)", &sum(1.0), 0);
    check(&["cast text to time"], "max(text)", &sum(1_714_521_600.0), 0);
    check(&["cast up to number"], "sum(up)", &sum(3.0), 0);
    check(&["cast v to text"], "distinct(v)", &Value::Count(4), 0);
    check(&["cast v to flag", "where v"], "count", &Value::Count(4), 1);
}

#[test]
fn each_word_of_a_text_counts_by_itself() {
    let words = [("red", 2), ("fox", 1)].map(|(word, count)| (word.to_owned(), count));
    let steps = ["where host = 'a' and v < 0", "tokenise text as word"];
    let mut query = query(&steps, "top2(word)").expect("valid");
    let mut outcome = Outcome::default();
    query.push(&batch(), &mut outcome);
    query.finish(&mut outcome);
    assert_eq!(outcome.results[0].values, [Value::Labels(words.into())]);
    check(&steps, "distinct(word)", &Value::Count(3), 4);
}

#[test]
fn a_table_adds_its_columns_by_key() {
    check(&["lookup host in hosts"], "sum(cores)", &sum(16.0), 0);
    check(&["lookup host in hosts by id take region", "where region = 'eu'"], "count", &Value::Count(2), 3);
    check(&["lookup host in hosts"], "distinct(region)", &Value::Count(2), 0);
}

#[test]
fn a_step_that_cannot_be_done_names_itself_and_the_choices() {
    for (steps, says) in [
        (&["valid w 0..1 drop"][..], &["step 'valid w 0..1 drop'", "\"w\"", "v, host"][..]),
        (&["valid text 0..1 drop"], &["is text, not a number", "cast text to number"]),
        (&["convert v ms to bytes"], &["step 'convert v ms to bytes'", "choose one of s, ms"]),
        (&["convert v parsec to m"], &["no unit is called \"parsec\""]),
        (&["rename v to host"], &["field \"host\" already"]),
        (&["rename v to w", "where v > 0"], &["\"v\"", "w, host"]),
        (&["tokenise v as word"], &["is a number, not text"]),
        (&["lookup host in nodes"], &["no table is called \"nodes\": choose one of hosts, taken, twice"]),
        (&["lookup host in twice"], &["table \"twice\"", "\"a\" stands in lines 2 and 4"]),
        (&["lookup host in taken"], &["field \"v\" already"]),
        (&["lookup host in hosts take zone"], &["\"zone\": choose one of id, region, cores"]),
        (&["derive w = v +"], &["derive: column"]),
        (&["where v"], &["where: expected true or false"]),
    ] {
        let message = query(steps, "count").expect_err("refused").to_string();
        assert!(says.iter().all(|part| message.contains(part)), "{steps:?}: {message}");
    }
}
