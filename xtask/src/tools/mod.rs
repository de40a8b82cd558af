//! The tools: what each command needs beside Cargo, installed when missing.
//!
//! Programs go into `target/tools`, which belongs to this clone alone; only what a browser needs comes from the
//! system's package manager. A tool that is there in the wanted version costs one look at its `--version`.

mod browser;
mod cargo;
mod debian;
mod node;
mod python;

use crate::workspace::Workspace;
use anyhow::Result;

pub(crate) use python::interpreter;

/// What compiling and linting needs: the wasm target, rustfmt and Clippy.
pub(crate) fn compiler(workspace: &Workspace) -> Result<()> {
    cargo::target_and_components(workspace)?;
    // The relay embeds this folder, also in a build that comes before the client's.
    std::fs::create_dir_all(&workspace.client)?;
    Ok(())
}

/// What building the client needs. The flag says whether the wasm will be optimised.
pub(crate) fn client(workspace: &Workspace) -> Result<bool> {
    compiler(workspace)?;
    cargo::trunk(workspace)?;
    cargo::wasm_bindgen(workspace)?;
    cargo::wasm_split(workspace)?;
    cargo::tidy_up(workspace)?;
    Ok(node::wasm_opt(workspace))
}

/// Whether programs can be optimised.
pub(crate) fn has_wasm_opt(workspace: &Workspace) -> bool {
    node::has_wasm_opt(workspace)
}

/// What the tests in a browser need.
pub(crate) fn e2e(workspace: &Workspace) -> Result<()> {
    node::modules(workspace, &workspace.e2e())?;
    browser::provide(workspace)
}

/// What a bench measures us against: the npm packages locked in `folder`, below the root.
pub(crate) fn peer(workspace: &Workspace, folder: &str) -> Result<()> {
    node::modules(workspace, &workspace.root.join(folder))
}

/// Everything.
pub(crate) fn provision_all(workspace: &Workspace) -> Result<()> {
    client(workspace)?;
    python::provide(workspace)?;
    servers(workspace)?;
    e2e(workspace)?;
    println!("all tools are there");
    Ok(())
}

/// What the tests of sources need: servers to read from.
pub(crate) fn servers(workspace: &Workspace) -> Result<()> {
    if workspace.which("nats-server").is_some() {
        return Ok(());
    }
    debian::install(workspace, &["nats-server"])
}

/// What the tests that run examples in Python need.
pub(crate) fn python(workspace: &Workspace) -> Result<()> {
    python::provide(workspace)
}
