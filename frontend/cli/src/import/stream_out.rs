//! One stream of a recording under construction.

use std::io::{self, Write};

use spate_shared::batch::Batch;
use spate_shared::catalog::StreamInfo;
use spate_shared::recording::Writer;
use spate_shared::schema::Schema;
use spate_shared::text::Intake;
use spate_shared::time::Nanos;
use spate_shared::wire::{DataFrame, DataHeader};

use super::columns::Building;
use crate::scoped::Pair;

/// The epoch of imported streams: their history has no past to lose.
const EPOCH: u64 = 1;

/// A stream's schema, its events that are not sealed yet, and what was written.
pub(crate) struct StreamOut {
    pub(crate) name: String,
    id: u32,
    pub(super) intake: Intake,
    units: Vec<Pair>,
    /// The intake's schema with units; `None` before the first row.
    pub(crate) schema: Option<Schema>,
    announced: Option<Schema>,
    building: Building,
    /// The last event and the input it came from, held back since another input may complete it.
    pending: Option<(usize, Building)>,
    /// Events written.
    pub(crate) events: u64,
    /// Earliest and latest event time written.
    pub(crate) span: Option<(Nanos, Nanos)>,
}

impl StreamOut {
    pub(crate) fn new(name: String, id: u32, intake: Intake, units: Vec<Pair>) -> Self {
        Self {
            name,
            id,
            intake,
            units,
            schema: None,
            announced: None,
            building: Building::default(),
            pending: None,
            events: 0,
            span: None,
        }
    }

    /// Takes over the schema as the intake has it now.
    pub(super) fn follow_schema(&mut self) {
        let Some(inferred) = self.intake.schema() else { return };
        let mut schema = inferred.clone();
        for unit in &self.units {
            if let Some(index) = schema.index_of(&unit.name) {
                schema.fields[index].unit = Some(unit.value.clone());
            }
        }
        if self.schema.as_ref() != Some(&schema) {
            self.building.conform(&schema);
            if let Some((_, pending)) = &mut self.pending {
                pending.conform(&schema);
            }
            self.schema = Some(schema);
        }
    }

    pub(super) fn push(&mut self, from: &Batch, row: usize) {
        self.building.push(from, row);
    }

    /// Holds an event of an input back until the next one; joins it with the one held when both are the same event.
    pub(super) fn push_joining(&mut self, input: usize, from: &Batch, row: usize) {
        let Some(schema) = &self.schema else { return };
        let mut event = Building::default();
        event.conform(schema);
        event.push(from, row);
        let is_joined =
            self.pending.as_mut().is_some_and(|(held, pending)| *held != input && pending.join(&event));
        if !is_joined {
            self.release();
            self.pending = Some((input, event));
        }
    }

    /// Lets the event held back go.
    pub(super) fn release(&mut self) {
        if let Some((_, event)) = self.pending.take() {
            self.building.push(&event.batch, 0);
        }
    }

    pub(super) fn waiting(&self) -> &Batch {
        &self.building.batch
    }

    /// Latest event time that waits; `None` when nothing does.
    pub(super) fn latest_waiting(&self) -> Option<Nanos> {
        self.building.batch.times.iter().copied().max()
    }

    /// Writes what waits as one data frame, after the schema when it is new.
    pub(super) fn seal<W: Write>(&mut self, writer: &mut Writer<W>, arrival: Nanos) -> io::Result<()> {
        let Some(schema) = &self.schema else { return Ok(()) };
        if self.announced.as_ref() != Some(schema) {
            let info = StreamInfo {
                name: self.name.clone(),
                id: self.id,
                epoch: EPOCH,
                oldest: 0,
                head: self.events,
                schema: schema.clone(),
            };
            writer.catalog(arrival, &[info])?;
            self.announced = Some(schema.clone());
        }
        let batch = self.building.take(schema);
        for time in &batch.times {
            let (first, last) = self.span.unwrap_or((*time, *time));
            self.span = Some((first.min(*time), last.max(*time)));
        }
        let header = DataHeader {
            stream: self.id,
            schema: schema.version,
            epoch: EPOCH,
            base: self.events,
            rows: batch.len() as u32,
            sealed: arrival,
        };
        self.events += batch.len() as u64;
        writer.data(arrival, &DataFrame { header, batch })
    }
}
