//! Every kind of panel on a live stream: what is drawn, which rows travel, what lies under the pointer.

use spate_chart::options::{OptionValue, Options};
use spate_chart::panel::{PANELS, Surface, row_picture};
use spate_chart::scene::RowWindow;
use spate_chart::theme::Theme;
use spate_shared::batch::{Batch, Column, Values};
use spate_shared::catalog::StreamInfo;
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use spate_shared::time::SECOND;
use spate_shared::wire::{DataFrame, DataHeader, Mode, ServerMessage};
use spate_worker::ask::{Answer, Ask, Picture};
use spate_worker::export::{Format, Part};
use spate_worker::panel::rows::{RowSort, RowsRequest};
use spate_worker::protocol::{Command, FieldFilter, PanelSpec, Source, TipUpdate, Update};
use spate_worker::runtime::Wake;

use crate::script::Script;

/// Two measures of different units, a dimension and a text.
fn schema() -> Schema {
    let time = TimeField { name: "t".into(), source: TimeSource::Event };
    let unit = |name: &str, unit: &str| Field { unit: Some(unit.into()), ..Field::new(name, FieldType::F64) };
    let fields = vec![
        unit("load", "percent"),
        unit("power", "W"),
        Field::new("host", FieldType::Category),
        Field::new("state", FieldType::Text),
    ];
    Schema::new(time, fields)
}

/// `rows` events a second apart, by turns of hosts `a` and `b`.
fn batch(rows: u32) -> Batch {
    let f64s =
        |f: &dyn Fn(u32) -> f64| Column { values: Values::F64((0..rows).map(f).collect()), validity: None };
    let dictionary = vec!["a".to_owned(), "b".to_owned()];
    let states = (0..rows).map(|row| if row / 20 % 2 == 0 { "Idle".into() } else { format!("busy {row}") });
    Batch {
        times: (0..i64::from(rows)).map(|row| row * SECOND).collect(),
        columns: vec![
            f64s(&|row| f64::from(row % 100)),
            f64s(&|row| 2.0 * f64::from(row)),
            Column {
                values: Values::Category { dictionary, codes: (0..rows).map(|row| row % 2).collect() },
                validity: None,
            },
            Column { values: Values::Text(states.collect()), validity: None },
        ],
    }
}

/// On a relay whose stream `s` had `rows` events.
fn live(rows: u32) -> Script {
    let mut script = Script::new();
    let info = StreamInfo { name: "s".into(), id: 4, epoch: 7, oldest: 0, head: 0, schema: schema() };
    script.command(Command::Open { generation: 1, source: Source::Relay { url: "ws://r".into() } });
    script.wake(Wake::Opened(1));
    script.message(&ServerMessage::Welcome { protocol: 1, build: "r".into(), now: 0, catalog: vec![info] });
    let (stream, schema) = ("s".to_owned(), schema());
    script.message(&ServerMessage::Ok { stream, id: 4, epoch: 7, next: 0, mode: Mode::Started, schema });
    let header = DataHeader { stream: 4, schema: 1, epoch: 7, base: 0, rows, sealed: 0 };
    script.wake(Wake::Received(1, DataFrame { header, batch: batch(rows) }.encode()));
    script
}

/// An event that is unusual enough for an alert.
fn spike(script: &mut Script) {
    let mut batch = batch(1);
    batch.times[0] = 401 * SECOND;
    batch.columns[0].values = Values::F64(vec![1e6]);
    let header = DataHeader { stream: 4, schema: 1, epoch: 7, base: 400, rows: 1, sealed: 0 };
    script.wake(Wake::Received(1, DataFrame { header, batch }.encode()));
}

fn answer(script: &mut Script, ask: Ask) -> Option<Answer> {
    script.effects.clear();
    script.command(Command::Ask(ask));
    script.answers().next()
}

fn spec(kind: &str, options: &[(&str, &str)]) -> PanelSpec {
    let option = |(name, text): &(&str, &str)| ((*name).to_owned(), OptionValue::Text((*text).to_owned()));
    PanelSpec {
        kind: kind.into(),
        stream: "s".into(),
        measure: "load".into(),
        options: Options(options.iter().map(option).collect()),
        ..PanelSpec::default()
    }
}

fn rows(script: &mut Script, kind: &str, options: &[(&str, &str)], request: RowsRequest) -> RowWindow {
    script.add_spec(1, spec(kind, options));
    rows_of(script, request)
}

fn rows_of(script: &mut Script, request: RowsRequest) -> RowWindow {
    script.command(Command::Rows { panel: 1, rows: request });
    let window = script.posted().filter_map(|update| match update {
        Update::Rows { panel: 1, window } => Some(window.clone()),
        _ => None,
    });
    window.last().expect("rows")
}

fn request(first: u64, count: u32, search: &str) -> RowsRequest {
    RowsRequest { first, count, search: search.into(), sort: None }
}

