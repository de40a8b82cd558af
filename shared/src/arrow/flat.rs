//! `FlatBuffers`, front to back: a table first, then what it points to, each link patched when its target is placed.
//!
//! Positions count from the start of the buffer, which begins at a multiple of eight in the stream, so that aligning to
//! positions aligns to the stream.

/// One field of a table, in the order of the table's definition.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot {
    /// Left out: the reader takes the default.
    Absent,
    U8(u8),
    I16(i16),
    I32(i32),
    I64(i64),
    /// Points to a table, vector or text that is placed later.
    Link,
}

impl Slot {
    fn size(self) -> usize {
        match self {
            Self::Absent => 0,
            Self::U8(_) => 1,
            Self::I16(_) => 2,
            Self::I32(_) | Self::Link => 4,
            Self::I64(_) => 8,
        }
    }
}

/// Where a link stands, until it is patched.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub(super) struct Link(usize);

/// A buffer under construction.
#[derive(Debug)]
pub(super) struct Flat {
    bytes: Vec<u8>,
}

impl Flat {
    /// A buffer, and the link to its root.
    pub(super) fn new() -> (Self, Link) {
        (Self { bytes: vec![0; 4] }, Link(0))
    }

    /// The buffer, padded to a multiple of eight.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.align(8);
        self.bytes
    }

    fn align(&mut self, to: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(to), 0);
    }

    fn point(&mut self, link: Link) {
        let distance = (self.bytes.len() - link.0) as u32;
        self.bytes[link.0..link.0 + 4].copy_from_slice(&distance.to_le_bytes());
    }

    /// Places a table; its links in the order of its slots.
    pub(super) fn table(&mut self, from: Link, slots: &[Slot]) -> Vec<Link> {
        let vtable_len = 4 + 2 * slots.len();
        // The vtable stands right before the table, which begins at a multiple of eight.
        let start = (self.bytes.len() + vtable_len).next_multiple_of(8);
        self.bytes.resize(start - vtable_len, 0);
        let mut places = Vec::with_capacity(slots.len());
        let mut end = 4;
        for slot in slots {
            if slot.size() == 0 {
                places.push(0);
                continue;
            }
            end = usize::next_multiple_of(end, slot.size());
            places.push(end);
            end += slot.size();
        }
        for number in [vtable_len, end].iter().chain(&places) {
            self.bytes.extend_from_slice(&(*number as u16).to_le_bytes());
        }
        self.point(from);
        self.bytes.extend_from_slice(&(vtable_len as i32).to_le_bytes());
        self.bytes.resize(start + end, 0);
        let mut links = Vec::new();
        for (slot, place) in slots.iter().zip(places) {
            let at = start + place;
            match slot {
                Slot::Absent => {}
                Slot::U8(value) => self.bytes[at] = *value,
                Slot::I16(value) => self.bytes[at..at + 2].copy_from_slice(&value.to_le_bytes()),
                Slot::I32(value) => self.bytes[at..at + 4].copy_from_slice(&value.to_le_bytes()),
                Slot::I64(value) => self.bytes[at..at + 8].copy_from_slice(&value.to_le_bytes()),
                Slot::Link => links.push(Link(at)),
            }
        }
        links
    }

    /// Places a text.
    pub(super) fn text(&mut self, from: Link, text: &str) {
        self.align(4);
        self.point(from);
        self.bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0);
    }

    /// Places a vector of tables; the link to each.
    pub(super) fn tables(&mut self, from: Link, len: usize) -> Vec<Link> {
        self.align(4);
        self.point(from);
        self.bytes.extend_from_slice(&(len as u32).to_le_bytes());
        let start = self.bytes.len();
        self.bytes.resize(start + 4 * len, 0);
        (0..len).map(|at| Link(start + 4 * at)).collect()
    }

    /// Places a vector of structures of two 64-bit integers.
    pub(super) fn pairs(&mut self, from: Link, pairs: &[(i64, i64)]) {
        // The length is followed by the first structure, which begins at a multiple of eight.
        self.align(4);
        if self.bytes.len().is_multiple_of(8) {
            self.bytes.extend_from_slice(&[0; 4]);
        }
        self.point(from);
        self.bytes.extend_from_slice(&(pairs.len() as u32).to_le_bytes());
        for (first, second) in pairs {
            self.bytes.extend_from_slice(&first.to_le_bytes());
            self.bytes.extend_from_slice(&second.to_le_bytes());
        }
    }
}
