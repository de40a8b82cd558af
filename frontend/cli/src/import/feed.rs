//! One input of an import: rows with their renames and constants, a chunk at a time.

use spate_shared::batch::Batch;
use spate_shared::text::{Cell, Chunk, Format, Intake, TextReader};
use spate_shared::time::Nanos;

use super::Rejections;
use crate::failure::Failure;
use crate::input::{Counted, Input};
use crate::progress::Progress;
use crate::scoped::Pair;

/// Rows held in memory per input.
const CHUNK_ROWS: usize = 8_192;

/// An input and the events of it that wait to be merged.
pub(crate) struct Feed {
    name: String,
    format: Format,
    reader: TextReader<Counted>,
    /// Index of its stream.
    pub(crate) stream: usize,
    renames: Vec<Pair>,
    constants: Vec<Pair>,
    /// Renames whose old name has been seen.
    renamed: Vec<bool>,
    pub(super) batch: Batch,
    pub(super) at: usize,
    ended: bool,
}

impl Feed {
    pub(crate) fn new(
        input: Input,
        stream: usize,
        renames: Vec<Pair>,
        constants: Vec<Pair>,
        progress: &Progress,
    ) -> Self {
        Self {
            reader: TextReader::new(input.format, Counted { read: input.read, progress: progress.clone() }),
            name: input.name,
            format: input.format,
            stream,
            renamed: vec![false; renames.len()],
            renames,
            constants,
            batch: Batch::default(),
            at: 0,
            ended: false,
        }
    }

    /// Event time of the next event; `None` at the end.
    pub(super) fn next_time(&self) -> Option<Nanos> {
        self.batch.times.get(self.at).copied()
    }

    /// Reads on until there is an event to merge or the input ends.
    pub(super) fn fill(&mut self, intake: &mut Intake, rejections: &mut Rejections) -> Result<(), Failure> {
        while self.at == self.batch.len() && !self.ended {
            let chunk = self.reader.next_chunk(CHUNK_ROWS);
            let Some(mut chunk) = chunk.map_err(|error| Failure::file("read", &self.name, &error))? else {
                self.ended = true;
                break;
            };
            self.prepare(&mut chunk)?;
            let taken = intake.take(chunk, None);
            rejections.add(&self.name, &taken.rejected);
            (self.batch, self.at) = (taken.batch, 0);
        }
        Ok(())
    }

    /// Every rename, and whether its old name was seen.
    pub(crate) fn renames(&self) -> impl Iterator<Item = (&Pair, bool)> {
        self.renames.iter().zip(self.renamed.iter().copied())
    }

    fn prepare(&mut self, chunk: &mut Chunk) -> Result<(), Failure> {
        if let (Format::Csv, [], Some(rejection)) = (self.format, &chunk.names[..], chunk.rejected.first()) {
            return Err(Failure::Data(format!("{}, {rejection}", self.name)));
        }
        for (rename, renamed) in self.renames.iter().zip(&mut self.renamed) {
            if let Some(at) = chunk.names.iter().position(|name| *name == rename.name) {
                name_is_free(&self.name, &rename.value, &chunk.names, "--rename")?;
                chunk.names[at].clone_from(&rename.value);
                *renamed = true;
            }
        }
        for constant in &self.constants {
            name_is_free(&self.name, &constant.name, &chunk.names, "--set or --by-file")?;
            for row in &mut chunk.rows {
                row.cells.resize(chunk.names.len(), Cell::Missing);
                row.cells.push(Cell::Text(constant.value.clone()));
            }
            chunk.names.push(constant.name.clone());
        }
        Ok(())
    }
}

fn name_is_free(input: &str, name: &String, names: &[String], option: &str) -> Result<(), Failure> {
    if names.contains(name) {
        return Err(Failure::Usage(format!(
            "{input} has a field {name:?} already: give {option} another name"
        )));
    }
    Ok(())
}
