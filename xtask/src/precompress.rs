//! Precompression: `.br` and `.gz` beside every file of the client that gets smaller by it.
//!
//! Both are made at the highest quality, once per content.

use crate::cache::{self, Cache};
use crate::client;
use anyhow::{Context, Result};
use brotli::CompressorWriter;
use brotli::enc::BrotliEncoderParams;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Extensions of files that are compressed already.
const COMPRESSED: &[&str] = &["br", "gz", "png", "jpg", "jpeg", "webp", "avif", "woff2", "zip"];

/// An encoding: the extension it adds and the function that does it.
type Encoding = (&'static str, fn(&[u8]) -> Result<Vec<u8>>);

const ENCODINGS: &[Encoding] = &[("br", highest_brotli), ("gz", gzip)];

/// Compress every file under `folder`; `cache` keeps what this folder needs and loses the rest.
pub(crate) fn folder(folder: &Path, cache: Cache) -> Result<()> {
    let mut files = client::files(folder)?;
    files.retain(|path| {
        path.extension().is_none_or(|extension| !COMPRESSED.iter().any(|&known| extension == known))
    });
    cache::on_all_cores(files, |path| {
        ENCODINGS.iter().try_for_each(|&encoding| encode(&path, &cache, encoding))
    })?;
    cache.prune()
}

/// Put the encoded form beside `path`, where it is smaller.
fn encode(path: &Path, cache: &Cache, (extension, encoding): Encoding) -> Result<()> {
    let bytes = fs::read(path).with_context(|| format!("cannot read \"{}\"", path.display()))?;
    let encoded = cache
        .get(&bytes, extension, encoding)
        .with_context(|| format!("cannot compress \"{}\"", path.display()))?;
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
    Ok(())
}

/// Brotli at quality 11 with a 16 MiB window, which every browser takes.
fn highest_brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let size_hint = bytes.len();
    let params = BrotliEncoderParams { quality: 11, lgwin: 24, size_hint, ..BrotliEncoderParams::default() };
    let mut writer = CompressorWriter::with_params(Vec::new(), 1 << 16, &params);
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
    use crate::cache::Cache;
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
        folder(&client, Cache::open(cache).unwrap()).unwrap();

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
}
