//! Detectors as bytes and back.

use serde::{Deserialize, Serialize};

/// Counts up whenever what detectors hold changes.
#[cfg(feature = "checkpoint")]
const VERSION: u8 = 2;

/// Why bytes are no snapshot of a detector.
#[cfg(feature = "checkpoint")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Of another version of this program.
    #[error("the snapshot has version {found}, this program reads {VERSION}: let the detector warm up again")]
    Version {
        /// The version found.
        found: u8,
    },
    /// Cut short, altered, or of another kind of detector.
    #[error("the snapshot is cut short, altered or of another detector: let the detector warm up again")]
    Damaged,
}

/// A state as bytes: version, hash of the rest, the rest.
#[cfg(feature = "checkpoint")]
pub(super) fn save<T: Serialize>(state: &T) -> Vec<u8> {
    let body = postcard::to_allocvec(state).unwrap_or_default();
    let mut bytes = vec![VERSION];
    bytes.extend(hash(&body).to_le_bytes());
    bytes.extend(body);
    bytes
}

/// The state behind the bytes.
#[cfg(feature = "checkpoint")]
pub(super) fn load<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, SnapshotError> {
    let (version, rest) = bytes.split_first().ok_or(SnapshotError::Damaged)?;
    if *version != VERSION {
        return Err(SnapshotError::Version { found: *version });
    }
    let (sum, body) = rest.split_first_chunk::<8>().ok_or(SnapshotError::Damaged)?;
    if hash(body) != u64::from_le_bytes(*sum) {
        return Err(SnapshotError::Damaged);
    }
    postcard::from_bytes(body).map_err(|_| SnapshotError::Damaged)
}

/// FNV-1a of 64 bits.
///
/// # Source
/// G. Fowler, L. C. Noll, K.-P. Vo, "The FNV Non-Cryptographic Hash Algorithm", draft-eastlake-fnv.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Two equal arrays as one sequence: serde knows only arrays of up to 32.
pub(super) mod twice {
    use super::{Deserialize, Serialize};
    use serde::de::Error;
    use serde::{Deserializer, Serializer};

    pub(in crate::detector) fn serialize<const N: usize, S: Serializer>(
        [first, _]: &[[f64; N]; 2],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        first.as_slice().serialize(serializer)
    }

    pub(in crate::detector) fn deserialize<'de, const N: usize, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[[f64; N]; 2], D::Error> {
        let values: [f64; N] = Vec::deserialize(deserializer)?
            .try_into()
            .map_err(|_| D::Error::custom("an array of another length"))?;
        Ok([values; 2])
    }
}

/// Vectors of arrays, one value after the other.
pub(super) mod rows {
    use super::{Deserialize, Serialize};
    use serde::{Deserializer, Serializer};

    pub(in crate::detector) fn serialize<const N: usize, S: Serializer>(
        rows: &[[f32; N]],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        rows.as_flattened().serialize(serializer)
    }

    pub(in crate::detector) fn deserialize<'de, const N: usize, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<[f32; N]>, D::Error> {
        let values = Vec::<f32>::deserialize(deserializer)?;
        Ok(values.as_chunks::<N>().0.to_vec())
    }
}

#[cfg(test)]
#[cfg(feature = "checkpoint")]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_whole_is_refused() {
        let bytes = save(&(1.5f64, vec![1u32, 2]));
        assert_eq!(load::<(f64, Vec<u32>)>(&bytes), Ok((1.5, vec![1, 2])));
        for cut in 0..bytes.len() {
            assert_eq!(load::<(f64, Vec<u32>)>(&bytes[..cut]), Err(SnapshotError::Damaged), "{cut}");
        }
        let mut altered = bytes.clone();
        altered[12] ^= 1;
        assert_eq!(load::<(f64, Vec<u32>)>(&altered), Err(SnapshotError::Damaged));
        altered[0] = 9;
        assert_eq!(load::<(f64, Vec<u32>)>(&altered), Err(SnapshotError::Version { found: 9 }));
    }
}