#[test]
fn every_drawn_kind_draws_a_live_stream_and_says_what_it_shows() {
    for kind in PANELS.iter().filter(|kind| kind.surface == Surface::Canvas) {
        let mut script = live(400);
        script.add_spec(1, spec(kind.id, &[]));
        script.frame(SECOND);
        let scene = script.runtime.paint(1).expect("a scene");
        assert!(!scene.list.ops.is_empty() || scene.image.is_some(), "{}", kind.id);
        script.frame(SECOND);
        let words = script.words(1).expect("words");
        assert!(
            words.summary.contains("load") || words.summary.contains('s'),
            "{}: {}",
            kind.id,
            words.summary
        );
        let points = script.stats()["panels"][0]["points"].as_u64();
        assert!(points.is_some_and(|points| points > 0), "{}: {points:?}", kind.id);
    }
}

#[test]
fn every_kind_has_a_table_twin_files_of_the_same_rows_and_a_picture() {
    for kind in PANELS {
        let mut script = live(400);
        spike(&mut script);
        script.add_spec(1, spec(kind.id, &[]));
        script.frame(SECOND);
        if kind.surface == Surface::Canvas {
            script.runtime.paint(1).expect("a scene");
        }
        let mut answer = |ask| answer(&mut script, ask);
        for part in [Part::Visible, Part::All, Part::Between(100 * SECOND, 405 * SECOND)] {
            let Some(Answer::Rows(page)) =
                answer(Ask::Rows { panel: 1, part, first: 0, count: 3, fresh: true })
            else {
                panic!("{}: no rows", kind.id)
            };
            let RowWindow { columns, rows, total, .. } = page.window;
            assert!(!rows.is_empty() && rows[0].len() == columns.len(), "{} {part:?}: {rows:?}", kind.id);
            let says_when = rows[0][..2].iter().any(|cell| cell.starts_with("1970-01-01 00:0"));
            assert!(says_when, "{}: {:?}", kind.id, rows[0]);
            let mut file = |format| match answer(Ask::Export { panel: 1, part, format }) {
                Some(Answer::File(file)) => file.bytes,
                _ => panic!("{}: no file", kind.id),
            };
            let csv = String::from_utf8(file(Format::Csv)).expect("text");
            assert_eq!(csv.lines().count() as u64, total + 1, "{}", kind.id);
            let json: Vec<serde_json::Value> = serde_json::from_slice(&file(Format::Json)).expect("JSON");
            assert_eq!(json.len() as u64, total, "{}", kind.id);
            assert!(file(Format::Arrow).len() > 64, "{}", kind.id);
        }
        let picture = match answer(Ask::Picture { panel: 1, scale: 2.0 }) {
            Some(Answer::Picture { picture: Picture::Scene(scene), .. }) => scene,
            Some(Answer::Picture { picture: Picture::Rows(window), .. }) => {
                row_picture::scene(&window, &Theme::LIGHT, 2.0)
            }
            _ => panic!("{}: no picture", kind.id),
        };
        assert!(!picture.list.ops.is_empty() && picture.list.width_px > 0, "{}", kind.id);
    }
}

#[test]
fn rows_of_a_table_are_found_and_sorted_as_on_screen_and_series_keep_their_numbers() {
    let mut script = live(400);
    let sort = Some(RowSort { column: "power".into(), descending: true });
    rows(
        &mut script,
        "table",
        &[("columns", "power, state")],
        RowsRequest { sort, ..request(0, 10, "idle") },
    );
    let csv = |script: &mut Script, part| {
        let asked = Ask::Export { panel: 1, part, format: Format::Csv };
        let Some(Answer::File(file)) = answer(script, asked) else { panic!("no file") };
        String::from_utf8(file.bytes).expect("text")
    };
    let visible = csv(&mut script, Part::Visible);
    assert!(visible.starts_with("t,power,state\n1970-01-01T00:06:19Z,758,Idle\n"), "{visible}");
    assert_eq!((visible.lines().count(), csv(&mut script, Part::All).lines().count()), (201, 401));
    script.add_spec(1, spec("table", &[("rows", "series")]));
    let series = csv(&mut script, Part::All);
    let second = series.lines().nth(1).expect("a row");
    assert_eq!(second, "1970-01-01T00:00:00Z,1970-01-01T00:06:39Z,a,percent,98,0,49,98,200", "{series}");
}

#[test]
fn a_measure_of_another_unit_has_an_axis_on_the_right() {
    let mut script = live(400);
    script.add_spec(1, spec("time_series", &[("also", "power")]));
    let labels = script.labels(1);
    assert!(labels.iter().any(|label| label.ends_with('%')), "{labels:?}");
    assert!(labels.iter().any(|label| label.ends_with('W')), "{labels:?}");
    script.frame(SECOND);
    let names: Vec<_> =
        script.words(1).expect("words").legend.iter().map(|entry| entry.name.clone()).collect();
    assert_eq!(names, ["a · load", "b · load", "a · power", "b · power"]);
}

#[test]
fn a_table_gets_only_the_rows_on_screen_newest_first() {
    let window = rows(&mut live(400), "table", &[], request(10, 5, ""));
    let names: Vec<_> = window.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["t", "load", "power", "host", "state"]);
    assert_eq!((window.first, window.total, window.held, window.rows.len()), (10, 400, 400, 5));
    assert_eq!(window.rows[0][..4], ["1970-01-01 00:06:29", "89 %", "778 W", "b"]);
}

