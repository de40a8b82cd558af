//! Words that must not stand in some files.

use super::Finding;
use super::tree::{File, Tree};

/// This folder names every banned word.
const THIS_FOLDER: &str = "xtask/src/tidy/";

/// The words, where they are banned and what to write instead.
pub(super) struct Words {
    /// Whole words: a letter, digit or `_` beside one makes it another word.
    pub(super) banned: &'static [&'static str],
    /// Paths the ban starts with; empty means everywhere.
    pub(super) within: &'static [&'static str],
    pub(super) extensions: &'static [&'static str],
    /// Paths it leaves out, by their start.
    pub(super) except: &'static [&'static str],
    /// Whether a comment breaks the rule too.
    pub(super) in_comments: bool,
    /// What to do about a finding.
    pub(super) instead: &'static str,
}

impl Words {
    /// Every line that holds one of the words.
    pub(super) fn findings(&self, tree: &Tree) -> Vec<Finding> {
        let mut findings = Vec::new();
        for file in tree.files.iter().filter(|file| self.covers(file)) {
            let lines = file.text.lines().zip(file.code());
            for (line, (number, code)) in lines {
                let text = if self.in_comments { line } else { code };
                if let Some(word) = self.banned.iter().find(|word| holds(text, word)) {
                    let place = format!("{}:{number}", file.path);
                    findings.push(Finding::new(place, format!("`{word}`: {}", self.instead)));
                }
            }
        }
        findings
    }

    fn covers(&self, file: &File) -> bool {
        let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| file.path.starts_with(prefix));
        file.extension().is_some_and(|extension| self.extensions.contains(&extension))
            && (self.within.is_empty() || starts(self.within))
            && !starts(self.except)
            && !file.path.starts_with(THIS_FOLDER)
    }
}

/// Whether `text` holds `word` as a whole word.
fn holds(text: &str, word: &str) -> bool {
    let joins = |beside: Option<char>, edge: Option<char>| {
        let in_word =
            |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
        in_word(beside) && in_word(edge)
    };
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !joins(before, word.chars().next()) && !joins(after, word.chars().next_back())
    })
}

#[cfg(test)]
mod tests {
    use super::super::places;
    use super::holds;

    #[test]
    fn word_is_whole() {
        assert!(holds("a web_sys::Window", "web_sys"));
        assert!(!holds("my_web_sys", "web_sys"));
        assert!(holds("test.only(", ".only("));
        assert!(!holds("XXXL", "XXX"));
    }

    #[test]
    fn allowed_lint_is_found_and_expected_one_is_not() {
        let rule = "lints are expected with a reason, never allowed";
        let text = "#[allow(dead_code)]\n#[expect(dead_code, reason = \"x\")]\n#![allow(x)]\n";
        assert_eq!(places(rule, &[("a/src/lib.rs", text)]), ["a/src/lib.rs:1", "a/src/lib.rs:3"]);
    }

    #[test]
    fn work_left_for_later_is_found_even_in_a_comment() {
        let files =
            [("a.rs", "fn a() {}\n// TODO: b\n"), ("b.css", "/* fixme */"), ("c.ts", "x(); // FIXME")];
        assert_eq!(places("nothing is left to do later", &files), ["a.rs:2", "c.ts:1"]);
    }

    #[test]
    fn clock_is_found_in_pure_crates_only_and_not_in_comments() {
        let text = "let t = Instant::now();\n// Instant::now\n";
        let files =
            [("frontend/chart/src/a.rs", text), ("relay/src/a.rs", text), ("shared/benches/b.rs", text)];
        assert_eq!(places("pure crates read no clock", &files), ["frontend/chart/src/a.rs:1"]);
    }

    #[test]
    fn web_sys_is_found_outside_its_rooms() {
        let files = [
            ("frontend/app/src/browser/url.rs", "use web_sys::Url;"),
            ("frontend/worker/src/host.rs", "use web_sys::Url;"),
            ("frontend/worker/src/canvas/tile.rs", "use web_sys::Url;"),
            ("frontend/app/src/panel.rs", "use web_sys::Url;"),
        ];
        assert_eq!(places("web-sys stays in its rooms", &files), ["frontend/app/src/panel.rs:1"]);
    }

    #[test]
    fn plotters_is_found_outside_the_chart_crate() {
        let files = [
            ("frontend/chart/Cargo.toml", "plotters.workspace = true"),
            ("frontend/worker/Cargo.toml", "plotters.workspace = true"),
        ];
        assert_eq!(places("plotters stays in the chart crate", &files), ["frontend/worker/Cargo.toml:1"]);
    }

    #[test]
    fn sleeping_and_left_out_e2e_tests_are_found() {
        let text = "await page.waitForTimeout(5);\ntest.skip('a');\ntest.describe.only('b');\ntest('c');\n";
        assert_eq!(
            places("e2e tests wait for events and are never left out", &[("e2e/tests/a.spec.ts", text)]),
            ["e2e/tests/a.spec.ts:1", "e2e/tests/a.spec.ts:2", "e2e/tests/a.spec.ts:3"]
        );
    }
}
