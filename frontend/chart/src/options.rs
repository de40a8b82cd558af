//! Options of panels: what forms are generated from, and the values people chose.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Values by option name; a missing one means its default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Options(pub BTreeMap<String, OptionValue>);

/// The value of one option.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum OptionValue {
    /// On or off.
    Flag(bool),
    /// A number.
    Number(f64),
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
}

impl OptionSpec {
    /// Whether the option is on; `false` for numbers.
    pub fn flag(&self, options: &Options) -> bool {
        match (self.kind, options.0.get(self.name)) {
            (OptionKind::Flag { .. }, Some(OptionValue::Flag(value))) => *value,
            (OptionKind::Flag { default }, _) => default,
            (OptionKind::Number { .. }, _) => false,
        }
    }

    /// The option's number; `None` when automatic, and for flags.
    pub fn number(&self, options: &Options) -> Option<f64> {
        let OptionKind::Number { default, min, max } = self.kind else { return None };
        match options.0.get(self.name) {
            Some(OptionValue::Number(value)) if value.is_finite() => Some(value.clamp(min, max)),
            _ => default,
        }
    }

    /// Why `value` does not suit the option, or `None` when it does.
    pub fn complaint(&self, value: &OptionValue) -> Option<String> {
        let name = self.name;
        match (self.kind, value) {
            (OptionKind::Flag { .. }, OptionValue::Flag(_)) => None,
            (OptionKind::Number { min, max, .. }, OptionValue::Number(number)) => (!(min..=max)
                .contains(number))
            .then(|| format!("option {name} takes a number from {min} to {max}, not {number}")),
            (OptionKind::Flag { .. }, OptionValue::Number(number)) => {
                Some(format!("option {name} takes true or false, not {number}"))
            }
            (OptionKind::Number { .. }, OptionValue::Flag(flag)) => {
                Some(format!("option {name} takes a number, not {flag}"))
            }
        }
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
    fn a_complaint_names_the_option_and_its_range() {
        let complaint = WIDTH.complaint(&OptionValue::Number(9.0));
        assert_eq!(complaint.as_deref(), Some("option width takes a number from 1 to 6, not 9"));
    }
}
