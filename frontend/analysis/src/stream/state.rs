//! A stream in a checkpoint.

use spate_shared::schema::Role;

use super::faults::Faults;
use super::groups::Groups;
use super::tuning::Tuning;
use super::{Series, Stream};
use crate::checkpoint::{CheckpointError, Loader, Saver};

impl Stream {
    /// Between batches.
    pub(crate) fn save(&self, to: &mut Saver) {
        to.put(&(&self.name, &self.schema, self.config, self.watermark, self.counts));
        to.put(&(&self.shed, &self.forgotten, &self.events, &self.taken));
        self.groups.save(to);
        to.put(&self.tunings.len());
        for (which, tuning) in &self.tunings {
            to.put(which);
            tuning.save(to);
        }
        to.put(&self.faults.is_some());
        if let Some(faults) = &self.faults {
            faults.save(to);
        }
        to.put(&self.series.len());
        self.series.iter().for_each(|series| series.save(to));
        to.put(&(&self.places, &self.gaps, self.gap_open, self.series_bytes));
    }

    pub(crate) fn load(from: &mut Loader<'_>) -> Result<Self, CheckpointError> {
        let (name, schema, config, watermark, counts) = from.take("a stream")?;
        let mut stream = Self::new("", schema, config);
        (stream.name, stream.watermark, stream.counts) = (name, watermark, counts);
        (stream.shed, stream.forgotten, stream.events, stream.taken) = from.take("a stream")?;
        stream.groups = Groups::load(stream.schema.with_role(Role::Dimension).collect(), from)?;
        let tuning = |from: &mut Loader<'_>| Ok((from.take("what was chosen")?, Tuning::load(from)?));
        stream.tunings = from.take_all("what was chosen", tuning)?.into_iter().collect();
        if from.take("faults")? {
            stream.faults = Some(Faults::load(from)?);
        }
        stream.series = from.take_all("series", Series::load)?;
        (stream.places, stream.gaps, stream.gap_open, stream.series_bytes) = from.take("a stream")?;
        if stream.places.len() == stream.series.len() && stream.groups.name_series(stream.series.len()) {
            Ok(stream)
        } else {
            Err(CheckpointError::Unfit(format!("the series of stream {:?} are not whole", stream.name)))
        }
    }
}