#[test]
fn rows_are_sorted_by_any_column_and_bounded_whatever_is_asked() {
    let sort = Some(RowSort { column: "power".into(), descending: false });
    let request = RowsRequest { first: 0, count: u32::MAX, sort, search: String::new() };
    let window = rows(&mut live(1_000), "table", &[("columns", "power")], request);
    assert_eq!((window.rows.len(), window.total), (500, 1_000));
    assert_eq!(window.rows[0], ["1970-01-01 00:00:00", "0 W"]);
    assert_eq!(window.rows[499][1], "998 W");
}

#[test]
fn search_finds_text_of_any_case_and_numbers() {
    let found = |text: &str| rows(&mut live(400), "event_log", &[], request(0, 50, text)).total;
    assert_eq!(found("IDLE"), 200);
    assert_eq!(found("busy 399"), 1);
    assert_eq!(found("00:06:39"), 1);
    assert_eq!(found("no such text"), 0);
    assert_eq!(found("798"), 1);
}

#[test]
fn a_table_of_series_has_a_row_for_each() {
    let window = rows(&mut live(400), "table", &[("rows", "series")], request(0, 10, ""));
    assert_eq!(window.rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(window.rows[1][1..], ["99 %", "1 %", "50 %", "99 %", "200"]);
    let sort = Some(RowSort { column: "latest".into(), descending: true });
    let by_latest = RowsRequest { count: 10, sort, ..RowsRequest::default() };
    let mut script = live(333);
    script.add_spec(1, PanelSpec { measure: String::new(), ..spec("table", &[("rows", "series")]) });
    let all = rows_of(&mut script, by_latest);
    let names: Vec<_> = all.rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(
        names,
        ["a · power", "b · power", "a · load", "b · load"],
        "every measure, when none is named"
    );
    assert_eq!(all.rows[0][1..], ["664 W", "0 W", "332 W", "664 W", "167"]);
    assert_eq!(all.rows[2][3], "45.6 %", "a mean has as many digits as matter");
    let beyond = rows(&mut live(400), "table", &[], request(9_999, 10, ""));
    assert_eq!((beyond.first, beyond.rows.len()), (400, 0));
}

#[test]
fn rows_follow_the_stream_but_not_faster_than_they_can_be_read() {
    let mut script = live(10);
    rows(&mut script, "event_log", &[], request(0, 3, ""));
    let told =
        |script: &Script| script.posted().filter(|update| matches!(update, Update::Rows { .. })).count();
    let before = told(&script);
    let header = DataHeader { stream: 4, schema: 1, epoch: 7, base: 10, rows: 10, sealed: 0 };
    script.wake(Wake::Received(1, DataFrame { header, batch: batch(10) }.encode()));
    script.frame(SECOND / 10);
    assert_eq!(told(&script), before);
    script.frame(SECOND);
    assert_eq!(told(&script), before + 1);
    script.frame(2 * SECOND);
    assert_eq!(told(&script), before + 1);
}

#[test]
fn what_lies_under_the_pointer_of_a_histogram_is_told() {
    let mut script = live(400);
    script.add_spec(1, spec("histogram", &[]));
    script.runtime.paint(1).expect("a scene");
    script.command(Command::Point { panel: 1, at_px: Some([200.0, 150.0]) });
    let tip = |script: &Script| -> Option<TipUpdate> {
        script
            .posted()
            .filter_map(|update| if let Update::Tip(tip) = update { Some(tip.clone()) } else { None })
            .last()?
    };
    let shown = tip(&script).expect("a tip");
    assert!(shown.title.contains(" to ") && shown.rows[0].0 == "values", "{shown:?}");
    script.command(Command::Point { panel: 1, at_px: None });
    assert_eq!(tip(&script), None);
}

#[test]
fn a_filter_narrows_every_kind_and_the_values_to_choose_from_are_told() {
    let mut script = live(400);
    script.command(Command::Ask(Ask::Values { field: "host".into() }));
    let told = script.answers().find_map(|answer| match answer {
        Answer::Values { field, values } => Some((field, values)),
        _ => None,
    });
    assert_eq!(told, Some(("host".to_owned(), vec!["a".to_owned(), "b".to_owned()])));
    let only = |kind: &str, values: &[&str]| PanelSpec {
        filter: vec![FieldFilter {
            field: "host".into(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        }],
        ..spec(kind, &[])
    };
    for (id, kind) in [(1, "time_series"), (2, "swimlanes")] {
        script.add_spec(id, only(kind, &["b"]));
        script.frame(SECOND);
        script.runtime.paint(id).expect("a scene");
        script.frame(SECOND);
        let said = format!("{:?}", script.words(id).expect("words"));
        assert!(
            !said.contains("\"a\"") && !script.labels(id).iter().any(|label| label.starts_with('a')),
            "{said}"
        );
    }
    script.add_spec(3, PanelSpec { stream: String::new(), ..only("alerts", &["nobody"]) });
    script.frame(SECOND);
    assert_eq!(script.words(3).map(|words| words.alerts.total), Some(0));
}
