use super::*;
use crate::catalog_dashboard::tests::stream;

fn ids(board: &Board) -> Vec<PanelId> {
    board.panels.iter().map(|panel| panel.id).collect()
}

fn with(streams: &[(&str, &[&str])]) -> Board {
    let mut board = Board::default();
    board.set_streams(streams.iter().map(|(name, measures)| stream(name, measures)).collect());
    board
}

#[test]
fn new_stream_adds_its_panels_and_keeps_the_others() {
    let mut board = with(&[("b", &["x"])]);
    let before = ids(&board);
    board.set_streams(vec![stream("a", &["y"]), stream("b", &["x"])]);
    assert!(before.iter().all(|id| ids(&board).contains(id)));
    assert_eq!(board.panels.len(), before.len() + 2);
}

#[test]
fn same_catalog_twice_changes_nothing() {
    let mut board = with(&[("a", &["x", "y"])]);
    let before = board.clone();
    board.set_streams(board.streams.clone());
    assert_eq!(board, before);
}

#[test]
fn panel_ids_are_never_used_twice() {
    let mut board = with(&[("a", &["x"])]);
    let before = ids(&board);
    board.clear();
    board.set_streams(vec![stream("a", &["x"])]);
    assert!(ids(&board).iter().all(|id| !before.contains(id)));
}

#[test]
fn a_panel_that_moved_keeps_its_canvas_and_one_that_changed_does_not() {
    let mut board = with(&[("a", &["x"])]);
    let before = ids(&board);
    let key = board.panels[0].key;
    board.edit(DocumentEdit::Place(key, Place { x: 3, y: 9, w: 5, h: 5 }));
    assert!(before.iter().all(|id| ids(&board).contains(id)));
    let renamed = PanelDocument { title: "T".to_owned(), ..board.document().panels[0].clone() };
    board.edit(DocumentEdit::Replace(renamed));
    assert_eq!(before.iter().filter(|id| ids(&board).contains(id)).count(), before.len() - 1);
    assert!(board.is_changed() && board.undo(false) && board.undo(false) && !board.undo(false));
    assert!(!board.is_changed() && board.undo(true));
}

#[test]
fn a_variable_filters_the_panels_of_streams_that_have_it() {
    let mut board = with(&[("a", &["x"])]);
    let before = ids(&board);
    let filter = |field: &str| FieldFilter { field: field.to_owned(), values: vec!["h1".to_owned()] };
    board.choose(vec![filter("rack")]);
    let filters =
        |board: &Board| board.panels.iter().map(|panel| panel.spec.filter.len()).collect::<Vec<_>>();
    assert_eq!((filters(&board), ids(&board)[..2] == before[..2]), (vec![0, 0, 1], true));
    board.choose(vec![filter("host")]);
    assert_eq!(filters(&board), [1, 1, 1]);
    assert!(!board.is_changed(), "what is chosen is no change of the dashboard");
}

#[test]
fn a_panel_that_is_tried_out_is_shown_and_not_yet_a_change() {
    let mut board = with(&[("a", &["x"])]);
    let panel = PanelDocument { title: "T".to_owned(), ..board.document().panels[0].clone() };
    board.try_out(DocumentEdit::Replace(panel.clone()));
    assert_eq!((&*board.panels[0].title, board.is_changed()), ("T", false));
    let shown = ids(&board);
    board.edit(DocumentEdit::Replace(panel));
    assert_eq!((ids(&board), board.is_changed()), (shown, true), "what was tried out keeps its canvas");
    let other = PanelDocument { title: "U".to_owned(), ..board.document().panels[0].clone() };
    board.try_out(DocumentEdit::Replace(other));
    assert_eq!((&*board.panels[0].title, board.is_trying()), ("U", true));
    board.end_trial();
    assert_eq!(&*board.panels[0].title, "T");
}

#[test]
fn a_changed_dashboard_no_longer_grows_with_the_catalog() {
    let mut board = with(&[("a", &["x"])]);
    let count = board.panels.len();
    board.edit(DocumentEdit::Remove(board.panels[0].key));
    board.set_streams(vec![stream("a", &["x"]), stream("b", &["x"])]);
    assert_eq!(board.panels.len(), count - 1);
}

#[test]
fn what_is_missing_is_said_on_its_panel() {
    let streams = [stream("a", &["x"])];
    let panel = |kind: &str, stream: &str, measure: &str| PanelDocument {
        kind: kind.to_owned(),
        stream: stream.to_owned(),
        measure: measure.to_owned(),
        ..PanelDocument::default()
    };
    let problem = |document: &PanelDocument| super::panel(document, &streams, &[], 0).problem;
    for (document, part) in [
        (panel("hologram", "a", "x"), "\"hologram\""),
        (panel("stat", "gone", "x"), "\"gone\""),
        (panel("stat", "a", "gone"), "\"gone\""),
    ] {
        let problem = problem(&document).unwrap_or_default();
        assert!(problem.contains(part), "{problem}");
    }
    assert_eq!(problem(&panel("stat", "a", "x")), None);
}

#[test]
fn a_dashboard_offers_the_dimensions_of_the_streams_it_shows() {
    let mut board = with(&[("a", &["x"]), ("b", &["x"])]);
    assert_eq!(board.offered(), ["host"]);
    let document = board.document();
    assert!(document.shows("a") && document.shows("b") && !document.shows("c"));
    for key in board.panels.iter().map(|panel| panel.key).collect::<Vec<_>>() {
        if board.document().panel(key).is_some_and(|panel| !panel.stream.is_empty()) {
            board.edit(DocumentEdit::Remove(key));
        }
    }
    assert!(board.document().shows("c"), "none is named, so all are shown");
}
