//! Reading a recording that is held in memory.

use super::{
    ENTRY_HEADER_BYTES, HEADER_BYTES, INDEX_POINT_BYTES, IndexPoint, KIND_INDEX, MAGIC, Metadata,
    TRAILER_BYTES, TRAILER_MAGIC, VERSION, checksum,
};
use crate::catalog::StreamInfo;
use crate::time::Nanos;
use crate::wire::{ServerFrame, ServerMessage, WireError};

/// Why bytes are not a recording.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordingError {
    /// No bytes.
    #[error("the file is empty")]
    Empty,
    /// Another kind of file.
    #[error(
        "not a .spate recording: the first bytes are not its magic; import CSV and NDJSON with `spate import`"
    )]
    Magic,
    /// A newer recording.
    #[error("recording version {0} is not known, this build reads version {VERSION}: update Spate")]
    Version(u16),
    /// The header is cut off or damaged.
    #[error("the recording's header is {0} at byte {HEADER_BYTES}: restore the file from its source")]
    Header(&'static str),
    /// No stream is described before the first cut.
    #[error("the recording holds no stream: {0}")]
    NoStreams(String),
}

/// Where a damaged or unfinished recording was cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// First byte that is not read.
    pub at_byte: u64,
    /// How many bytes follow it.
    pub bytes_lost: u64,
    /// Why reading stops there.
    pub reason: String,
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cut at byte {} ({}), {} bytes not read", self.at_byte, self.reason, self.bytes_lost)
    }
}

/// One frame of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// When the recorder got it.
    pub arrival: Nanos,
    /// Where the entry starts in the file.
    pub byte: u64,
    /// The frame; its checksum was verified.
    pub frame: &'a [u8],
}

impl Entry<'_> {
    /// The frame, decoded.
    ///
    /// # Errors
    /// [`WireError`]; a frame whose checksum holds fails only when its writer was wrong or newer.
    pub fn decode(&self) -> Result<ServerFrame, WireError> {
        ServerFrame::decode(self.frame)
    }
}

/// An opened recording over the bytes of its file.
#[derive(Debug, Clone)]
pub struct Recording<B> {
    bytes: B,
    metadata: Metadata,
    start: usize,
    end: usize,
    index: Vec<IndexPoint>,
    streams: Vec<StreamInfo>,
    cut: Option<Cut>,
    events: u64,
}

impl<B: AsRef<[u8]>> Recording<B> {
    /// Opens a recording: checks the header and every entry's checksum, reads the streams and the index.
    ///
    /// A torn or damaged tail is cut, see [`Recording::cut`]. Cost: one pass over the bytes.
    ///
    /// # Errors
    /// [`RecordingError`] when nothing can be read.
    pub fn open(bytes: B) -> Result<Self, RecordingError> {
        let file = bytes.as_ref();
        let (metadata, start) = header(file)?;
        let mut scan = Scan::new(file, start);
        while scan.step() {}
        if scan.streams.is_empty() {
            let said = scan.cut.filter(|cut| cut.at_byte > start as u64 || cut.bytes_lost > 0);
            let why = said.map_or_else(|| "it ends after its header".to_owned(), |cut| cut.to_string());
            return Err(RecordingError::NoStreams(why));
        }
        let Scan { at: end, index, streams, cut, events, .. } = scan;
        Ok(Self { bytes, metadata, start, end, index, streams, cut, events })
    }

    /// What the recording says about itself.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The streams, each with its last schema and its last epoch.
    ///
    /// `oldest` and `head` are the offsets recorded in that epoch, equal when it has no events. Those of an earlier epoch
    /// do not connect to them and are not told; the events are in [`Recording::entries`] all the same.
    pub fn streams(&self) -> &[StreamInfo] {
        &self.streams
    }

    /// Events in whole data frames.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// What could not be read; `None` for a whole recording.
    pub fn cut(&self) -> Option<&Cut> {
        self.cut.as_ref()
    }

    /// Points from which reading can start, in file order; empty when the recording was not finished.
    pub fn index(&self) -> &[IndexPoint] {
        &self.index
    }

    /// All entries in order.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.entries_from(self.start as u64)
    }

    /// The entries from a byte that an [`IndexPoint`] or [`Entry`] names.
    pub fn entries_from(&self, byte: u64) -> impl Iterator<Item = Entry<'_>> {
        let mut at = usize::try_from(byte).unwrap_or(self.end).clamp(self.start, self.end);
        std::iter::from_fn(move || {
            let (entry, next) = read_entry(&self.bytes.as_ref()[..self.end], at).ok()?;
            at = next;
            Some(entry)
        })
    }
}

