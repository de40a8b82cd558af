//! A Python environment of this clone's own: for the tests that run `docs/examples`, and for tools that come as wheels.

use super::debian;
use crate::workspace::{self, Workspace};
use anyhow::Result;
use std::path::PathBuf;

const WEBSOCKETS_VERSION: &str = "15.0.1";
const SCIKIT_LEARN_VERSION: &str = "1.9.1";

/// The interpreter; tests find it in `SPATE_PYTHON`.
pub(crate) fn interpreter(workspace: &Workspace) -> PathBuf {
    programs(workspace).join("python")
}

/// The folder of the programs that packages bring.
pub(super) fn programs(workspace: &Workspace) -> PathBuf {
    workspace.tools.join("py/bin")
}

/// What the examples import, and what the isolation forest is held against.
pub(super) fn provide(workspace: &Workspace) -> Result<()> {
    package(workspace, "websockets", WEBSOCKETS_VERSION)?;
    package(workspace, "scikit-learn", SCIKIT_LEARN_VERSION)
}

/// One package in exactly this version, the environment made first where it is missing.
pub(super) fn package(workspace: &Workspace, name: &str, version: &str) -> Result<()> {
    let python = interpreter(workspace).to_string_lossy().into_owned();
    let ask = format!("import importlib.metadata as m; print(m.version('{name}'))");
    let said = workspace::read(&mut workspace.command(&python, &["-c", &ask])).unwrap_or_default();
    if said.trim() == version {
        return Ok(());
    }
    if workspace::read(&mut workspace.command(&python, &["-m", "pip", "--version"])).is_err() {
        environment(workspace)?;
    }
    let requirement = format!("{name}=={version}");
    let args = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", &requirement];
    workspace::run(&mut workspace.command(&python, &args))
}

fn environment(workspace: &Workspace) -> Result<()> {
    let folder = workspace.tools.join("py").to_string_lossy().into_owned();
    let make = || workspace::run(&mut workspace.command("python3", &["-m", "venv", "--clear", &folder]));
    if make().is_ok() {
        return Ok(());
    }
    debian::install(workspace, &["python3", "python3-venv"])?;
    make()
}
