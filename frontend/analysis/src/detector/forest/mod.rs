//! Isolation forest, trained in scikit-learn: its very decisions, and a calibrated score beside them.
//!
//! The model decides alone and from the first event on; what the stream teaches is only how rare its scores are here.

mod model;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ranked::Rarity;
use super::robust_z::RobustZ;
use super::{Detector, DetectorKind, Input, Parameter, Reason, Rows, Text, TextParameter, Verdict};
pub use model::Forest;
use model::TOGETHER;
#[cfg(test)]
pub(super) use model::tests::SMALL;

pub(super) const KIND: DetectorKind = DetectorKind {
    name: "isolation-forest",
    doc: "A model trained in scikit-learn and exported; the decisions are its own. For what was learned from history.",
    parameters: &[LEVEL],
    texts: &[MODEL],
    is_multivariate: true,
    most_bytes: 10 << 10,
    build: |settings| {
        let model =
            if let Text::Forest(model) = settings.text(MODEL.name) { Some(model.clone()) } else { None };
        Box::new(IsolationForest { model, row: Vec::new(), state: State::new(settings.get(&LEVEL)) })
    },
};

const LEVEL: Parameter = Parameter {
    name: "level",
    doc: "1 minus scikit-learn's decision at which an event alerts; 1 is where the model itself calls it an outlier",
    default: 1.0,
    least: 0.001,
    most: 2.0,
    is_whole: false,
};
const MODEL: TextParameter = TextParameter {
    name: "model",
    doc: "file that tools/export_isolation_forest.py wrote",
    default: "",
    is_file: true,
    read: |text| {
        if text.is_empty() {
            Ok(Text::Unset)
        } else {
            Forest::read(text).map(|forest| Text::Forest(Arc::new(forest)))
        }
    },
};
/// Where such forests' scores usually lie, and how far apart: believed until enough are seen.
const USUAL: f64 = 0.45;
const SPREAD: f64 = 0.03;

/// The detector; it never scores without a model, nor rows of another number of measures.
#[derive(Debug)]
struct IsolationForest {
    model: Option<Arc<Forest>>,
    row: Vec<f32>,
    state: State,
}

/// What it learns.
#[derive(Debug, Serialize, Deserialize)]
struct State {
    level: f64,
    rarity: Rarity,
    band: RobustZ,
}

impl State {
    fn new(level: f64) -> Self {
        Self { level, rarity: Rarity::with_prior(USUAL, SPREAD), band: RobustZ::for_score() }
    }
}

impl IsolationForest {
    /// What the model's score of a row means here.
    fn verdict(&mut self, model: &Forest, sample: f64, input: Input<'_>) -> Verdict {
        let decision = model.decision(sample);
        let State { level, rarity, band } = &mut self.state;
        let score = rarity.observe(-sample, input.learns);
        // scikit-learn calls an event an outlier below 0, not at 0.
        let evidence = if decision < 0.0 { 1.0 - decision } else { (1.0 - decision).min(1f64.next_down()) };
        Verdict {
            score,
            evidence,
            level: *level,
            alert: evidence >= *level,
            reason: Reason::Isolated { decision, measures: input.values.len() as u32 },
            ..band.observe(input)
        }
    }

    /// The model, when it knows rows of so many measures.
    fn model_of(&self, measures: usize) -> Option<Arc<Forest>> {
        self.model.clone().filter(|model| model.feature_count() == measures)
    }
}

impl Detector for IsolationForest {
    fn observe(&mut self, input: Input<'_>) -> Verdict {
        let Some(model) = self.model_of(input.values.len()) else { return Verdict::NONE };
        self.row.clear();
        self.row.extend(input.values.iter().map(|value| *value as f32));
        let sample = model.score_sample(&self.row);
        self.verdict(&model, sample, input)
    }

    fn score(&mut self, rows: Rows<'_>, out: &mut Vec<Verdict>) {
        let Some(model) = self.model_of(rows.width) else {
            return out.extend(rows.times.iter().map(|_| Verdict::NONE));
        };
        let inputs: Vec<Input<'_>> = rows.inputs().collect();
        let (together, rest) = inputs.as_chunks::<TOGETHER>();
        for inputs in together {
            self.row.clear();
            self.row.extend(inputs.iter().flat_map(|input| input.values).map(|value| *value as f32));
            for (input, sample) in inputs.iter().zip(model.score_samples(&self.row)) {
                out.push(if input.is_finite() {
                    self.verdict(&model, sample, *input)
                } else {
                    Verdict::NONE
                });
            }
        }
        for input in rest {
            out.push(if input.is_finite() { self.observe(*input) } else { Verdict::NONE });
        }
    }

    fn warm_up(&self) -> u32 {
        if self.model.is_some() { 0 } else { u32::MAX }
    }

    fn state_bytes(&self) -> usize {
        let band = self.state.band.state_bytes() - size_of::<RobustZ>();
        size_of::<Self>() + self.row.capacity() * size_of::<f32>() + self.state.rarity.heap_bytes() + band
    }

    #[cfg(feature = "checkpoint")]
    fn snapshot(&self) -> Vec<u8> {
        super::snapshot::save(&self.state)
    }

    #[cfg(feature = "checkpoint")]
    fn restore(&mut self, bytes: &[u8]) -> Result<(), super::SnapshotError> {
        self.state = super::snapshot::load(bytes)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::Settings;

    #[test]
    fn it_decides_from_the_first_event_and_as_the_model_does() {
        let mut settings = Settings::new(&KIND);
        assert!(
            settings
                .check()
                .expect_err("no model")
                .to_string()
                .starts_with("isolation-forest needs model: file")
        );
        settings.set("model", SMALL).expect("it is whole");
        assert_eq!(settings.check(), Ok(()));
        let mut detector = settings.build();
        for (value, is_outlier) in [(70.0, true), (0.4, false), (1.0, false)] {
            let verdict = detector.observe(Input { time: 0, values: &[value], learns: true });
            let Reason::Isolated { decision, .. } = verdict.reason else { panic!("{verdict:?}") };
            assert_eq!((verdict.alert, decision < 0.0), (is_outlier, is_outlier), "{value} {verdict:?}");
            assert!((0.0..=1.0).contains(&verdict.score));
        }
        let of_two = detector.observe(Input { time: 0, values: &[1.0, 2.0], learns: true });
        assert!(of_two.score.is_nan() && !of_two.alert);
    }
}
