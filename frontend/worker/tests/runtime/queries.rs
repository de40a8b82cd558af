//! Panels with a query: results instead of values.

use spate_shared::batch::{Batch, Column, Values};
use spate_shared::schema::{Field, FieldType};
use spate_shared::time::{MINUTE, Nanos, SECOND};
use spate_shared::wire::{DataFrame, DataHeader, Mode, ServerMessage};
use spate_worker::ask::{Answer, Ask};
use spate_worker::export::{Format, Part};
use spate_worker::protocol::{Command, FieldFilter, HoverUpdate, PanelSpec, PanelState, Update};
use spate_worker::query_form::{QueryPart, QueryParts, QueryQuestion};
use spate_worker::runtime::Wake;
use spate_worker::view::View;

use crate::script::{Script, info, last};

/// Events `(second, host, value)`.
fn push(script: &mut Script, base: u64, events: &[(i64, &str, f64)]) {
    let host = Values::Category {
        dictionary: events.iter().map(|(_, host, _)| (*host).to_owned()).collect(),
        codes: (0..events.len() as u32).collect(),
    };
    let value = Values::F64(events.iter().map(|(.., value)| *value).collect());
    let columns = [value, host].map(|values| Column { values, validity: None }).into();
    let times = events.iter().map(|(second, ..)| second * SECOND).collect();
    let header = DataHeader { stream: 4, schema: 2, epoch: 7, base, rows: events.len() as u32, sealed: 0 };
    script.wake(Wake::Received(1, DataFrame { header, batch: Batch { times, columns } }.encode()));
}

/// On a relay whose stream has a measure `v` and a dimension `host`.
fn live() -> Script {
    let mut script = Script::live(0);
    let mut info = info();
    info.schema.version = 2;
    info.schema.fields.push(Field::new("host", FieldType::Category));
    let schema = info.schema.clone();
    script.message(&ServerMessage::Catalog { streams: vec![info] });
    script.message(&ServerMessage::Ok {
        stream: "s".into(),
        id: 4,
        epoch: 7,
        next: 0,
        mode: Mode::Started,
        schema,
    });
    script
}

fn panel(kind: &str, query: &str) -> PanelSpec {
    PanelSpec { kind: kind.into(), stream: "s".into(), query: Some(query.into()), ..PanelSpec::default() }
}

const BY_HOST: &str = r#"{"by": ["host"], "window": "tumbling 10s", "agg": ["sum(v)"], "lateness": "20s"}"#;

/// Two hosts; the last event is late for the window that was given first.
fn fill(script: &mut Script) {
    push(
        script,
        0,
        &[(1, "a", 1.0), (2, "b", 2.0), (12, "a", 4.0), (3, "a", 8.0), (35, "a", 16.0), (4, "b", 32.0)],
    );
}

fn hover(script: &mut Script, x_px: f32) -> Option<HoverUpdate> {
    script.command(Command::Hover { panel: 1, x_px: Some(x_px) });
    let Update::Hover(hover) = script.runtime.hovered() else { return None };
    hover.into_iter().next()
}

#[test]
fn a_query_draws_one_line_for_each_group_and_says_what_was_late_and_revised() {
    let mut script = live();
    script.add_spec(1, panel("time_series", BY_HOST));
    fill(&mut script);
    script.command(Command::View(View::Follow(last(MINUTE)))).frame(SECOND);
    let words = script.words(1).expect("words").clone();
    assert_eq!(words.state, PanelState::Ready);
    let legend: Vec<_> =
        words.legend.iter().map(|entry| (entry.name.as_str(), entry.latest.as_str())).collect();
    assert_eq!(legend, [("a", "4"), ("b", "2")]);
    assert_eq!(words.notes, ["1 revised", "1 late"]);
    assert!(words.summary.contains("sum(v) of s, tumbling 10s windows"), "{}", words.summary);
    assert!(script.runtime.paint(1).is_some());
}

#[test]
fn the_pointer_says_what_a_revised_result_was_and_what_is_provisional() {
    let mut script = live();
    script.add_spec(1, panel("time_series", BY_HOST));
    fill(&mut script);
    script.command(Command::View(View::Follow(last(35 * SECOND)))).frame(SECOND);
    script.runtime.paint(1).expect("a scene");
    let mut notes = Vec::new();
    for x_px in (0..400).step_by(4) {
        let rows = hover(&mut script, x_px as f32).into_iter().flat_map(|hover| hover.rows);
        notes.extend(rows.map(|row| format!("{} {} {}", row.name, row.value, row.note.unwrap_or_default())));
    }
    notes.dedup();
    for expected in ["a 9 revised, was 1", "b 2 ", "a 4 ", "a 16 provisional"] {
        assert!(notes.iter().any(|note| note == expected), "{expected:?} in {notes:?}");
    }
}

#[test]
fn late_events_have_a_lane_and_can_be_saved_with_all_their_fields() {
    let mut script = live();
    script.add_spec(1, panel("time_series", BY_HOST));
    fill(&mut script);
    script.command(Command::View(View::Follow(last(MINUTE)))).frame(SECOND);
    let labels = script.labels(1);
    assert!(labels.iter().any(|label| label == "1 late"), "{labels:?}");
    script.command(Command::Ask(Ask::Export { panel: 1, part: Part::Late, format: Format::Csv }));
    let file = script.answers().find_map(|answer| match answer {
        Answer::File(file) => Some((file.name, file.bytes)),
        _ => None,
    });
    let (name, bytes) = file.expect("a file");
    assert_eq!(name, "s_late.csv");
    assert_eq!(String::from_utf8_lossy(&bytes), "t,v,host\n1970-01-01T00:00:04Z,32,b\n");
}

