//! What the palette offers, and what of it a text finds.

use crate::dashboard::Home;
use crate::session::SideSheet;
use crate::shortcut::Action;
use crate::theme::ThemeChoice;

/// Most entries shown at once.
const MOST_SHOWN: usize = 60;

/// One thing to find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What it is called.
    pub(crate) title: String,
    /// What sort of thing it is.
    pub(crate) note: String,
    /// Its shortcut, if any.
    pub(crate) keys: &'static str,
    /// What choosing it does.
    pub(crate) what: What,
}

/// What choosing an entry does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// As its key would.
    Do(Action),
    /// Shows a range, as people write its ends.
    Time(&'static str, &'static str),
    /// Scrolls to a panel and gives it the focus, by its element's id.
    Panel(String),
    /// Shows a panel alone, by its id in the document.
    Alone(u32),
    /// Opens a sheet beside the dashboard.
    Sheet(SideSheet),
    /// Goes to the first panel of a stream.
    Stream(String),
    /// Gives the page another look.
    Theme(ThemeChoice),
    /// Shows a dashboard.
    Dashboard(Home),
}

/// The entries that have all words of `text` in their title or note, best first: those whose title begins with it.
pub(crate) fn found(entries: &[Entry], text: &str) -> Vec<Entry> {
    let text = text.trim().to_lowercase();
    let rank = |entry: &Entry| {
        let title = entry.title.to_lowercase();
        let all = format!("{title} {}", entry.note.to_lowercase());
        let has_all = text.split_whitespace().all(|word| all.contains(word));
        has_all.then(|| if title.starts_with(&text) { 0 } else { 1 + u8::from(!title.contains(&text)) })
    };
    let mut ranked: Vec<_> = entries.iter().filter_map(|entry| Some((rank(entry)?, entry))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().take(MOST_SHOWN).map(|(_, entry)| entry.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let entry = |title: &str, note: &str| Entry {
            title: title.to_owned(),
            note: note.to_owned(),
            keys: "",
            what: What::Do(Action::Help),
        };
        let entries = [
            entry("nyc_taxi", "panel"),
            entry("Last 6 hours", "time range"),
            entry("Hold the taxi", "action"),
        ];
        let titles: Vec<_> = found(&entries, text).into_iter().map(|entry| entry.title).collect();
        assert_eq!(titles, expect, "{text}");
    }

    #[test]
    fn words_are_found_in_any_order_and_beginnings_come_first() {
        check("taxi", &["nyc_taxi", "Hold the taxi"]);
        check("HOLD", &["Hold the taxi"]);
        check("range last", &["Last 6 hours"]);
        check("taxi hold", &["Hold the taxi"]);
        check("nothing", &[]);
        check("", &["nyc_taxi", "Last 6 hours", "Hold the taxi"]);
    }
}
