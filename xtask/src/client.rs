//! The client: built by Trunk into `target/client`, then precompressed.

use crate::cache::Cache;
use crate::workspace::{self, Workspace};
use crate::{precompress, tools};
use anyhow::{Context, Result};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

/// What the client is made from.
const INPUTS: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
    "Trunk.toml",
    "index.html",
    "style",
    "recordings",
    "shared/Cargo.toml",
    "shared/src",
    "frontend/analysis/Cargo.toml",
    "frontend/analysis/src",
    "frontend/pixels/Cargo.toml",
    "frontend/pixels/src",
    "frontend/chart/Cargo.toml",
    "frontend/chart/src",
    "frontend/worker/Cargo.toml",
    "frontend/worker/src",
    "frontend/app/Cargo.toml",
    "frontend/app/build.rs",
    "frontend/app/src",
    "xtask/src/optimise.rs",
    "xtask/src/split.rs",
];

/// Build the client, unless nothing it is made from changed since the last time.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    let optimised = tools::client(workspace)?;
    let stamp = workspace.client_stamp();
    if fresh(workspace, &stamp, optimised)? {
        println!("the client is up to date");
    } else {
        // Trunk takes NO_COLOR for a flag with a value of its own; its script minifier gives up on what wasm-bindgen
        // writes and says so each time.
        let args = ["build", "--log", "info,trunk::processing::minify=error"];
        workspace::run(workspace.command("trunk", &args).env_remove("NO_COLOR"))?;
        fs::create_dir_all(&workspace.cache)?;
        // Cargo may have completed Cargo.lock during the build.
        fs::write(&stamp, fingerprint(&workspace.root, optimised)?)?;
    }
    precompress::folder(&workspace.client, Cache::open(workspace.cache.join("compressed"))?)
}

fn fresh(workspace: &Workspace, stamp: &Path, optimised: bool) -> Result<bool> {
    let built = workspace.client.join("index.html").is_file();
    Ok(built && fs::read_to_string(stamp).ok() == Some(fingerprint(&workspace.root, optimised)?))
}

/// A hash over the paths and contents of every input.
fn fingerprint(root: &Path, optimised: bool) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    optimised.hash(&mut hasher);
    for input in INPUTS {
        for path in files(&root.join(input))? {
            path.strip_prefix(root).unwrap_or(&path).hash(&mut hasher);
            let bytes = fs::read(&path).with_context(|| format!("cannot read \"{}\"", path.display()))?;
            bytes.hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Every file at or under `path`, in order; none when there is no such path.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found = Vec::new();
    if path.is_dir() {
        for entry in fs::read_dir(path).with_context(|| format!("cannot list \"{}\"", path.display()))? {
            found.extend(files(&entry?.path())?);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::fingerprint;
    use std::fs;

    #[test]
    fn fingerprint_changes_with_content_and_names_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("style/parts")).unwrap();
        fs::write(root.join("style/parts/a.css"), "a").unwrap();
        let first = fingerprint(root, true).unwrap();
        fs::write(root.join("README.md"), "not an input").unwrap();
        assert_eq!(fingerprint(root, true).unwrap(), first);
        assert_ne!(fingerprint(root, false).unwrap(), first);
        fs::write(root.join("style/parts/a.css"), "b").unwrap();
        assert_ne!(fingerprint(root, true).unwrap(), first);
        fs::write(root.join("style/parts/a.css"), "a").unwrap();
        assert_eq!(fingerprint(root, true).unwrap(), first);
        fs::rename(root.join("style/parts/a.css"), root.join("style/parts/b.css")).unwrap();
        assert_ne!(fingerprint(root, true).unwrap(), first);
    }
}
