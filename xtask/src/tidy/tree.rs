//! The tree: every file of the repository, without what is built, installed or recorded by a run.

use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Folders that hold nothing a person wrote, by name or by path from the root.
const LEFT_OUT: &[&str] = &[
    ".git",
    "target",
    "dist",
    "node_modules",
    "e2e/test-results",
    "e2e/report",
    "shared/fuzz/corpus",
    "shared/fuzz/artifacts",
];

/// Files whose text is read; of others only the path is known.
const TEXT: &[&str] = &["rs", "ts", "css", "html", "toml", "py", "yml", "md"];

/// Every file, in path order.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) files: Vec<File>,
}

/// One file.
#[derive(Debug)]
pub(super) struct File {
    /// From the root, with `/`.
    pub(super) path: String,
    /// Empty when the file is not text.
    pub(super) text: String,
}

impl Tree {
    /// Read the tree under `root`.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let mut files = Vec::new();
        walk(root, "", &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    /// A tree of the given paths and texts.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file = |&(path, text): &(&str, &str)| File { path: path.to_owned(), text: text.to_owned() };
        Self { files: files.iter().map(file).collect() }
    }

    /// The file at exactly this path.
    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether `path` is a file or a folder with files.
    pub(super) fn has(&self, path: &str) -> bool {
        self.files.iter().any(|file| {
            file.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// The files whose name ends in `.extension`.
    pub(super) fn with_extension(&self, extension: &str) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.extension() == Some(extension))
    }
}

impl File {
    /// What follows the last dot of the file's name.
    pub(super) fn extension(&self) -> Option<&str> {
        Path::new(&self.path).extension().and_then(|extension| extension.to_str())
    }

    /// Line numbers from 1 with each line's code: for Rust and TypeScript, without a `//` comment.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let has_comments = matches!(self.extension(), Some("rs" | "ts"));
        self.text
            .lines()
            .enumerate()
            .map(move |(index, line)| (index + 1, if has_comments { without_comment(line) } else { line }))
    }
}

fn without_comment(line: &str) -> &str {
    let starts = line.match_indices("//").map(|(at, _)| at);
    let comment = starts.into_iter().find(|&at| !line[..at].ends_with(':'));
    comment.map_or(line, |at| &line[..at])
}

fn walk(root: &Path, folder: &str, files: &mut Vec<File>) -> Result<()> {
    let here = root.join(folder);
    for entry in fs::read_dir(&here).with_context(|| format!("cannot list \"{}\"", here.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        if LEFT_OUT.contains(&name.as_str()) || LEFT_OUT.contains(&path.as_str()) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            walk(root, &path, files)?;
            continue;
        }
        let mut file = File { path, text: String::new() };
        if file.extension().is_some_and(|extension| TEXT.contains(&extension)) {
            let bytes = fs::read(entry.path()).with_context(|| format!("cannot read \"{}\"", file.path))?;
            file.text = String::from_utf8_lossy(&bytes).into_owned();
        }
        files.push(file);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Tree, without_comment};

    #[test]
    fn comment_ends_the_code_and_an_address_does_not() {
        assert_eq!(without_comment("a(); // b"), "a(); ");
        assert_eq!(without_comment("get(\"http://x\");"), "get(\"http://x\");");
    }

    #[test]
    fn folder_exists_through_its_files() {
        let tree = Tree::of(&[("relay/src/log/ring.rs", "")]);
        assert!(tree.has("relay/src/log"));
        assert!(tree.has("relay/src/log/ring.rs"));
        assert!(!tree.has("relay/src/lo"));
    }

    #[test]
    fn built_and_installed_files_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["target/a.rs", "e2e/node_modules/b.ts", "e2e/report/c.html", "src/d.rs"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "text").unwrap();
        }
        let tree = Tree::read(folder.path()).unwrap();
        let paths: Vec<&str> = tree.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["src/d.rs"]);
    }
}
