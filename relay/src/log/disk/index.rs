//! Where to find an offset or a time in a segment file: a point every 256 KiB.

use std::fs;
use std::path::{Path, PathBuf};

use spate_shared::time::Nanos;

/// Bytes between two points.
const STEP_BYTES: u64 = 256 << 10;
const POINT_BYTES: usize = 24;
const MAGIC: &[u8; 8] = b"SPATEIX1";

/// A data frame that starts at a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) base: u64,
    pub(super) byte: u64,
    pub(super) sealed: Nanos,
}

/// Points of one file, ascending, the first at its first data frame; and where it ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) points: Vec<Point>,
    /// Offset after its last event.
    pub(super) end: u64,
    /// Seal of its last frame.
    pub(super) last_sealed: Nanos,
    /// Its length.
    pub(super) bytes: u64,
}

impl Index {
    pub(super) fn new(base: u64) -> Self {
        Self { end: base, last_sealed: Nanos::MIN, ..Self::default() }
    }

    /// Notes a data frame that starts at `byte`.
    pub(super) fn note(&mut self, base: u64, rows: u32, sealed: Nanos, byte: u64) {
        if self.points.last().is_none_or(|last| byte >= last.byte + STEP_BYTES) {
            self.points.push(Point { base, byte, sealed });
        }
        (self.end, self.last_sealed) = (base + u64::from(rows), sealed);
    }

    /// The last point at or before an offset.
    pub(super) fn at(&self, offset: u64) -> Option<Point> {
        let after = self.points.partition_point(|point| point.base <= offset);
        after.checked_sub(1).map(|at| self.points[at])
    }

    /// The first point after a byte.
    pub(super) fn after(&self, byte: u64) -> Option<Point> {
        self.points.get(self.points.partition_point(|point| point.byte <= byte)).copied()
    }

    fn path(log: &Path) -> PathBuf {
        log.with_extension("idx")
    }

    /// Writes it beside its file. It is only a shortcut, so a failure is said and no more.
    pub(super) fn write(&self, log: &Path) {
        let mut bytes = MAGIC.to_vec();
        for number in [self.end, self.last_sealed as u64, self.bytes] {
            bytes.extend(number.to_le_bytes());
        }
        for point in &self.points {
            bytes.extend(point.base.to_le_bytes());
            bytes.extend(point.byte.to_le_bytes());
            bytes.extend(point.sealed.to_le_bytes());
        }
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        if let Err(error) = fs::write(Self::path(log), bytes) {
            tracing::warn!(path = %log.display(), %error, "an index is not written; the next start reads the file");
        }
    }

    /// The index beside a file of so many bytes; `None` when there is none that fits.
    pub(super) fn read(log: &Path, log_bytes: u64) -> Option<Self> {
        Self::decode(&fs::read(Self::path(log)).ok()?).filter(|index| index.bytes == log_bytes)
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, checksum) = bytes.split_last_chunk::<4>()?;
        if crc32c::crc32c(body) != u32::from_le_bytes(*checksum) {
            return None;
        }
        let (numbers, rest) = body.strip_prefix(MAGIC)?.as_chunks::<8>();
        let numbers: Vec<u64> = numbers.iter().map(|number| u64::from_le_bytes(*number)).collect();
        let ([end, last_sealed, bytes], points) = (numbers.first_chunk::<3>()?, numbers.get(3..)?);
        if !rest.is_empty() || points.len() % (POINT_BYTES / 8) != 0 {
            return None;
        }
        let point =
            |numbers: &[u64]| Point { base: numbers[0], byte: numbers[1], sealed: numbers[2] as Nanos };
        Some(Self {
            points: points.chunks_exact(POINT_BYTES / 8).map(point).collect(),
            end: *end,
            last_sealed: *last_sealed as Nanos,
            bytes: *bytes,
        })
    }

    pub(super) fn remove(log: &Path) {
        // Without its file an index means nothing; one that stays is overwritten or ignored.
        let _ = fs::remove_file(Self::path(log));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_finds_the_point_at_or_before_an_offset_and_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("7.log");
        let mut index = Index::new(7);
        for at in 0..100u64 {
            index.note(7 + 10 * at, 10, at as i64, 100 + at * 50_000);
        }
        index.bytes = 5_000_100;
        assert_eq!(index.points.len(), 17);
        assert_eq!(index.at(6), None);
        assert_eq!(index.at(7).map(|point| point.base), Some(7));
        assert_eq!(index.at(66).map(|point| point.base), Some(7));
        assert_eq!(index.at(67).map(|point| point.base), Some(67));
        assert_eq!(index.after(100).map(|point| point.base), Some(67));
        assert_eq!((index.end, index.last_sealed), (1_007, 99));
        index.write(&log);
        assert_eq!(Index::read(&log, 5_000_100), Some(index.clone()));
        assert_eq!(Index::read(&log, 5_000_101), None, "of another length of file");
        let mut bytes = fs::read(Index::path(&log)).unwrap();
        for at in 0..bytes.len() {
            bytes[at] ^= 4;
            assert_eq!(Index::decode(&bytes), None);
            bytes[at] ^= 4;
        }
    }
}
