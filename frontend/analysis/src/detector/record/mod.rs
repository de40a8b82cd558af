//! Record ensemble: an alert when features of the series set records together, measured by how records fell before.
//!
//! Thirteen features in three groups (level, season, change) each keep a [`Band`] of their near-extremes over the last
//! 5,000 events. How far a feature leaves its band, compared with how far it used to, is its surprise; the mean over
//! the groups is the evidence. After a burst only larger evidence counts, so one event alerts once.
//!
//! Two more things set records beside them, each in its own right: an interval longer than any, or events out of order
//! where they were not; and a series that moves less than it ever did.
//!
//! Beside the sparse alerts, the score and the expected band are the robust z's: continuous and calibrated.
//!
//! Seasons are days and weeks of UTC wall time. A series with another rhythm, or events far closer than ten minutes,
//! has its slots follow the latest level, and then they add little.

mod band;
mod burst;
mod extremes;
mod features;
mod pauses;
mod ring;
mod season;
mod shapes;
mod stillness;

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

use super::evidence::{Evidence, Scored};
use super::{DetectorKind, Input, Parameter, Reason};
use band::Band;
use burst::{Burst, Hold};
use extremes::{BLOCK, BLOCKS};
use features::{FEATURES, Features, GROUPS};
use pauses::{Pause, Pauses};
use shapes::Shapes;
use stillness::Stillness;

pub(super) const LIGHT: DetectorKind = DetectorKind {
    name: "record-light",
    doc: "Records of level, season and change together, of gaps and of stillness. Few alerts, each with its reason; knows days and weeks.",
    parameters: &[LEVEL],
    texts: &[],
    is_multivariate: false,
    most_bytes: 16 << 10,
    build: |settings| Box::new(Scored::new(settings.get(&LEVEL), Light::new())),
};

pub(super) const HEAVY: DetectorKind = DetectorKind {
    name: "record-heavy",
    doc: "record-light, and shapes of the latest hours that are unlike any before. Sees more; costs five times the time and eight the memory.",
    parameters: &[LEVEL],
    texts: &[],
    is_multivariate: false,
    most_bytes: 128 << 10,
    build: |settings| Box::new(Scored::new(settings.get(&LEVEL), Heavy::new())),
};

/// What the surprise of a shape adds to the evidence.
const SHAPE_WEIGHT: f64 = 0.1;

/// What the surprise of a pause, and of stillness, is in evidence.
const PAUSE_WEIGHT: f64 = 0.03;
const STILLNESS_WEIGHT: f64 = 0.05;

const LEVEL: Parameter = Parameter {
    name: "level",
    doc: "evidence at which a value alerts: the mean surprise of the three groups of features",
    default: 0.08,
    least: 0.001,
    most: 10.0,
    is_whole: false,
};

/// Evidence, and what it rests on.
type Grounds = (f64, Reason);

/// What the features say of a value.
struct Found {
    /// The mean surprise of the groups.
    evidence: f64,
    /// The feature with the largest surprise.
    reason: Reason,
    largest: f64,
    /// Of the latest 4 and 12 values.
    means: [f64; 2],
    /// Events the bands look back on, and the event time since the first of them.
    events: u32,
    span: Nanos,
    /// What pauses and stillness say.
    beside: Grounds,
}

impl Found {
    /// The features' evidence as far as it stands out, or what stands beside them.
    fn stronger(&self, standing_out: f64, reason: Reason) -> Grounds {
        if self.beside.0 > standing_out { self.beside } else { (standing_out, reason) }
    }
}

/// The thirteen features and their bands, and what is watched beside them.
#[derive(Debug, Serialize, Deserialize)]
struct Records {
    features: Features,
    bands: [Band; FEATURES.len()],
    memory: Memory,
    pauses: Pauses,
    stillness: Stillness,
    holds: [Hold; 2],
}

impl Records {
    fn new() -> Self {
        Self {
            features: Features::new(),
            bands: std::array::from_fn(|_| Band::new()),
            memory: Memory::default(),
            pauses: Pauses::new(),
            stillness: Stillness::new(),
            holds: Default::default(),
        }
    }

