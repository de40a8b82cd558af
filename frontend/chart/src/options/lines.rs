//! Lists that people write one item a line: thresholds and annotations.

use spate_shared::{order, time};

use crate::data::Severity;

/// Most items of a list; the rest is complained about and left out.
const MOST_ITEMS: usize = 100;

/// A value that matters when it is passed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// From this value up.
    pub value: f64,
    /// How much it matters.
    pub severity: Severity,
}

/// What happened at a moment, or from one to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// When it began, event time.
    pub start: i64,
    /// When it ended; the same for a moment.
    pub end: i64,
    /// What it was; data, never markup.
    pub text: String,
}

/// Thresholds in ascending order, such as `80 major`, one a line, and what is wrong with the other lines.
///
/// A line without a severity is minor.
pub fn thresholds(text: &str) -> (Vec<Threshold>, Vec<String>) {
    let (mut read, complaints) = items(text, threshold, "a number and a severity, such as \"80 major\"");
    order::sort_by(&mut read, |a: &Threshold, b| a.value.total_cmp(&b.value));
    (read, complaints)
}

/// Annotations in order of time, one a line, and what is wrong with the other lines.
///
/// A line starts with a moment, `2014-11-02T01:00Z Marathon`, or an interval, `2015-01-26/2015-01-28 Blizzard`.
pub fn notes(text: &str) -> (Vec<Note>, Vec<String>) {
    let (mut read, complaints) =
        items(text, note, "a time and a text, such as \"2014-11-02T01:00Z Marathon\"");
    order::sort_by_key(&mut read, |note: &Note| (note.start, note.end));
    (read, complaints)
}

fn items<T>(text: &str, read: impl Fn(&str) -> Option<T>, wanted: &str) -> (Vec<T>, Vec<String>) {
    let (mut items, mut complaints) = (Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match read(line.trim()) {
            Some(_) if items.len() >= MOST_ITEMS => {
                complaints.push(format!("takes at most {MOST_ITEMS} lines"));
                break;
            }
            Some(item) => items.push(item),
            None => {
                let shown: String = line.trim().chars().take(40).collect();
                complaints.push(format!(": line {} should be {wanted}, not {shown:?}", index + 1));
            }
        }
    }
    (items, complaints)
}

fn threshold(line: &str) -> Option<Threshold> {
    let (number, severity) = line.split_once(char::is_whitespace).unwrap_or((line, "minor"));
    let severity = [Severity::Minor, Severity::Major, Severity::Critical]
        .into_iter()
        .find(|known| known.label() == severity.trim())?;
    let value = number.parse::<f64>().ok().filter(|value| value.is_finite())?;
    Some(Threshold { value, severity })
}

fn note(line: &str) -> Option<Note> {
    let (when, text) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let (from, to) = when.split_once('/').unwrap_or((when, when));
    let (start, end) = (moment(from)?, moment(to)?);
    (start <= end).then(|| Note { start, end, text: text.trim().to_owned() })
}

/// A time; minutes are precise enough for people, so seconds may be left out.
fn moment(text: &str) -> Option<i64> {
    let whole = || {
        let (date, zone) = text.strip_suffix('Z').map_or((text, ""), |date| (date, "Z"));
        format!("{date}:00{zone}")
    };
    time::parse(text).or_else(|_| time::parse(&whole())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_shared::time::{DAY, HOUR};

    #[test]
    fn thresholds_are_sorted_and_minor_unless_said() {
        let (read, complaints) = thresholds("90 critical\n\n 80\n-1.5 major");
        let seen: Vec<_> = read.iter().map(|t| (t.value, t.severity.label())).collect();
        assert_eq!(seen, [(-1.5, "major"), (80.0, "minor"), (90.0, "critical")]);
        assert_eq!(complaints, [""; 0]);
    }

    #[test]
    fn lines_that_cannot_be_read_are_named_and_the_rest_is_kept() {
        let (read, complaints) = thresholds("5 urgent\n7\nNaN");
        assert_eq!(read.len(), 1);
        assert!(
            complaints[0].starts_with(": line 1") && complaints[1].starts_with(": line 3"),
            "{complaints:?}"
        );
    }

    #[test]
    fn notes_are_moments_or_intervals() {
        let (read, complaints) =
            notes("1970-01-02/1970-01-03 <b>storm</b>\n1970-01-01T01:00Z start\n2/1 back");
        let seen: Vec<_> = read.iter().map(|n| (n.start, n.end, n.text.as_str())).collect();
        assert_eq!(seen, [(HOUR, HOUR, "start"), (DAY, 2 * DAY, "<b>storm</b>")]);
        assert_eq!(complaints.len(), 1);
    }

    #[test]
    fn endless_lists_are_cut_and_say_so() {
        let text = (0..200).map(|i: u8| i.to_string()).collect::<Vec<_>>().join("\n");
        let (read, complaints) = thresholds(&text);
        assert_eq!((read.len(), complaints.len()), (MOST_ITEMS, 1));
    }
}
