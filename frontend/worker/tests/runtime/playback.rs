//! Recordings and files, played.

use std::fmt::Write as _;

use spate_shared::recording::Recording;
use spate_shared::time::{MILLISECOND, Nanos, SECOND};
use spate_shared::wire::ServerFrame;
use spate_worker::ask::{Answer, Ask, File};
use spate_worker::protocol::{Command, Connection, PlayCommand, Source, Update};
use spate_worker::runtime::{Effect, Wake};
use spate_worker::view::View;

use crate::script::Script;

pub(crate) fn csv(rows: usize) -> Vec<u8> {
    let mut text = String::from("time,v\n");
    for row in 0..rows {
        let _ = writeln!(text, "{},{}", 1_400_000_000 + row * 60, row * row % 17);
    }
    text.into_bytes()
}

pub(crate) fn playing(name: &str, bytes: Vec<u8>) -> Script {
    let mut script = Script::new();
    script.command(Command::Open { generation: 1, source: Source::File { name: name.into(), bytes } });
    script
}

#[test]
fn a_csv_plays_to_its_end_and_every_event_arrives() {
    let mut script = playing("load.csv", csv(3_000));
    assert!(matches!(script.last_connection(), Some(Connection::Recording { name }) if name == "load.csv"));
    for _ in 0..4_000 {
        script.frame(50 * MILLISECOND);
    }
    let stats = script.stats();
    assert_eq!(stats["streams"]["load"]["received"], 3_000);
    assert_eq!(stats["streams"]["load"]["gaps"], 0);
}

#[test]
fn playback_in_any_steps_and_with_seeks_gives_the_same_result() {
    let end = |steps: &[Nanos], seeks: &[f64]| {
        let mut script = playing("load.csv", csv(2_500));
        for step in steps.iter().cycle().take(3_000) {
            script.frame(*step);
        }
        for seek in seeks {
            script.command(Command::Play(PlayCommand::Seek(*seek)));
        }
        script.command(Command::Play(PlayCommand::Seek(1.0)));
        let mut stats = script.stats();
        stats["panels"].take();
        stats
    };
    let smooth = end(&[16 * MILLISECOND], &[]);
    assert_eq!(smooth, end(&[3 * MILLISECOND, 180 * MILLISECOND], &[]));
    assert_eq!(smooth, end(&[16 * MILLISECOND], &[0.2, 0.9, 0.1, 0.5]));
}

#[test]
fn a_paused_recording_stands_still() {
    let mut script = playing("load.csv", csv(2_000));
    script.command(Command::Play(PlayCommand::Pause)).frame(SECOND);
    let before = script.stats();
    script.frame(10 * SECOND);
    assert_eq!(script.stats()["streams"], before["streams"]);
}

#[test]
fn a_tab_that_slept_goes_on_where_it_was() {
    let received = |sleep: Nanos| {
        let mut script = playing("load.csv", csv(2_000));
        script.frame(sleep);
        script.stream_named("load")["received"].clone()
    };
    assert_eq!(received(3_600 * SECOND), received(SECOND));
}

#[test]
fn a_bad_file_is_told_with_its_line_and_field() {
    let cases: [(&str, &[u8], &[&str]); 6] = [
        ("a.csv", b"time,v\n2014-01-01,5\n2014-01-02,oops\n", &["line 3", "\"v\"", "oops"]),
        ("a.csv", b"time,v\n2014-01-01\n", &["line 2", "1 columns, the header has 2"]),
        ("a.csv", b"", &["no rows"]),
        ("a.csv", b"a,b\n1,2\n", &["line 2", "no time"]),
        ("a.spate", b"\x89SPATE\r\n\x09\0\0\0", &["header"]),
        ("picture.png", b"\x89PNG", &["not a recording"]),
    ];
    for (name, bytes, expected) in cases {
        let script = playing(name, bytes.to_vec());
        let (title, detail, _) = script.problem().expect(name);
        for part in expected {
            assert!(detail.contains(part), "{name}: {title}: {detail}");
        }
    }
}

#[test]
fn a_missing_bundled_recording_is_fatal_and_names_it() {
    let mut script = Script::new();
    script.command(Command::Open { generation: 1, source: Source::Bundled { name: "nope".into() } });
    assert!(script.effects.contains(&Effect::Fetch(1, "recordings/nope.spate".into())));
    script.wake(Wake::Fetched(1, Err("answers 404".into())));
    assert!(
        script
            .problem()
            .is_some_and(|(title, detail, fatal)| title.contains("nope") && detail.contains("404") && fatal)
    );
}

