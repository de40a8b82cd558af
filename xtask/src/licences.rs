//! Licences, bans and sources of every dependency, held to `deny.toml`.
//!
//! `cargo deny` reads the same file but takes longer to build than everything else here together; so it runs where it
//! is installed and this check runs always.

use crate::workspace::{self, Workspace};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use spdx::{Expression, ParseMode};
use std::fs;

/// Where `cargo metadata` says crates.io packages come from.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Check every package that `Cargo.lock` names.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let policy = Policy::parse(
        &fs::read_to_string(workspace.root.join("deny.toml")).context("cannot read deny.toml")?,
    )?;
    let metadata =
        workspace::read(&mut workspace.cargo(&["metadata", "--format-version", "1", "--all-features"]))?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata gave no JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let faults: Vec<String> = packages.iter().flat_map(|package| policy.faults(package)).collect();
    for fault in &faults {
        println!("{fault}");
    }
    if !faults.is_empty() {
        bail!("{} dependencies break deny.toml", faults.len());
    }
    println!("licences, bans and sources of {} packages are in order", packages.len());
    if workspace.which("cargo-deny").is_some() {
        workspace::run(&mut workspace.cargo(&["deny", "check", "licenses", "bans", "sources"]))?;
    }
    Ok(())
}

/// The part of `deny.toml` that is read here.
#[derive(Debug)]
struct Policy {
    /// SPDX identifiers, some with `WITH` an exception.
    licences: Vec<String>,
    banned: Vec<String>,
}

impl Policy {
    fn parse(text: &str) -> Result<Self> {
        let table: toml::Table = text.parse().context("deny.toml is not TOML")?;
        let list = |section: &str, key: &str| {
            let list =
                table.get(section).and_then(|section| section.get(key)).and_then(toml::Value::as_array);
            list.with_context(|| format!("deny.toml: \"{section}.{key}\" is missing or no list"))
        };
        let allowed = list("licenses", "allow")?.iter().filter_map(toml::Value::as_str);
        let denied = list("bans", "deny")?.iter();
        let name_of =
            |ban: &toml::Value| ban.as_str().or_else(|| ban.get("crate")?.as_str()).map(str::to_owned);
        Ok(Self {
            licences: allowed.map(str::to_owned).collect(),
            banned: denied.filter_map(name_of).collect(),
        })
    }

    /// What is wrong with one package of `cargo metadata`.
    fn faults(&self, package: &Value) -> Vec<String> {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        let (name, version) = (text("name"), text("version"));
        let mut faults = Vec::new();
        if !self.permits(text("license")) {
            faults
                .push(format!("{name} {version}: licence \"{}\" is not in licenses.allow", text("license")));
        }
        if self.banned.iter().any(|banned| banned == name) {
            faults.push(format!(
                "{name} {version}: banned by bans.deny; `cargo tree -i {name}` says who wants it"
            ));
        }
        // A package of the workspace has no source.
        if !matches!(package["source"].as_str(), None | Some(CRATES_IO)) {
            faults.push(format!("{name} {version}: source \"{}\" is not crates.io", text("source")));
        }
        faults
    }

    /// Whether a licence expression can be met with allowed licences alone.
    fn permits(&self, licence: &str) -> bool {
        Expression::parse_mode(licence, ParseMode::LAX).is_ok_and(|expression| {
            expression
                .evaluate(|required| self.licences.iter().any(|allowed| *allowed == required.to_string()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{CRATES_IO, Policy};
    use serde_json::json;

    const POLICY: &str = "[licenses]\nallow = [\"MIT\", \"Apache-2.0 WITH LLVM-exception\"]\n\
                          [bans]\ndeny = [\"bad\", { crate = \"worse\", reason = \"x\" }]\n";

    fn check(name: &str, licence: &str, source: Option<&str>, expect: usize) {
        let policy = Policy::parse(POLICY).unwrap();
        let package = json!({"name": name, "version": "1.0.0", "license": licence, "source": source});
        assert_eq!(policy.faults(&package).len(), expect, "{name} {licence} {source:?}");
    }

    #[test]
    fn one_allowed_licence_of_a_choice_is_enough() {
        check("a", "MIT OR GPL-3.0-only", Some(CRATES_IO), 0);
        check("a", "GPL-3.0-only/MIT", Some(CRATES_IO), 0);
        check("a", "Apache-2.0 WITH LLVM-exception", Some(CRATES_IO), 0);
    }

    #[test]
    fn missing_or_copyleft_licence_is_a_fault() {
        check("a", "MIT AND GPL-3.0-only", Some(CRATES_IO), 1);
        check("a", "Apache-2.0", Some(CRATES_IO), 1);
        check("a", "", Some(CRATES_IO), 1);
    }

    #[test]
    fn banned_crate_and_foreign_source_are_faults() {
        check("bad", "MIT", Some(CRATES_IO), 1);
        check("worse", "MIT", Some("git+https://example.com/worse"), 2);
        check("spate-shared", "MIT", None, 0);
    }
}
