//! Dashboards as documents on the relay's disk: one JSON object with a `title` per file, otherwise opaque.
//!
//! There are two shelves. `files` are read-only and belong to whoever writes the configuration; `folder` belongs to the
//! readers, who may write it when `writable` is set. A name of `files` hides the same name of `folder`. Every read goes to
//! the disk, so a file that was changed by hand or by a deployment is seen at once.
//!
//! Nobody overwrites what they have not seen: a write names the version it replaces, or says that there is none.

mod document;
mod shelf;

pub use document::{Document, MAX_BYTES, title};
pub use shelf::{Glob, GlobError};

use std::collections::BTreeMap;
use std::io;

use parking_lot::Mutex;
use serde::Serialize;
use shelf::Shelf;

use crate::config::DashboardsConfig;

/// Most documents in `folder`.
pub const MOST: usize = 1_000;
/// Longest name.
const MAX_NAME: usize = 64;

/// What must hold for a document to be written or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// There is none of this name.
    Absent,
    /// There is one, whichever.
    Present,
    /// It is one of these versions.
    Version(Vec<String>),
}

impl Precondition {
    fn holds(&self, current: Option<&str>) -> bool {
        match (self, current) {
            (Self::Absent, current) => current.is_none(),
            (Self::Present, current) => current.is_some(),
            (Self::Version(known), Some(current)) => known.iter().any(|known| known == current),
            (Self::Version(_), None) => false,
        }
    }
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its name in addresses.
    pub name: String,
    /// For people.
    pub title: String,
    /// Whether it belongs to the configuration.
    pub read_only: bool,
    /// Its version, as in the `ETag` header.
    pub etag: String,
}

/// A file that is no dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Its name.
    pub name: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What there is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct List {
    /// By name.
    pub dashboards: Vec<Entry>,
    /// Files that hold no dashboard.
    pub broken: Vec<Broken>,
    /// Whether documents can be written.
    pub writable: bool,
}

