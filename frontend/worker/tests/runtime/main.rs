//! The whole worker without a browser: scripted wakes, a fake clock, and what comes out.

#![expect(clippy::expect_used, reason = "a failed expectation is a failed test")]

mod gestures;
mod kinds;
mod playback;
mod queries;
mod rows;
mod script;

use spate_shared::batch::{Column, Values};
use spate_shared::catalog::StreamInfo;
use spate_shared::recording::{Metadata, Writer};
use spate_shared::schema::{Field, FieldType};
use spate_shared::time::{MINUTE, SECOND};
use spate_shared::wire::{ClientMessage, GapReason, Mode, ServerMessage, Start};
use spate_worker::protocol::{Command, Connection, PanelState, PlayCommand, Source, Update};
use spate_worker::runtime::{Effect, Wake};
use spate_worker::view::{Span, View};

use playback::{csv, playing};
use script::{Script, frame, info, last};

#[test]
fn it_introduces_itself_and_subscribes_to_every_stream_with_history() {
    let script = Script::live(0);
    let sent = script.sent();
    assert!(
        matches!(sent[0], ClientMessage::Hello(hello) if hello.protocol == 1 && hello.credit_bytes.is_some())
    );
    assert!(
        matches!(sent[1], ClientMessage::Subscribe(s) if s.stream == "s" && matches!(s.start, Start::Last(_)))
    );
    assert_eq!(script.last_connection(), Some(&Connection::Live));
    assert!(
        script.posted().any(|update| matches!(update, Update::Catalog { streams, .. } if streams.len() == 1))
    );
}

#[test]
fn events_are_counted_windowed_and_scored() {
    let mut script = Script::live(0);
    script.data(7, 0, 100).data(7, 100, 50);
    let stream = script.stream();
    assert_eq!(
        (&stream["received"], &stream["windowed"], &stream["next"]),
        (&150.into(), &150.into(), &150.into())
    );
    assert_eq!(stream["scored"], 90, "the first 60 values warm the detector up");
    assert_eq!((&stream["gaps"], &stream["duplicates"]), (&0.into(), &0.into()));
}

#[test]
fn what_was_seen_before_is_dropped_and_counted_even_inside_a_frame() {
    let mut script = Script::live(0);
    script.data(7, 0, 100).data(7, 40, 80).data(7, 0, 10);
    let stream = script.stream();
    assert_eq!((&stream["received"], &stream["duplicates"]), (&120.into(), &70.into()));
}

#[test]
fn a_hole_between_offsets_is_a_gap() {
    let mut script = Script::live(0);
    script.data(7, 0, 10).data(7, 15, 10);
    let stream = script.stream();
    assert_eq!((&stream["received"], &stream["gaps"], &stream["next"]), (&20.into(), &1.into(), &25.into()));
}

#[test]
fn a_declared_gap_is_counted_once() {
    let mut script = Script::live(0);
    script.data(7, 0, 10);
    script.message(&ServerMessage::Gap { stream: 4, epoch: 7, from: 10, to: 20, reason: GapReason::Trimmed });
    script.data(7, 20, 5);
    let stream = script.stream();
    assert_eq!((&stream["received"], &stream["gaps"], &stream["next"]), (&15.into(), &1.into(), &25.into()));
}

#[test]
fn a_broken_connection_resumes_where_it_stood() {
    let mut script = Script::live(0);
    script.data(7, 0, 10);
    script.effects.clear();
    script.wake(Wake::Closed(1, 1006, String::new()));
    assert!(matches!(script.last_connection(), Some(Connection::Resuming { attempt: 1, .. })));
    assert!(script.effects.iter().any(|effect| matches!(effect, Effect::RetryIn(1, _))));
    script.wake(Wake::Retry(1));
    assert!(script.effects.contains(&Effect::Connect(1, "ws://r".into())));
    script.wake(Wake::Opened(1));
    script.message(&ServerMessage::Welcome { protocol: 1, build: "r".into(), now: 0, catalog: vec![info()] });
    let resume = Start::Resume { epoch: 7, offset: 10 };
    assert!(script.sent().iter().any(|m| matches!(m, ClientMessage::Subscribe(s) if s.start == resume)));
    script.ok(10, 7, Mode::Resumed).data(7, 10, 10);
    let stream = script.stream();
    assert_eq!(
        (&stream["received"], &stream["gaps"], &stream["duplicates"]),
        (&20.into(), &0.into(), &0.into())
    );
}

#[test]
fn another_epoch_is_a_gap_and_a_stream_that_starts_over_is_analysed_afresh() {
    let mut script = Script::live(0);
    script.data(7, 0, 100);
    script.ok(0, 8, Mode::Reset).data(8, 0, 30);
    let stream = script.stream();
    assert_eq!(
        (&stream["received"], &stream["windowed"], &stream["late"]),
        (&130.into(), &130.into(), &0.into())
    );
    assert_eq!((&stream["epoch"], &stream["gaps"], &stream["next"]), (&8.into(), &1.into(), &30.into()));
}

