//! State written part after part, and read back in the same order.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{CheckpointError, open, pack, seal};
use crate::detector::{Detector, Forest, Settings};

/// Trained models by hash: many series share one, a checkpoint holds it once.
type Models = BTreeMap<u64, Arc<Forest>>;

/// Takes the parts of a state.
#[derive(Debug, Default)]
pub(crate) struct Saver {
    bytes: Vec<u8>,
    models: Models,
}

/// Gives the parts of a state, in the order in which they were taken.
#[derive(Debug)]
pub(crate) struct Loader<'a> {
    rest: &'a [u8],
    models: Models,
}

impl Saver {
    /// Takes a part.
    pub(crate) fn put<T: Serialize>(&mut self, part: &T) {
        let bytes = std::mem::take(&mut self.bytes);
        // The state types hold nothing postcard refuses, and a Vec cannot run out of room.
        self.bytes = postcard::to_extend(part, bytes).unwrap_or_default();
    }

    /// Takes what a detector has learned.
    pub(crate) fn put_detector(&mut self, detector: &dyn Detector) {
        let snapshot = detector.snapshot();
        self.put(&snapshot.len());
        self.bytes.extend_from_slice(&snapshot);
    }

    /// Takes a model that other parts name by its hash.
    pub(crate) fn keep(&mut self, model: &Arc<Forest>) {
        self.models.entry(model.hash()).or_insert_with(|| model.clone());
    }

    /// A whole checkpoint.
    pub(crate) fn finish(self) -> Vec<u8> {
        let models: BTreeMap<u64, &Forest> =
            self.models.iter().map(|(hash, model)| (*hash, &**model)).collect();
        let mut state = pack(&models);
        state.extend_from_slice(&self.bytes);
        seal(&state)
    }
}

impl<'a> Loader<'a> {
    /// Opens a whole checkpoint.
    ///
    /// # Errors
    /// [`CheckpointError`] saying whether it is another thing, another version, or damaged.
    pub(crate) fn new(checkpoint: &'a [u8]) -> Result<Self, CheckpointError> {
        let mut loader = Self { rest: open(checkpoint)?, models: Models::new() };
        let models: BTreeMap<u64, Forest> = loader.take("the models")?;
        loader.models = models.into_iter().map(|(hash, model)| (hash, Arc::new(model))).collect();
        Ok(loader)
    }

    /// Gives the next part; `what` names it in the error.
    pub(crate) fn take<T: for<'de> Deserialize<'de>>(&mut self, what: &str) -> Result<T, CheckpointError> {
        let unfit = |_| CheckpointError::Unfit(format!("{what}: its state cannot be read"));
        let (part, rest) = postcard::take_from_bytes(self.rest).map_err(unfit)?;
        self.rest = rest;
        Ok(part)
    }

    /// Gives parts that were taken one by one after their number.
    pub(crate) fn take_all<T>(
        &mut self,
        what: &str,
        mut take: impl FnMut(&mut Self) -> Result<T, CheckpointError>,
    ) -> Result<Vec<T>, CheckpointError> {
        let count: usize = self.take(what)?;
        (0..count).map(|_| take(self)).collect()
    }

    /// A detector of these settings that goes on from what was learned.
    pub(crate) fn take_detector(
        &mut self,
        settings: &Settings,
    ) -> Result<Box<dyn Detector>, CheckpointError> {
        let name = settings.kind().name;
        let unfit = |why: String| CheckpointError::Unfit(format!("the detector {name}: {why}"));
        let bytes: usize = self.take(name)?;
        let (snapshot, rest) =
            self.rest.split_at_checked(bytes).ok_or_else(|| unfit("it is cut short".to_owned()))?;
        self.rest = rest;
        let mut detector = settings.build();
        detector.restore(snapshot).map_err(|error| unfit(error.to_string()))?;
        Ok(detector)
    }

    /// The model of a hash.
    pub(crate) fn model(&self, hash: u64) -> Result<Arc<Forest>, CheckpointError> {
        let missing = || CheckpointError::Unfit(format!("the model {hash:016x} is not in it"));
        self.models.get(&hash).cloned().ok_or_else(missing)
    }

    /// That nothing is left.
    pub(crate) fn finish(self) -> Result<(), CheckpointError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(CheckpointError::Unfit("there is more than its parts".to_owned()))
        }
    }
}