#[test]
fn groups_over_the_bound_are_named() {
    let mut script = live();
    let query = r#"{"by": ["host"], "window": "tumbling 1m", "agg": ["count"], "max_groups": 1}"#;
    script.add_spec(1, panel("time_series", query));
    push(&mut script, 0, &[(1, "a", 1.0), (2, "b", 2.0), (3, "c", 2.0), (4, "b", 2.0)]);
    script.frame(SECOND);
    assert_eq!(script.words(1).expect("words").notes, ["3 shed: too many groups (b, c)"]);
}

#[test]
fn a_query_that_cannot_be_answered_is_the_panels_state_and_names_the_place() {
    for (query, says) in [
        (r#"{"window": "tumbling 10s", "agg": ["mean(w)"]}"#, &["agg: mean(w)", "\"w\"", "v, host"][..]),
        (r#"{"window": "tumbling 0s", "agg": ["count"]}"#, &["more than 0"]),
        (r#"{"window": "sliding 1s", "agg": ["count"]}"#, &["'tumbling WIDTH"]),
        (r#"{"window": "tumbling 1s", "agg": ["median(v)"]}"#, &["choose one of count"]),
        (r#"{"window": "tumbling 1s", "agg": ["count"], "where": "v > x"}"#, &["where: column 5", "x"]),
        ("{}", &["missing field"]),
    ] {
        let mut script = live();
        script.add_spec(1, panel("time_series", query)).frame(SECOND);
        assert_eq!(script.words(1).expect("words").state, PanelState::Waiting, "before the first event");
        fill(&mut script);
        script.frame(SECOND);
        let state = script.words(1).expect("words").state.clone();
        let PanelState::Failed { reason } = &state else { panic!("{query}: {state:?}") };
        assert!(reason.starts_with("query: "), "{reason}");
        assert!(says.iter().all(|part| reason.contains(part)), "{reason}");
    }
}

#[test]
fn a_filter_narrows_values_and_results_alike() {
    for query in [None, Some(BY_HOST.to_owned())] {
        let mut script = live();
        let filter = vec![FieldFilter { field: "host".into(), values: vec!["b".into()] }];
        let spec = PanelSpec { measure: "v".into(), query, filter, ..panel("time_series", "") };
        script.add_spec(1, spec);
        fill(&mut script);
        script.frame(SECOND);
        let names: Vec<_> =
            script.words(1).expect("words").legend.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["b"]);
    }
}

#[test]
fn a_tile_with_a_query_shows_its_latest_final_result() {
    let mut script = live();
    script.add_spec(1, panel("stat", r#"{"window": "tumbling 10s", "agg": ["max(v)"]}"#));
    fill(&mut script);
    script.frame(SECOND);
    let words = script.words(1).expect("words");
    assert_eq!(words.value.as_deref(), Some("4"));
    assert_eq!(words.change.as_deref(), Some("tumbling 10s max(v)  +100 %"));
}

#[test]
fn a_query_is_asked_again_of_another_source_and_forgotten_with_its_panel() {
    let mut script = live();
    script.add_spec(1, panel("time_series", BY_HOST)).add_spec(2, panel("stat", BY_HOST));
    fill(&mut script);
    script.frame(SECOND);
    let legend = |script: &Script| script.words(1).map(|words| words.legend.len());
    assert_eq!(legend(&script), Some(2));
    script.command(Command::RemovePanel { panel: 1 });
    let mut again = live();
    fill(&mut again);
    again.frame(SECOND).add_spec(1, panel("time_series", BY_HOST)).frame(SECOND);
    assert_eq!(legend(&again), Some(2), "events that came before the panel count");
}

#[test]
fn a_silent_stream_gives_its_last_window_when_time_goes_on() {
    let mut script = live();
    script.add_spec(1, panel("stat", r#"{"window": "tumbling 10s", "agg": ["count"], "watermark": "5s"}"#));
    push(&mut script, 0, &[(1, "a", 1.0), (10, "a", 1.0)]);
    let value = |script: &mut Script, elapsed: Nanos| {
        script.now += elapsed;
        script.wake(Wake::Tick).frame(SECOND);
        script.words(1).and_then(|words| words.value.clone())
    };
    assert_eq!(value(&mut script, SECOND), None);
    assert_eq!(value(&mut script, MINUTE).as_deref(), Some("1"));
}

#[test]
fn a_form_is_told_what_of_a_query_is_wrong_and_gets_its_json_once_nothing_is() {
    let mut script = live();
    fill(&mut script);
    let mut ask = |parts: Option<QueryParts>| {
        let question = QueryQuestion {
            request: 3,
            stream: "s".into(),
            measure: "v".into(),
            query: BY_HOST.into(),
            parts,
        };
        script.command(Command::Ask(Ask::Query(Box::new(question))));
        let answers = script.answers().filter_map(|answer| match answer {
            Answer::Query(answer) => Some(answer),
            _ => None,
        });
        answers.last().expect("an answer")
    };
    let answer = ask(None);
    assert_eq!((answer.request, answer.parts.lateness.as_str()), (3, "20s"));
    let wrong = QueryParts { by: vec!["rack".into()], ..answer.parts.clone() };
    let found = ask(Some(wrong));
    assert_eq!((found.problems[0].0, &found.query), (QueryPart::By, &None));
    let right = QueryParts { filter: "v > 1".into(), ..answer.parts };
    assert!(ask(Some(right)).query.is_some_and(|query| query.contains(r#""where":"v > 1""#)));
}