/// Why a document was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum DashboardError {
    /// No such name can be.
    #[error("dashboard name {0:?} is not valid: use 1 to 64 of a-z, A-Z, 0-9, '_' and '-'")]
    Name(String),
    /// There is none.
    #[error("no dashboard {0:?}: GET /api/v1/dashboards lists them")]
    Missing(String),
    /// It belongs to the configuration.
    #[error("dashboard {0:?} is read-only: save it under another name")]
    ReadOnly(String),
    /// Nothing can be written.
    #[error(
        "this relay keeps no dashboards: save it in the browser, or set dashboards.folder and dashboards.writable"
    )]
    NotWritable,
    /// Somebody else wrote it in between.
    #[error("dashboard {name:?} is not the version that was named: read it again and compare")]
    Conflict {
        /// Its name.
        name: String,
        /// The version there is; `None` when there is none.
        current: Option<String>,
    },
    /// It is no dashboard.
    #[error("not a dashboard: {0}")]
    Document(String),
    /// Its file holds no dashboard.
    #[error("the file of dashboard {name:?} is broken: {reason}")]
    Broken {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The folder is full.
    #[error("the relay keeps {MOST} dashboards, its limit: delete one")]
    TooMany,
    /// The disk failed.
    #[error("the disk refused: {0}")]
    Disk(#[from] io::Error),
}

/// The documents of a relay.
#[derive(Debug)]
pub struct Dashboards {
    files: Option<Shelf>,
    folder: Option<Shelf>,
    writable: bool,
    /// Held while a version is compared and replaced.
    writing: Mutex<()>,
}

impl Dashboards {
    /// The shelves of a configuration.
    pub fn new(config: &DashboardsConfig) -> Self {
        Self {
            files: config.files.clone().map(Shelf::new),
            folder: config.folder.clone().map(|folder| Shelf::new(Glob::all(folder))),
            writable: config.writable && config.folder.is_some(),
            writing: Mutex::default(),
        }
    }

    /// All documents by name, and the files that are none.
    ///
    /// # Errors
    /// [`DashboardError::Disk`] when a folder cannot be read.
    pub fn list(&self) -> Result<List, DashboardError> {
        let mut found = BTreeMap::new();
        for (shelf, read_only) in [(&self.folder, !self.writable), (&self.files, true)] {
            let Some(shelf) = shelf else { continue };
            for name in shelf.names()? {
                // A file that was deleted since the folder was read is in neither list.
                let Some(read) = shelf.read(&name) else { continue };
                found.insert(name, (read, read_only));
            }
        }
        let mut list = List { writable: self.writable, ..List::default() };
        for (name, (read, read_only)) in found {
            match read {
                Ok(Document { title, etag, .. }) => {
                    list.dashboards.push(Entry { name, title, read_only, etag });
                }
                Err(reason) => list.broken.push(Broken { name, reason }),
            }
        }
        Ok(list)
    }

    /// One document.
    ///
    /// # Errors
    /// [`DashboardError`] when there is none, or its file is no dashboard.
    pub fn read(&self, name: &str) -> Result<Document, DashboardError> {
        check_name(name)?;
        for shelf in [&self.files, &self.folder].into_iter().flatten() {
            if let Some(read) = shelf.read(name) {
                return read.map_err(|reason| DashboardError::Broken { name: name.to_owned(), reason });
            }
        }
        Err(DashboardError::Missing(name.to_owned()))
    }

    /// Writes a document; its entry, and whether it is new.
    ///
    /// # Errors
    /// [`DashboardError`]; the file is then what it was.
    pub fn write(
        &self,
        name: &str,
        bytes: Vec<u8>,
        when: &Precondition,
    ) -> Result<(Entry, bool), DashboardError> {
        let shelf = self.shelf_for(name)?;
        let document = Document::parse(bytes).map_err(DashboardError::Document)?;
        let _writing = self.writing.lock();
        let current = shelf.version(name);
        check_version(name, current.as_deref(), when)?;
        if current.is_none() && shelf.names()?.len() >= MOST {
            return Err(DashboardError::TooMany);
        }
        shelf.write(name, &document.bytes)?;
        let Document { title, etag, .. } = document;
        Ok((Entry { name: name.to_owned(), title, read_only: false, etag }, current.is_none()))
    }

    /// Deletes a document.
    ///
    /// # Errors
    /// [`DashboardError`]; the file is then what it was.
    pub fn delete(&self, name: &str, when: &Precondition) -> Result<(), DashboardError> {
        let shelf = self.shelf_for(name)?;
        let _writing = self.writing.lock();
        let current = shelf.version(name);
        if current.is_none() {
            return Err(DashboardError::Missing(name.to_owned()));
        }
        check_version(name, current.as_deref(), when)?;
        Ok(shelf.delete(name)?)
    }

    /// Where a document of this name may be written.
    fn shelf_for(&self, name: &str) -> Result<&Shelf, DashboardError> {
        check_name(name)?;
        if let Some(files) = &self.files
            && files.read(name).is_some()
        {
            return Err(DashboardError::ReadOnly(name.to_owned()));
        }
        self.folder.as_ref().filter(|_| self.writable).ok_or(DashboardError::NotWritable)
    }
}

fn check_version(name: &str, current: Option<&str>, when: &Precondition) -> Result<(), DashboardError> {
    if when.holds(current) {
        return Ok(());
    }
    Err(DashboardError::Conflict { name: name.to_owned(), current: current.map(str::to_owned) })
}

/// A name is also that of a file, on any file system.
fn check_name(name: &str) -> Result<(), DashboardError> {
    if is_name(name) { Ok(()) } else { Err(DashboardError::Name(name.chars().take(MAX_NAME).collect())) }
}

fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_folder() {
        for good in ["a", "urban-traffic", "A_1", &"x".repeat(64)] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a.json", "ä", "a b", "a\0", &"x".repeat(65)] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn preconditions_compare_with_what_there_is() {
        let version = Precondition::Version(vec!["\"1\"".into(), "\"2\"".into()]);
        for (when, none, second, third) in [
            (&Precondition::Absent, true, false, false),
            (&Precondition::Present, false, true, true),
            (&version, false, true, false),
        ] {
            let holds = [None, Some("\"2\""), Some("\"3\"")].map(|current| when.holds(current));
            assert_eq!(holds, [none, second, third], "{when:?}");
        }
    }
}
