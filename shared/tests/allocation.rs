//! Memory while reading foreign bytes: the bounds that `wire` and `text` state, counted by the allocator.

use std::io::{self, Read};

use allocation_counter::measure;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use spate_shared::text::{Format, TextReader};
use spate_shared::wire::{ClientMessage, ServerFrame};

#[path = "contract/batches.rs"]
mod batches;

/// What `wire` promises for a frame of `len` bytes.
const fn bound(len: usize) -> u64 {
    64 * len as u64 + 1_024
}

#[track_caller]
fn check(frame: &[u8]) {
    let held = measure(|| drop(ServerFrame::decode(frame))).bytes_max;
    assert!(held <= bound(frame.len()), "{held} bytes held for a frame of {}", frame.len());
    let held = measure(|| drop(ClientMessage::decode(frame))).bytes_max;
    assert!(held <= bound(frame.len()), "{held} bytes held for a message of {}", frame.len());
}

fn data_head(rows: u32, columns: u32, times: usize) -> Vec<u8> {
    let mut frame = vec![2, 1];
    frame.resize(24, 0);
    frame.extend(rows.to_le_bytes());
    frame.extend(columns.to_le_bytes());
    frame.resize(40, 0);
    frame.extend((times as u32).to_le_bytes());
    frame.resize((44 + times).next_multiple_of(8), 0);
    frame
}

fn column(frame: &mut Vec<u8>, tag: u8, values: &[u8]) {
    frame.resize(frame.len().next_multiple_of(8), 0);
    frame.extend([tag, 0, 0, 0]);
    frame.extend((values.len() as u32).to_le_bytes());
    frame.extend(values);
}

#[test]
fn the_frames_that_expand_most_stay_within_the_bound() {
    let mut texts = data_head(60_000, 1, 60_000);
    column(&mut texts, 5, &vec![0; 60_000]);
    check(&texts);
    let mut dictionary = data_head(0, 1, 0);
    column(&mut dictionary, 4, &[[0xe0, 0xd4, 3].as_slice(), &vec![0; 60_000]].concat());
    check(&dictionary);
    assert!(ServerFrame::decode(&texts).is_ok() && ServerFrame::decode(&dictionary).is_ok());
    let mut columns = data_head(0, 5_000, 0);
    (0..5_000).for_each(|_| column(&mut columns, 1, &[]));
    check(&columns);
    assert!(ServerFrame::decode(&columns).is_ok());
}

#[test]
fn a_claimed_length_is_not_believed() {
    let huge = [0xff, 0xff, 0xff, 0xff, 0x0f];
    for variant in 0..9 {
        // A control message whose every varint is as large as it can be.
        check(&[&[1, variant], huge.as_slice()].concat());
        check(&[&[1, variant, 1, 0], huge.as_slice()].concat());
        check(&[&[1, variant, 1, 0, 0], huge.as_slice()].concat());
        check(&[&[1, variant, 1, 1, b'a', 0, 0, 0, 0, 1, 1, b't', 0], huge.as_slice()].concat());
    }
    check(&data_head(65_536, u32::MAX, 8));
    let mut dictionary = data_head(1, 1, 1);
    column(&mut dictionary, 4, &huge);
    check(&dictionary);
}

#[test]
fn lists_of_the_shortest_elements_stay_within_the_bound() {
    let subscribe = |field_names: usize| {
        let mut message = vec![1, 1, 0, 0, 0, 1];
        message.extend([0xe0, 0xd4, 3]);
        message.resize(message.len() + field_names, 0);
        message.push(0);
        message
    };
    let names = subscribe(60_000);
    check(&names);
    assert!(ClientMessage::decode(&names).is_ok());
    let mut values = vec![1, 1, 0, 0, 0, 0, 1, 0, 0, 0xe0, 0xd4, 3];
    values.resize(values.len() + 60_000, 0);
    check(&values);
    assert!(ClientMessage::decode(&values).is_ok());
    // Subscriptions of five bytes each.
    let mut hello = vec![1, 0, 1, 0, 0, 0x90, 0x4e];
    hello.resize(hello.len() + 5 * 10_000, 0);
    check(&hello);
    assert!(ClientMessage::decode(&hello).is_ok());
}

proptest! {
    #![proptest_config(Config { rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..Config::default() })]

    #[test]
    fn any_bytes_stay_within_the_bound(kind in 1u8..3, bytes in vec(any::<u8>(), 0..200)) {
        check(&[&[kind, 1], bytes.as_slice()].concat());
    }

    #[test]
    fn a_changed_frame_stays_within_the_bound(
        frame in batches::data_frame(20), at: prop::sample::Index, with: [u8; 4],
    ) {
        let mut bytes = frame.encode();
        let at = at.index(bytes.len() - 4);
        bytes[at..at + 4].copy_from_slice(&with);
        check(&bytes);
    }
}

#[test]
fn a_line_without_end_is_read_in_bounded_memory() {
    for (format, head) in [(Format::Csv, "t,v\n1,\""), (Format::Csv, ""), (Format::Ndjson, "{\"t\":\"")] {
        let held = measure(|| {
            let text = head.as_bytes().chain(io::repeat(b'x').take(20 << 20));
            let mut reader = TextReader::new(format, std::io::BufReader::new(text));
            while let Ok(Some(chunk)) = reader.next_chunk(100) {
                assert_eq!(chunk.rejected.len(), 1);
            }
        });
        assert!(held.bytes_max < 4 << 20, "{format:?} held {} bytes", held.bytes_max);
    }
}
