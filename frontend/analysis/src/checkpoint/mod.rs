//! Snapshots of state as bytes, so that an analysis goes on where it was.
//!
//! A checkpoint is a header (eight letters, version, checksum) and the state after it: of a query, see
//! [`crate::query::WindowQuery::state`], or of a whole engine, see [`crate::Engine::checkpoint`]. Numbers keep their bits,
//! NaN included: restoring and going on gives the same bytes as never having stopped.
//!
//! **Architecture invariant:** a checkpoint holds only what cannot be rebuilt from a configuration: names, functions and
//! compiled expressions are resolved anew, and found missing by name.

#[cfg(feature = "checkpoint")]
mod state;

use serde::{Deserialize, Serialize};

#[cfg(feature = "checkpoint")]
pub(crate) use state::{Loader, Saver};

/// The version that is written. Counts up whenever any state that is kept changes its shape.
pub const VERSION: u16 = 2;

const MAGIC: &[u8; 8] = b"SPATECKP";
/// Letters, version, checksum.
const HEADER_BYTES: usize = 8 + 2 + 4;

/// Why bytes are no state to go on from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Something else, or cut off within the header.
    #[error("not a checkpoint: it does not begin with \"SPATECKP\"")]
    NotOne,
    /// Written by another version.
    #[error("the checkpoint has version {found}, this build reads version {VERSION}: start anew without it")]
    Version {
        /// What the bytes say.
        found: u16,
    },
    /// The checksum is wrong.
    #[error("the checkpoint is damaged: its checksum is wrong; start anew without it")]
    Damaged,
    /// The state of one part does not fit what it is restored into.
    #[error("the checkpoint does not fit: {0}")]
    Unfit(String),
}

/// The state of a part, without a header.
pub fn pack<T: Serialize>(state: &T) -> Vec<u8> {
    // The state types hold nothing postcard refuses, and a Vec cannot run out of room.
    postcard::to_allocvec(state).unwrap_or_default()
}

/// The state of a part from its bytes; `what` names it in the error.
///
/// # Errors
/// [`CheckpointError::Unfit`] when the bytes are not such a state, or more.
pub fn unpack<T: for<'de> Deserialize<'de>>(bytes: &[u8], what: &str) -> Result<T, CheckpointError> {
    let unfit = || CheckpointError::Unfit(format!("{what}: its state cannot be read"));
    let (state, rest) = postcard::take_from_bytes(bytes).map_err(|_| unfit())?;
    if rest.is_empty() { Ok(state) } else { Err(unfit()) }
}

/// A whole checkpoint.
pub fn write<T: Serialize>(state: &T) -> Vec<u8> {
    seal(&pack(state))
}

/// A state behind a header.
fn seal(state: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES + state.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&crc32c::crc32c(state).to_le_bytes());
    bytes.extend_from_slice(state);
    bytes
}

/// The state in a whole checkpoint.
///
/// # Errors
/// [`CheckpointError`] saying whether it is another thing, another version, or damaged.
pub fn read<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, CheckpointError> {
    unpack(open(bytes)?, "the whole")
}

/// The state behind a header.
fn open(bytes: &[u8]) -> Result<&[u8], CheckpointError> {
    let (header, state) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or(CheckpointError::NotOne)?;
    let [magic @ .., v0, v1, c0, c1, c2, c3] = header;
    if magic != MAGIC {
        return Err(CheckpointError::NotOne);
    }
    let found = u16::from_le_bytes([*v0, *v1]);
    if found != VERSION {
        return Err(CheckpointError::Version { found });
    }
    if u32::from_le_bytes([*c0, *c1, *c2, *c3]) != crc32c::crc32c(state) {
        return Err(CheckpointError::Damaged);
    }
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_bits() {
        let state = vec![f64::NAN, -0.0, f64::INFINITY, 0.1, f64::from_bits(0x7ff8_0000_0000_1234)];
        let back: Vec<f64> = read(&write(&state)).expect("its own checkpoint");
        let bits = |numbers: &[f64]| numbers.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&back), bits(&state));
    }

    #[test]
    fn another_version_a_damaged_one_and_other_bytes_are_told_apart() {
        let whole = write(&(7u32, "state".to_owned()));
        let mut other = whole.clone();
        other[8] = 99;
        let refused = |bytes: &[u8]| read::<(u32, String)>(bytes).expect_err("refused");
        assert_eq!(refused(&other), CheckpointError::Version { found: 99 });
        assert!(refused(&other).to_string().contains("version 99, this build reads version 2"));
        let mut damaged = whole.clone();
        *damaged.last_mut().expect("bytes") ^= 1;
        assert_eq!(refused(&damaged), CheckpointError::Damaged);
        assert_eq!(refused(&whole[..whole.len() - 1]), CheckpointError::Damaged);
        assert_eq!(refused(b"time,v\n1,2\n"), CheckpointError::NotOne);
        assert_eq!(refused(b""), CheckpointError::NotOne);
        assert!(matches!(unpack::<u8>(&[1, 2], "a part"), Err(CheckpointError::Unfit(_))));
    }
}