    fn observe(&mut self, input: Input<'_>) -> Found {
        let (events, span) = self.memory.observe(input);
        let pause = self.pauses.observe(input);
        let values = self.features.observe(input, pause.events_since);
        let mut surprises = [0.0; FEATURES.len()];
        let (mut largest, mut reason) = (0.0, Reason::Ordinary);
        for (at, (band, value)) in self.bands.iter_mut().zip(values).enumerate() {
            let Some(record) = band.observe(value, input.learns) else { continue };
            surprises[at] = record.surprise;
            if record.surprise > largest {
                largest = record.surprise;
                reason = Reason::Range { feature: FEATURES[at], excess: record.excess, events, span };
            }
        }
        let mean = |group: &std::ops::Range<usize>| {
            surprises[group.clone()].iter().sum::<f64>() / group.len() as f64
        };
        let evidence = GROUPS.iter().map(mean).sum::<f64>() / GROUPS.len() as f64;
        let beside = self.beside(input, pause, span as f64 / f64::from(events.max(1)));
        Found { evidence, reason, largest, means: [values[1], values[2]], events, span, beside }
    }

    /// What a pause and stillness say, the stronger of the two.
    fn beside(&mut self, input: Input<'_>, pause: Pause, spacing: f64) -> Grounds {
        let Pause { surprise, interval, times, .. } = pause;
        let (still, part) = self.stillness.observe(input);
        let [of_pause, of_stillness] = &mut self.holds;
        let pause = of_pause.filter(PAUSE_WEIGHT * surprise);
        let still = of_stillness.filter(STILLNESS_WEIGHT * still);
        if pause >= still {
            (pause, Reason::Late { interval, times })
        } else {
            let events = stillness::STEPS as u32;
            (still, Reason::Still { events, span: (spacing * f64::from(events)) as Nanos, part })
        }
    }

    fn heap_bytes(&self) -> usize {
        self.features.heap_bytes()
    }
}

/// How many events, and how much event time, the bands look back on.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    /// Time of the first event of each block.
    starts: [Nanos; BLOCKS],
    seen: u64,
}

impl Memory {
    /// Events before this one in the bands, and the event time since the first of them.
    fn observe(&mut self, Input { time, learns, .. }: Input<'_>) -> (u32, Nanos) {
        let block = u64::from(BLOCK);
        let blocks = BLOCKS as u64;
        let at = (self.seen / block % blocks) as usize;
        let oldest = if self.seen / block < blocks { 0 } else { (at + 1) % BLOCKS };
        let span = if self.seen == 0 { 0 } else { time.saturating_sub(self.starts[oldest]).max(0) };
        let held = self.seen.min((blocks - 1) * block + self.seen % block);
        if learns && self.seen.is_multiple_of(block) {
            self.starts[at] = time;
        }
        self.seen += u64::from(learns);
        (held as u32, span)
    }
}

/// Records that stand out from those shortly before.
#[derive(Debug, Serialize, Deserialize)]
struct Light {
    records: Records,
    burst: Burst,
}

impl Light {
    fn new() -> Self {
        Self { records: Records::new(), burst: Burst::new() }
    }
}

impl Evidence for Light {
    fn observe(&mut self, input: Input<'_>) -> (f64, Reason) {
        let found = self.records.observe(input);
        found.stronger(self.burst.filter(found.evidence), found.reason)
    }

    fn heap_bytes(&self) -> usize {
        self.records.heap_bytes() + self.burst.heap_bytes()
    }
}

/// The same with shapes that were not seen before.
#[derive(Debug, Serialize, Deserialize)]
struct Heavy {
    records: Records,
    short: Shapes<12, 4>,
    long: Shapes<16, 12>,
    burst: Burst,
}

impl Heavy {
    fn new() -> Self {
        Self { records: Records::new(), short: Shapes::new(4), long: Shapes::new(8), burst: Burst::new() }
    }
}

impl Evidence for Heavy {
    fn observe(&mut self, input: Input<'_>) -> (f64, Reason) {
        let found = self.records.observe(input);
        let Found { mut evidence, mut reason, mut largest, means, events, span, .. } = found;
        let (value, learns) = (input.value(), input.learns);
        let shapes = [
            (self.short.observe(value, means[0], learns), Shapes::<12, 4>::EVENTS),
            (self.long.observe(value, means[1], learns), Shapes::<16, 12>::EVENTS),
        ];
        for (surprise, shape_events) in shapes {
            evidence += SHAPE_WEIGHT * surprise;
            if surprise > largest {
                largest = surprise;
                reason = Reason::Shape { shape_events: shape_events as u32, events, span };
            }
        }
        found.stronger(self.burst.filter(evidence), reason)
    }

