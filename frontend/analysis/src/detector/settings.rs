//! What of a detector can be set, and to what.

use std::sync::Arc;

use thiserror::Error;

use super::forest::Forest;
use super::{Detector, DetectorKind, snapshot};
#[cfg(feature = "checkpoint")]
use crate::checkpoint::{CheckpointError, Loader, Saver};

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

/// Something of a detector that is set by words.
#[derive(Debug, Clone, Copy)]
pub struct TextParameter {
    /// Name in options and queries.
    pub name: &'static str,
    /// One line for forms and help.
    pub doc: &'static str,
    /// What it is when nothing is said; empty where something has to be said.
    pub default: &'static str,
    /// Whether the command line reads it from a file.
    pub is_file: bool,
    /// Reads it; what is wrong with it otherwise, as the end of a sentence.
    pub read: fn(&str) -> Result<Text, String>,
}

/// What a [`TextParameter`] was set to.
#[derive(Debug, Clone, PartialEq)]
pub enum Text {
    /// Nothing.
    Unset,
    /// Words.
    Words(String),
    /// A trained model.
    Forest(Arc<Forest>),
}

/// A [`Text`] in a checkpoint, which holds models by themselves.
#[cfg(feature = "checkpoint")]
#[derive(serde::Serialize, serde::Deserialize)]
enum SavedText {
    Unset,
    Words(String),
    Forest(u64),
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
    /// The words are not ones the parameter may have.
    #[error("{name} of {detector}: {reason}")]
    Text {
        /// The detector.
        detector: &'static str,
        /// The parameter.
        name: &'static str,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// A model was trained on another number of measures.
    #[error(
        "the model of {detector} was trained on {needed} measures{names}, not {measures}: name them in that order"
    )]
    Measures {
        /// The detector.
        detector: &'static str,
        /// How many it needs.
        needed: usize,
        /// Their names, in brackets.
        names: String,
        /// How many there are.
        measures: usize,
    },
    /// The detector cannot do without a parameter that is not set.
    #[error("{detector} needs {name}: {doc}")]
    Missing {
        /// The detector.
        detector: &'static str,
        /// The parameter.
        name: &'static str,
        /// What it is.
        doc: &'static str,
    },
}

/// A kind of detector with a value for each of its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    kind: &'static DetectorKind,
    values: Vec<f64>,
    texts: Vec<Text>,
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
        Self {
            kind,
            values: kind.parameters.iter().map(|parameter| parameter.default).collect(),
            texts: kind.texts.iter().map(|text| (text.read)(text.default).unwrap_or(Text::Unset)).collect(),
        }
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
        let detector = self.kind.name;
        if let Some(at) = self.kind.texts.iter().position(|parameter| parameter.name == name) {
            let parameter = &self.kind.texts[at];
            self.texts[at] = (parameter.read)(text).map_err(|reason| SettingError::Text {
                detector,
                name: parameter.name,
                reason,
            })?;
            return Ok(());
        }
        let Some(at) = self.kind.parameters.iter().position(|parameter| parameter.name == name) else {
            let texts = self.kind.texts.iter().map(|parameter| parameter.name);
            let names = self.kind.parameters.iter().map(|parameter| parameter.name).chain(texts);
            let known = names.collect::<Vec<_>>().join(", ");
            return Err(SettingError::Unknown { detector, name: name.to_owned(), known });
        };
        let parameter = &self.kind.parameters[at];
        self.values[at] = parameter.parse(text).ok_or_else(|| SettingError::Value {
            detector,
            name: parameter.name,
            expected: parameter.expected(),
            text: text.to_owned(),
        })?;
        Ok(())
    }

    /// Whether a detector can be built that ever scores.
    ///
    /// # Errors
    /// [`SettingError::Missing`] naming the first text that has to be set.
    pub fn check(&self) -> Result<(), SettingError> {
        let unset = self.kind.texts.iter().zip(&self.texts).find(|(_, text)| **text == Text::Unset);
        unset.map_or(Ok(()), |(TextParameter { name, doc, .. }, _)| {
            Err(SettingError::Missing { detector: self.kind.name, name, doc })
        })
    }

    /// Whether events of this many measures can be scored.
    ///
    /// # Errors
    /// [`SettingError::Measures`] when a model was trained on another number.
    pub fn check_measures(&self, measures: usize) -> Result<(), SettingError> {
        let mut models = self
            .texts
            .iter()
            .filter_map(|text| if let Text::Forest(forest) = text { Some(forest) } else { None });
        let Some(forest) = models.find(|forest| forest.feature_count() != measures) else { return Ok(()) };
        let (detector, needed) = (self.kind.name, forest.feature_count());
        let names = forest.features().map_or_else(String::new, |names| format!(" ({})", names.join(", ")));
        Err(SettingError::Measures { detector, needed, names, measures })
    }

    /// The same, alerting this many times as readily: 2 halves the evidence, or doubles the rarity, that an alert takes.
    /// The level stays within what it may be.
    #[must_use]
    pub fn with_sensitivity(mut self, sensitivity: f64) -> Self {
        let parameter = &self.kind.parameters[0];
        let level = self.values[0];
        // A level of at most 1 is a part of all values: what is beyond it is what alerts.
        let level =
            if parameter.most <= 1.0 { 1.0 - (1.0 - level) * sensitivity } else { level / sensitivity };
        if level.is_finite() {
            let level = if parameter.is_whole { libm::round(level) } else { level };
            self.values[0] = level.clamp(parameter.least, parameter.most);
        }
        self
    }

    /// The value of one of the kind's parameters; its default when the kind does not list it.
    pub fn get(&self, parameter: &Parameter) -> f64 {
        let found = self.kind.parameters.iter().position(|known| known.name == parameter.name);
        found.map_or(parameter.default, |at| self.values[at])
    }

    /// What one of the kind's text parameters was set to.
    pub fn text(&self, name: &str) -> &Text {
        let found = self.kind.texts.iter().position(|known| known.name == name);
        found.map_or(&Text::Unset, |at| &self.texts[at])
    }

    /// Names of the measures that a model was trained on, in its order; `None` without a model that has names.
    pub fn features(&self) -> Option<&[String]> {
        self.texts
            .iter()
            .find_map(|text| if let Text::Forest(forest) = text { forest.features() } else { None })
    }

    /// Every parameter in words: `level=0.08`.
    pub fn words(&self) -> String {
        let numbers = self.kind.parameters.iter().zip(&self.values);
        let numbers = numbers.map(|(parameter, value)| format!("{}={value}", parameter.name));
        let texts = self.kind.texts.iter().zip(&self.texts).map(|(parameter, text)| match text {
            Text::Unset => format!("{}=", parameter.name),
            Text::Words(words) => format!("{}={words}", parameter.name),
            Text::Forest(forest) => format!("{}={:016x}", parameter.name, forest.hash()),
        });
        numbers.chain(texts).collect::<Vec<_>>().join(" ")
    }

    /// Tells settings apart: equal for equal kinds and parameters, on any machine.
    pub fn hash(&self) -> u64 {
        snapshot::hash(format!("{} {}", self.kind.name, self.words()).as_bytes())
    }

    /// Makes a detector for one series.
    pub fn build(&self) -> Box<dyn Detector> {
        (self.kind.build)(self)
    }
}

