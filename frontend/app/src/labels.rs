//! What people said of alerts: whether one was real, expected, or maintenance. Kept by source, series and time, so that
//! a recording that is opened again has its labels again.

use spate_shared::time::{self, Nanos};

/// What an alert was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    /// Something was wrong.
    Real,
    /// Unusual, and meant to be.
    Expected,
    /// Somebody was at work.
    Maintenance,
}

/// An alert, known again by what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// What was open.
    pub(crate) source: String,
    /// The series.
    pub(crate) series: String,
    /// When the alert began.
    pub(crate) time: Nanos,
}

/// All labels, with a way back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Labels {
    entries: Vec<(Subject, Label)>,
    /// What to set to undo, latest last.
    undo: Vec<(Subject, Option<Label>)>,
}

impl Label {
    /// All, in the order they are offered.
    pub(crate) const ALL: [Self; 3] = [Self::Real, Self::Expected, Self::Maintenance];

    /// The name in the browser's storage and in files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Expected => "expected",
            Self::Maintenance => "maintenance",
        }
    }

    /// The label called `name`.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|label| label.name() == name)
    }
}

impl Labels {
    /// The label of an alert.
    pub(crate) fn of(&self, subject: &Subject) -> Option<Label> {
        self.entries.iter().find(|(known, _)| known == subject).map(|(_, label)| *label)
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether a change can be taken back.
    pub(crate) fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// Labels an alert, or takes its label away.
    pub(crate) fn set(&mut self, subject: Subject, label: Option<Label>) {
        let before = self.of(&subject);
        if before != label {
            self.undo.push((subject.clone(), before));
            self.put(subject, label);
        }
    }

    /// Takes the latest change back.
    pub(crate) fn undo(&mut self) {
        if let Some((subject, label)) = self.undo.pop() {
            self.put(subject, label);
        }
    }

    fn put(&mut self, subject: Subject, label: Option<Label>) {
        self.entries.retain(|(known, _)| *known != subject);
        self.entries.extend(label.map(|label| (subject, label)));
    }

    /// A line each for the browser's storage: label, time, source and series, parted by tabs.
    pub(crate) fn to_lines(&self) -> String {
        let line = |(subject, label): &(Subject, Label)| {
            let Subject { source, series, time } = subject;
            format!("{}\t{time}\t{}\t{}", label.name(), escape(source), escape(series))
        };
        self.entries.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Labels from the browser's storage; lines that are none are skipped.
    pub(crate) fn from_lines(lines: &str) -> Self {
        let entry = |line: &str| {
            let mut parts = line.split('\t');
            let label = Label::from_name(parts.next()?)?;
            let time = parts.next()?.parse().ok()?;
            let (source, series) = (unescape(parts.next()?), unescape(parts.next()?));
            Some((Subject { source, series, time }, label))
        };
        Self { entries: lines.lines().filter_map(entry).collect(), undo: Vec::new() }
    }

    /// The labels as a JSON array of `source`, `series`, `time` (RFC 3339) and `label`.
    pub(crate) fn to_json(&self) -> String {
        let object = |(subject, label): &(Subject, Label)| {
            let Subject { source, series, time } = subject;
            format!(
                "  {{\"source\": {}, \"series\": {}, \"time\": \"{}\", \"label\": \"{}\"}}",
                quoted(source),
                quoted(series),
                time::format(*time),
                label.name()
            )
        };
        format!("[\n{}\n]\n", self.entries.iter().map(object).collect::<Vec<_>>().join(",\n"))
    }
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
}

fn unescape(text: &str) -> String {
    let mut letters = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(letter) = letters.next() {
        let meant = match letter {
            '\\' => match letters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                other => other.unwrap_or('\\'),
            },
            other => other,
        };
        plain.push(meant);
    }
    plain
}

/// A text as a JSON string.
fn quoted(text: &str) -> String {
    let escaped = |letter| match letter {
        '"' | '\\' => format!("\\{letter}"),
        '\0'..' ' => format!("\\u{:04x}", u32::from(letter)),
        _ => letter.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(series: &str) -> Subject {
        Subject { source: "nyc_taxi".to_owned(), series: series.to_owned(), time: 1_414_890_000_000_000_000 }
    }

    #[test]
    fn label_is_set_changed_taken_away_and_undone() {
        let mut labels = Labels::default();
        labels.set(subject("a"), Some(Label::Real));
        labels.set(subject("a"), Some(Label::Expected));
        labels.set(subject("a"), None);
        assert_eq!(labels.of(&subject("a")), None);
        let mut seen = Vec::new();
        while labels.can_undo() {
            labels.undo();
            seen.push(labels.of(&subject("a")));
        }
        assert_eq!(seen, [Some(Label::Expected), Some(Label::Real), None]);
        assert!(labels.is_empty());
    }

    #[test]
    fn same_label_again_is_no_change_to_undo() {
        let mut labels = Labels::default();
        labels.set(subject("a"), None);
        assert!(!labels.can_undo());
    }

    #[test]
    fn stored_labels_are_read_back_whatever_a_series_is_called() {
        let mut labels = Labels::default();
        for series in ["a · b", "tab\there", "line\nbreak", "back\\slash \\t", "<b>\"x\"</b>"] {
            labels.set(subject(series), Some(Label::Maintenance));
        }
        let again = Labels::from_lines(&labels.to_lines());
        assert_eq!(again.entries, labels.entries);
        assert!(Labels::from_lines("real\tsoon\ta\tb\nodd\n\n").is_empty());
    }

    #[test]
    fn json_quotes_what_must_be_quoted() {
        let mut labels = Labels::default();
        labels.set(subject("a\"b\n"), Some(Label::Real));
        assert_eq!(
            labels.to_json(),
            "[\n  {\"source\": \"nyc_taxi\", \"series\": \"a\\\"b\\u000a\", \"time\": \"2014-11-02T01:00:00Z\", \"label\": \"real\"}\n]\n"
        );
    }
}
