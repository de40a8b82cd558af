//! The tables of detectors and faults as the page's forms need them: what they do stays in the worker.

use serde::{Deserialize, Serialize};
use spate_analysis::detector::DETECTORS;
use spate_analysis::inject::FAULTS;

/// What can be chosen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Forms {
    /// `spate_analysis::detector::DETECTORS`, in its order.
    pub detectors: Vec<DetectorForm>,
    /// Name and doc of `spate_analysis::inject::FAULTS`, in its order.
    pub faults: Vec<(String, String)>,
}

/// One detector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetectorForm {
    /// Its name.
    pub name: String,
    /// One line.
    pub doc: String,
    /// Whether it looks at several measures.
    pub is_multivariate: bool,
    /// Its numbers.
    pub parameters: Vec<ParameterForm>,
    /// What of it is set by words.
    pub texts: Vec<TextForm>,
}

/// One number of a detector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParameterForm {
    /// Its name.
    pub name: String,
    /// One line.
    pub doc: String,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextForm {
    /// Its name.
    pub name: String,
    /// One line.
    pub doc: String,
    /// What it is when nothing is said.
    pub default: String,
    /// Whether it is the content of a file.
    pub is_file: bool,
}

/// What can be chosen, from the tables.
pub(crate) fn forms() -> Forms {
    let detectors = DETECTORS.iter().map(|kind| DetectorForm {
        name: kind.name.to_owned(),
        doc: kind.doc.to_owned(),
        is_multivariate: kind.is_multivariate,
        parameters: kind
            .parameters
            .iter()
            .map(|parameter| ParameterForm {
                name: parameter.name.to_owned(),
                doc: parameter.doc.to_owned(),
                default: parameter.default,
                least: parameter.least,
                most: parameter.most,
                is_whole: parameter.is_whole,
            })
            .collect(),
        texts: kind
            .texts
            .iter()
            .map(|text| TextForm {
                name: text.name.to_owned(),
                doc: text.doc.to_owned(),
                default: text.default.to_owned(),
                is_file: text.is_file,
            })
            .collect(),
    });
    let faults = FAULTS.iter().map(|kind| (kind.name.to_owned(), kind.doc.to_owned()));
    Forms { detectors: detectors.collect(), faults: faults.collect() }
}
