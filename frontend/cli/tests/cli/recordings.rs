//! The bundled recordings are whole, and what `index.json` says of them is true.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::spate::{open, run_ok};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recordings")
}

#[test]
fn every_bundled_recording_is_whole_and_in_the_index() {
    let text = std::fs::read_to_string(folder().join("index.json")).expect("an index");
    let index: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    assert!(index.len() >= 6);
    for entry in &index {
        let name = entry["name"].as_str().expect("a name");
        let path = folder().join(format!("{name}.spate"));
        run_ok(&["inspect", path.to_str().expect("UTF-8"), "--verify"]);
        let recording = open(&path);
        let mut streams: Vec<&str> = recording.streams().iter().map(|stream| stream.name.as_str()).collect();
        streams.sort_unstable();
        let mut listed: Vec<&str> =
            entry["streams"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        listed.sort_unstable();
        assert_eq!((streams, entry["events"].as_u64()), (listed, Some(recording.events())), "{name}");
        let bytes = std::fs::metadata(&path).expect("a file").len();
        assert_eq!(
            (entry["bytes"].as_u64(), &entry["title"]),
            (Some(bytes), &recording.metadata().title.as_str().into())
        );
        assert!(recording.metadata().licence.starts_with("MIT"), "{name}");
    }
}

#[test]
fn every_file_in_the_folder_is_listed_in_its_readme() {
    let readme = std::fs::read_to_string(folder().join("README.md")).expect("a README");
    for file in std::fs::read_dir(folder()).expect("a folder") {
        let name = file.expect("a file").file_name().to_string_lossy().into_owned();
        let is_recording = Path::new(&name).extension().is_some_and(|extension| extension == "spate");
        assert!(!is_recording || readme.contains(&format!("`{name}`")), "{name}");
    }
}
