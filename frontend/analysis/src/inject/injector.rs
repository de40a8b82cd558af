//! Changes a series value by value.

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

use super::{FAULTS, Fault, FaultSpec};
use crate::random::Random;

/// How fast the mean and deviation that faults are measured in follow the series.
const RATE: f64 = 1.0 / 500.0;
/// How fast the level that a fault lets go flat follows it.
const LEVEL_RATE: f64 = 0.1;

/// What becomes of an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// Nothing.
    Keep,
    /// It has another value.
    Value(f64),
    /// It has no value.
    Missing,
    /// It changes places with the one this many events before, as far as that is of the same batch.
    Earlier(usize),
}

/// Puts faults into one series.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Injector {
    random: Random,
    kinds: Vec<usize>,
    part: f64,
    seen: u64,
    next_at: u64,
    mean: f64,
    variance: f64,
    level: f64,
    active: Option<Active>,
    faults: Vec<Fault>,
}

/// The fault under way.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Active {
    kind: usize,
    /// Events it lasts, and how many of them are over.
    events: u64,
    over: u64,
    /// Deviation and level when it began, and its sign.
    sigma: f64,
    level: f64,
    sign: f64,
}

impl Injector {
    /// Begins with a spec that was checked, see [`FaultSpec::check`].
    pub fn new(spec: &FaultSpec) -> Self {
        let wanted = |name: &str| spec.kinds.is_empty() || spec.kinds.iter().any(|kind| kind == name);
        let kinds = FAULTS.iter().enumerate().filter(|(_, kind)| wanted(kind.name)).map(|(at, _)| at);
        let mut injector = Self {
            random: Random::new(spec.seed),
            kinds: kinds.collect(),
            part: spec.part.clamp(1e-6, 0.5),
            seen: 0,
            next_at: spec.after,
            mean: 0.0,
            variance: 0.0,
            level: 0.0,
            active: None,
            faults: Vec::new(),
        };
        injector.next_at += injector.random.below(100) as u64;
        injector
    }

    /// The faults so far, oldest first.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Events seen.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// What becomes of the series' next event, which has a finite value.
    pub fn observe(&mut self, time: Nanos, value: f64) -> Change {
        if self.seen == 0 {
            (self.mean, self.level) = (value, value);
        }
        if self.active.is_none() && self.seen >= self.next_at && !self.kinds.is_empty() {
            self.begin(time);
        }
        let change = self.active.map_or(Change::Keep, |active| self.change(active, value));
        self.learn(value);
        if let Some(active) = &mut self.active {
            active.over += 1;
            if let Some(fault) = self.faults.last_mut() {
                (fault.events.1, fault.span.1) = (self.seen, time);
            }
            if active.over == active.events {
                // Ordinary events up to the next, so that the part comes out as wanted.
                let ordinary = active.events as f64 * (1.0 - self.part) / self.part;
                self.next_at = self.seen + 1 + (ordinary * (0.5 + self.random.unit())) as u64;
                self.active = None;
            }
        }
        self.seen += 1;
        change
    }

    fn begin(&mut self, time: Nanos) {
        let kind = self.kinds[self.random.below(self.kinds.len())];
        let (least, most) = FAULTS[kind].events;
        let events = (least + self.random.below(most - least + 1)) as u64;
        let sigma = self.variance.sqrt().max(1e-3 * self.mean.abs()).max(1e-9);
        let sign = self.random.sign();
        self.active = Some(Active { kind, events, over: 0, sigma, level: self.level, sign });
        self.faults.push(Fault { kind, events: (self.seen, self.seen), span: (time, time) });
    }

