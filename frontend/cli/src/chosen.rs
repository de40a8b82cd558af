//! The detector that the command line chose.

use spate_analysis::detector::{self, DETECTORS, SettingError, Settings};

use crate::failure::Failure;
use crate::scoped::Pair;

fn read(path: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))
}

/// What is wrong in a file is not the command line's fault.
fn wrong(value: &str, is_file: bool, error: &SettingError) -> Failure {
    if is_file {
        Failure::Data(format!("{error}: {value:?}"))
    } else {
        Failure::Usage(format!("--param: {error}"))
    }
}

/// The detector of a name with these parameters.
///
/// # Errors
/// [`Failure::Usage`] naming what there is instead, [`Failure::Data`] naming the file and what is wrong with it.
pub(crate) fn settings(name: &str, parameters: &[Pair]) -> Result<Settings, Failure> {
    let Some(kind) = detector::find(name) else {
        let names: Vec<&str> = DETECTORS.iter().map(|kind| kind.name).collect();
        return Err(Failure::Usage(format!(
            "--detector: no detector {name:?}; there are {}",
            names.join(", ")
        )));
    };
    let mut settings = Settings::new(kind);
    for Pair { name, value } in parameters {
        let is_file = kind.texts.iter().any(|text| text.is_file && text.name == *name);
        let text = if is_file { read(value)? } else { value.clone() };
        settings.set(name, &text).map_err(|error| wrong(value, is_file, &error))?;
    }
    settings.check().map_err(|error| Failure::Usage(format!("--param: {error}")))?;
    Ok(settings)
}

/// Where each measure that the detector looks at is among those named: in the order of its model, when that has names.
///
/// # Errors
/// [`Failure::Usage`] when they are not those it needs.
pub(crate) fn order(settings: &Settings, values: &[String]) -> Result<Vec<usize>, Failure> {
    let kind = settings.kind();
    if values.len() > 1 && !kind.is_multivariate {
        let several = DETECTORS.iter().filter(|kind| kind.is_multivariate);
        let several: Vec<&str> = several.map(|kind| kind.name).collect();
        return Err(Failure::Usage(format!(
            "--value: {} looks at one measure; at several look {}",
            kind.name,
            several.join(", ")
        )));
    }
    settings.check_measures(values.len()).map_err(|error| Failure::Usage(format!("--value: {error}")))?;
    let Some(features) = settings.features() else { return Ok((0..values.len()).collect()) };
    let place = |feature: &String| {
        values.iter().position(|value| value == feature).ok_or_else(|| {
            Failure::Usage(format!(
                "--value: the model needs {feature:?}, which is not among {}; it was trained on {}",
                values.join(", "),
                features.join(", ")
            ))
        })
    };
    features.iter().map(place).collect()
}