fn header(file: &[u8]) -> Result<(Metadata, usize), RecordingError> {
    if file.is_empty() {
        return Err(RecordingError::Empty);
    }
    let magic = &file[..file.len().min(MAGIC.len())];
    if magic != &MAGIC[..magic.len()] {
        return Err(RecordingError::Magic);
    }
    let Some((head, rest)) = file.split_at_checked(HEADER_BYTES) else {
        return Err(RecordingError::Header("cut off"));
    };
    let version = u16::from_le_bytes([head[8], head[9]]);
    if version != VERSION {
        return Err(RecordingError::Version(version));
    }
    if head[10..12] != [0; 2] {
        return Err(RecordingError::Header("damaged (reserved bytes are not zero)"));
    }
    let length = u32::from_le_bytes([head[12], head[13], head[14], head[15]]) as usize;
    let crc = u32::from_le_bytes([head[16], head[17], head[18], head[19]]);
    let metadata = rest.get(..length).ok_or(RecordingError::Header("cut off"))?;
    if crc32c::crc32c(metadata) != crc {
        return Err(RecordingError::Header("damaged (checksum)"));
    }
    let metadata = serde_json::from_slice(metadata).map_err(|_| RecordingError::Header("not JSON"))?;
    Ok((metadata, HEADER_BYTES + length))
}

/// One pass over the entries that stops at the index, the end or the first damage.
struct Scan<'a> {
    file: &'a [u8],
    at: usize,
    index: Vec<IndexPoint>,
    streams: Vec<StreamInfo>,
    cut: Option<Cut>,
    events: u64,
}

impl<'a> Scan<'a> {
    fn new(file: &'a [u8], start: usize) -> Self {
        Self { file, at: start, index: Vec::new(), streams: Vec::new(), cut: None, events: 0 }
    }

    /// Reads one entry; false when there is no more.
    fn step(&mut self) -> bool {
        if self.at == self.file.len() {
            self.stop("recording was not finished, it has no index");
            return false;
        }
        let (entry, next) = match read_entry(self.file, self.at) {
            Ok(read) => read,
            Err(reason) => {
                self.stop(reason);
                return false;
            }
        };
        if entry.frame.first() == Some(&KIND_INDEX) {
            self.read_index(entry.frame, next);
            return false;
        }
        match entry.decode() {
            Ok(ServerFrame::Data(frame)) => self.count(&frame.header),
            Ok(ServerFrame::Message(ServerMessage::Catalog { streams })) => self.merge(streams),
            Ok(ServerFrame::Message(_)) => {}
            Ok(ServerFrame::Selected(_)) => {
                self.stop("an entry holds some events of a run, which no recording does");
                return false;
            }
            Err(error) => {
                self.stop(&error.to_string());
                return false;
            }
        }
        self.at = next;
        true
    }

    fn stop(&mut self, reason: &str) {
        let bytes_lost = (self.file.len() - self.at) as u64;
        self.cut = Some(Cut { at_byte: self.at as u64, bytes_lost, reason: reason.to_owned() });
    }

    fn merge(&mut self, streams: Vec<StreamInfo>) {
        for mut stream in streams {
            // What the relay held is not what was recorded: the range is that of the epoch's data frames.
            stream.oldest = stream.head;
            match self.streams.iter_mut().find(|known| known.id == stream.id) {
                Some(known) if known.epoch == stream.epoch => known.schema = stream.schema,
                // Offsets of two epochs are not one range.
                Some(known) => *known = stream,
                None => self.streams.push(stream),
            }
        }
    }

    fn count(&mut self, header: &crate::wire::DataHeader) {
        self.events += u64::from(header.rows);
        let end = header.base + u64::from(header.rows);
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.id == header.stream) {
            if stream.oldest == stream.head || stream.epoch != header.epoch {
                (stream.epoch, stream.oldest, stream.head) = (header.epoch, header.base, end);
            }
            (stream.oldest, stream.head) = (stream.oldest.min(header.base), stream.head.max(end));
        }
    }

    fn read_index(&mut self, frame: &[u8], next: usize) {
        let at = (self.at as u64).to_le_bytes();
        let trailer_holds = self.file.get(next..next + TRAILER_BYTES).is_some_and(|trailer| {
            trailer[..8] == at && trailer[8..] == TRAILER_MAGIC && next + TRAILER_BYTES == self.file.len()
        });
        if !trailer_holds {
            return self.stop("the index is cut off");
        }
        let number = |bytes: &[u8]| bytes.try_into().map_or(0, i64::from_le_bytes);
        let (points, rest) = frame[1..].as_chunks::<INDEX_POINT_BYTES>();
        if !rest.is_empty() {
            return self.stop("the index is damaged");
        }
        self.index = points
            .iter()
            .map(|point| IndexPoint {
                arrival: number(&point[..8]),
                event_time: number(&point[8..16]),
                byte: number(&point[16..]) as u64,
            })
            .filter(|point| point.byte < self.at as u64)
            .collect();
    }
}

fn read_entry(file: &[u8], at: usize) -> Result<(Entry<'_>, usize), &'static str> {
    let head = file.get(at..at + ENTRY_HEADER_BYTES).ok_or("the last entry is cut off")?;
    let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
    let crc = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    let arrival = head[8..].try_into().map_or(0, i64::from_le_bytes);
    let from = at + ENTRY_HEADER_BYTES;
    let frame =
        from.checked_add(length).and_then(|to| file.get(from..to)).ok_or("the last entry is cut off")?;
    if checksum(arrival, frame) != crc {
        return Err("an entry's checksum does not match");
    }
    Ok((Entry { arrival, byte: at as u64, frame }, from + length))
}