    fn change(&mut self, active: Active, value: f64) -> Change {
        let Active { events, over, sigma, level, sign, .. } = active;
        let part = (over + 1) as f64 / events as f64;
        match FAULTS[active.kind].name {
            "spike" => Change::Value(value + 6.0 * sigma * sign),
            "dip" => Change::Value(value - 5.0 * sigma),
            "shift" => Change::Value(value + 3.0 * sigma * sign),
            "drift" => Change::Value(value + 4.0 * part * sigma * sign),
            "variance" => Change::Value(value + 2.5 * sigma * 2.0 * (self.random.unit() - 0.5) * 3f64.sqrt()),
            "no-season" => Change::Value(level + 0.02 * sigma * (self.random.unit() - 0.5)),
            "dropout" => Change::Missing,
            _ => Change::Earlier(self.random.below(over.min(8) as usize + 1)),
        }
    }

    fn learn(&mut self, value: f64) {
        let rate = RATE.max(1.0 / (self.seen + 1) as f64);
        let step = value - self.mean;
        let variance = (1.0 - rate) * (self.variance + rate * step * step);
        if variance.is_finite() {
            self.mean += rate * step;
            self.variance = variance;
        }
        self.level += LEVEL_RATE * (value - self.level);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(spec: &FaultSpec, events: u32) -> (Vec<Change>, Vec<Fault>) {
        let mut injector = Injector::new(spec);
        let value = |event: u32| 100.0 + f64::from(event % 1_000 * (event % 1_000) % 101);
        let changes = (0..events).map(|event| injector.observe(i64::from(event), value(event))).collect();
        (changes, injector.faults().to_vec())
    }

    #[test]
    fn the_same_seed_gives_the_same_faults_and_another_gives_others() {
        let spec = FaultSpec::default();
        assert_eq!(run(&spec, 20_000), run(&spec, 20_000));
        assert_ne!(run(&spec, 20_000).1, run(&FaultSpec { seed: 2, ..spec }, 20_000).1);
    }

    #[test]
    fn as_many_events_lie_in_faults_as_were_asked_for_and_no_others_change() {
        for part in [0.05, 0.3] {
            let (changes, faults) = run(&FaultSpec { part, ..FaultSpec::default() }, 200_000);
            let inside: u64 = faults.iter().map(|fault| fault.events.1 - fault.events.0 + 1).sum();
            let got = inside as f64 / 200_000.0;
            assert!((got - part).abs() < 0.15 * part, "{got} of {part}");
            for (event, change) in changes.iter().enumerate() {
                let inside = faults.iter().any(|f| (f.events.0..=f.events.1).contains(&(event as u64)));
                assert!(inside || *change == Change::Keep, "{event} {change:?}");
            }
            assert_eq!(faults[0].events.0 / 100, 3, "none before it is due");
        }
    }

    #[test]
    fn every_kind_does_what_its_name_says() {
        for (kind, about) in FAULTS.iter().enumerate() {
            let spec = FaultSpec { kinds: vec![about.name.to_owned()], ..FaultSpec::default() };
            let (changes, faults) = run(&spec, 20_000);
            assert!(faults.len() > 5 && faults.iter().all(|fault| fault.kind == kind), "{}", about.name);
            let first = changes[faults[0].events.0 as usize];
            let is_right = match about.name {
                "dropout" => first == Change::Missing,
                "disorder" => matches!(first, Change::Earlier(_)),
                _ => matches!(first, Change::Value(_)),
            };
            assert!(is_right, "{} {first:?}", about.name);
        }
    }

    #[test]
    fn what_cannot_be_put_in_is_refused_with_what_can() {
        let refused = |spec: FaultSpec| spec.check().expect_err("refused").to_string();
        let magic = FaultSpec { kinds: vec!["magic".into()], ..FaultSpec::default() };
        assert!(refused(magic).starts_with("no fault \"magic\"; there are spike, dip, "));
        for part in [0.0, 0.6, f64::NAN] {
            assert!(refused(FaultSpec { part, ..FaultSpec::default() }).contains("above 0 up to 0.5"));
        }
        assert_eq!(FaultSpec::default().check(), Ok(()));
    }
}
