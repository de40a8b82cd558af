//! The app in two files: what the first charts need, and what the page fetches later.
//!
//! Trunk calls this after its own build (Trunk.toml) on the folder it is about to publish. `wasm-split-cli` cuts the
//! program at the functions marked `wasm_split`; both parts, and the worker's program, are then optimised, and the parts
//! named after their content.

use crate::optimise;
use crate::workspace::{self, Workspace};
use anyhow::{Context, Result, bail};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

/// Trunk's name for the folder it builds in.
const STAGING: &str = "TRUNK_STAGING_DIR";
/// What the app is called among the outputs of Cargo, and its files begin with.
const APP: &str = "spate-app";
/// The worker's program among Trunk's outputs.
const WORKER: &str = "spate-worker_bg.wasm";
/// What the names of the later part begin with; [`crate::size`] counts it apart.
pub(crate) const LATER: &str = "spate-later";
/// What `wasm-split-cli` calls its outputs; `later` is the name in the `wasm_split` attribute.
const LINK: &str = "__wasm_split.js";
const CHUNK: &str = "split_later";

/// Puts the two parts in place of the app that Trunk put into its staging folder.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let staging = PathBuf::from(std::env::var_os(STAGING).with_context(|| {
        format!("{STAGING} is not set: this runs as a hook of Trunk, use `cargo xtask build`")
    })?);
    let linked = workspace.target.join(format!("wasm32-unknown-unknown/wasm/{APP}.wasm"));
    let work = workspace.cache.join("split");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    let whole = staged_name(&staging)?;
    let [linked, folder] = [&linked, &work].map(|path| path.to_string_lossy().into_owned());
    let args = ["--target", "web", "--out-name", APP, &linked, &folder];
    workspace::read(&mut workspace.command("wasm-split-cli", &args))?;
    let main = work.join(format!("{APP}.wasm")).to_string_lossy().into_owned();
    let names = ["--target", "web", "--no-typescript", "--out-name", APP, "--out-dir", &folder];
    // The later part calls functions of the first by the names that the linker gave them.
    let kept = ["--keep-lld-exports", "--no-demangle", &main];
    workspace::read(workspace.command("wasm-bindgen", &names).args(kept))?;
    publish(workspace, &work, &staging, &whole)
}

/// Optimise the programs, name the parts in `work`, put them into `staging`, and point the page at them instead of at `whole`.
fn publish(workspace: &Workspace, work: &Path, staging: &Path, whole: &str) -> Result<()> {
    let mut hasher = DefaultHasher::new();
    let mut parts = Vec::new();
    let programs = [format!("{APP}_bg.wasm"), format!("{CHUNK}.wasm")];
    let mut paths: Vec<_> = programs.iter().map(|name| work.join(name)).collect();
    paths.push(staging.join(WORKER));
    optimise::programs(workspace, paths)?;
    for name in programs.into_iter().chain([format!("{APP}.js"), LINK.to_owned()]) {
        parts.push((name.clone(), fs::read(work.join(name))?));
    }
    parts.hash(&mut hasher);
    let renames = Renames::new(hasher.finish());
    for path in crate::client::files(staging)? {
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(whole)) {
            fs::remove_file(path)?;
        }
    }
    for (name, bytes) in parts {
        let is_script = Path::new(&name).extension().is_some_and(|extension| extension == "js");
        let bytes = if is_script { renames.apply(&String::from_utf8(bytes)?).into_bytes() } else { bytes };
        let name = if name == LINK { format!("{}.js", renames.later) } else { renames.apply(&name) };
        fs::write(staging.join(name), bytes)?;
    }
    let page = staging.join("index.html");
    let text = fs::read_to_string(&page).with_context(|| format!("cannot read \"{}\"", page.display()))?;
    fs::write(page, text.replace(whole, &renames.app))?;
    Ok(())
}

/// What Trunk called the app, without an extension.
fn staged_name(staging: &Path) -> Result<String> {
    let names = crate::client::files(staging)?.into_iter().filter_map(|path| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        name.strip_suffix("_bg.wasm").filter(|stem| stem.starts_with(APP)).map(str::to_owned)
    });
    match &names.collect::<Vec<_>>()[..] {
        [name] => Ok(name.clone()),
        [] => bail!("no {APP} in \"{}\": Trunk's naming changed", staging.display()),
        several => bail!("more than one {APP} in \"{}\": {}", staging.display(), several.join(", ")),
    }
}

/// The names with the content's hash in them, which browsers keep for good.
struct Renames {
    app: String,
    later: String,
}

impl Renames {
    fn new(hash: u64) -> Self {
        Self { app: format!("{APP}-{hash:016x}"), later: format!("{LATER}-{hash:016x}") }
    }

    fn apply(&self, text: &str) -> String {
        // Scripts name each other as "./spate-app.js", and the wasm beside them as "spate-app_bg.wasm".
        let ends = [".js", "_bg.wasm"];
        let app = ends.iter().fold(text.to_owned(), |text, end| {
            text.replace(&format!("{APP}{end}"), &format!("{}{end}", self.app))
        });
        // The wasm asks for its imports under the linker's name, which stays.
        app.replace(&format!("from \"./{LINK}\""), &format!("from \"./{}.js\"", self.later))
            .replace(&format!("{CHUNK}.wasm"), &format!("{}.wasm", self.later))
    }
}

#[cfg(test)]
mod tests {
    use super::{Renames, staged_name};

    #[test]
    fn scripts_and_files_are_renamed_alike() {
        let renames = Renames::new(0xab);
        let app = "spate-app-00000000000000ab";
        let later = "spate-later-00000000000000ab";
        assert_eq!(renames.apply("from \"./__wasm_split.js\""), format!("from \"./{later}.js\""));
        assert_eq!(renames.apply("\"./__wasm_split.js\": import1"), "\"./__wasm_split.js\": import1");
        assert_eq!(renames.apply("new URL('spate-app_bg.wasm')"), format!("new URL('{app}_bg.wasm')"));
        assert_eq!(renames.apply("spate-app.js"), format!("{app}.js"));
        assert_eq!(renames.apply("split_later.wasm"), format!("{later}.wasm"));
        assert_eq!(renames.apply("sharedImports.__wasm_split = {}"), "sharedImports.__wasm_split = {}");
    }

    #[test]
    fn the_app_is_found_whatever_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        assert!(staged_name(folder.path()).is_err());
        for name in ["spate-app-1f_bg.wasm", "spate-app-1f.js", "spate-worker_bg.wasm"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(staged_name(folder.path()).unwrap(), "spate-app-1f");
    }
}
