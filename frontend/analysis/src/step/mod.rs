//! Steps: what is done to events before they come to windows.
//!
//! Contract of all: a step is written as text, the same in JSON, on the command line and in forms. Steps run in the order
//! they are written; a later one sees what an earlier one made. A missing value stays missing and is never out of range.
//! Whatever is wrong with a step is found before the first event, and named with the valid choices.

mod lookup;
mod unit;
mod words;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use lookup::{Lookup, LookupError, Table};
pub(crate) use unit::conversion;
pub use unit::{UNITS, Unit};
use words::{name, range, words};

/// One kind of step.
#[derive(Debug, Clone, Copy)]
pub struct StepKind {
    /// Its first word.
    pub name: &'static str,
    /// What follows the name.
    pub form: &'static str,
    /// One line for forms and help.
    pub doc: &'static str,
    read: fn(&str) -> Option<Act>,
}

/// All kinds.
pub const STEPS: &[StepKind] = &[
    StepKind {
        name: "valid",
        form: "FIELD LOW..HIGH drop|clamp|null|flag [as NAME]",
        doc: "What to do with values out of range: leave the event out, take the bound, leave the value out, or tell by a \
              flag, FIELD_valid unless it is named. Either bound may be left out.",
        read: read_valid,
    },
    StepKind {
        name: "convert",
        form: "FIELD FROM to UNIT",
        doc: "The same quantity in another unit, such as 'convert delay ms to s'.",
        read: |text| match &words(text)?[..] {
            [field, from, to, unit] if to == "to" => {
                Some(Act::Convert { field: name(field), from: name(from), to: name(unit) })
            }
            _ => None,
        },
    },
    StepKind {
        name: "rename",
        form: "FIELD to NAME",
        doc: "Another name for a field.",
        read: |text| match &words(text)?[..] {
            [field, to, new] if to == "to" => Some(Act::Rename { field: name(field), to: name(new) }),
            _ => None,
        },
    },
    StepKind {
        name: "cast",
        form: "FIELD to number|text|flag|time",
        doc: "The field as another kind; missing where the value cannot be that. A time is seconds since 1970.",
        read: |text| match &words(text)?[..] {
            [field, to, kind] if to == "to" => {
                let (_, cast) = CASTS.iter().find(|(word, _)| word == kind)?;
                Some(Act::Cast { field: name(field), to: *cast })
            }
            _ => None,
        },
    },
    StepKind {
        name: "tokenise",
        form: "FIELD as NAME",
        doc: "The words of a text, in lower case, as a field for distinct and topN, which take each word by itself.",
        read: |text| match &words(text)?[..] {
            [field, word, new] if word == "as" => Some(Act::Tokenise { field: name(field), name: name(new) }),
            _ => None,
        },
    },
    StepKind {
        name: "lookup",
        form: "FIELD in TABLE [by COLUMN] [take COLUMN,..]",
        doc: "Fields from the row of a table whose key is the field's value; the key is the table's first column unless \
              another is named. Missing where the table has no such row.",
        read: read_lookup,
    },
    StepKind {
        name: "derive",
        form: "NAME = EXPRESSION",
        doc: "A field computed from others.",
        read: |text| {
            let (name, expression) = text.split_once('=')?;
            let name = name.trim().trim_matches('`').to_owned();
            let is_well_formed = !name.is_empty() && !expression.starts_with('=');
            is_well_formed.then(|| Act::Derive { name, expression: expression.trim().to_owned() })
        },
    },
    StepKind {
        name: "where",
        form: "EXPRESSION",
        doc: "Leaves out events for which it is not true.",
        read: |text| (!text.is_empty()).then(|| Act::Where(text.to_owned())),
    },
];

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Act {
    Valid { field: String, low: Option<f64>, high: Option<f64>, outside: Outside },
    Convert { field: String, from: String, to: String },
    Rename { field: String, to: String },
    Cast { field: String, to: Cast },
    Tokenise { field: String, name: String },
    Lookup { field: String, table: String, key: Option<String>, take: Vec<String> },
    Derive { name: String, expression: String },
    Where(String),
}

/// What becomes of values out of range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outside {
    Drop,
    Clamp,
    Null,
    Flag(String),
}

/// What a field is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cast {
    Number,
    Text,
    Flag,
    Time,
}

const CASTS: [(&str, Cast); 4] =
    [("number", Cast::Number), ("text", Cast::Text), ("flag", Cast::Flag), ("time", Cast::Time)];

fn read_valid(text: &str) -> Option<Act> {
    let words = words(text)?;
    let [field, bounds, outside, rest @ ..] = &words[..] else { return None };
    let field = name(field);
    let (low, high) = range(bounds)?;
    let outside = match (outside.as_str(), rest) {
        ("drop", []) => Outside::Drop,
        ("clamp", []) => Outside::Clamp,
        ("null", []) => Outside::Null,
        ("flag", []) => Outside::Flag(format!("{field}_valid")),
        ("flag", [word, flag]) if word == "as" => Outside::Flag(name(flag)),
        _ => return None,
    };
    Some(Act::Valid { field, low, high, outside })
}

