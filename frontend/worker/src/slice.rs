//! A part of the recording that is open, as a recording of its own.

use std::collections::BTreeMap;
use std::ops::Range;

use spate_shared::batch::Batch;
use spate_shared::catalog::StreamInfo;
use spate_shared::recording::Writer;
use spate_shared::time::Nanos;
use spate_shared::wire::{DataFrame, DataHeader, ServerFrame};

use crate::player::Player;

/// Which events of a recording.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Slice {
    /// Those that happen between two parts of the recording, 0 to 1.
    Played(f64, f64),
    /// Those in the range of their stream, by its name: its first and last moment.
    Shown(BTreeMap<String, (Nanos, Nanos)>),
}

impl Slice {
    /// The recording's bytes; `None` when there are no such events.
    pub(crate) fn cut(&self, player: &Player) -> Option<Vec<u8>> {
        let begun = |stream: &StreamInfo| StreamInfo { epoch: 1, oldest: 0, head: 0, ..stream.clone() };
        let streams: Vec<StreamInfo> = player.streams().iter().map(begun).collect();
        let mut bases = vec![0; streams.len()];
        // Writing to memory cannot fail.
        let mut writer = Writer::new(Vec::new(), player.recording().metadata()).ok()?;
        for entry in player.recording().entries() {
            let Ok(ServerFrame::Data(DataFrame { header, batch })) = entry.decode() else { continue };
            let Some(at) = streams.iter().position(|stream| stream.id == header.stream) else { continue };
            let stream = &streams[at];
            let batch = batch.fit(&stream.schema);
            let mut kept = Batch::empty(&stream.schema);
            for rows in self.rows(player, stream, entry.byte, &batch) {
                kept.extend_from(&batch, rows);
            }
            if kept.is_empty() {
                continue;
            }
            if bases.iter().all(|base| *base == 0) {
                writer.catalog(entry.arrival, &streams).ok()?;
            }
            let (base, rows, schema) = (bases[at], kept.len() as u32, stream.schema.version);
            bases[at] += u64::from(rows);
            let header = DataHeader { schema, epoch: 1, base, rows, ..header };
            writer.data(entry.arrival, &DataFrame { header, batch: kept }).ok()?;
        }
        bases.iter().any(|base| *base > 0).then_some(writer.finish().ok()?.0)
    }

    /// Which rows of a batch belong to it, in runs.
    fn rows(&self, player: &Player, stream: &StreamInfo, byte: u64, batch: &Batch) -> Vec<Range<usize>> {
        match self {
            Self::Played(from, to) => vec![player.played(stream.id, byte, batch.len(), (*from, *to))],
            Self::Shown(ranges) => {
                let Some(range) = ranges.get(&stream.name) else { return Vec::new() };
                let is_inside = |row: &usize| (range.0..=range.1).contains(&batch.times[*row]);
                (0..batch.len()).filter(is_inside).map(|row| row..row + 1).collect()
            }
        }
    }
}
