//! One document: its bytes as they were written, its title, its version.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// Most bytes of a document.
pub const MAX_BYTES: usize = 256 << 10;

/// A dashboard that was checked as far as the relay knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The JSON, as it was written.
    pub bytes: Vec<u8>,
    /// For people.
    pub title: String,
    /// A quoted hash of the bytes.
    pub etag: String,
}

impl Document {
    /// Checks that bytes are a JSON object with a title.
    ///
    /// # Errors
    /// What is wrong and what would be right.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, String> {
        let title = title(&bytes)?;
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(&bytes)[..12]));
        Ok(Self { bytes, title, etag })
    }
}

/// The title of a document.
///
/// # Errors
/// As [`Document::parse`].
pub fn title(bytes: &[u8]) -> Result<String, String> {
    if bytes.len() > MAX_BYTES {
        return Err(format!("larger than {} KiB; use fewer panels", MAX_BYTES >> 10));
    }
    let object: Map<String, Value> =
        serde_json::from_slice(bytes).map_err(|error| format!("no JSON object: {error}"))?;
    match object.get("title") {
        Some(Value::String(title)) if !title.trim().is_empty() => Ok(title.clone()),
        Some(_) => Err("its \"title\" is no text, or empty; give it one".to_owned()),
        None => Err("it has no \"title\"; give it one".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_an_object_with_a_title() {
        assert_eq!(title(b"{\"title\": \"Taxi\", \"x\": [1]}"), Ok("Taxi".to_owned()));
        for bad in
            ["", "[]", "{", "null", "{}", "{\"title\": 5}", "{\"title\": \" \"}", "{\"title\":\"a\"} x"]
        {
            assert!(title(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(title(&vec![b' '; MAX_BYTES + 1]).expect_err("too large").contains("256 KiB"));
    }

    #[test]
    fn the_version_follows_the_bytes_not_the_meaning() {
        let etag = |text: &str| Document::parse(text.into()).map(|document| document.etag);
        assert_eq!(etag("{\"title\":\"a\"}"), etag("{\"title\":\"a\"}"));
        assert_ne!(etag("{\"title\":\"a\"}"), etag("{\"title\": \"a\"}"));
    }
}
