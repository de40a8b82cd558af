//! Packages of the system, where that is Debian or one of its kin.

use crate::workspace::{self, Workspace};
use anyhow::{Result, bail};
use std::process::Command;

/// Install packages.
///
/// # Errors
/// Not Debian, or neither root nor able to become it: the message names the packages.
pub(super) fn install(workspace: &Workspace, packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    if workspace.which("apt-get").is_none() {
        bail!("missing {names}: install it with this system's package manager");
    }
    let is_root = workspace::read(&mut workspace.command("id", &["-u"]))?.trim() == "0";
    if !is_root && workspace.which("sudo").is_none() {
        bail!("missing {names}: run `apt-get install {names}` as root");
    }
    let apt_get = |args: &[&str]| -> Command {
        let program = if is_root { "apt-get" } else { "sudo" };
        let mut command = workspace.command(program, if is_root { &[] } else { &["-n", "apt-get"] });
        command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    workspace::run(&mut apt_get(&["update", "-qq"]))?;
    workspace::run(apt_get(&["install", "-y", "-qq", "--no-install-recommends"]).args(packages))
}
