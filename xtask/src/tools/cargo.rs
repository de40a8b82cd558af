//! Tools that come through rustup and Cargo.

use crate::workspace::{self, Workspace};
use anyhow::{Context, Result};
use std::fs;

const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// Of the same series as the `wasm_split_helpers` that Leptos brings.
const WASM_SPLIT_VERSION: &str = "0.2.4";
const TRUNK_VERSION: &str = "0.21.14";
/// Where the tools are built, under their folder.
const BUILD: &str = "build";

/// The wasm target, rustfmt and Clippy, which `rust-toolchain.toml` alone does not install everywhere.
pub(super) fn target_and_components(workspace: &Workspace) -> Result<()> {
    let library = workspace::read(
        &mut workspace.command("rustc", &["--print", "target-libdir", "--target", WASM_TARGET]),
    )?;
    if !std::path::Path::new(library.trim()).is_dir() {
        workspace::run(&mut workspace.command("rustup", &["target", "add", WASM_TARGET]))?;
    }
    for component in ["fmt", "clippy"] {
        if workspace::read(&mut workspace.cargo(&[component, "--version"])).is_err() {
            workspace::run(&mut workspace.command("rustup", &["component", "add", "rustfmt", "clippy"]))?;
        }
    }
    Ok(())
}

/// Trunk, which bundles the client. Without TLS: it finds every tool it needs in `target/tools` and downloads nothing.
pub(super) fn trunk(workspace: &Workspace) -> Result<()> {
    install(workspace, "trunk", "trunk", TRUNK_VERSION, &["--locked", "--no-default-features"])
}

/// The command line tool of the very version of wasm-bindgen that `Cargo.lock` names.
pub(super) fn wasm_bindgen(workspace: &Workspace) -> Result<()> {
    let lock = fs::read_to_string(workspace.root.join("Cargo.lock"))
        .context("cannot read Cargo.lock: run `cargo generate-lockfile`")?;
    let version = locked_version(&lock, "wasm-bindgen").context("Cargo.lock names no wasm-bindgen")?;
    install(workspace, "wasm-bindgen", "wasm-bindgen-cli", &version, &[])
}

/// What cuts the app in two. It tells no version, so its own is remembered beside it.
pub(super) fn wasm_split(workspace: &Workspace) -> Result<()> {
    let marker = workspace.tools.join("bin/wasm-split-cli.version");
    let is_there = workspace.which("wasm-split-cli").is_some();
    if is_there && fs::read_to_string(&marker).is_ok_and(|version| version == WASM_SPLIT_VERSION) {
        return Ok(());
    }
    let features = ["--locked", "--features", "build-binary"];
    install(workspace, "wasm-split-cli", "wasm_split_cli_support", WASM_SPLIT_VERSION, &features)?;
    fs::write(&marker, WASM_SPLIT_VERSION).with_context(|| format!("cannot write \"{}\"", marker.display()))
}

/// Remove what building the tools left behind.
pub(super) fn tidy_up(workspace: &Workspace) -> Result<()> {
    let build = workspace.tools.join(BUILD);
    if build.is_dir() {
        fs::remove_dir_all(&build).with_context(|| format!("cannot remove \"{}\"", build.display()))?;
    }
    Ok(())
}

/// Install a crate's programs under `target/tools`, in a debug build without the debug information: it builds in a
/// quarter of the time and runs quickly enough. The tools share a build folder, so that what they share is built once.
fn install(workspace: &Workspace, program: &str, name: &str, version: &str, flags: &[&str]) -> Result<()> {
    let said = workspace::read(&mut workspace.command(program, &["--version"])).unwrap_or_default();
    if said.split_whitespace().any(|word| word == version) {
        return Ok(());
    }
    println!("installing {name} {version} into target/tools (minutes, once)");
    let root = workspace.tools.to_string_lossy();
    let requirement = format!("={version}");
    let args = ["install", name, "--version", &requirement, "--debug", "--force", "--root", &root];
    let mut command = workspace.cargo(&args);
    command
        .args(flags)
        .env("CARGO_TARGET_DIR", workspace.tools.join(BUILD))
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    workspace::run(&mut command)
}

/// The version of a package in a lock file.
fn locked_version(lock: &str, name: &str) -> Option<String> {
    let lock: toml::Table = lock.parse().ok()?;
    let packages = lock.get("package")?.as_array()?;
    let package =
        packages.iter().find(|package| package.get("name").and_then(toml::Value::as_str) == Some(name))?;
    package.get("version")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    #[test]
    fn locked_version_is_that_of_the_exact_name() {
        let lock = "[[package]]\nname = \"a-b\"\nversion = \"1.0.0\"\n[[package]]\nname = \"a\"\nversion = \"2.0.0\"\n";
        assert_eq!(locked_version(lock, "a").as_deref(), Some("2.0.0"));
        assert_eq!(locked_version(lock, "b"), None);
    }
}
