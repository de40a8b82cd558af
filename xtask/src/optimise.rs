//! `wasm-opt` over the client's programs, once per content.

use crate::cache::{self, Cache};
use crate::tools;
use crate::workspace::{self, Workspace};
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;

/// What rustc's `wasm32-unknown-unknown` and wasm-bindgen use; the split drops the section that says so.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// For size; what one time leaves makes room for the next: the second takes three in a thousand, the third half of one.
const PASSES: &[&str] = &["-Oz", "-Oz", "-Oz"];

/// Make programs smaller, in place. Without a `wasm-opt` they stay as they are.
pub(crate) fn programs(workspace: &Workspace, programs: Vec<PathBuf>) -> Result<()> {
    if !tools::has_wasm_opt(workspace) {
        return Ok(());
    }
    let cache = Cache::open(workspace.cache.join("optimised"))?;
    cache::on_all_cores(programs, |program| {
        let bytes = fs::read(&program).with_context(|| format!("cannot read \"{}\"", program.display()))?;
        let small = cache.get(&bytes, "thrice.wasm", |_| {
            let output = program.with_extension("small");
            let output_flag = format!("--output={}", output.display());
            let mut optimise = workspace.command("wasm-opt", FEATURES);
            workspace::read(optimise.args(PASSES).arg(output_flag).arg(&program))?;
            let small = fs::read(&output)?;
            fs::remove_file(output)?;
            Ok(small)
        })?;
        Ok(fs::write(program, small)?)
    })?;
    cache.prune()
}