fn read_lookup(text: &str) -> Option<Act> {
    let words = words(text)?;
    let [field, word, table, rest @ ..] = &words[..] else { return None };
    let (key, rest) = match rest {
        [by, key, rest @ ..] if by == "by" => (Some(name(key)), rest),
        rest => (None, rest),
    };
    let take: Vec<String> = match rest {
        [] => Vec::new(),
        [take, columns @ ..] if take == "take" && !columns.is_empty() => {
            let columns = columns.iter().flat_map(|columns| columns.split(','));
            columns.filter(|column| !column.is_empty()).map(name).collect()
        }
        _ => return None,
    };
    (word == "in").then(|| Act::Lookup { field: name(field), table: name(table), key, take })
}

/// One step of a query.
///
/// ```
/// use spate_analysis::step::Step;
/// let step: Step = "valid load 0..100 clamp".parse().unwrap();
/// assert_eq!(step.to_string(), "valid load 0..100 clamp");
/// assert!("valid load".parse::<Step>().unwrap_err().to_string().contains("FIELD LOW..HIGH"));
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Step {
    text: String,
    act: Act,
}

/// Why a text is no step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// No such kind.
    #[error("no step is called {name:?}: choose one of {}", names())]
    Kind {
        /// What was asked for.
        name: String,
    },
    /// The kind is right, what follows is not.
    #[error("a {kind} step is written '{kind} {form}': {text:?}")]
    Form {
        /// Its name.
        kind: &'static str,
        /// What should follow it.
        form: &'static str,
        /// The whole step.
        text: String,
    },
}

fn names() -> String {
    STEPS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ")
}

impl Step {
    pub(crate) fn act(&self) -> &Act {
        &self.act
    }

    /// The field whose values are only compared with the keys of a table.
    pub fn key_field(&self) -> Option<&str> {
        if let Act::Lookup { field, .. } = &self.act { Some(field) } else { None }
    }
}

impl FromStr for Step {
    type Err = StepError;

    fn from_str(text: &str) -> Result<Self, StepError> {
        let text = text.trim();
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let kind = STEPS.iter().find(|kind| kind.name == name);
        let kind = kind.ok_or_else(|| StepError::Kind { name: name.to_owned() })?;
        let form = || StepError::Form { kind: kind.name, form: kind.form, text: text.to_owned() };
        let act = (kind.read)(rest.trim()).ok_or_else(form)?;
        Ok(Self { text: text.to_owned(), act })
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.act == other.act
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Step {
    type Error = StepError;

    fn try_from(text: String) -> Result<Self, StepError> {
        text.parse()
    }
}

impl From<Step> for String {
    fn from(step: Step) -> Self {
        step.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_what_its_form_says() {
        for text in [
            "valid v 0..100 drop",
            "valid `bytes out` ..1e6 clamp",
            "valid v -5.. flag as is_ok",
            "convert v ms to s",
            "rename `bytes out` to bytes",
            "cast v to number",
            "tokenise text as word",
            "lookup host in hosts",
            "lookup host in hosts by id take region, owner",
            "derive w = v * 2",
            "where v > 0 and w < 3",
        ] {
            let step: Step = text.parse().expect(text);
            assert_eq!(step.to_string().parse::<Step>(), Ok(step), "{text}");
        }
        assert!(STEPS.iter().all(|kind| !kind.doc.is_empty() && !kind.form.is_empty()));
    }

    #[test]
    fn what_is_no_step_is_refused_with_the_form_or_the_choices() {
        for (text, says) in [
            ("clean v", "choose one of valid, convert"),
            ("", "choose one of"),
            ("valid v", "valid FIELD LOW..HIGH"),
            ("valid v 5..1 drop", "valid FIELD LOW..HIGH"),
            ("valid v 0..nan drop", "valid FIELD LOW..HIGH"),
            ("valid v .. drop", "valid FIELD LOW..HIGH"),
            ("valid v 0..1 explode", "drop|clamp|null|flag"),
            ("convert v ms", "convert FIELD FROM to UNIT"),
            ("cast v to blob", "number|text|flag|time"),
            ("rename v w", "FIELD to NAME"),
            ("tokenise text", "FIELD as NAME"),
            ("lookup host hosts", "FIELD in TABLE"),
            ("lookup host in hosts take", "FIELD in TABLE"),
            ("rename `v to w", "FIELD to NAME"),
            ("derive w == 2", "NAME = EXPRESSION"),
            ("where", "where EXPRESSION"),
        ] {
            let message = text.parse::<Step>().expect_err(text).to_string();
            assert!(message.contains(says), "{text}: {message}");
        }
    }
}
