//! What the reader does on a plot.

use spate_shared::time::{Nanos, SECOND};
use spate_worker::ask::{Answer, Ask, Ranking};
use spate_worker::gesture::{Gesture, Place, Purpose, Span, Step};
use spate_worker::protocol::{Command, HoverUpdate, Update};
use spate_worker::runtime::{Effect, Runtime};
use spate_worker::view::View;

use crate::script::{Script, last};

/// One panel that shows the last 10 s of a stream with an event a second, value `i % 10`.
fn shown(events: u32) -> Script {
    let mut script = Script::live(0);
    script.add_panel(1, "time_series").data(7, 0, events);
    script.command(Command::View(View::Follow(last(10 * SECOND)))).frame(SECOND);
    script.runtime.paint(1).expect("a scene");
    script.effects.clear();
    script
}

fn hovered(runtime: &Runtime) -> Vec<HoverUpdate> {
    let Update::Hover(hover) = runtime.hovered() else { return Vec::new() };
    hover
}

fn second(hover: &HoverUpdate) -> Nanos {
    hover.time.trim_end_matches('Z').rsplit(':').next().and_then(|s| s.parse().ok()).expect("a second")
}

fn span(script: &Script) -> Span {
    let span = script.posted().find_map(|u| if let Update::Span(span) = u { Some(*span) } else { None });
    span.expect("a span")
}

fn gesture(script: &mut Script, gesture: Gesture) {
    script.command(Command::Gesture { panel: 1, gesture });
}

#[test]
fn the_pointer_shows_exact_values_and_when_they_are_final() {
    let mut script = shown(100);
    script.command(Command::Hover { panel: 1, x_px: Some(250.0) });
    assert!(script.effects.contains(&Effect::Hover));
    let hover = hovered(&script.runtime);
    assert_eq!(hover[0].rows[0].value, (second(&hover[0]) % 10).to_string());
    assert!(hover[0].leads && hover[0].late == 0);
    script.command(Command::Hover { panel: 1, x_px: None });
    assert!(hovered(&script.runtime).is_empty());
}

#[test]
fn other_panels_follow_the_crosshair_to_the_same_moment() {
    let mut script = shown(100);
    script.add_panel(2, "time_series");
    script.frame(SECOND);
    script.runtime.paint(2).expect("a scene");
    script.command(Command::Hover { panel: 2, x_px: Some(250.0) });
    let hover = hovered(&script.runtime);
    assert_eq!(hover.iter().map(|h| (h.panel, h.leads)).collect::<Vec<_>>(), [(2, true), (1, false)]);
    assert_eq!(hover[0].time, hover[1].time);
}

#[test]
fn steps_walk_point_by_point_and_stop_at_the_edges() {
    let mut script = shown(50);
    let mut at = |step| {
        gesture(&mut script, Gesture::Step(step));
        second(&hovered(&script.runtime)[0])
    };
    assert_eq!(at(Step::Points(-1)), 49, "a walk back begins at the last point");
    assert_eq!([at(Step::Points(-1)), at(Step::Points(-3)), at(Step::Points(1))], [48, 45, 46]);
    assert_eq!([at(Step::Last), at(Step::Points(1))], [49, 49]);
    assert_eq!([at(Step::First), at(Step::Points(-1))], [39, 39]);
}

#[test]
fn a_span_is_told_in_event_time_whatever_its_direction() {
    let mut script = shown(100);
    let (from, to, purpose) = (Place::Px(300.0), Place::Px(200.0), Purpose::Zoom);
    gesture(&mut script, Gesture::Span { from, to, purpose });
    let Span { from, to, head, .. } = span(&script);
    assert_eq!(head, 99 * SECOND);
    assert!(from < to && from > 89 * SECOND && to < 99 * SECOND, "{from} {to}");
}

#[test]
fn the_keyboard_chooses_from_its_mark_to_the_crosshair() {
    let mut script = shown(100);
    gesture(&mut script, Gesture::Step(Step::Last));
    gesture(&mut script, Gesture::Mark);
    gesture(&mut script, Gesture::Step(Step::Points(-3)));
    assert!(hovered(&script.runtime)[0].mark_px.is_some());
    gesture(&mut script, Gesture::TakeMark(Purpose::Brush));
    let chosen = span(&script);
    assert_eq!((chosen.from, chosen.to), (96 * SECOND, 99 * SECOND));
    assert_eq!(hovered(&script.runtime)[0].mark_px, None);
}

#[test]
fn values_zoom_in_and_back() {
    let mut script = shown(100);
    let all = script.labels(1);
    gesture(&mut script, Gesture::ZoomValues { from_px: 40.0, to_px: 80.0 });
    let part = script.labels(1);
    assert_ne!(part, all);
    gesture(&mut script, Gesture::ScaleValues(0.5));
    assert_ne!(script.labels(1), part);
    gesture(&mut script, Gesture::ResetValues);
    assert_eq!(script.labels(1), all);
}

#[test]
fn a_hidden_series_is_neither_drawn_nor_read() {
    let mut script = shown(100);
    gesture(&mut script, Gesture::Hide(vec!["v".into()]));
    script.frame(SECOND);
    script.runtime.paint(1).expect("a scene");
    script.command(Command::Hover { panel: 1, x_px: Some(250.0) });
    assert!(hovered(&script.runtime).is_empty());
    gesture(&mut script, Gesture::Hide(Vec::new()));
    assert_eq!(hovered(&script.runtime).len(), 1);
}

#[test]
fn an_anomaly_beyond_the_range_is_told_not_shown() {
    let mut script = Script::live(0);
    script.add_panel(1, "time_series").data(7, 0, 400).spike(7, 400, 1e6).data(7, 401, 200);
    script.command(Command::View(View::Follow(last(10 * SECOND)))).frame(SECOND);
    script.runtime.paint(1).expect("a scene");
    script.effects.clear();
    gesture(&mut script, Gesture::Step(Step::Anomalies(-1)));
    let beyond = |script: &Script| {
        script.posted().find_map(|u| if let Update::Beyond { time, .. } = u { Some(*time) } else { None })
    };
    assert_eq!(beyond(&script), Some(Some(400 * SECOND)));
    script.command(Command::View(View::Follow(last(300 * SECOND)))).frame(SECOND);
    script.runtime.paint(1).expect("a scene");
    script.effects.clear();
    gesture(&mut script, Gesture::Step(Step::Anomalies(-1)));
    let hover = hovered(&script.runtime);
    assert!(!hover[0].reasons.is_empty(), "{hover:?}");
    gesture(&mut script, Gesture::Step(Step::Anomalies(-1)));
    assert_eq!(beyond(&script), Some(None), "there is no further one");
}

#[test]
fn an_interval_ranks_its_series() {
    let mut script = Script::live(0);
    script.data(7, 0, 400).spike(7, 400, 1e6);
    script.command(Command::Ask(Ask::Rank { from: 390 * SECOND, to: 401 * SECOND }));
    let ranking = script.answers().find_map(|answer| match answer {
        Answer::Ranking(ranking) => Some(ranking),
        _ => None,
    });
    let Ranking { rows, silent, .. } = ranking.expect("an answer");
    assert_eq!((rows.len(), silent), (1, 0));
    assert_eq!((&*rows[0].stream, &*rows[0].measure, rows[0].during.count), ("s", "v", 11));
}