    fn heap_bytes(&self) -> usize {
        let shapes = self.short.heap_bytes() + self.long.heap_bytes();
        self.records.heap_bytes() + shapes + self.burst.heap_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::{Detector, Feature, Rows, Settings, Verdict};
    use spate_shared::time::{DAY, MINUTE};

    /// Two weeks of a daily rhythm, five minutes apart, with a part a day can not explain.
    fn fortnight() -> (Vec<Nanos>, Vec<f64>) {
        let times: Vec<Nanos> = (0..14 * 288).map(|i| i * 5 * MINUTE).collect();
        let value = |time: &Nanos| {
            let day = (*time % DAY) as f64 / DAY as f64;
            let noise = (*time / MINUTE) as f64 * 0.618_033_988_749_895;
            100.0 + 20.0 * libm::sin(day * std::f64::consts::TAU) + 4.0 * noise.fract()
        };
        let values = times.iter().map(value).collect();
        (times, values)
    }

    fn light() -> Box<dyn Detector> {
        Settings::new(crate::detector::find("record-light").expect("in the table")).build()
    }

    fn alerts(times: &[Nanos], values: &[f64]) -> Vec<(usize, String)> {
        let mut out = Vec::new();
        light().score(Rows::of(times, values), &mut out);
        let alerting = out.iter().enumerate().filter(|(_, verdict)| verdict.alert);
        alerting.map(|(at, verdict)| (at, verdict.reason.words())).collect()
    }

    #[test]
    fn a_level_shift_alerts_once_and_says_so() {
        let (times, mut values) = fortnight();
        values[3_500..].iter_mut().for_each(|value| *value += 60.0);
        let alerts = alerts(&times, &values);
        let late: Vec<_> = alerts.iter().filter(|(at, _)| *at >= 2_000).collect();
        assert!(late.len() <= 3 && late[0].0 == 3_500, "{late:?}");
        assert!(late[0].1.contains("went above its 12-day range"), "{}", late[0].1);
    }

    #[test]
    fn a_day_without_its_peak_leaves_a_seasonal_feature() {
        let (times, mut values) = fortnight();
        for (time, value) in times.iter().zip(&mut values).skip(12 * 288).take(144) {
            *value -= 20.0 * libm::sin((*time % DAY) as f64 / DAY as f64 * std::f64::consts::TAU);
        }
        let mut out = Vec::new();
        light().score(Rows::of(&times, &values), &mut out);
        let found = out[12 * 288..].iter().find(|verdict| verdict.alert);
        let Some(Verdict { reason: Reason::Range { feature, .. }, .. }) = found else {
            panic!("no alert in {:?}", alerts(&times, &values));
        };
        assert!(matches!(feature, Feature::Seasonal(_) | Feature::SeasonalMean(_)), "{feature:?}");
    }

    #[test]
    fn a_gap_disorder_and_a_series_that_stands_still_alert_and_say_so() {
        let (mut times, mut values) = fortnight();
        let gap = 3_000..3_030;
        times.drain(gap.clone());
        values.drain(gap);
        values[3_300..3_400].fill(100.0);
        times.swap(3_700, 3_706);
        let alerts = alerts(&times, &values);
        let says = |at: std::ops::Range<usize>, words: &str| {
            alerts.iter().any(|(row, reason)| at.contains(row) && reason.contains(words))
        };
        assert!(says(3_000..3_001, "the first value after a 3-hour gap, 31 times"), "{alerts:?}");
        assert!(says(3_310..3_400, "hardly moved: the 4-hour mean step"), "{alerts:?}");
        assert!(says(3_700..3_707, "out of order, by a"), "{alerts:?}");
    }

    #[test]
    fn memory_counts_what_the_bands_hold() {
        let mut memory = Memory::default();
        let observe = |memory: &mut Memory, time| memory.observe(Input { time, values: &[], learns: true });
        for (event, expect) in [
            (0, (0, 0)),
            (1, (1, 1)),
            (4_999, (4_999, 4_999)),
            (5_000, (4_500, 4_500)),
            (5_499, (4_999, 4_999)),
        ] {
            while memory.seen < event {
                let time = memory.seen as Nanos;
                observe(&mut memory, time);
            }
            assert_eq!(observe(&mut memory, event as Nanos), expect, "{event}");
        }
    }
}
