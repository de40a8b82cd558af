//! Options of panels: what forms are generated from, and the values people chose.

mod lines;

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

pub use lines::{Note, Threshold, notes, thresholds};

/// Most characters of a text option.
pub const LONGEST_TEXT: usize = 4_096;

/// Values by option name; a missing one means its default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Options(pub BTreeMap<String, OptionValue>);

/// The value of one option: in JSON a bare `true`, `1.5` or `"lines"`.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionValue {
    /// On or off.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A choice or a text.
    Text(String),
}

/// The same value for formats that cannot tell types apart by looking.
#[derive(Serialize, Deserialize)]
enum Tagged {
    Flag(bool),
    Number(f64),
    Text(String),
}

/// One option of a panel kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptionSpec {
    /// Key in [`Options`].
    pub name: &'static str,
    /// What the form shows and what values are allowed.
    pub kind: OptionKind,
    /// What it does, for forms and docs.
    pub doc: &'static str,
}

/// What values an option takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OptionKind {
    /// On or off.
    Flag {
        /// Value when none is given.
        default: bool,
    },
    /// A number in a range; others are moved to its nearest end.
    Number {
        /// Value when none is given; `None` is "automatic".
        default: Option<f64>,
        /// Least allowed value.
        min: f64,
        /// Greatest allowed value.
        max: f64,
    },
    /// One of several words.
    Choice {
        /// Value when none, or another word, is given.
        default: &'static str,
        /// The words, in the order of the form.
        choices: &'static [&'static str],
    },
    /// Words of one's own; none when nothing is given.
    Text {
        /// What they must look like.
        form: TextForm,
    },
}

/// What a text option must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextForm {
    /// Anything, on one line.
    Line,
    /// Names separated by commas.
    Names,
    /// One threshold a line: see [`thresholds`].
    Thresholds,
    /// One annotation a line: see [`notes`].
    Notes,
}

impl TextForm {
    /// Whether a form should offer more than one line.
    pub const fn has_lines(self) -> bool {
        matches!(self, Self::Thresholds | Self::Notes)
    }

    /// What to write, for the form's placeholder.
    pub const fn example(self) -> &'static str {
        match self {
            Self::Line => "",
            Self::Names => "load, temperature",
            Self::Thresholds => "80 major",
            Self::Notes => "2014-11-02T01:00Z Marathon",
        }
    }

    fn complaint(self, text: &str) -> Option<String> {
        match self {
            Self::Line | Self::Names => text.contains('\n').then(|| "takes one line, not several".to_owned()),
            Self::Thresholds => thresholds(text).1.into_iter().next(),
            Self::Notes => notes(text).1.into_iter().next(),
        }
    }
}

impl OptionSpec {
    /// Whether the option is on; `false` for what is no flag.
    pub fn flag(&self, options: &Options) -> bool {
        let OptionKind::Flag { default } = self.kind else { return false };
        match options.0.get(self.name) {
            Some(OptionValue::Flag(value)) => *value,
            _ => default,
        }
    }

    /// The option's number; `None` when automatic, and for what is no number.
    pub fn number(&self, options: &Options) -> Option<f64> {
        let OptionKind::Number { default, min, max } = self.kind else { return None };
        match options.0.get(self.name) {
            Some(OptionValue::Number(value)) if value.is_finite() => Some(value.clamp(min, max)),
            _ => default,
        }
    }

    /// The option's choice; empty for what is no choice.
    pub fn choice(&self, options: &Options) -> &'static str {
        let OptionKind::Choice { default, choices } = self.kind else { return "" };
        match options.0.get(self.name) {
            Some(OptionValue::Text(value)) => {
                choices.iter().find(|choice| *choice == value).unwrap_or(&default)
            }
            _ => default,
        }
    }

    /// The option's text; empty when none is given, and for what is no text.
    pub fn text<'a>(&self, options: &'a Options) -> &'a str {
        match (self.kind, options.0.get(self.name)) {
            (OptionKind::Text { .. }, Some(OptionValue::Text(text))) => text,
            _ => "",
        }
    }

    /// The names in a text of [`TextForm::Names`], each once.
    pub fn names<'a>(&self, options: &'a Options) -> Vec<&'a str> {
        let mut names = Vec::new();
        for name in self.text(options).split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Why `value` does not suit the option, or `None` when it does.
    pub fn complaint(&self, value: &OptionValue) -> Option<String> {
        let wanted = match (self.kind, value) {
            (OptionKind::Flag { .. }, OptionValue::Flag(_)) => None,
            (OptionKind::Flag { .. }, _) => Some("takes true or false".to_owned()),
            (OptionKind::Number { min, max, .. }, OptionValue::Number(number)) => {
                (!(min..=max).contains(number)).then(|| format!("takes a number from {min} to {max}"))
            }
            (OptionKind::Number { .. }, _) => Some("takes a number".to_owned()),
            (OptionKind::Choice { choices, .. }, OptionValue::Text(word)) => {
                (!choices.contains(&word.as_str())).then(|| format!("takes one of {}", choices.join(", ")))
            }
            (OptionKind::Choice { choices, .. }, _) => Some(format!("takes one of {}", choices.join(", "))),
            (OptionKind::Text { form }, OptionValue::Text(text)) => {
                if text.chars().count() > LONGEST_TEXT {
                    return Some(format!("option {} takes at most {LONGEST_TEXT} characters", self.name));
                }
                return form.complaint(text).map(|why| {
                    let space = if why.starts_with(':') { "" } else { " " };
                    format!("option {}{space}{why}", self.name)
                });
            }
            (OptionKind::Text { .. }, _) => Some("takes a text".to_owned()),
        };
        wanted.map(|wanted| format!("option {} {wanted}, not {value}", self.name))
    }
}

