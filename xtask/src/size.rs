//! The size of what a browser downloads before the first chart, and its budget.

use crate::client;
use crate::report::{Table, kilobytes};
use crate::split::LATER;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;

/// Brotli bytes of app, worker, scripts and styles together, up to the first chart.
const BUDGET_BYTES: u64 = 700_000;

/// One downloaded file, sizes in bytes.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    name: String,
    raw: u64,
    brotli: u64,
}

/// Print every part, largest first, and the sum.
///
/// # Errors
/// The client is not built, or the sum is over the budget.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let parts = parts(&workspace.client)?;
    if !parts.iter().any(Part::is_wasm) {
        bail!("no wasm in \"{}\": run `cargo xtask build`", workspace.client.display());
    }
    let mut table = Table::new(&["download", "raw", "brotli"]);
    for part in &parts {
        table.row([part.name.clone(), kilobytes(part.raw), kilobytes(part.brotli)]);
    }
    let (later, first): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(Part::is_fetched_later);
    table.row(sum("to the first chart", &first));
    table.row(sum("after it", &later));
    print!("{}", table.render());
    println!("budget to the first chart: {}", kilobytes(BUDGET_BYTES));
    let brotli: u64 = first.iter().map(|part| part.brotli).sum();
    if brotli > BUDGET_BYTES {
        bail!(
            "the download is {} over its budget of {}",
            kilobytes(brotli - BUDGET_BYTES),
            kilobytes(BUDGET_BYTES)
        );
    }
    Ok(())
}

impl Part {
    fn is_wasm(&self) -> bool {
        Path::new(&self.name).extension().is_some_and(|extension| extension == "wasm")
    }

    /// Whether the page fetches it after its first charts, or only a portal does.
    fn is_fetched_later(&self) -> bool {
        self.name == "embed.js" || self.name.starts_with(LATER) && self.is_wasm()
    }
}

fn sum(title: &str, parts: &[Part]) -> [String; 3] {
    let raw = parts.iter().map(|part| part.raw).sum();
    let brotli = parts.iter().map(|part| part.brotli).sum();
    [title.to_owned(), kilobytes(raw), kilobytes(brotli)]
}

/// The parts of a client that was precompressed.
fn parts(folder: &Path) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    for path in client::files(folder)? {
        if !path
            .extension()
            .is_some_and(|extension| ["wasm", "js", "css"].iter().any(|&kind| extension == kind))
        {
            continue;
        }
        let raw = len(&path)?;
        // A file that would grow has no compressed form and is sent as it is.
        let brotli = len(Path::new(&format!("{}.br", path.display()))).unwrap_or(raw);
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
        parts.push(Part { name, raw, brotli });
    }
    parts.sort_by(|a, b| b.brotli.cmp(&a.brotli).then_with(|| a.name.cmp(&b.name)));
    Ok(parts)
}

fn len(path: &Path) -> Result<u64> {
    let metadata = fs::metadata(path).with_context(|| format!("cannot read \"{}\"", path.display()))?;
    Ok(metadata.len())
}

#[cfg(test)]
mod tests {
    use super::{BUDGET_BYTES, check};
    use crate::cache::Cache;
    use crate::precompress;
    use crate::workspace::Workspace;
    use std::fs;

    fn check_with(files: &[(&str, &[u8])]) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::at(folder.path(), None);
        fs::create_dir_all(&workspace.client).unwrap();
        for (name, bytes) in files {
            fs::write(workspace.client.join(name), bytes).unwrap();
        }
        precompress::folder(&workspace.client, Cache::open(workspace.cache.clone()).unwrap()).unwrap();
        check(&workspace).map_err(|error| error.to_string())
    }

    /// Bytes that do not compress.
    fn noise(len: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        (0..len).map(|_| next()).collect()
    }

    #[test]
    fn download_within_the_budget_passes() {
        assert_eq!(check_with(&[("app.wasm", &noise(1000)), ("recording.spate", &noise(800_000))]), Ok(()));
    }

    #[test]
    fn download_over_the_budget_fails() {
        let most = usize::try_from(BUDGET_BYTES).unwrap() - 1000;
        let later = [("app.wasm", &noise(1000)[..]), ("spate-later-0.wasm", &noise(most + 2000))];
        assert_eq!(check_with(&later), Ok(()), "what is fetched later does not count");
        let message = check_with(&[("app.wasm", &noise(most)), ("app.js", &noise(2000))]).unwrap_err();
        assert!(message.contains("over its budget"), "{message}");
    }

    #[test]
    fn client_that_was_never_built_is_no_success() {
        assert!(check_with(&[]).is_err());
    }
}
