//! Rules on crates: their doc and who may depend on whom.

use super::Finding;
use super::tree::{File, Tree};

/// A crate's folder and the workspace crates it may use. The relay never sees the engine.
struct House {
    folder: &'static str,
    name: &'static str,
    may_use: &'static [&'static str],
}

const HOUSE: &[House] = &[
    House { folder: "shared", name: "spate-shared", may_use: &[] },
    House { folder: "relay", name: "spate-relay", may_use: &["spate-shared"] },
    House { folder: "frontend/analysis", name: "spate-analysis", may_use: &["spate-shared"] },
    House { folder: "frontend/pixels", name: "spate-pixels", may_use: &[] },
    House {
        folder: "frontend/chart",
        name: "spate-chart",
        may_use: &["spate-shared", "spate-analysis", "spate-pixels"],
    },
    House {
        folder: "frontend/worker",
        name: "spate-worker",
        may_use: &["spate-shared", "spate-analysis", "spate-chart"],
    },
    House {
        folder: "frontend/app",
        name: "spate-app",
        may_use: &["spate-shared", "spate-analysis", "spate-chart", "spate-worker"],
    },
    House { folder: "frontend/cli", name: "spate-cli", may_use: &["spate-shared", "spate-analysis"] },
    House {
        folder: "e2e/bench/page",
        name: "spate-bench",
        may_use: &["spate-shared", "spate-analysis", "spate-chart", "spate-worker"],
    },
    House { folder: "xtask", name: "xtask", may_use: &[] },
    House { folder: "shared/fuzz", name: "spate-fuzz", may_use: &["spate-shared"] },
];

/// Crate roots that do not begin with `//!`.
pub(super) fn without_doc(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in crates(tree) {
        let folder = folder_of(file);
        for root in ["src/lib.rs", "src/main.rs"] {
            let path = format!("{folder}/{root}");
            if tree.file(&path).is_some_and(|root| !root.text.starts_with("//!")) {
                findings.push(Finding::new(path, "begin with `//!` and say what the crate is"));
            }
        }
    }
    findings
}

/// Dependencies between the workspace's crates that the house does not have; those of tests are free.
pub(super) fn against_direction(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in crates(tree) {
        let Some(house) = HOUSE.iter().find(|house| house.folder == folder_of(file)) else {
            findings
                .push(Finding::new(&file.path, "unknown crate: give it a line in xtask/src/tidy/crates.rs"));
            continue;
        };
        match dependencies(&file.text) {
            Err(error) => findings.push(Finding::new(&file.path, error)),
            Ok(names) => {
                let ours = names.into_iter().filter(|name| HOUSE.iter().any(|house| house.name == name));
                let wrong = ours.filter(|name| !house.may_use.contains(&name.as_str()));
                findings.extend(wrong.map(|name| {
                    Finding::new(&file.path, format!("{} must not depend on {name}", house.name))
                }));
            }
        }
    }
    findings
}

/// The manifests of every crate, the workspace's own left out.
pub(super) fn crates(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.files.iter().filter(|file| file.path.ends_with("/Cargo.toml"))
}

/// The folder of a manifest.
pub(super) fn folder_of(manifest: &File) -> &str {
    manifest.path.trim_end_matches("/Cargo.toml")
}

/// The names under every `dependencies` and `build-dependencies` table of a manifest, those of targets too.
fn dependencies(manifest: &str) -> Result<Vec<String>, String> {
    let manifest: toml::Table = manifest.parse().map_err(|error| format!("not TOML: {error}"))?;
    let mut tables = vec![&manifest];
    if let Some(targets) = manifest.get("target").and_then(toml::Value::as_table) {
        tables.extend(targets.values().filter_map(toml::Value::as_table));
    }
    let lists =
        tables.into_iter().flat_map(|table| ["dependencies", "build-dependencies"].map(|key| table.get(key)));
    let names = lists.flatten().filter_map(toml::Value::as_table).flat_map(toml::Table::keys);
    Ok(names.cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::super::places;

    #[test]
    fn crate_root_without_doc_is_found() {
        let files = [
            ("shared/Cargo.toml", ""),
            ("shared/src/lib.rs", "fn a() {}"),
            ("relay/Cargo.toml", ""),
            ("relay/src/main.rs", "//! The relay.\n"),
        ];
        assert_eq!(places("every crate root says what the crate is", &files), ["shared/src/lib.rs"]);
    }

    #[test]
    fn dependency_against_the_direction_is_found_and_that_of_a_test_is_free() {
        let rule = "dependencies point in the house's direction";
        let wrong = "[dependencies]\nspate-analysis.workspace = true\n";
        let for_one_target = "[target.'cfg(unix)'.dependencies]\nspate-relay.workspace = true\n";
        let right = "[dependencies]\nspate-shared.workspace = true\n[dev-dependencies]\nspate-relay.workspace = true\n";
        let files = [
            ("relay/Cargo.toml", wrong),
            ("shared/Cargo.toml", for_one_target),
            ("frontend/cli/Cargo.toml", right),
        ];
        assert_eq!(places(rule, &files), ["relay/Cargo.toml", "shared/Cargo.toml"]);
    }

    #[test]
    fn crate_the_house_does_not_know_is_found() {
        let rule = "dependencies point in the house's direction";
        assert_eq!(places(rule, &[("attic/Cargo.toml", "")]), ["attic/Cargo.toml"]);
    }
}
