//! What of a detector can be set, and to what.

use thiserror::Error;

use super::{Detector, DetectorKind};

/// One number a detector can be given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// Name in options and queries.
    pub name: &'static str,
    /// One line for forms and help.
    pub doc: &'static str,
    /// What it is when nothing is said.
    pub default: f64,
    /// The least it may be.
    pub least: f64,
    /// The most it may be.
    pub most: f64,
    /// Whether it has no fraction.
    pub is_whole: bool,
}

/// Why a setting was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SettingError {
    /// The detector has no such parameter.
    #[error("{detector} has no parameter {name:?}; it has {known}")]
    Unknown {
        /// The detector.
        detector: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The value is not one the parameter may have.
    #[error("{name} of {detector} is {expected}, not {text:?}")]
    Value {
        /// The detector.
        detector: &'static str,
        /// The parameter.
        name: &'static str,
        /// What it may be.
        expected: String,
        /// What was given.
        text: String,
    },
}

/// A kind of detector with a value for each of its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    kind: &'static DetectorKind,
    values: Vec<f64>,
}

impl Parameter {
    /// What it may be, for people.
    pub fn expected(&self) -> String {
        let what = if self.is_whole { "a whole number" } else { "a number" };
        format!("{what} from {} to {}", self.least, self.most)
    }

    fn parse(&self, text: &str) -> Option<f64> {
        let number = text.trim().parse::<f64>().ok()?;
        let fits = (self.least..=self.most).contains(&number) && !(self.is_whole && number.fract() != 0.0);
        fits.then_some(number)
    }
}

impl Settings {
    /// Every parameter at its default.
    pub fn new(kind: &'static DetectorKind) -> Self {
        Self { kind, values: kind.parameters.iter().map(|parameter| parameter.default).collect() }
    }

    /// The kind they are for.
    pub fn kind(&self) -> &'static DetectorKind {
        self.kind
    }

    /// Gives a parameter the value a text says.
    ///
    /// # Errors
    /// [`SettingError`]; nothing changes then.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), SettingError> {
        let found = self.kind.parameters.iter().position(|parameter| parameter.name == name);
        let Some(at) = found else {
            let names: Vec<&str> = self.kind.parameters.iter().map(|parameter| parameter.name).collect();
            let (detector, known) = (self.kind.name, names.join(", "));
            return Err(SettingError::Unknown { detector, name: name.to_owned(), known });
        };
        let parameter = &self.kind.parameters[at];
        self.values[at] = parameter.parse(text).ok_or_else(|| SettingError::Value {
            detector: self.kind.name,
            name: parameter.name,
            expected: parameter.expected(),
            text: text.to_owned(),
        })?;
        Ok(())
    }

    /// The value of one of the kind's parameters; its default when the kind does not list it.
    pub fn get(&self, parameter: &Parameter) -> f64 {
        let found = self.kind.parameters.iter().position(|known| known.name == parameter.name);
        found.map_or(parameter.default, |at| self.values[at])
    }

    /// Makes a detector for one series.
    pub fn build(&self) -> Box<dyn Detector> {
        (self.kind.build)(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::{DETECTORS, find};

    #[test]
    fn every_parameter_has_a_default_it_may_have() {
        for kind in DETECTORS {
            for parameter in kind.parameters {
                let default = parameter.default.to_string();
                assert_eq!(Settings::new(kind).set(parameter.name, &default), Ok(()), "{}", kind.name);
            }
        }
    }

    #[test]
    fn a_refused_setting_names_the_detector_the_parameter_and_its_range() {
        let mut settings = Settings::new(find("robust-z").expect("in the table"));
        for (name, text, says) in [
            ("width", "1", "robust-z has no parameter \"width\"; it has level, window"),
            ("window", "60.5", "window of robust-z is a whole number from 60 to 5000, not \"60.5\""),
            ("window", "inf", "window of robust-z is a whole number from 60 to 5000, not \"inf\""),
            ("level", "NaN", "level of robust-z is a number from 0.5 to 1, not \"NaN\""),
        ] {
            assert_eq!(settings.set(name, text).expect_err("refused").to_string(), says);
        }
        assert_eq!(settings, Settings::new(settings.kind()));
    }
}
