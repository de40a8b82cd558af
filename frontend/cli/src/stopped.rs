//! Where an earlier run stopped: a checkpoint file, from which the next run goes on.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use spate_analysis::checkpoint;

use crate::failure::Failure;
use crate::import::PartialFile;

/// What an earlier run left; `None` when there is no file yet.
///
/// # Errors
/// [`Failure::Data`] naming the file.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Failure> {
    if !path.exists() {
        return Ok(None);
    }
    let name = path.to_string_lossy();
    let bytes = std::fs::read(path).map_err(|error| Failure::file("read", &name, &error))?;
    checkpoint::read(&bytes).map(Some).map_err(|error| Failure::Data(format!("{error}: {name:?}")))
}

/// Leaves this for the next run: whole, or what was there before.
///
/// # Errors
/// [`Failure::Data`] naming the file.
pub(crate) fn write<T: Serialize>(path: &Path, state: &T) -> Result<(), Failure> {
    use std::io::Write;

    let (partial, mut file) = PartialFile::create(path)?;
    let written = file.write_all(&checkpoint::write(state)).and_then(|()| file.sync_all());
    written.map_err(|error| Failure::file("write", &path.to_string_lossy(), &error))?;
    partial.keep()
}

/// That the run that left something was of the same kind as this one; both in words.
///
/// # Errors
/// [`Failure::Usage`] with both.
pub(crate) fn check_same(path: &Path, was: &str, is: &str) -> Result<(), Failure> {
    if was == is {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "--checkpoint: it is of another run, {was}; this one is {is}: {:?}",
        path.display()
    )))
}

/// The input ends before the place where an earlier run stopped.
pub(crate) fn shorter(input: &str) -> Failure {
    Failure::Data(format!("--checkpoint: an earlier run took more than there is in it: {input:?}"))
}