#[cfg(feature = "checkpoint")]
impl Settings {
    pub(crate) fn save(&self, to: &mut Saver) {
        let saved = |text: &Text| match text {
            Text::Unset => SavedText::Unset,
            Text::Words(words) => SavedText::Words(words.clone()),
            Text::Forest(forest) => SavedText::Forest(forest.hash()),
        };
        for text in &self.texts {
            if let Text::Forest(forest) = text {
                to.keep(forest);
            }
        }
        to.put(&(self.kind.name, &self.values, self.texts.iter().map(saved).collect::<Vec<_>>()));
    }

    pub(crate) fn load(from: &mut Loader<'_>) -> Result<Self, CheckpointError> {
        let (name, values, texts): (String, Vec<f64>, Vec<SavedText>) = from.take("a detector's settings")?;
        let fits =
            |kind: &&DetectorKind| (kind.parameters.len(), kind.texts.len()) == (values.len(), texts.len());
        let unknown = || CheckpointError::Unfit(format!("no detector {name:?} with these parameters"));
        let kind = super::find(&name).filter(fits).ok_or_else(unknown)?;
        let text = |text| match text {
            SavedText::Unset => Ok(Text::Unset),
            SavedText::Words(words) => Ok(Text::Words(words)),
            SavedText::Forest(hash) => from.model(hash).map(Text::Forest),
        };
        let texts = texts.into_iter().map(text).collect::<Result<_, _>>()?;
        Ok(Self { kind, values, texts })
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

    #[test]
    fn sensitivity_lowers_the_evidence_or_the_rarity_that_an_alert_takes() {
        for (name, sensitivity, level) in [
            ("record-light", 2.0, 0.04),
            ("robust-z", 2.0, 0.999_4),
            ("robust-z", 0.0, 1.0),
            ("record-light", 1e9, 0.001),
            ("limits", 0.3, 3.0),
        ] {
            let settings = Settings::new(find(name).expect("in the table")).with_sensitivity(sensitivity);
            let set = settings.get(&settings.kind().parameters[0]);
            assert!((set - level).abs() < 1e-12, "{name} {sensitivity}: {set}");
        }
    }

    #[test]
    #[cfg(feature = "checkpoint")]
    fn settings_come_back_and_many_share_one_model() {
        let mut forest = Settings::new(find("isolation-forest").expect("in the table"));
        forest.set("model", crate::detector::forest::SMALL).expect("a model");
        let mut saver = Saver::default();
        let all = [forest.clone(), Settings::new(find("consensus").expect("in the table")), forest];
        for settings in &all {
            settings.save(&mut saver);
        }
        let bytes = saver.finish();
        let mut loader = Loader::new(&bytes).expect("its own");
        let back = [(); 3].map(|()| Settings::load(&mut loader).expect("its own"));
        assert_eq!((&back, loader.finish()), (&all, Ok(())));
        let model = |at: usize| match back[at].text("model") {
            Text::Forest(forest) => std::sync::Arc::as_ptr(forest),
            _ => std::ptr::null(),
        };
        assert_eq!(model(0), model(2));
    }

    #[test]
    fn the_hash_tells_kinds_and_parameters_apart() {
        let settings = |name: &str| Settings::new(find(name).expect("in the table"));
        let mut other = settings("record-light");
        assert_eq!(other.hash(), settings("record-light").hash());
        other.set("level", "0.1").expect("in range");
        assert_eq!(other.words(), "level=0.1");
        let hashes = [other.hash(), settings("record-light").hash(), settings("record-heavy").hash()];
        assert!(hashes[0] != hashes[1] && hashes[1] != hashes[2], "{hashes:?}");
    }
}
