//! Names the build: page and worker are cached apart and must be of the same one.

use std::path::Path;
use std::process::Command;

/// Changes with every commit; absent where the source is not a clone.
const COMMITTED: &str = "../../.git/logs/HEAD";

fn main() {
    let described = Command::new("git").args(["describe", "--always", "--abbrev=10"]).output();
    let commit = described.ok().filter(|output| output.status.success()).map(|output| output.stdout);
    let commit = commit.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let build = if commit.trim().is_empty() { "source" } else { commit.trim() };
    println!("cargo::rustc-env=SPATE_BUILD={build}");
    println!(
        "cargo::rerun-if-changed={}",
        if Path::new(COMMITTED).exists() { COMMITTED } else { "build.rs" }
    );
}
