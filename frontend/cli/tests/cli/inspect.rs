//! `spate inspect` on what is not whole.

use std::fs;

use serde_json::{Value, json};

use super::spate::{run, run_ok};

/// A recording of 200 events as bytes.
fn whole() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let (input, output) = (folder.path().join("a.csv"), folder.path().join("a.spate"));
    let rows: Vec<String> = (0..200).map(|row| format!("{row},{}\n", row * 2)).collect();
    fs::write(&input, format!("t,v\n{}", rows.concat())).expect("an input");
    run_ok(&["import", input.to_str().expect("UTF-8"), "-o", output.to_str().expect("UTF-8")]);
    fs::read(output).expect("a recording")
}

/// Inspects bytes; the exit code with --verify, and the report when there is one.
fn check(bytes: &[u8]) -> (i32, String, Value) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.spate");
    fs::write(&file, bytes).expect("a file");
    let ran = run(&["inspect", file.to_str().expect("UTF-8"), "--verify", "--format", "json"]);
    (ran.code, ran.stderr, serde_json::from_str(&ran.stdout).unwrap_or_default())
}

#[test]
fn a_torn_recording_opens_up_to_the_cut_which_is_said() {
    let bytes = whole();
    let mut seen = Vec::new();
    for length in (100..bytes.len()).step_by(13) {
        let (code, stderr, report) = check(&bytes[..length]);
        assert_eq!(code, 1, "{length}: {stderr}");
        let cut = &report["cut"];
        if report.is_object() {
            let end = cut["at_byte"].as_u64().expect("a byte") + cut["bytes_lost"].as_u64().expect("a count");
            assert_eq!(end, length as u64);
            assert!(stderr.contains("the recording is not whole"), "{stderr}");
            seen.push(report["events"].as_u64().expect("a count"));
        }
    }
    assert!(seen.is_sorted() && seen.contains(&64) && seen.contains(&200), "{seen:?}");
}

#[test]
fn a_whole_recording_verifies_and_a_flipped_bit_does_not() {
    let mut bytes = whole();
    assert_eq!(check(&bytes).0, 0);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let (code, stderr, report) = check(&bytes);
    assert_eq!(
        (code, &report["cut"]["reason"]),
        (1, &json!("an entry's checksum does not match")),
        "{stderr}"
    );
}

#[test]
fn what_is_no_recording_is_refused_with_what_to_do() {
    for (bytes, says) in [
        (&b""[..], "the file is empty"),
        (b"t,v\n1,2\n", "spate import"),
        (b"\x89SPATE\r\n\x09\x00\0\0\0\0\0\0\0\0\0\0", "version 9"),
    ] {
        let (code, stderr, _) = check(bytes);
        assert_eq!(code, 1);
        assert!(stderr.contains(says), "{says} is not in {stderr}");
    }
}
