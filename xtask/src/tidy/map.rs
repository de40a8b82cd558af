//! Rules that hold a document to the tree: the code map and the list of recordings.

use super::tree::Tree;
use super::{Finding, crates};
use std::collections::BTreeSet;

const MAP: &str = "ARCHITECTURE.md";
const LIST: &str = "recordings/README.md";

/// The code map is every table of `ARCHITECTURE.md` under a heading with "map" in it: the paths in back quotes in
/// the first column, from the root. It must name every crate and every folder in a crate's `src`, and nothing that
/// does not exist.
pub(super) fn code_map(tree: &Tree) -> Vec<Finding> {
    let Some(document) = tree.file(MAP) else {
        return vec![Finding::new(
            MAP,
            "missing: write it, with a code map (a table of paths under \"## Code map\")",
        )];
    };
    let named = mapped_paths(&document.text);
    let mut findings = Vec::new();
    for path in rooms(tree) {
        if !named.iter().any(|(_, name)| *name == path) {
            findings.push(Finding::new(MAP, format!("the code map does not name \"{path}\"")));
        }
    }
    for (line, path) in named {
        if !tree.has(path) {
            findings.push(Finding::new(format!("{MAP}:{line}"), format!("there is no \"{path}\"")));
        }
    }
    findings
}

/// Every crate's folder and every folder of Rust directly in its `src`.
fn rooms(tree: &Tree) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for manifest in crates::crates(tree) {
        let folder = crates::folder_of(manifest);
        rooms.insert(folder.to_owned());
        let source = format!("{folder}/src/");
        let inside = tree.with_extension("rs").filter_map(|file| file.path.strip_prefix(&source));
        rooms.extend(
            inside.filter_map(|rest| rest.split_once('/')).map(|(room, _)| format!("{source}{room}")),
        );
    }
    rooms
}

/// Line numbers and paths, without a closing `/`.
fn mapped_paths(document: &str) -> Vec<(usize, &str)> {
    let mut in_map = false;
    let mut paths = Vec::new();
    for (index, line) in document.lines().enumerate() {
        if line.starts_with('#') {
            in_map = line.to_lowercase().contains("map");
        }
        let first_cell = line.strip_prefix('|').and_then(|row| row.split('|').next());
        let Some(cell) = first_cell.filter(|_| in_map) else { continue };
        let quoted = cell.split('`').skip(1).step_by(2);
        paths.extend(quoted.map(|path| (index + 1, path.trim_end_matches('/'))));
    }
    paths
}

/// Every `.spate` in `recordings/` is named in its README, and the README names no other.
pub(super) fn recordings(tree: &Tree) -> Vec<Finding> {
    let present: Vec<&str> =
        tree.with_extension("spate").filter_map(|file| file.path.strip_prefix("recordings/")).collect();
    let text = tree.file(LIST).map_or("", |file| file.text.as_str());
    let ends_word = |letter: char| letter.is_whitespace() || "`|()[],;:\"".contains(letter);
    let words =
        text.split(ends_word).filter(|word| word.strip_suffix(".spate").is_some_and(|name| !name.is_empty()));
    let named: BTreeSet<&str> = words.collect();
    let unnamed = present.iter().filter(|file| !named.contains(*file));
    let missing = named.iter().filter(|name| !present.contains(name));
    unnamed
        .map(|file| {
            Finding::new(format!("recordings/{file}"), format!("name its source and licence in {LIST}"))
        })
        .chain(missing.map(|name| Finding::new(LIST, format!("there is no \"recordings/{name}\""))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::places;
    use super::super::tree::Tree;

    fn check(document: &str, expect: &[&str]) {
        let tree = Tree::of(&[
            ("ARCHITECTURE.md", document),
            ("relay/Cargo.toml", ""),
            ("relay/src/main.rs", ""),
            ("relay/src/log/ring.rs", ""),
            ("relay/src/snapshots/a.snap", ""),
        ]);
        let messages: Vec<String> =
            super::code_map(&tree).into_iter().map(|finding| finding.message).collect();
        assert_eq!(messages, expect);
    }

    #[test]
    fn code_map_that_names_everything_is_clean() {
        check("## Code map\n| where | what |\n|---|---|\n| `relay/` | a |\n| `relay/src/log` | `b` |\n", &[]);
    }

    #[test]
    fn code_map_is_held_to_the_tree_both_ways() {
        check(
            "## Code map\n| `relay` | a |\n| `relay/src/gone` | b |\n## Other\n| `nothing` | c |\n",
            &["the code map does not name \"relay/src/log\"", "there is no \"relay/src/gone\""],
        );
    }

    #[test]
    fn missing_code_map_is_found() {
        assert_eq!(
            places("the code map names what exists", &[("relay/Cargo.toml", "")]),
            ["ARCHITECTURE.md"]
        );
    }

    #[test]
    fn recordings_and_their_list_agree() {
        let files = [
            ("recordings/README.md", "| `taxi.spate` | NAB |\n| `gone.spate` | NAB |"),
            ("recordings/taxi.spate", ""),
            ("recordings/cpu.spate", ""),
        ];
        let expect = ["recordings/cpu.spate", "recordings/README.md"];
        assert_eq!(places("every recording has its source named", &files), expect);
    }
}