#[test]
fn a_stream_that_starts_over_with_other_fields_is_not_mixed_with_the_old_ones() {
    let mut script = Script::live(0);
    script.data(7, 0, 100);
    let mut other = info();
    other.epoch = 8;
    other.schema.fields.insert(0, Field::new("w", FieldType::F64));
    script.message(&ServerMessage::Catalog { streams: vec![other] });
    script.ok(0, 8, Mode::Reset);
    let mut later = frame(8, 0, 10, 1_000 * SECOND);
    later.batch.columns.insert(0, Column { values: Values::F64(vec![5.0; 10]), validity: None });
    script.wake(Wake::Received(1, later.encode()));
    script.add_panel(1, "time_series");
    script.frame(SECOND);
    let legend = script.posted().find_map(|update| match update {
        Update::Frame { panels, .. } => panels.first().map(|panel| panel.legend.clone()),
        _ => None,
    });
    let latest = legend.expect("words").first().map(|entry| entry.latest.clone());
    assert_eq!(latest.as_deref(), Some("9"), "v, not w");
}

#[test]
fn the_width_of_windows_does_not_depend_on_the_first_batch() {
    let value = |first: u32| {
        let mut script = Script::live(0);
        script.add_panel(1, "stat").data(7, 0, first).data(7, u64::from(first), 600 - first).frame(SECOND);
        let words = script.posted().find_map(|update| match update {
            Update::Frame { panels, .. } => panels.first().cloned(),
            _ => None,
        });
        words.expect("words").summary
    };
    assert_eq!(value(1), value(599));
    assert!(value(1).contains("15s window"), "{}", value(1));
}

#[test]
fn frames_of_an_older_epoch_do_nothing() {
    let mut script = Script::live(0);
    script.data(7, 0, 10).data(6, 10, 10);
    assert_eq!(script.stream()["received"], 10);
}

#[test]
fn wakes_of_a_source_that_is_no_longer_open_do_nothing() {
    let mut script = Script::live(0);
    script.command(Command::Open { generation: 2, source: Source::Relay { url: "ws://other".into() } });
    script.effects.clear();
    script
        .data(7, 0, 10)
        .wake(Wake::Closed(1, 1006, String::new()))
        .wake(Wake::Retry(1))
        .wake(Wake::Opened(1));
    assert_eq!(script.effects, []);
}

#[test]
fn a_frame_that_cannot_be_read_is_told_and_its_events_are_a_gap() {
    let mut script = Script::live(0);
    script.data(7, 0, 10);
    let mut broken = frame(7, 10, 10, 10 * SECOND).encode();
    broken.truncate(50);
    script.wake(Wake::Received(1, broken));
    assert!(script.problem().is_some_and(|(_, detail, fatal)| detail.contains("byte") && !fatal));
    script.data(7, 20, 10);
    assert_eq!(script.stream()["gaps"], 1);
}

#[test]
fn a_frame_draws_what_changed_and_can_be_seen_and_says_it_once() {
    let mut script = Script::live(0);
    script
        .add_panel(1, "time_series")
        .add_panel(2, "stat")
        .add_panel(3, "alerts")
        .add_panel(4, "time_series");
    script.command(Command::Show { panel: 4, visible: false });
    script.data(7, 0, 200);
    script.effects.clear();
    script.frame(SECOND);
    let painted: Vec<_> = script.effects.iter().filter(|e| matches!(e, Effect::Paint(_))).collect();
    assert_eq!(painted, [&Effect::Paint(1), &Effect::Paint(2)]);
    assert_eq!(script.posted().filter(|update| matches!(update, Update::Frame { .. })).count(), 1);
    for panel in [1, 2] {
        let scene = script.runtime.paint(panel).expect("a scene");
        script.runtime.painted(script.now, panel, scene, 1.5);
    }
    script.effects.clear();
    script.frame(SECOND);
    assert_eq!(script.effects, [], "nothing new, nothing drawn, nothing said");
    let stats = script.stats();
    assert_eq!(stats["panels"][0]["painted"], 1);
    assert_eq!(stats["panels"][0]["paint_ms_p50"], 1.5);
    assert_eq!(stats["panels"][0]["latency_ms_p50"], 1_000.0, "what arrived was painted a second later");
    assert!(stats["panels"][0]["points"].as_u64() >= Some(100));
}

#[test]
fn a_held_view_stands_still_and_says_how_many_events_wait() {
    let mut script = Script::live(0);
    script.add_panel(1, "time_series").data(7, 0, 100);
    script.command(Command::View(View::Hold(last(MINUTE)))).frame(SECOND);
    let before = script.labels(1);
    script.effects.clear();
    script.data(7, 100, 25).frame(SECOND);
    assert!(script.posted().any(|update| matches!(update, Update::Frame { waiting: 25, .. })));
    assert!(!script.effects.contains(&Effect::Paint(1)));
    script.command(Command::View(View::Hold(last(MINUTE))));
    assert_eq!(script.labels(1), before);
}

