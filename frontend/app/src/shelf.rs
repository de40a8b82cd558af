//! Dashboards that are kept: what they are called, and what the relay says of them.

use serde_json::Value;

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

/// What the relay keeps, and whether it takes more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RelayShelf {
    /// Its dashboards.
    pub(crate) kept: Vec<Kept>,
    /// Whether dashboards can be saved there.
    pub(crate) is_writable: bool,
}

/// What came of saving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Saved {
    /// It is kept, as this version.
    As(String),
    /// Somebody else saved this version; empty when they deleted it.
    Conflict(String),
    /// It is not kept, and why.
    Refused(String),
}

/// The answer of `GET /api/v1/dashboards`; nothing when it is something else.
pub(crate) fn relay_shelf(text: &str) -> RelayShelf {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let word = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    let mut kept = Vec::new();
    for entry in value["dashboards"].as_array().into_iter().flatten() {
        let (name, title, etag) = (word(entry, "name"), word(entry, "title"), word(entry, "etag"));
        if !name.is_empty() {
            let title = if title.is_empty() { name.clone() } else { title };
            kept.push(Kept { title, home: Home::Relay { name, etag } });
        }
    }
    RelayShelf { kept, is_writable: value["writable"].as_bool().unwrap_or(false) }
}

/// The answer of `PUT /api/v1/dashboards/{name}`.
pub(crate) fn saved(status: u16, etag: String, text: &str) -> Saved {
    match status {
        200 | 201 => Saved::As(etag),
        412 => Saved::Conflict(etag),
        _ => {
            let value: Value = serde_json::from_str(text).unwrap_or_default();
            let reason = value["error"].as_str().unwrap_or_else(|| text.trim());
            Saved::Refused(format!("status {status}: {reason}"))
        }
    }
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
    fn the_relays_list_is_read_and_nonsense_is_empty() {
        let shelf = relay_shelf(
            r#"{"dashboards": [{"name": "a", "title": "A", "etag": "\"1\""}, {"title": "x"}], "writable": true}"#,
        );
        let home = Home::Relay { name: "a".to_owned(), etag: "\"1\"".to_owned() };
        let kept = vec![Kept { title: "A".to_owned(), home }];
        assert_eq!(shelf, RelayShelf { kept, is_writable: true });
        for nonsense in ["", "<html>", "[]", "{\"dashboards\": 5}"] {
            assert_eq!(relay_shelf(nonsense), RelayShelf::default(), "{nonsense}");
        }
    }

    #[test]
    fn another_version_is_a_conflict_and_a_refusal_says_why() {
        let check = |status, text, expect| assert_eq!(saved(status, "\"2\"".to_owned(), text), expect);
        check(201, "", Saved::As("\"2\"".to_owned()));
        check(412, "", Saved::Conflict("\"2\"".to_owned()));
        check(403, r#"{"error": "read-only"}"#, Saved::Refused("status 403: read-only".to_owned()));
    }

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
