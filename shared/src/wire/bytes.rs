//! Little-endian cursor over bytes with every bound checked.

use super::codec::WireError;

/// Reads from the front of a slice; remembers where it stands for errors.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(crate) fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], WireError> {
        let end = self.at.checked_add(len).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or(WireError::Truncated { what, at_byte: self.at })?;
        let slice = &self.bytes[self.at..end];
        self.at = end;
        Ok(slice)
    }

    /// Reads the next `len` bytes through a reader of their own, which counts positions as this one does.
    pub(crate) fn part(&mut self, len: usize, what: &'static str) -> Result<Self, WireError> {
        let at = self.at;
        self.take(len, what)?;
        Ok(Self { bytes: &self.bytes[..self.at], at })
    }

    /// Refuses bytes that nothing read.
    pub(crate) fn finish(&self, what: &'static str) -> Result<(), WireError> {
        if self.remaining() == 0 { Ok(()) } else { Err(WireError::Invalid { what, at_byte: self.at }) }
    }

    pub(crate) fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], WireError> {
        let at_byte = self.at;
        self.take(N, what)?.try_into().map_err(|_| WireError::Truncated { what, at_byte })
    }

    pub(crate) fn u8(&mut self, what: &'static str) -> Result<u8, WireError> {
        self.array::<1>(what).map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self, what: &'static str) -> Result<u16, WireError> {
        self.array(what).map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self, what: &'static str) -> Result<u32, WireError> {
        self.array(what).map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self, what: &'static str) -> Result<u64, WireError> {
        self.array(what).map(u64::from_le_bytes)
    }

    pub(crate) fn i64(&mut self, what: &'static str) -> Result<i64, WireError> {
        self.array(what).map(i64::from_le_bytes)
    }

    /// LEB128 of at most ten bytes.
    pub(crate) fn varint(&mut self, what: &'static str) -> Result<u64, WireError> {
        let start = self.at;
        if let Some(byte) = self.bytes.get(start).filter(|byte| **byte < 0x80) {
            self.at += 1;
            return Ok(u64::from(*byte));
        }
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = self.u8(what)?;
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(WireError::Invalid { what, at_byte: start })
    }

    /// Skips zero bytes up to the next multiple of eight.
    pub(crate) fn align8(&mut self) -> Result<(), WireError> {
        let padding = self.at.next_multiple_of(8) - self.at;
        self.take(padding, "padding").map(|_| ())
    }
}

pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Small for small magnitudes of either sign.
pub(crate) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

pub(crate) fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

pub(crate) fn pad8(out: &mut Vec<u8>, start: usize) {
    let padded = (out.len() - start).next_multiple_of(8);
    out.resize(start + padded, 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn varint_and_zigzag_give_back_what_went_in(value: i64) {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, zigzag(value));
            let read = Reader::new(&bytes).varint("value").map(unzigzag);
            prop_assert_eq!(read, Ok(value));
        }
    }

    #[test]
    fn a_varint_longer_than_64_bits_is_refused() {
        for bytes in [[0xff; 10].as_slice(), &[0x80; 11]] {
            assert!(matches!(Reader::new(bytes).varint("value"), Err(WireError::Invalid { .. })));
        }
    }
}
