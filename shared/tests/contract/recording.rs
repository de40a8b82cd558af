//! Recordings that are cut, damaged, unfinished or from elsewhere, and seeking in whole ones.

use spate_shared::recording::{Metadata, Recording, Writer};
use spate_shared::time::{MILLISECOND, Nanos, SECOND};
use spate_shared::wire::ServerFrame;

use super::{bodies, samples};

/// Where each entry of a whole recording starts, and where the last one ends.
fn boundaries(file: &[u8]) -> Vec<u64> {
    let recording = Recording::open(file).expect("a whole recording");
    let mut bytes: Vec<u64> = recording.entries().map(|entry| entry.byte).collect();
    let trailer = file[file.len() - 16..file.len() - 8].try_into().expect("8 bytes");
    bytes.push(u64::from_le_bytes(trailer));
    bytes
}

#[test]
fn a_recording_cut_at_any_byte_opens_with_its_whole_entries_or_says_why_not() {
    let file = samples::two_streams();
    let boundaries = boundaries(&file);
    for at in 0..file.len() {
        let whole = boundaries.iter().filter(|byte| **byte <= at as u64).count().saturating_sub(1);
        bodies::recording(&file[..at]);
        match Recording::open(&file[..at]) {
            Ok(recording) => {
                assert_eq!(recording.entries().count(), whole, "cut at {at}");
                let cut = recording.cut().expect("a cut");
                assert_eq!((cut.at_byte, cut.bytes_lost), (boundaries[whole], at as u64 - boundaries[whole]));
            }
            Err(error) => assert_eq!(whole, 0, "cut at {at}: {error}"),
        }
    }
}

#[test]
fn a_flipped_bit_anywhere_is_detected() {
    let mut file = samples::two_streams();
    for bit in 0..file.len() * 8 {
        file[bit / 8] ^= 1 << (bit % 8);
        bodies::recording(&file);
        if let Ok(recording) = Recording::open(&file) {
            let cut = recording.cut().unwrap_or_else(|| panic!("bit {bit} went unseen"));
            assert!(cut.at_byte <= bit as u64 / 8, "bit {bit}: {cut}");
        }
        file[bit / 8] ^= 1 << (bit % 8);
    }
}

