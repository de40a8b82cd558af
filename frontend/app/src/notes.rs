//! What happened to events that are not in a panel's results, in plain words.

use spate_worker::protocol::PanelUpdate;

/// What each of the worker's words means: word, for one, for more.
const MEANINGS: &[(&str, &str, &str)] = &[
    ("revised", "result was revised by late events", "results were revised by late events"),
    ("late", "event came too late to count", "events came too late to count"),
    (
        "rejected",
        "event was left out: it has no usable value",
        "events were left out: they have no usable value",
    ),
    ("came twice", "event came twice and counts once", "events came twice and count once"),
    ("between windows", "event lies between windows", "events lie between windows"),
    ("lines not drawn", "line is left out", "lines are left out"),
    ("results let go", "old result was let go to save memory", "old results were let go to save memory"),
];

/// A note of the worker, `12 late`, as a sentence: `12 events came too late to count`; others as they are.
pub(crate) fn plain(note: &str) -> String {
    let parts = note.split_once(' ').and_then(|(number, word)| Some((number.parse::<u64>().ok()?, word)));
    let Some((number, word)) = parts else { return note.to_owned() };
    match MEANINGS.iter().find(|(known, ..)| *known == word) {
        Some((_, one, _)) if number == 1 => format!("1 {one}"),
        Some((.., more)) => format!("{} {more}", crate::format::count(number)),
        None => note.to_owned(),
    }
}

/// Whether a note says that something is left out to stay within bounds.
pub(crate) fn leaves_out(note: &str) -> bool {
    ["not shown", "not drawn", " shed:", "let go", "forgotten to make room", " are held"]
        .iter()
        .any(|words| note.contains(words))
}

/// All notes of a panel, in plain words.
pub(crate) fn of_panel(update: &PanelUpdate) -> Vec<String> {
    update.notes.iter().map(|note| plain(note)).collect()
}

#[cfg(test)]
mod tests {
    use super::{leaves_out, plain};

    #[test]
    fn notes_are_told_in_plain_words() {
        let check = |note: &str, expect: &str| assert_eq!(plain(note), expect);
        check("1 late", "1 event came too late to count");
        check("1200 late", "1,200 events came too late to count");
        check("3 revised", "3 results were revised by late events");
        check("2 came twice", "2 events came twice and count once");
    }

    #[test]
    fn what_is_left_out_is_told_apart_from_what_happened() {
        assert!(
            ["4 series not shown", "9 shed: too many groups (a, …)", "2 results let go"]
                .iter()
                .all(|n| leaves_out(n))
        );
        assert!(!["12 late", "3 revised"].iter().any(|note| leaves_out(note)));
    }

    #[test]
    fn notes_that_are_plain_already_stay() {
        for note in ["4 series not shown", "9 shed: too many groups (a, …)", "", "late"] {
            assert_eq!(plain(note), note);
        }
    }
}
