//! What is slow to make, kept under the hash of what it is made from.

use anyhow::{Context, Result};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// A folder of results.
pub(crate) struct Cache {
    folder: PathBuf,
    /// What was asked for this time.
    used: Mutex<Vec<PathBuf>>,
}

impl Cache {
    /// The cache in `folder`, which is made where it is missing.
    pub(crate) fn open(folder: PathBuf) -> Result<Self> {
        fs::create_dir_all(&folder).with_context(|| format!("cannot create \"{}\"", folder.display()))?;
        Ok(Self { folder, used: Mutex::default() })
    }

    /// What `make` makes of `bytes`; `kind` tells makers apart and becomes the file's extension.
    pub(crate) fn get(
        &self,
        bytes: &[u8],
        kind: &str,
        make: impl FnOnce(&[u8]) -> Result<Vec<u8>>,
    ) -> Result<Vec<u8>> {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let path = self.folder.join(format!("{:016x}-{}.{kind}", hasher.finish(), bytes.len()));
        self.used.lock().unwrap_or_else(PoisonError::into_inner).push(path.clone());
        if let Ok(made) = fs::read(&path) {
            return Ok(made);
        }
        let made = make(bytes)?;
        fs::write(&path, &made).with_context(|| format!("cannot write \"{}\"", path.display()))?;
        Ok(made)
    }

    /// Forget what was not asked for this time.
    pub(crate) fn prune(self) -> Result<()> {
        let used = self.used.into_inner().unwrap_or_else(PoisonError::into_inner);
        for path in crate::client::files(&self.folder)? {
            if !used.contains(&path) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// Do `work` on every path, the largest file first, on all cores.
pub(crate) fn on_all_cores(
    mut paths: Vec<PathBuf>,
    work: impl Fn(PathBuf) -> Result<()> + Sync,
) -> Result<()> {
    // The largest last: they are taken first.
    paths.sort_by_key(|path| fs::metadata(path).map_or(0, |metadata| metadata.len()));
    let queue = Mutex::new(paths);
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let drain = || -> Result<()> {
        while let Some(path) = next() {
            work(path)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(drain)).collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().map_err(|_| anyhow::anyhow!("a thread of the build panicked"))?
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{Cache, on_all_cores};
    use std::fs;

    #[test]
    fn what_is_made_once_is_kept_until_nobody_asks() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Cache::open(folder.path().join("cache")).unwrap();
        let cache = open();
        assert_eq!(cache.get(b"a", "up", |bytes| Ok(bytes.to_ascii_uppercase())).unwrap(), b"A");
        assert_eq!(cache.get(b"a", "up", |_| panic!("made twice")).unwrap(), b"A");
        assert_eq!(cache.get(b"a", "twice", |bytes| Ok(bytes.repeat(2))).unwrap(), b"aa");
        cache.prune().unwrap();
        let cache = open();
        assert_eq!(cache.get(b"a", "up", |_| panic!("forgotten")).unwrap(), b"A");
        cache.prune().unwrap();
        assert_eq!(fs::read_dir(folder.path().join("cache")).unwrap().count(), 1);
    }

    #[test]
    fn every_path_is_worked_on_and_an_error_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<_> = (0..5).map(|name| folder.path().join(name.to_string())).collect();
        on_all_cores(paths.clone(), |path| Ok(fs::write(path, "done")?)).unwrap();
        assert!(paths.iter().all(|path| path.is_file()));
        assert!(on_all_cores(paths, |path| Ok(fs::remove_dir(path)?)).is_err());
    }
}