/// The two-stream sample with some of its bytes replaced.
fn check(at: usize, bytes: &[u8], expected: &str) {
    let mut file = samples::two_streams();
    file[at..at + bytes.len()].copy_from_slice(bytes);
    let error = Recording::open(file).map(|_| ()).expect_err(expected);
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_is_not_a_recording_is_told_from_what_is_a_damaged_or_newer_one() {
    let header = "the recording's header is";
    let restore = "at byte 20: restore the file from its source";
    check(8, &[2, 0], "recording version 2 is not known, this build reads version 1: update Spate");
    check(12, &[0xff; 4], &format!("{header} cut off {restore}"));
    check(16, &[0xff; 4], &format!("{header} damaged (checksum) {restore}"));
    let error = |bytes: &[u8]| Recording::open(bytes.to_vec()).map(|_| ()).expect_err("refused").to_string();
    assert_eq!(error(b""), "the file is empty");
    assert!(error(b"time,value\n1,2\n").starts_with("not a .spate recording"));
    let only_header = boundaries(&samples::two_streams())[0] as usize;
    let ends = error(&samples::two_streams()[..only_header]);
    assert_eq!(ends, "the recording holds no stream: it ends after its header");
}

#[test]
fn an_entry_of_huge_length_is_a_cut_not_an_allocation() {
    let mut file = samples::two_streams();
    let third = boundaries(&file)[2];
    file[third as usize..third as usize + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let recording = Recording::open(file).expect("two entries before it");
    let cut = recording.cut().expect("a cut");
    assert_eq!((cut.at_byte, cut.reason.as_str()), (third, "the last entry is cut off"));
}

#[test]
fn a_recording_that_was_not_finished_is_read_to_its_end() {
    let mut file = Vec::new();
    let mut writer = Writer::new(&mut file, &Metadata::default()).expect("memory takes it");
    let streams = Recording::open(samples::two_streams()).expect("a sample").streams().to_vec();
    writer.catalog(0, &streams).expect("memory takes it");
    writer.data(1, &samples::measures(2, 2, 0, 50)).expect("memory takes it");
    drop(writer);
    let recording = Recording::open(&file).expect("readable at any moment");
    assert_eq!((recording.events(), recording.index().len()), (50, 0));
    assert_eq!(recording.cut().map(|cut| (cut.at_byte, cut.bytes_lost)), Some((file.len() as u64, 0)));
    let taxi = recording.streams().iter().find(|stream| stream.id == 8).expect("taxi");
    assert_eq!((taxi.oldest, taxi.head), (0, 50));
}

#[test]
fn a_stream_has_the_offsets_of_its_last_epoch_also_where_no_catalog_announced_it() {
    for announced in [true, false] {
        let mut writer = Writer::new(Vec::new(), &Metadata::default()).expect("memory takes it");
        let mut streams = Recording::open(samples::two_streams()).expect("a sample").streams().to_vec();
        writer.catalog(0, &streams).expect("memory takes it");
        writer.data(1, &samples::measures(2, 2, 500, 50)).expect("memory takes it");
        let mut anew = samples::measures(2, 2, 0, 20);
        anew.header.epoch += 1;
        if announced {
            for stream in &mut streams {
                stream.epoch = anew.header.epoch;
            }
            writer.catalog(2, &streams).expect("memory takes it");
        }
        writer.data(2, &anew).expect("memory takes it");
        let (file, _) = writer.finish().expect("memory takes it");
        let recording = Recording::open(file).expect("a whole recording");
        let taxi = recording.streams().iter().find(|stream| stream.id == 8).expect("taxi");
        assert_eq!((taxi.epoch, taxi.oldest, taxi.head), (anew.header.epoch, 0, 20), "{announced}");
        assert_eq!(recording.events(), 70);
    }
}

/// Arrivals that go back 40 ms now and then, as a clock that is set does.
fn arrival(frame: u64) -> Nanos {
    frame as i64 * 10 * MILLISECOND - if frame % 7 == 6 { 40 * MILLISECOND } else { 0 }
}

#[test]
fn seeking_by_the_index_finds_what_a_scan_finds() {
    let mut writer = Writer::new(Vec::new(), &Metadata::default()).expect("memory takes it");
    let streams = Recording::open(samples::two_streams()).expect("a sample").streams().to_vec();
    writer.catalog(0, &streams).expect("memory takes it");
    for frame in 0..200 {
        let events = samples::measures(2, 2, frame * 100, 100);
        writer.data(arrival(frame), &events).expect("memory takes it");
    }
    let (file, summary) = writer.finish().expect("memory takes it");
    assert_eq!((summary.events, summary.bytes), (20_000, file.len() as u64));
    let recording = Recording::open(file).expect("a whole recording");
    assert!(recording.index().len() > 3, "{}", recording.index().len());
    for target in (-SECOND..3 * SECOND).step_by(37_000_000) {
        let scanned: Vec<u64> =
            recording.entries().filter(|entry| entry.arrival > target).map(|entry| entry.byte).collect();
        let point = recording.index().iter().rev().find(|point| point.arrival <= target);
        let from = point.map_or(0, |point| point.byte);
        let sought: Vec<u64> = recording
            .entries_from(from)
            .filter(|entry| entry.arrival > target)
            .map(|entry| entry.byte)
            .collect();
        assert_eq!(sought, scanned, "after {target}");
    }
}

#[test]
fn an_index_point_knows_the_latest_event_time_before_it() {
    let recording = Recording::open(samples::two_streams()).expect("a sample");
    for point in recording.index() {
        let before = recording.entries().take_while(|entry| entry.byte < point.byte);
        let times = before.filter_map(|entry| match entry.decode() {
            Ok(ServerFrame::Data(frame)) => frame.batch.times.into_iter().max(),
            _ => None,
        });
        assert_eq!(point.event_time, times.max().unwrap_or(Nanos::MIN));
    }
}
