//! Dashboards that are kept: what they are called.

use crate::dashboard::Home;

/// Most letters of a name.
const LONGEST_NAME: usize = 64;

/// One dashboard that can be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// What it is called.
    pub(crate) title: String,
    /// Where it is.
    pub(crate) home: Home,
}

/// Whether a text can be a dashboard's name: 1 to 64 of `a-z A-Z 0-9 _ -`.
pub(crate) fn is_name(text: &str) -> bool {
    let is_known = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    (1..=LONGEST_NAME).contains(&text.len()) && text.chars().all(is_known)
}

/// The name that a title has in addresses and files.
pub(crate) fn slug(title: &str) -> String {
    let mut name = String::new();
    for letter in title.chars() {
        if letter.is_ascii_alphanumeric() {
            name.push(letter.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name.truncate(LONGEST_NAME);
    let name = name.trim_end_matches('-');
    if name.is_empty() { "dashboard".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_names() {
        for (title, name) in [("Ad spend!", "ad-spend"), ("  Über 9000 ", "ber-9000"), ("日本", "dashboard")]
        {
            assert_eq!(slug(title), name);
            assert!(is_name(name));
        }
        assert!(is_name(&slug(&"x ".repeat(200))));
        assert!(["", "../a", "a b", &"x".repeat(65)].iter().all(|text| !is_name(text)));
    }
}
