//! Flags, packed.

use serde::{Deserialize, Serialize};

/// One bit per event, least significant bit first; bits past the length are zero.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bitmap {
    bytes: Vec<u8>,
    len: usize,
}

impl Bitmap {
    /// `len` bits, all set.
    pub fn all_set(len: usize) -> Self {
        let mut bitmap = Self { bytes: vec![0xff; len.div_ceil(8)], len };
        bitmap.clear_padding();
        bitmap
    }

    /// Takes packed bytes; bits past `len` are cleared. `None` when the bytes are too few or too many.
    pub fn from_bytes(bytes: Vec<u8>, len: usize) -> Option<Self> {
        if bytes.len() != len.div_ceil(8) {
            return None;
        }
        let mut bitmap = Self { bytes, len };
        bitmap.clear_padding();
        Some(bitmap)
    }

    fn clear_padding(&mut self) {
        if let (Some(last), used @ 1..) = (self.bytes.last_mut(), self.len % 8) {
            *last &= (1 << used) - 1;
        }
    }

    /// The packed bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bits.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bit at `index`; false past the end.
    pub fn get(&self, index: usize) -> bool {
        self.bytes.get(index / 8).is_some_and(|byte| byte >> (index % 8) & 1 == 1)
    }

    /// Appends a bit.
    pub fn push(&mut self, bit: bool) {
        if self.len.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if let (true, Some(last)) = (bit, self.bytes.last_mut()) {
            *last |= 1 << (self.len % 8);
        }
        self.len += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bitmap_ignores_bits_past_its_length() {
        assert_eq!(Bitmap::from_bytes(vec![0xff], 3), Some(Bitmap::all_set(3)));
        assert_eq!(Bitmap::from_bytes(vec![0xff, 0], 3), None);
    }
}
