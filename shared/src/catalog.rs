//! The streams a relay or a recording holds.

use serde::{Deserialize, Serialize};

use crate::schema::Schema;

/// Longest stream name in bytes.
pub const MAX_STREAM_NAME: usize = 128;

/// One stream: its name, its schema and which offsets can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamInfo {
    /// Unique name.
    pub name: String,
    /// The number data frames carry instead of the name. Valid for one relay process or one recording.
    pub id: u32,
    /// Changes whenever the stream's history was lost; below 2^53.
    pub epoch: u64,
    /// Lowest offset still held.
    pub oldest: u64,
    /// Offset the next event will get.
    pub head: u64,
    /// The current schema.
    pub schema: Schema,
}

/// The streams at one moment, ordered by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// All streams.
    pub streams: Vec<StreamInfo>,
}

/// Why a name cannot name a stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("stream name {0:?} is not valid: use 1 to 128 letters, digits, '_', '-' or '.'")]
pub struct StreamNameError(pub String);

/// Checks a stream name: 1 to 128 letters, digits, `_`, `-` or `.`.
///
/// # Errors
/// [`StreamNameError`] quoting the name.
pub fn check_stream_name(name: &str) -> Result<(), StreamNameError> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || name.len() > MAX_STREAM_NAME || !name.chars().all(allowed) {
        return Err(StreamNameError(name.chars().take(MAX_STREAM_NAME).collect()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_names_are_words_without_spaces_or_slashes() {
        for good in ["taxi", "a.b-c_1", "Umsätze"] {
            assert_eq!(check_stream_name(good), Ok(()));
        }
        for bad in ["", "a b", "a/b", "<b>", &"x".repeat(129)] {
            assert!(check_stream_name(bad).is_err(), "{bad}");
        }
    }
}
