//! The engine's tables as words, for forms. They are made by the compiler: a page that shows them does not link the
//! engine.

use spate_analysis::aggregate::{AGGREGATES, Takes};
use spate_analysis::window::WINDOWS;

/// One line of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Its name in queries.
    pub name: &'static str,
    /// How it goes on: `WIDTH/SLIDE [+ OFFSET]` for windows; for aggregates `()`, `(a)` or `(a, b)`.
    pub form: &'static str,
    /// What it is, in a sentence.
    pub doc: &'static str,
}

const EMPTY: Line = Line { name: "", form: "", doc: "" };

/// Kinds of windows.
pub const WINDOW_LINES: [Line; WINDOWS.len()] = {
    let mut lines = [EMPTY; WINDOWS.len()];
    let mut at = 0;
    while at < lines.len() {
        lines[at] = Line { name: WINDOWS[at].name, form: WINDOWS[at].form, doc: WINDOWS[at].doc };
        at += 1;
    }
    lines
};

/// Aggregates.
pub const AGGREGATE_LINES: [Line; AGGREGATES.len()] = {
    let mut lines = [EMPTY; AGGREGATES.len()];
    let mut at = 0;
    while at < lines.len() {
        let form = match AGGREGATES[at].takes {
            Takes::NumberOrNothing => "()",
            Takes::Number | Takes::Label => "(a)",
            Takes::TwoNumbers => "(a, b)",
        };
        lines[at] = Line { name: AGGREGATES[at].name, form, doc: AGGREGATES[at].doc };
        at += 1;
    }
    lines
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_engine_is_there() {
        let names = |lines: &[Line]| lines.iter().map(|line| line.name).collect::<Vec<_>>();
        assert_eq!(names(&WINDOW_LINES), WINDOWS.iter().map(|kind| kind.name).collect::<Vec<_>>());
        assert_eq!(names(&AGGREGATE_LINES), AGGREGATES.iter().map(|kind| kind.name).collect::<Vec<_>>());
        assert_eq!(AGGREGATE_LINES[0].form, "()");
    }
}
