//! Consensus: several detectors over one series, and how many of them agree.

use serde::{Deserialize, Serialize};

use super::ranked::Rarity;
use super::{
    DETECTORS, Detector, DetectorKind, Input, Parameter, Reason, Settings, Text, TextParameter, Verdict, find,
};

pub(super) const KIND: DetectorKind = DetectorKind {
    name: "consensus",
    doc: "Several detectors together: alerts when enough of them did of late. Fewer false alerts, at the cost of all of them.",
    parameters: &[LEVEL, WITHIN],
    texts: &[OF],
    is_multivariate: true,
    most_bytes: 48 << 10,
    build: |settings| {
        let words = if let Text::Words(words) = settings.text(OF.name) { words.as_str() } else { "" };
        let members =
            words.split(',').filter_map(|name| find(name.trim())).map(|kind| Settings::new(kind).build());
        Box::new(Consensus::new(settings, members.collect()))
    },
};

const LEVEL: Parameter = Parameter {
    name: "level",
    doc: "part of the detectors that have to agree for an alert",
    default: 0.6,
    least: 0.01,
    most: 1.0,
    is_whole: false,
};
const WITHIN: Parameter = Parameter {
    name: "within",
    doc: "events for which a detector's alert counts as its agreement",
    default: 12.0,
    least: 1.0,
    most: 10_000.0,
    is_whole: true,
};
const OF: TextParameter = TextParameter {
    name: "of",
    doc: "two or more detectors, with commas between",
    default: "record-light,seasonal,spectral-residual",
    is_file: false,
    read: |text| {
        let names: Vec<&str> = text.split(',').map(str::trim).collect();
        for name in &names {
            let kind = find(name).filter(|kind| **kind != KIND);
            let is_usable = kind.is_some_and(|kind| Settings::new(kind).check().is_ok());
            if !is_usable {
                let usable = DETECTORS.iter().filter(|kind| **kind != KIND && kind.texts.is_empty());
                let known = usable.map(|kind| kind.name).collect::<Vec<_>>().join(", ");
                return Err(format!("no detector {name:?} can take part; there are {known}"));
            }
        }
        if names.len() < 2 {
            return Err(format!("it takes two or more detectors to agree, not {text:?}"));
        }
        Ok(Text::Words(names.join(",")))
    },
};

#[derive(Debug)]
struct Consensus {
    members: Vec<Box<dyn Detector>>,
    state: State,
}

#[derive(Debug, Serialize, Deserialize)]
struct State {
    level: f64,
    within: u64,
    seen: u64,
    /// Event of each member's latest alert, counted from 1; 0 for none.
    latest: Vec<u64>,
    rarity: Rarity,
}

impl Consensus {
    fn new(settings: &Settings, members: Vec<Box<dyn Detector>>) -> Self {
        let state = State {
            level: settings.get(&LEVEL),
            within: settings.get(&WITHIN) as u64,
            seen: 0,
            latest: vec![0; members.len()],
            rarity: Rarity::new(),
        };
        Self { members, state }
    }
}

impl Detector for Consensus {
    fn observe(&mut self, input: Input<'_>) -> Verdict {
        let State { level, within, seen, latest, rarity } = &mut self.state;
        *seen += 1;
        let mut band = Verdict::NONE;
        let (mut rareness, mut scoring) = (0.0, 0);
        for (member, latest) in self.members.iter_mut().zip(latest.iter_mut()) {
            let verdict = member.observe(input);
            if verdict.alert {
                *latest = *seen;
            }
            if verdict.score.is_nan() {
                continue;
            }
            if band.score.is_nan() {
                band = verdict;
            }
            rareness -= libm::log((1.0 - verdict.score).max(1e-12));
            scoring += 1;
        }
        // Until all of them score their mean would not be that of the same detectors.
        if scoring < self.members.len() || scoring == 0 {
            return Verdict::NONE;
        }
        let score = rarity.observe(rareness / f64::from(scoring as u32), input.learns);
        if score.is_nan() {
            return Verdict::NONE;
        }
        let agree = latest.iter().filter(|at| **at > 0 && **at + *within > *seen).count();
        let evidence = agree as f64 / self.members.len() as f64;
        let reason =
            Reason::Agreement { agree: agree as u32, of: self.members.len() as u32, within: *within as u32 };
        Verdict { score, evidence, level: *level, alert: evidence >= *level, reason, ..band }
    }

    fn warm_up(&self) -> u32 {
        let members = self.members.iter().map(|member| member.warm_up()).max().unwrap_or(0);
        members.saturating_add(self.state.rarity.warm_up())
    }

    fn state_bytes(&self) -> usize {
        let members: usize = self.members.iter().map(|member| member.state_bytes()).sum();
        let latest = self.state.latest.capacity() * size_of::<u64>();
        size_of::<Self>() + members + latest + self.state.rarity.heap_bytes()
    }

    #[cfg(feature = "checkpoint")]
    fn snapshot(&self) -> Vec<u8> {
        let members: Vec<Vec<u8>> = self.members.iter().map(|member| member.snapshot()).collect();
        super::snapshot::save(&(&self.state, members))
    }

    #[cfg(feature = "checkpoint")]
    fn restore(&mut self, bytes: &[u8]) -> Result<(), super::SnapshotError> {
        let (state, members): (State, Vec<Vec<u8>>) = super::snapshot::load(bytes)?;
        if members.len() != self.members.len() || state.latest.len() != self.members.len() {
            return Err(super::SnapshotError::Damaged);
        }
        for (member, bytes) in self.members.iter_mut().zip(&members) {
            member.restore(bytes)?;
        }
        self.state = state;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::Rows;

    fn settings(of: &str) -> Result<Settings, String> {
        let mut settings = Settings::new(&KIND);
        settings.set("of", of).map_err(|error| error.to_string())?;
        Ok(settings)
    }

    #[test]
    fn it_alerts_when_enough_of_its_detectors_did() {
        let values: Vec<f64> =
            (0..2_000).map(|i| if i == 1_500 { 900.0 } else { f64::from(i * i % 101) }).collect();
        let mut out = Vec::new();
        let of_two = settings("record-light, robust-z").expect("two detectors");
        of_two.build().score(Rows::of(&vec![0; values.len()], &values), &mut out);
        assert!(out[1_500].alert, "{:?}", out[1_500]);
        assert_eq!(out[1_500].reason, Reason::Agreement { agree: 2, of: 2, within: 12 });
        assert_eq!(
            out.iter().filter(|verdict| verdict.alert).count(),
            12,
            "for as long as an agreement counts"
        );
    }

    #[test]
    fn who_cannot_take_part_is_named() {
        for (of, says) in [
            ("record-light", "it takes two or more detectors to agree"),
            ("record-light,magic", "no detector \"magic\" can take part; there are record-light, "),
            ("record-light,consensus", "no detector \"consensus\""),
            ("record-light,isolation-forest", "no detector \"isolation-forest\""),
        ] {
            let error = settings(of).expect_err(of);
            assert!(error.contains(says), "{says} is not in {error}");
        }
    }
}
