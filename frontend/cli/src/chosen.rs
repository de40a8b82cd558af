//! The detector that the command line chose.

use spate_analysis::detector::{self, DETECTORS, Settings};

use crate::failure::Failure;
use crate::scoped::Pair;

/// The detector of a name with these parameters.
///
/// # Errors
/// [`Failure::Usage`] naming what there is instead.
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
        settings.set(name, value).map_err(|error| Failure::Usage(format!("--param: {error}")))?;
    }
    Ok(settings)
}
