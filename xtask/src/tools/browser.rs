//! The browser of the end-to-end tests: the system's, else Playwright's own.

use super::debian;
use crate::workspace::{self, Workspace};
use anyhow::{Context, Result};
use std::path::Path;

/// Names a system's Chromium goes by; `e2e/playwright.config.ts` looks for the same ones.
const PROGRAMS: &[&str] = &["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const FONTS: &str = "/usr/share/fonts/truetype";

/// A browser and a font to draw labels with. Expects the packages of `e2e/` to be installed.
pub(super) fn provide(workspace: &Workspace) -> Result<()> {
    let has_browser = PROGRAMS.iter().any(|program| workspace.which(program).is_some());
    let mut missing = Vec::new();
    if !has_browser {
        missing.push("chromium");
    }
    if !Path::new(FONTS).is_dir() {
        missing.push("fonts-dejavu-core");
    }
    if missing.is_empty() {
        return Ok(());
    }
    let Err(error) = debian::install(workspace, &missing) else { return Ok(()) };
    println!("warning: {error:#}");
    if has_browser {
        return Ok(());
    }
    let mut command = workspace.command("npx", &["playwright", "install", "chromium"]);
    workspace::run(command.current_dir(workspace.e2e()))
        .context("no browser for the end-to-end tests: install Chromium")
}
