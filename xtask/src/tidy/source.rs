//! Rules on the text of source files: their length and the colours in them.

use super::Finding;
use super::tree::Tree;

/// Where crossing it is a fault; 300 is what to aim at.
const MAX_LINES: usize = 500;

/// The one file of Rust that names colours.
const THEME: &str = "frontend/chart/src/theme.rs";

/// Rust files over the limit.
pub(super) fn too_long(tree: &Tree) -> Vec<Finding> {
    let lengths = tree.with_extension("rs").map(|file| (file, file.text.lines().count()));
    let long = lengths.filter(|&(_, lines)| lines > MAX_LINES);
    long.map(|(file, lines)| {
        Finding::new(&file.path, format!("{lines} lines: give its second job a file of its own (aim at 300)"))
    })
    .collect()
}

/// Hex colours in Rust outside the theme.
pub(super) fn stray_colours(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension("rs") {
        let is_test = file.path.ends_with("/tests.rs") || file.path.contains("/tests/");
        if file.path == THEME || is_test || !file.path.starts_with("frontend/") {
            continue;
        }
        // Colours in tests are data.
        for (number, code) in file.code().take_while(|(_, code)| code.trim() != "#[cfg(test)]") {
            if let Some(colour) = hex_colour(code) {
                let place = format!("{}:{number}", file.path);
                findings
                    .push(Finding::new(place, format!("colour {colour}: name it in style/ or in {THEME}")));
            }
        }
    }
    findings
}

/// The first `#rgb`, `#rgba`, `#rrggbb` or `#rrggbbaa` in `code`.
fn hex_colour(code: &str) -> Option<&str> {
    code.match_indices('#').find_map(|(at, _)| {
        let rest = &code[at + 1..];
        let digits = rest.find(|letter: char| !letter.is_ascii_hexdigit()).unwrap_or(rest.len());
        let goes_on = rest[digits..]
            .starts_with(|letter: char| letter.is_alphanumeric() || letter == '-' || letter == '_');
        (matches!(digits, 3 | 4 | 6 | 8) && !goes_on).then(|| &code[at..=at + digits])
    })
}

#[cfg(test)]
mod tests {
    use super::super::places;
    use super::hex_colour;

    #[test]
    fn file_over_the_limit_is_found() {
        let files =
            [("a.rs", &*"x\n".repeat(501)), ("b.rs", &*"x\n".repeat(500)), ("c.md", &*"x\n".repeat(900))];
        assert_eq!(places("no Rust file is over 500 lines", &files), ["a.rs"]);
    }

    #[test]
    fn colour_is_found_outside_the_theme() {
        let text = "let red = \"#ff0000\";";
        let files = [
            ("frontend/app/src/a.rs", text),
            ("frontend/chart/src/theme.rs", text),
            ("relay/src/a.rs", text),
        ];
        assert_eq!(places("colours live in the theme", &files), ["frontend/app/src/a.rs:1"]);
    }

    #[test]
    fn colour_in_a_test_is_data() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests { const A: &str = \"#ff0000\"; }";
        let files = [
            ("frontend/app/src/a.rs", text),
            ("frontend/app/src/a/tests.rs", "const A: &str = \"#ff0000\";"),
        ];
        assert!(places("colours live in the theme", &files).is_empty());
    }

    #[test]
    fn only_whole_hex_numbers_of_a_colours_length_count() {
        assert_eq!(hex_colour("a #12f b"), Some("#12f"));
        assert_eq!(hex_colour("\"#1122ff80\""), Some("#1122ff80"));
        assert_eq!(hex_colour("#[derive(Debug)]"), None);
        assert_eq!(hex_colour("#dashboard and #12345"), None);
        assert_eq!(hex_colour("#add-panel"), None);
    }
}