impl fmt::Display for OptionValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(out, "{flag}"),
            Self::Number(number) => write!(out, "{number}"),
            Self::Text(text) => write!(out, "{text:?}"),
        }
    }
}

impl Serialize for OptionValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            let tagged = match self {
                Self::Flag(flag) => Tagged::Flag(*flag),
                Self::Number(number) => Tagged::Number(*number),
                Self::Text(text) => Tagged::Text(text.clone()),
            };
            return tagged.serialize(serializer);
        }
        match self {
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for OptionValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(Bare);
        }
        Ok(match Tagged::deserialize(deserializer)? {
            Tagged::Flag(flag) => Self::Flag(flag),
            Tagged::Number(number) => Self::Number(number),
            Tagged::Text(text) => Self::Text(text),
        })
    }
}

/// Takes the bare value that a person writes.
struct Bare;

impl Visitor<'_> for Bare {
    type Value = OptionValue;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("true, false, a number or a text")
    }

    fn visit_bool<E: serde::de::Error>(self, flag: bool) -> Result<OptionValue, E> {
        Ok(OptionValue::Flag(flag))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<OptionValue, E> {
        Ok(OptionValue::Number(number as f64))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<OptionValue, E> {
        Ok(OptionValue::Number(number as f64))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<OptionValue, E> {
        if number.is_finite() {
            Ok(OptionValue::Number(number))
        } else {
            Err(E::custom("not a finite number"))
        }
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<OptionValue, E> {
        Ok(OptionValue::Text(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: OptionSpec = OptionSpec {
        name: "width",
        kind: OptionKind::Number { default: Some(1.5), min: 1.0, max: 6.0 },
        doc: "",
    };
    const STYLE: OptionSpec = OptionSpec {
        name: "style",
        kind: OptionKind::Choice { default: "lines", choices: &["lines", "bars"] },
        doc: "",
    };
    const LEVELS: OptionSpec =
        OptionSpec { name: "levels", kind: OptionKind::Text { form: TextForm::Thresholds }, doc: "" };

    fn text(text: &str) -> OptionValue {
        OptionValue::Text(text.to_owned())
    }

    fn check(value: OptionValue, expected: f64) {
        let options = Options([("width".to_owned(), value)].into());
        assert_eq!(WIDTH.number(&options), Some(expected));
    }

    #[test]
    fn a_number_is_moved_into_its_range_and_nonsense_means_the_default() {
        check(OptionValue::Number(3.0), 3.0);
        check(OptionValue::Number(99.0), 6.0);
        check(OptionValue::Number(f64::NAN), 1.5);
        check(OptionValue::Flag(true), 1.5);
    }

    #[test]
    fn an_unknown_choice_means_the_default() {
        let chosen = |word: &str| STYLE.choice(&Options([("style".to_owned(), text(word))].into()));
        assert_eq!([chosen("bars"), chosen("pies")], ["bars", "lines"]);
    }

    #[test]
    fn names_are_cut_at_commas_and_kept_once() {
        let names = OptionSpec { name: "also", kind: OptionKind::Text { form: TextForm::Names }, doc: "" };
        let options = Options([("also".to_owned(), text(" a, b,, a "))].into());
        assert_eq!(names.names(&options), ["a", "b"]);
    }

    #[test]
    fn a_complaint_names_the_option_and_what_it_takes() {
        let complain = |spec: OptionSpec, value| spec.complaint(&value).unwrap_or_default();
        assert_eq!(
            complain(WIDTH, OptionValue::Number(9.0)),
            "option width takes a number from 1 to 6, not 9"
        );
        assert_eq!(complain(STYLE, text("pies")), "option style takes one of lines, bars, not \"pies\"");
        assert_eq!(
            complain(STYLE, OptionValue::Flag(true)),
            "option style takes one of lines, bars, not true"
        );
        assert_eq!(
            complain(LEVELS, text("80 major\nhot")),
            "option levels: line 2 should be a number and a severity, such as \"80 major\", not \"hot\""
        );
        assert_eq!(STYLE.complaint(&text("bars")), None);
        assert_eq!(LEVELS.complaint(&text("80")), None);
    }

    #[test]
    fn values_are_bare_in_json_and_survive_postcard() {
        let json = r#"{"flag":true,"number":1.5,"text":"bars"}"#;
        let options: Options = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&options).unwrap(), json);
        let bytes = postcard::to_allocvec(&options).unwrap();
        assert_eq!(postcard::from_bytes::<Options>(&bytes).unwrap(), options);
    }
}
