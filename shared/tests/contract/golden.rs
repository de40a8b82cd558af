//! The bytes of version 1, committed: a build that writes or reads others breaks here.
//!
//! `SPATE_BLESS=1 cargo test -p spate-shared golden` writes them anew; do that only for a new version.

use std::path::PathBuf;

use serde_json::Value;
use spate_shared::recording::Recording;
use spate_shared::wire::{ClientMessage, ServerFrame};

use super::samples;

fn check(file: &str, made: &[u8]) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(file);
    if std::env::var_os("SPATE_BLESS").is_some() {
        std::fs::write(&path, made).expect(file);
    }
    let golden = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let differs = golden.iter().zip(made).position(|(golden, made)| golden != made);
    let differs = differs.or((golden.len() != made.len()).then_some(golden.len().min(made.len())));
    assert_eq!(differs, None, "{file} differs at this byte");
    golden
}

#[test]
fn every_frame_is_written_as_version_1_wrote_it_and_reads_back() {
    for sample in samples::frames() {
        let binary = check(&format!("{}.bin", sample.name), &sample.binary);
        let json = check(&format!("{}.json", sample.name), sample.json.as_bytes());
        let read = ServerFrame::decode(&binary).is_ok() || ClientMessage::decode(&binary).is_ok();
        assert!(read, "{}", sample.name);
        let twin: Value = serde_json::from_slice(&json).expect(sample.name);
        assert!(twin.as_object().is_some_and(|object| object.contains_key(sample.name)), "{twin}");
    }
    assert_eq!(ServerFrame::decode(&samples::data().encode()), Ok(ServerFrame::Data(samples::data())));
}

#[test]
fn a_version_1_recording_is_written_as_before_and_reads_back() {
    let recording = Recording::open(check("two-streams.spate", &samples::two_streams())).expect("golden");
    assert_eq!(recording.cut(), None);
    assert_eq!(recording.metadata().title, "Two streams");
    let streams: Vec<_> = recording.streams().iter().map(|s| (s.name.as_str(), s.oldest, s.head)).collect();
    assert_eq!(streams, [("sensors", 1_000, 1_003), ("taxi", 500, 507)]);
    let schema = &recording.streams()[1].schema;
    assert_eq!((schema.version, schema.fields.len()), (2, 2));
    assert_eq!((recording.events(), recording.entries().count(), recording.index().len()), (10, 5, 1));
}

#[test]
fn a_torn_version_1_recording_opens_up_to_the_tear() {
    let whole = samples::two_streams();
    let third = Recording::open(whole.as_slice()).expect("whole").entries().nth(2).expect("3 entries").byte;
    let torn = check("torn.spate", &whole[..third as usize + 20]);
    let recording = Recording::open(torn).expect("golden");
    assert_eq!((recording.events(), recording.entries().count()), (3, 2));
    let cut = recording.cut().expect("a cut");
    assert_eq!((cut.at_byte, cut.bytes_lost), (third, 20));
}
