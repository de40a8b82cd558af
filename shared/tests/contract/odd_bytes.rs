//! Bytes that no writer wrote, and bytes that one wrote and something broke.

use proptest::collection::vec;
use proptest::prelude::*;
use spate_shared::wire::{DataFrame, ServerFrame, WireError};

use super::{batches::data_frame, bodies, cases, samples};

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn random_bytes_never_panic(bytes in vec(any::<u8>(), 0..300), kind in 0u8..4) {
        let framed = [&[kind, 1], bytes.as_slice()].concat();
        bodies::frame(&framed);
        bodies::header(&framed);
        bodies::client_message(&framed);
        bodies::recording(&bytes);
        bodies::intake(&bytes);
    }

    #[test]
    fn a_recording_header_before_random_bytes_never_panics(bytes in vec(any::<u8>(), 0..300)) {
        bodies::recording(&[&samples::two_streams()[..HEADER], bytes.as_slice()].concat());
    }

    #[test]
    fn random_printable_text_never_panics(text in "[0-9a-c{}\\[\\]:\",.\\-\ntrue ]{0,200}", pick: u8) {
        bodies::intake(&[&[pick], text.as_bytes()].concat());
        bodies::client_message(text.as_bytes());
    }
}

const HEADER: usize = 20;

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn a_frame_cut_at_any_byte_is_refused(frame in data_frame(12)) {
        let bytes = frame.encode();
        for cut in 0..bytes.len() {
            let error = DataFrame::decode(&bytes[..cut]).expect_err("a cut frame");
            prop_assert!(matches!(error, WireError::Truncated { at_byte, .. } if at_byte <= cut), "{}", error);
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        prop_assert!(DataFrame::decode(&longer).is_err(), "a byte too many");
    }

    #[test]
    fn a_frame_with_any_byte_changed_never_panics(frame in data_frame(12), change in 1u8..) {
        let mut bytes = frame.encode();
        for at in 0..bytes.len() {
            bytes[at] ^= change;
            bodies::frame(&bytes);
            bodies::header(&bytes);
            bytes[at] ^= change;
        }
    }

    #[test]
    fn text_that_looks_like_a_time_or_a_duration_never_panics(
        text in "[-+]?[0-9]{1,19}|[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{0,12})?)?)?(Z|[-+][0-9:]{1,6})?|([0-9.]{1,9} ?(ns|us|ms|s|m|h|d|w)){0,3}"
    ) {
        bodies::time(text.as_bytes());
    }
}

#[test]
fn every_control_message_cut_or_changed_at_any_byte_never_panics() {
    for sample in samples::frames() {
        let mut bytes = sample.binary;
        for at in 0..bytes.len() {
            bodies::frame(&bytes[..at]);
            bodies::client_message(&bytes[..at]);
            for change in [1, 0x80, 0xff] {
                bytes[at] ^= change;
                bodies::frame(&bytes);
                bodies::client_message(&bytes);
                bytes[at] ^= change;
            }
        }
    }
}

#[test]
fn a_selected_frame_cut_or_changed_at_any_byte_never_panics() {
    let mut bytes = samples::selected().encode();
    for at in 0..bytes.len() {
        assert!(ServerFrame::decode(&bytes[..at]).is_err(), "cut at {at}");
        for change in [1, 2, 0x80, 0xff] {
            bytes[at] ^= change;
            bodies::frame(&bytes);
            bytes[at] ^= change;
        }
    }
}

#[test]
fn a_selected_frame_whose_positions_do_not_fit_its_run_is_refused() {
    let check = |at: usize, bytes: &[u8], expected: &str| {
        let mut frame = samples::selected().encode();
        frame[at..at + bytes.len()].copy_from_slice(bytes);
        let error = ServerFrame::decode(&frame).expect_err(expected);
        assert_eq!(error.to_string(), expected);
    };
    check(40, &[2, 0, 0, 0], "frame has an invalid span at byte 40");
    check(40, &[0, 0, 2, 0], "frame has an invalid span at byte 40");
    check(40, &[100, 0, 0, 0], "frame has an invalid position at byte 54");
    check(44, &[2], "frame has an invalid flags at byte 44");
    check(48, &[3], "frame ends inside position at byte 55");
}

/// The data frame sample with some of its bytes replaced.
fn check(at: usize, bytes: &[u8], expected: &str) {
    let mut frame = samples::data().encode();
    frame[at..at + bytes.len()].copy_from_slice(bytes);
    let error = ServerFrame::decode(&frame).expect_err(expected);
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_is_wrong_with_a_frame_is_said_with_its_byte() {
    check(0, &[9], "frame kind 9 is not known: this is not spate.v1, or a newer one; reload the client");
    check(1, &[3], "data frame version 3 is not known, this build reads 1 and 2: update the reader");
    check(24, &[0xff; 4], "data frame claims 4294967295 events, the most is 65536");
    check(16, &[0xff; 8], "frame has an invalid base offset at byte 16");
    check(28, &[0xff; 4], "frame ends inside columns at byte 65");
    check(40, &[0xff; 4], "frame ends inside times at byte 44");
    check(40, &[3, 0, 0, 0], "frame ends inside times at byte 47");
    check(40, &[22, 0, 0, 0], "frame has an invalid length of times at byte 65");
    check(72, &[7], "frame has an invalid column type at byte 72");
    check(73, &[2], "frame has an invalid column flags at byte 73");
    assert_eq!(
        ServerFrame::decode(&[]).map_err(|error| error.to_string()),
        Err("frame ends inside frame kind at byte 0".to_owned())
    );
}
