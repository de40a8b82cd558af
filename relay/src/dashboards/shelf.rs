//! Files of one folder, `NAME.json` each.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::document::{Document, MAX_BYTES};
use super::is_name;

const EXTENSION: &str = ".json";

/// A folder, and which of its files: `*` in the last part of a path stands for any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    folder: PathBuf,
    /// `None` is every file.
    pattern: Option<String>,
}

/// Why a path names no dashboards.
#[derive(Debug, thiserror::Error)]
pub enum GlobError {
    /// The folder cannot be read.
    #[error("cannot read folder {path:?}: {error}; create it, or remove the key")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// `*` before the last part, or a name that is no text.
    #[error("{0:?} names no files: give a folder, or a folder and a pattern such as \"dashboards/*.json\"")]
    Pattern(PathBuf),
}

impl Glob {
    /// Every file of a folder.
    pub fn all(folder: PathBuf) -> Self {
        Self { folder, pattern: None }
    }

    /// A folder, or a folder and a pattern. The folder must exist.
    ///
    /// # Errors
    /// [`GlobError`] naming the path.
    pub fn parse(path: &Path) -> Result<Self, GlobError> {
        let glob = match (path.file_name().map(|name| name.to_str()), path.parent()) {
            (Some(Some(name)), Some(folder)) if name.contains('*') => {
                Self { folder: folder.to_owned(), pattern: Some(name.to_owned()) }
            }
            (Some(None), _) => return Err(GlobError::Pattern(path.to_owned())),
            _ => Self::all(path.to_owned()),
        };
        if glob.folder.to_string_lossy().contains('*') {
            return Err(GlobError::Pattern(path.to_owned()));
        }
        match fs::read_dir(&glob.folder) {
            Ok(_) => Ok(glob),
            Err(error) => Err(GlobError::Folder { path: glob.folder, error }),
        }
    }

    fn takes(&self, file_name: &str) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| matches(pattern, file_name))
    }
}

/// Whether a text is what a pattern says, `*` standing for any text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| matches(rest, &text[at..]))
        }),
    }
}

/// The documents of a folder.
#[derive(Debug)]
pub(super) struct Shelf {
    glob: Glob,
}

impl Shelf {
    pub(super) fn new(glob: Glob) -> Self {
        Self { glob }
    }

    /// The names of all files that could be documents, in order.
    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.glob.folder)? {
            let file_name = entry?.file_name();
            let Some(file_name) = file_name.to_str().filter(|name| self.glob.takes(name)) else { continue };
            names.extend(file_name.strip_suffix(EXTENSION).filter(|name| is_name(name)).map(str::to_owned));
        }
        names.sort_unstable();
        Ok(names)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.glob.folder.join(format!("{name}{EXTENSION}"))
    }

    /// A file as a document, or what is wrong with it; `None` when there is no such file.
    pub(super) fn read(&self, name: &str) -> Option<Result<Document, String>> {
        if !self.glob.takes(&format!("{name}{EXTENSION}")) {
            return None;
        }
        let file = match File::open(self.path(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => return Some(Err(error.to_string())),
        };
        let mut bytes = Vec::new();
        Some(match file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes) {
            Ok(_) => Document::parse(bytes),
            Err(error) => Err(error.to_string()),
        })
    }

    /// The version of a file. One that is no document has one too, but nobody can name it: only
    /// [`Precondition::Present`](super::Precondition::Present) replaces it.
    pub(super) fn version(&self, name: &str) -> Option<String> {
        let broken = |_| "\"broken\"".to_owned();
        self.read(name).map(|read| read.map_or_else(broken, |document| document.etag))
    }

    /// Replaces a file whole: a reader, and a machine that fails, sees the old one or the new one.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let new = self.glob.folder.join(format!(".{name}.new"));
        let mut file = File::create(&new)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        if let Err(error) = written.and_then(|()| fs::rename(&new, self.path(name))) {
            // What matters is the first error; a file that stays is written over next time.
            let _ = fs::remove_file(&new);
            return Err(error);
        }
        self.sync()
    }

    pub(super) fn delete(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path(name))?;
        self.sync()
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.glob.folder)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, expect) in [
            ("*.json", "a.json", true),
            ("*.json", "a.jsonx", false),
            ("team-*.json", "team-.json", true),
            ("team-*.json", "other.json", false),
            ("a*b*c", "aXbbc", true),
            ("a*b*c", "aXcb", false),
            ("plain", "plain", true),
        ] {
            assert_eq!(matches(pattern, text), expect, "{pattern} {text}");
        }
    }

    #[test]
    fn only_a_folder_that_exists_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Glob::parse(folder.path()).is_ok());
        assert!(Glob::parse(&folder.path().join("*.json")).is_ok());
        let missing = Glob::parse(&folder.path().join("none")).unwrap_err().to_string();
        assert!(missing.contains("none") && missing.contains("create it"), "{missing}");
        assert!(matches!(Glob::parse(Path::new("/a*/b")), Err(GlobError::Pattern(_))));
    }

    #[test]
    fn files_that_are_no_documents_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.json", "a.json", "README.md", ".c.new", "d e.json"] {
            fs::write(folder.path().join(name), "{\"title\":\"t\"}").unwrap();
        }
        let shelf = Shelf::new(Glob::all(folder.path().to_owned()));
        assert_eq!(shelf.names().unwrap(), ["a", "b"]);
        shelf.write("z", b"{\"title\":\"z\"}").unwrap();
        assert_eq!(shelf.names().unwrap(), ["a", "b", "z"]);
        assert!(!folder.path().join(".z.new").exists());
    }
}
