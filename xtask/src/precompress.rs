//! Precompression: `.br` and `.gz` beside every file of the client that gets smaller by it.
//!
//! Both are made at the highest quality, once per content: the results are kept in a cache under the content's hash.

use crate::client;
use anyhow::{Context, Result};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

/// Extensions of files that are compressed already.
const COMPRESSED: &[&str] = &["br", "gz", "png", "jpg", "jpeg", "webp", "avif", "woff2", "zip"];

/// An encoding: the extension it adds and the function that does it.
type Encoding = (&'static str, fn(&[u8]) -> Result<Vec<u8>>);

const ENCODINGS: &[Encoding] = &[("br", brotli), ("gz", gzip)];

/// Compress every file under `folder`; `cache` keeps what this folder needs and loses the rest.
pub(crate) fn folder(folder: &Path, cache: &Path) -> Result<()> {
    fs::create_dir_all(cache).with_context(|| format!("cannot create \"{}\"", cache.display()))?;
    let mut files = client::files(folder)?;
    files.retain(|path| {
        path.extension().is_none_or(|extension| !COMPRESSED.iter().any(|&known| extension == known))
    });
    // The largest last: they are taken first.
    files.sort_by_key(|path| fs::metadata(path).map_or(0, |metadata| metadata.len()));
    let queue = Mutex::new(files);
    let next = || queue.lock().ok().and_then(|mut files| files.pop());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let kept: Result<Vec<Vec<PathBuf>>> = thread::scope(|scope| {
        let work = || -> Result<Vec<PathBuf>> {
            let mut kept = Vec::new();
            while let Some(path) = next() {
                for encoding in ENCODINGS {
                    kept.push(encode(&path, cache, *encoding)?);
                }
            }
            Ok(kept)
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().map_err(|_| anyhow::anyhow!("a compressor panicked"))?)
            .collect()
    });
    let kept = kept?.concat();
    for path in client::files(cache)? {
        if !kept.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Put the encoded form beside `path`, from the cache when it is there. Returns its place in the cache.
fn encode(path: &Path, cache: &Path, (extension, encoding): Encoding) -> Result<PathBuf> {
    let bytes = fs::read(path).with_context(|| format!("cannot read \"{}\"", path.display()))?;
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let kept = cache.join(format!("{:016x}-{}.{extension}", hasher.finish(), bytes.len()));
    let encoded = if let Ok(encoded) = fs::read(&kept) {
        encoded
    } else {
        let encoded = encoding(&bytes).with_context(|| format!("cannot compress \"{}\"", path.display()))?;
        fs::write(&kept, &encoded)?;
        encoded
    };
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{extension}"));
    let beside = PathBuf::from(name);
    if encoded.len() >= bytes.len() {
        if beside.exists() {
            fs::remove_file(beside)?;
        }
    } else if fs::read(&beside).ok().as_ref() != Some(&encoded) {
        fs::write(&beside, encoded)?;
    }
    Ok(kept)
}

/// Brotli at quality 11 with a 16 MiB window, which every browser takes.
fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 11, 24);
    writer.write_all(bytes)?;
    writer.flush()?;
    Ok(writer.into_inner())
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

#[cfg(test)]
mod tests {
    use super::folder;
    use std::fs;
    use std::io::Read as _;

    #[test]
    fn both_encodings_stand_beside_the_file_and_decode_to_it() {
        let work = tempfile::tempdir().unwrap();
        let (client, cache) = (work.path().join("client"), work.path().join("cache"));
        fs::create_dir_all(client.join("sub")).unwrap();
        let text = "spate ".repeat(1000);
        fs::write(client.join("sub/a.js"), &text).unwrap();
        fs::write(client.join("b.png"), &text).unwrap();
        fs::write(client.join("tiny.css"), "a").unwrap();
        folder(&client, &cache).unwrap();

        let mut decoded = String::new();
        let brotli = fs::read(client.join("sub/a.js.br")).unwrap();
        brotli::Decompressor::new(&brotli[..], 4096).read_to_string(&mut decoded).unwrap();
        assert_eq!(decoded, text);
        decoded.clear();
        let gzip = fs::read(client.join("sub/a.js.gz")).unwrap();
        flate2::read::GzDecoder::new(&gzip[..]).read_to_string(&mut decoded).unwrap();
        assert_eq!(decoded, text);
        assert!(!client.join("b.png.br").exists(), "a picture is compressed already");
        assert!(!client.join("tiny.css.br").exists(), "it would grow");
    }

    #[test]
    fn cache_keeps_what_is_needed_and_loses_the_rest() {
        let work = tempfile::tempdir().unwrap();
        let (client, cache) = (work.path().join("client"), work.path().join("cache"));
        fs::create_dir_all(&client).unwrap();
        fs::write(client.join("a.js"), "a".repeat(100)).unwrap();
        folder(&client, &cache).unwrap();
        let names = || -> Vec<_> {
            let mut names: Vec<_> =
                fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };
        let before = names();
        assert_eq!(before.len(), 2);
        folder(&client, &cache).unwrap();
        assert_eq!(names(), before);
        fs::write(client.join("a.js"), "b".repeat(100)).unwrap();
        folder(&client, &cache).unwrap();
        assert_eq!(names().len(), 2);
        assert!(names().iter().all(|name| !before.contains(name)));
    }
}
