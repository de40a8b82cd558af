//! One record of a segment file: `length u32 · crc32c u32 · payload`, little-endian.

/// Bytes before a payload.
pub const RECORD_HEADER_BYTES: usize = 8;
/// Longest payload: the largest frame, with room.
pub const MAX_RECORD_BYTES: usize = 32 << 20;

/// Why bytes are not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The file ends inside it: it was being written.
    #[error("the file ends inside a record")]
    Torn,
    /// A length that no record has.
    #[error("a record claims {0} bytes")]
    Length(u32),
    /// The bytes are not those that were written.
    #[error("a record's checksum does not match")]
    Checksum,
}

/// Appends a record to bytes that are about to be written.
pub fn encode_record(out: &mut Vec<u8>, payload: &[u8]) {
    out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    out.extend_from_slice(&crc32c::crc32c(payload).to_le_bytes());
    out.extend_from_slice(payload);
}

/// The payload of the record at the start of `bytes`.
///
/// # Errors
/// [`RecordError`]; `Torn` when more bytes could make it a record.
pub fn read_record(bytes: &[u8]) -> Result<&[u8], RecordError> {
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(RecordError::Torn)?;
    let length = u32::from_le_bytes(*length);
    if length == 0 || length as usize > MAX_RECORD_BYTES {
        return Err(RecordError::Length(length));
    }
    let (checksum, rest) = rest.split_first_chunk::<4>().ok_or(RecordError::Torn)?;
    let payload = rest.get(..length as usize).ok_or(RecordError::Torn)?;
    if crc32c::crc32c(payload) != u32::from_le_bytes(*checksum) {
        return Err(RecordError::Checksum);
    }
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_and_any_cut_or_changed_byte_is_noticed() {
        let mut bytes = Vec::new();
        encode_record(&mut bytes, b"payload");
        encode_record(&mut bytes, b"next");
        assert_eq!(read_record(&bytes), Ok(b"payload".as_slice()));
        for cut in 0..RECORD_HEADER_BYTES + 7 {
            assert_eq!(read_record(&bytes[..cut]), Err(RecordError::Torn), "cut at {cut}");
        }
        for at in 0..RECORD_HEADER_BYTES + 7 {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(read_record(&changed).is_err(), "changed at {at}");
        }
        assert_eq!(
            read_record(&[0; 64]),
            Err(RecordError::Length(0)),
            "what a file system leaves after a crash"
        );
    }
}
