//! Licences, bans and sources of every dependency, held to `deny.toml`.
//!
//! `cargo deny` reads the same file but takes longer to build than everything else here together; so it runs where it
//! is installed and this check runs always.

use crate::workspace::{self, Workspace};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use spdx::{Expression, ParseMode};
use std::collections::BTreeMap;
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
    let users = users(&metadata);
    let faults: Vec<String> = packages
        .iter()
        .flat_map(|package| {
            let id = package["id"].as_str().unwrap_or_default();
            policy.faults(package, users.get(id).map_or(&[], Vec::as_slice))
        })
        .collect();
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

/// For every package, by its id, the names of those that depend on it directly.
fn users(metadata: &Value) -> BTreeMap<&str, Vec<&str>> {
    let names: BTreeMap<_, _> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?)))
        .collect();
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().into_iter().flatten() {
        let Some(user) = node["id"].as_str().and_then(|id| names.get(id)) else { continue };
        for used in node["dependencies"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            users.entry(used).or_default().push(user);
        }
    }
    users
}

/// The part of `deny.toml` that is read here.
#[derive(Debug)]
struct Policy {
    /// SPDX identifiers, some with `WITH` an exception.
    licences: Vec<String>,
    banned: Vec<Ban>,
}

/// A package that may be used by its wrappers alone.
#[derive(Debug)]
struct Ban {
    name: String,
    wrappers: Vec<String>,
}

impl Ban {
    fn parse(ban: &toml::Value) -> Option<Self> {
        let wrappers = ban.get("wrappers").and_then(toml::Value::as_array).into_iter().flatten();
        Some(Self {
            name: ban.as_str().or_else(|| ban.get("crate")?.as_str())?.to_owned(),
            wrappers: wrappers.filter_map(toml::Value::as_str).map(str::to_owned).collect(),
        })
    }

    fn forbids(&self, name: &str, users: &[&str]) -> bool {
        let is_wrapper = |user: &&str| self.wrappers.iter().any(|wrapper| wrapper == user);
        self.name == name && (self.wrappers.is_empty() || !users.iter().all(is_wrapper))
    }
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
        Ok(Self {
            licences: allowed.map(str::to_owned).collect(),
            banned: denied.filter_map(Ban::parse).collect(),
        })
    }

    /// What is wrong with one package of `cargo metadata` that these use.
    fn faults(&self, package: &Value, users: &[&str]) -> Vec<String> {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        let (name, version) = (text("name"), text("version"));
        let mut faults = Vec::new();
        if !self.permits(text("license")) {
            faults
                .push(format!("{name} {version}: licence \"{}\" is not in licenses.allow", text("license")));
        }
        if self.banned.iter().any(|ban| ban.forbids(name, users)) {
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
                          [bans]\ndeny = [\"bad\", { crate = \"worse\", reason = \"x\" }, \
                          { crate = \"odd\", wrappers = [\"oracle\"] }]\n";

    fn check(name: &str, licence: &str, source: Option<&str>, expect: usize) {
        let policy = Policy::parse(POLICY).unwrap();
        let package = json!({"name": name, "version": "1.0.0", "license": licence, "source": source});
        assert_eq!(policy.faults(&package, &[]).len(), expect, "{name} {licence} {source:?}");
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

    #[test]
    fn a_ban_with_wrappers_forbids_every_other_user() {
        let policy = Policy::parse(POLICY).unwrap();
        let package = json!({"name": "odd", "version": "1.0.0", "license": "MIT", "source": CRATES_IO});
        assert!(policy.faults(&package, &["oracle"]).is_empty());
        assert_eq!(policy.faults(&package, &["oracle", "spate-relay"]).len(), 1);
    }

    #[test]
    fn the_users_of_a_package_are_those_that_name_it() {
        let package = |id: &str| json!({"id": id, "name": id});
        let metadata = json!({
            "packages": [package("a"), package("b")],
            "resolve": {"nodes": [{"id": "a", "dependencies": ["b"]}, {"id": "b", "dependencies": []}]},
        });
        assert_eq!(super::users(&metadata).get("b"), Some(&vec!["a"]));
    }
}