#[test]
fn a_fixed_view_shows_its_range_however_far_events_go() {
    let mut script = Script::live(0);
    script.add_panel(1, "time_series").data(7, 0, 100);
    script.command(Command::View(View::Fixed { from: 20 * SECOND, to: 30 * SECOND })).frame(SECOND);
    script.data(7, 100, 100).frame(SECOND);
    script.effects.clear();
    script.command(Command::View(View::Fixed { from: 10 * SECOND, to: 30 * SECOND })).frame(SECOND);
    let range = (10 * SECOND, 30 * SECOND);
    assert!(
        script.posted().any(|update| matches!(update, Update::Frame { range: told, .. } if *told == range))
    );
    script.runtime.paint(1).expect("a scene");
    // The one after the range, for the line that leaves it, is no point of the range.
    assert_eq!(script.stats()["panels"][0]["points"], 21);
}

#[test]
fn a_range_without_data_is_told_with_where_data_is() {
    let mut script = Script::live(0);
    script.add_panel(1, "time_series").data(7, 0, 100);
    let view = |from, to| Command::View(View::Fixed { from: from * SECOND, to: to * SECOND });
    script.command(view(1_000, 2_000));
    for _ in 0..3 {
        script.frame(SECOND);
        script.runtime.paint(1).expect("a scene");
    }
    script.frame(SECOND);
    let held = PanelState::NoData { from: 0, to: 99 * SECOND };
    assert_eq!(script.words(1).map(|words| &words.state), Some(&held));
    script.command(view(0, 50));
    script.runtime.paint(1).expect("a scene");
    script.frame(SECOND);
    assert_ne!(script.words(1).map(|words| &words.state), Some(&held));
}

#[test]
fn a_zoomed_live_view_keeps_its_distance_to_the_latest_event() {
    let mut script = Script::live(0);
    script.add_panel(1, "time_series").data(7, 0, 100);
    let span = Span::Last { width: 10 * SECOND, behind: 20 * SECOND };
    script.command(Command::View(View::Follow(span))).frame(SECOND);
    script.effects.clear();
    script.data(7, 100, 50).frame(SECOND);
    let range = (119 * SECOND, 129 * SECOND);
    assert!(
        script.posted().any(|update| matches!(update, Update::Frame { range: told, .. } if *told == range))
    );
}

#[test]
fn seeking_back_in_a_held_view_counts_from_there() {
    let mut script = playing("load.csv", csv(2_000));
    script.command(Command::View(View::Hold(Span::Auto))).frame(SECOND);
    script.command(Command::Play(PlayCommand::Pause));
    script.command(Command::Play(PlayCommand::Seek(0.05)));
    script.effects.clear();
    script.frame(SECOND);
    let waiting = script
        .posted()
        .find_map(|u| if let Update::Frame { waiting, .. } = u { Some(*waiting) } else { None });
    assert_eq!(waiting.unwrap_or(0), 0);
}

#[test]
fn a_recording_that_goes_on_over_a_restart_plays_to_its_end() {
    let mut writer = Writer::new(Vec::new(), &Metadata::default()).expect("a header");
    for (epoch, start) in [(7, 0), (8, 500)] {
        writer.catalog(start * SECOND, &[StreamInfo { epoch, ..info() }]).expect("an entry");
        writer.data(start * SECOND, &frame(epoch, 0, 100, start * SECOND)).expect("an entry");
    }
    let bytes = writer.finish().expect("an index").0;
    let mut script = playing("night.spate", bytes);
    script.command(Command::Play(PlayCommand::Seek(1.0)));
    let stream = script.stream();
    assert_eq!((&stream["received"], &stream["gaps"]), (&200.into(), &1.into()));
}

#[test]
fn what_is_not_held_any_more_is_drawn_coarser_and_said() {
    let mut script = Script::live(0);
    script.add_panel(1, "time_series");
    let (batch, batches) = (10_000u32, 110);
    for index in 0..batches {
        script.data(7, index * u64::from(batch), batch);
    }
    let all = batches as i64 * i64::from(batch) * SECOND;
    script.command(Command::View(View::Follow(last(all)))).frame(SECOND);
    let words = script.words(1).expect("words").clone();
    let [note] = &words.notes[..] else { panic!("one note: {:?}", words.notes) };
    assert!(note.contains("only smallest and largest of each 1m are held"), "{note}");
    assert!(words.summary.contains(note), "{}", words.summary);
    script.runtime.paint(1).expect("a scene");
    let mut notes = (0..120).step_by(4).filter_map(|x_px| {
        script.command(Command::Hover { panel: 1, x_px: Some(x_px as f32) });
        let Update::Hover(hover) = script.runtime.hovered() else { return None };
        hover.into_iter().flat_map(|hover| hover.rows).next()?.note
    });
    assert!(notes.any(|note| note.starts_with("mean of 60, ")));
    script.command(Command::View(View::Follow(last(MINUTE)))).frame(SECOND);
    assert_eq!(script.words(1).expect("words").notes, Vec::<String>::new());
}