#[test]
fn steps_go_event_by_event_and_back() {
    let mut script = playing("load.csv", csv(2_000));
    let mut received = |command| {
        script.command(Command::Play(command));
        script.stream_named("load")["received"].as_u64().expect("a count")
    };
    let before = received(PlayCommand::Pause);
    assert_eq!([received(PlayCommand::Step(1)), received(PlayCommand::Step(1))], [before + 1, before + 2]);
    assert_eq!([received(PlayCommand::Step(-1)), received(PlayCommand::Step(-2))], [before + 1, before - 1]);
    received(PlayCommand::Seek(0.0));
    assert_eq!(received(PlayCommand::Step(-1)), 1, "there is none before the first");
    received(PlayCommand::Seek(1.0));
    assert_eq!(received(PlayCommand::Step(1)), 2_000);
}

#[test]
fn a_loop_goes_round_and_shows_the_same_every_time() {
    let mut script = playing("load.csv", csv(2_000));
    script.command(Command::Play(PlayCommand::Loop(Some((0.4, 0.5)))));
    script.command(Command::Play(PlayCommand::Speed(60.0 * 200.0)));
    let mut seen = Vec::new();
    for _ in 0..200 {
        script.frame(50 * MILLISECOND);
        seen.push(script.stream_named("load")["received"].as_u64().expect("a count"));
    }
    let rounds: Vec<&[u64]> = seen.chunk_by(|before, after| before <= after).collect();
    assert!(rounds.len() > 4, "{} rounds", rounds.len());
    // The first began before the loop did, the last was not finished.
    assert!(rounds[1..rounds.len() - 1].iter().all(|round| *round == rounds[1]), "{rounds:?}");
    script.command(Command::Play(PlayCommand::Loop(None)));
    for _ in 0..2_000 {
        script.frame(50 * MILLISECOND);
    }
    assert_eq!(script.stream_named("load")["received"], 2_000);
}

#[test]
fn as_fast_as_possible_ends_in_the_same_state() {
    let end = |speed: f64| {
        let mut script = playing("load.csv", csv(2_500));
        script.command(Command::Play(PlayCommand::Speed(speed)));
        for _ in 0..3_000 {
            script.frame(16 * MILLISECOND);
        }
        script.stats()
    };
    assert_eq!(end(f64::INFINITY), end(6_000.0));
}

#[test]
fn the_overview_counts_every_event_and_marks_anomalies_where_they_fire() {
    let mut text = String::from("time,v\n");
    for row in 0..2_000 {
        let value = if row == 1_500 { 9_999 } else { row * row % 17 };
        let _ = writeln!(text, "{},{value}", 1_400_000_000 + row * 60);
    }
    let mut script = playing("load.csv", text.into_bytes());
    script.command(Command::Play(PlayCommand::Pause));
    for _ in 0..4 {
        script.frame(16 * MILLISECOND);
    }
    let overview = script.posted().find_map(|update| match update {
        Update::Overview { parts, alerts, .. } => Some((parts.clone(), alerts.clone())),
        _ => None,
    });
    let (parts, alerts) = overview.expect("an overview");
    assert_eq!(parts.iter().map(|part| part.events).sum::<u32>(), 2_000);
    assert!(alerts.iter().any(|alert| (0.745..0.757).contains(&alert.position)), "{alerts:?}");
}

fn part(script: &mut Script, parts: Option<(f64, f64)>) -> Option<File> {
    script.effects.clear();
    script.command(Command::Ask(Ask::Slice { parts }));
    script.answers().find_map(|answer| match answer {
        Answer::File(file) => Some(file),
        _ => None,
    })
}

#[test]
fn a_part_of_a_recording_is_a_recording_of_exactly_these_events() {
    let mut script = playing("load.csv", csv(3_000));
    script.command(Command::Play(PlayCommand::Seek(1.0)));
    let times = |file: File| {
        let recording = Recording::open(file.bytes).expect("a recording");
        let mut times = Vec::new();
        for entry in recording.entries() {
            if let Ok(ServerFrame::Data(frame)) = entry.decode() {
                times.extend(frame.batch.times);
            }
        }
        times
    };
    let row = |row: i64| (1_400_000_000 + row * 60) * SECOND;
    let all = part(&mut script, Some((0.0, 1.0))).expect("a file");
    assert_eq!(all.name, "load-part.spate");
    assert_eq!(times(all.clone()), (0..3_000).map(row).collect::<Vec<_>>());
    let middle = times(part(&mut script, Some((0.25, 0.5))).expect("a file"));
    assert!(
        (700..800).contains(&middle.len()) && middle.windows(2).all(|pair| pair[0] < pair[1]),
        "{middle:?}"
    );
    let mut again = playing("load-part.spate", all.bytes);
    again.command(Command::Play(PlayCommand::Seek(1.0)));
    assert_eq!(again.stats()["streams"]["load"]["received"], 3_000);
    script.command(Command::View(View::Fixed { from: row(10), to: row(19) }));
    assert_eq!(times(part(&mut script, None).expect("a file")).len(), 10);
    script.command(Command::View(View::Fixed { from: 0, to: 1 }));
    assert_eq!(part(&mut script, None), None);
    assert!(script.problem().is_some_and(|(title, ..)| title.contains("could not be saved")));
}
