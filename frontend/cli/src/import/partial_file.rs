//! A file that appears under its name only when it is whole.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A file under construction beside its final place; removed when dropped before [`PartialFile::keep`].
#[derive(Debug)]
pub(crate) struct PartialFile {
    path: PathBuf,
    partial: PathBuf,
    kept: bool,
}

impl PartialFile {
    /// Creates `PATH.partial`.
    ///
    /// # Errors
    /// [`Failure::Data`] naming the path.
    pub(crate) fn create(path: &Path) -> Result<(Self, File), Failure> {
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = File::create(&partial)
            .map_err(|error| Failure::file("write", &path.to_string_lossy(), &error))?;
        Ok((Self { path: path.to_owned(), partial, kept: false }, file))
    }

    /// Gives the file its name, in place of one that had it.
    ///
    /// # Errors
    /// [`Failure::Data`] naming the path.
    pub(crate) fn keep(mut self) -> Result<(), Failure> {
        std::fs::rename(&self.partial, &self.path)
            .map_err(|error| Failure::file("write", &self.path.to_string_lossy(), &error))?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.kept {
            // What cannot be removed stays as *.partial, which says what it is.
            let _ = std::fs::remove_file(&self.partial);
        }
    }
}
