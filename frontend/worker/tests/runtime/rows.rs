//! What a panel shows, as a table and as files.

use serde_json::Value;
use spate_shared::time::SECOND;
use spate_worker::ask::{Answer, Ask, Picture, TablePage};
use spate_worker::export::{Format, Part};
use spate_worker::protocol::Command;
use spate_worker::view::View;

use crate::script::{Script, last};

/// One panel that shows the last 10 s of 200 events, a second each.
fn shown() -> Script {
    let mut script = Script::live(0);
    script.add_panel(1, "time_series").data(7, 0, 200);
    script.command(Command::View(View::Follow(last(10 * SECOND)))).frame(SECOND);
    script.runtime.paint(1).expect("a scene");
    script
}

fn answer(script: &mut Script, ask: Ask) -> Answer {
    script.effects.clear();
    script.command(Command::Ask(ask));
    script.answers().next().expect("an answer")
}

fn page(script: &mut Script, first: usize, count: usize, fresh: bool) -> TablePage {
    let Answer::Rows(page) = answer(script, Ask::Rows { panel: 1, part: Part::Visible, first, count, fresh })
    else {
        panic!("no rows")
    };
    page
}

/// The name and the content of a file.
fn file(script: &mut Script, part: Part, format: Format) -> (String, Vec<u8>) {
    let Answer::File(file) = answer(script, Ask::Export { panel: 1, part, format }) else {
        panic!("no file")
    };
    (file.name, file.bytes)
}

#[test]
fn the_table_shows_the_range_newest_first_and_stands_still_until_made_anew() {
    let mut script = shown();
    let first = page(&mut script, 0, 4, true);
    let rows = first.window.rows;
    assert_eq!((first.window.total, rows.len()), (11, 4));
    assert_eq!(rows[0][..3], ["1970-01-01 00:03:19", "v", "9"]);
    assert!(rows[0][3..].iter().all(|cell| !cell.is_empty()), "band and score: {:?}", rows[0]);
    script.data(7, 200, 5).frame(SECOND);
    assert_eq!(page(&mut script, 0, 4, false).window.rows, rows);
    assert_eq!(page(&mut script, 9, 4, false).window.rows.len(), 2);
    script.runtime.paint(1).expect("a scene");
    assert_ne!(page(&mut script, 0, 4, true).window.rows, rows);
}

#[test]
fn a_file_holds_what_is_visible_all_or_between() {
    let mut script = shown();
    let lines = |(_, bytes): &(String, Vec<u8>)| String::from_utf8_lossy(bytes).lines().count() - 1;
    let visible = file(&mut script, Part::Visible, Format::Csv);
    assert_eq!((&*visible.0, lines(&visible)), ("s_v.csv", 11));
    let all = file(&mut script, Part::All, Format::Csv);
    assert_eq!(lines(&all), 200);
    let between = file(&mut script, Part::Between(20 * SECOND, 30 * SECOND), Format::Csv);
    assert_eq!(lines(&between), 10);
    let text = String::from_utf8_lossy(&between.1);
    assert!(
        text.starts_with("time,series,v,expected_lower,expected_upper,score\n1970-01-01T00:00:20Z,v,0,,,\n"),
        "{text}"
    );
}

#[test]
fn json_and_arrow_hold_the_same_rows() {
    let mut script = shown();
    let json = file(&mut script, Part::Visible, Format::Json);
    let rows: Vec<Value> = serde_json::from_slice(&json.1).expect("JSON");
    assert_eq!((rows.len(), &rows[0]["v"], &rows[0]["series"]), (11, &9.0.into(), &"v".into()));
    let arrow = file(&mut script, Part::Visible, Format::Arrow);
    assert_eq!(arrow.1[..4], [0xff; 4], "an Arrow IPC stream begins with its continuation marker");
    assert!(arrow.0.ends_with(".arrows"));
}

#[test]
fn a_picture_is_drawn_at_its_own_scale_and_changes_nothing_on_screen() {
    let mut script = shown();
    let before = script.runtime.paint(1).expect("a scene");
    let Answer::Picture { picture: Picture::Scene(scene), .. } =
        answer(&mut script, Ask::Picture { panel: 1, scale: 2.0 })
    else {
        panic!("no picture")
    };
    assert_eq!((scene.list.width_px, scene.list.height_px), (800, 400));
    assert_eq!(script.runtime.paint(1).expect("a scene"), before);
}
