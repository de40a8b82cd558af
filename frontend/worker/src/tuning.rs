//! What was chosen about detectors, faults and forecasts: kept so that a recording that goes back has it again.

use spate_analysis::detector::{DETECTORS, Settings, find};
use spate_analysis::inject::{FaultSpec, Line};
use spate_analysis::tuning::{Choice, Which};
use spate_analysis::{Engine, StreamId};

use crate::protocol::{BoardLine, DetectorChoice, FaultChoice, Target};

/// Something that stays as it was set.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// The detector of series.
    Choice(Which, Choice),
    /// Their second detector.
    Shadow(Which, Option<Choice>),
    /// Whether they learn nothing.
    Frozen(Which, bool),
    /// Their horizons.
    Horizons(Which, Vec<u32>),
    /// Faults of a measure, and the detectors held against them.
    Faults(String, Option<(FaultSpec, Vec<Settings>)>),
}

impl Setting {
    /// Whether it takes the place of another.
    pub fn replaces(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Choice(a, _), Self::Choice(b, _))
            | (Self::Shadow(a, _), Self::Shadow(b, _))
            | (Self::Frozen(a, _), Self::Frozen(b, _))
            | (Self::Horizons(a, _), Self::Horizons(b, _)) => a == b,
            // A stream has faults in one measure at a time.
            (Self::Faults(..), Self::Faults(..)) => true,
            _ => false,
        }
    }

    /// Sets it.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub fn apply(&self, engine: &mut Engine, stream: StreamId) -> Result<(), String> {
        match self {
            Self::Choice(which, choice) => engine.choose(stream, which, choice),
            Self::Shadow(which, choice) => engine.set_shadow(stream, which, choice.as_ref()),
            Self::Frozen(which, is_frozen) => engine.freeze(stream, which, *is_frozen),
            Self::Horizons(which, horizons) => engine.forecast(stream, which, horizons),
            Self::Faults(measure, faults) => {
                return engine.inject(stream, measure, faults.clone()).map_err(|error| error.to_string());
            }
        }
        Ok(())
    }
}

/// The series of a target.
pub fn which(target: &Target) -> Which {
    Which { measure: target.measure.clone(), group: target.group.clone() }
}

/// A detector with what was set of it.
///
/// # Errors
/// What cannot be, and what can.
pub fn choice(chosen: &DetectorChoice) -> Result<Choice, String> {
    let shipped = chosen.detector.is_empty().then_some(&DETECTORS[0]);
    let kind = shipped.or_else(|| find(&chosen.detector)).ok_or_else(|| {
        let names: Vec<&str> = DETECTORS.iter().map(|kind| kind.name).collect();
        format!("no detector {:?}; there are {}", chosen.detector, names.join(", "))
    })?;
    let mut settings = Settings::new(kind);
    for (name, value) in &chosen.parameters {
        settings.set(name, value).map_err(|error| error.to_string())?;
    }
    settings.check().map_err(|error| error.to_string())?;
    let sensitivity = sensitivity(chosen.sensitivity)?;
    if !chosen.with.is_empty() && !kind.is_multivariate {
        let several = DETECTORS.iter().filter(|kind| kind.is_multivariate);
        let several: Vec<&str> = several.map(|kind| kind.name).collect();
        return Err(format!("{} looks at one measure; at several look {}", kind.name, several.join(", ")));
    }
    settings.check_measures(chosen.with.len() + 1).map_err(|error| error.to_string())?;
    Ok(Choice { settings, sensitivity, with: chosen.with.clone() })
}

/// A sensitivity that can be.
///
/// # Errors
/// What it may be.
pub fn sensitivity(wanted: f64) -> Result<f64, String> {
    let fits = (0.01..=100.0).contains(&wanted);
    if fits { Ok(wanted) } else { Err(format!("a sensitivity is a number from 0.01 to 100, not {wanted}")) }
}

/// A choice as the UI says it.
pub fn chosen(choice: &Choice) -> DetectorChoice {
    let words = choice.settings.words();
    let parameters = words.split(' ').filter_map(|setting| setting.split_once('='));
    DetectorChoice {
        detector: choice.settings.kind().name.to_owned(),
        parameters: parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        sensitivity: choice.sensitivity,
        with: choice.with.clone(),
    }
}

/// Faults, and the detectors held against them.
///
/// # Errors
/// What cannot be, and what can.
pub fn faults(wanted: &FaultChoice) -> Result<(FaultSpec, Vec<Settings>), String> {
    let spec = FaultSpec {
        seed: wanted.seed,
        kinds: wanted.kinds.clone(),
        part: wanted.part,
        ..FaultSpec::default()
    };
    spec.check().map_err(|error| error.to_string())?;
    let all = || DETECTORS.iter().map(Settings::new).filter(|settings| settings.check().is_ok()).collect();
    let named = |name: &String| {
        let of = DetectorChoice {
            detector: name.clone(),
            parameters: Vec::new(),
            sensitivity: 1.0,
            with: Vec::new(),
        };
        choice(&of).map(|choice| choice.settings)
    };
    let contenders = if wanted.detectors.is_empty() {
        all()
    } else {
        wanted.detectors.iter().map(named).collect::<Result<Vec<_>, _>>()?
    };
    Ok((spec, contenders))
}

/// A line of the scoreboard as the UI says it.
pub fn board_line(line: &Line) -> BoardLine {
    let names = spate_analysis::inject::FAULTS.iter().map(|kind| kind.name.to_owned());
    BoardLine {
        detector: line.detector.to_owned(),
        recall: known(line.recall()),
        precision: known(line.precision()),
        delay: known(line.delay()),
        false_per_10_000: line.false_per_10_000(),
        kinds: names.zip(&line.kinds).map(|(name, (all, found))| (name, *all, *found)).collect(),
    }
}

/// A number, where it is one.
pub fn known(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}
