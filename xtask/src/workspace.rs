//! The workspace: where things are, and how a program is started in it.
//!
//! Programs run in the workspace's root, with the tools' folder first on PATH and no stdin.

use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The paths that the commands share.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    /// The folder that holds the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's build folder: `CARGO_TARGET_DIR`, or `target` under the root.
    pub(crate) target: PathBuf,
    /// The tools installed for this clone alone.
    pub(crate) tools: PathBuf,
    /// The built client; Trunk.toml and the relay name the same folder.
    pub(crate) client: PathBuf,
    /// What the commands remember between runs.
    pub(crate) cache: PathBuf,
}

impl Workspace {
    /// The workspace this crate was built in.
    pub(crate) fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask stands in no workspace: build it with `cargo xtask`")?;
        Ok(Self::at(root, std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from)))
    }

    /// The workspace at `root`, with Cargo's build folder where `cargo_target` says.
    pub(crate) fn at(root: &Path, cargo_target: Option<PathBuf>) -> Self {
        let own = root.join("target");
        Self {
            root: root.to_path_buf(),
            target: cargo_target.map_or_else(|| own.clone(), |path| root.join(path)),
            tools: own.join("tools"),
            client: own.join("client"),
            cache: own.join("xtask"),
        }
    }

    /// The folder of e2e tests.
    pub(crate) fn e2e(&self) -> PathBuf {
        self.root.join("e2e")
    }

    /// A release binary of this workspace.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.target.join("release").join(name)
    }

    /// `program`, to be run in the root with the tools on PATH.
    pub(crate) fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(&self.root).env("PATH", self.path()).stdin(Stdio::null());
        command
    }

    /// Cargo, the one that started this. It hears which client there is, for the binary that embeds it.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let mut command = self.command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()), args);
        if let Ok(stamp) = std::fs::read_to_string(self.client_stamp()) {
            command.env("SPATE_CLIENT_BUILD", stamp);
        }
        command
    }

    /// Says what the built client was made from; there once it is built.
    pub(crate) fn client_stamp(&self) -> PathBuf {
        self.cache.join("client.stamp")
    }

    /// The first file named `program` on PATH, the tools' folder first.
    pub(crate) fn which(&self, program: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.path()).map(|folder| folder.join(program)).find(|path| path.is_file())
    }

    fn path(&self) -> OsString {
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.tools.join("bin")).chain(std::env::split_paths(&inherited));
        std::env::join_paths(folders).unwrap_or(inherited)
    }
}

/// The command as a person would type it.
pub(crate) fn spelled(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Run to the end, output shown.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", spelled(command));
    let status = command.status().with_context(|| format!("cannot start `{}`", spelled(command)))?;
    if !status.success() {
        bail!("`{}` failed: {status}", spelled(command));
    }
    Ok(())
}

/// Run to the end and return what it wrote to stdout.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start `{}`", spelled(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed: {}\n{said}", spelled(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Run to the end with stdout both shown and returned; the flag says whether it succeeded.
pub(crate) fn tee(command: &mut Command) -> Result<(bool, String)> {
    println!("$ {}", spelled(command));
    let context = format!("cannot start `{}`", spelled(command));
    let mut child = command.stdout(Stdio::piped()).spawn().context(context)?;
    let mut text = String::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            writeln!(std::io::stdout(), "{line}")?;
            text.push_str(&line);
            text.push('\n');
        }
    }
    Ok((child.wait()?.success(), text))
}
