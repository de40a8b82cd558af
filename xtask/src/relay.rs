//! The relay and the command line tool: built in release with the client inside, and started.

use crate::workspace::{self, Workspace};
use crate::{client, tools};
use anyhow::{Result, anyhow};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::thread;

/// Build both binaries; the relay embeds `target/client` as it stands.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    workspace::run(&mut workspace.cargo(&["build", "--release", "-p", "spate-relay", "-p", "spate-cli"]))
}

/// Build the client and the relay, then become the relay.
pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    tools::compiler(workspace)?;
    // All of the relay but the binary itself needs no client, and building one leaves half of two cores idle.
    thread::scope(|scope| {
        let library = ["build", "--release", "--quiet", "-p", "spate-relay", "--lib"];
        let ahead = scope.spawn(move || workspace::run(&mut workspace.cargo(&library)));
        client::build(workspace)?;
        ahead.join().map_err(|_| anyhow!("building the relay panicked"))?
    })?;
    workspace::run(&mut workspace.cargo(&["build", "--release", "-p", "spate-relay"]))?;
    let relay = workspace.binary("spate-relay");
    let mut command =
        workspace.command(&relay.to_string_lossy(), &["serve", "--config", "recordings/relay.toml"]);
    command.args(args);
    become_program(command)
}

/// Replace this process, so that signals reach the relay itself.
fn become_program(mut command: Command) -> Result<()> {
    let error = command.stdin(Stdio::inherit()).exec();
    Err(anyhow::Error::new(error).context(format!("cannot start `{}`", workspace::spelled(&command))))
}
