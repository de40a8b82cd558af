//! Detectors beside each other on a series whose faults are known.

use spate_shared::time::Nanos;

use super::{FAULTS, Fault};
#[cfg(feature = "checkpoint")]
use crate::checkpoint::{CheckpointError, Loader, Saver};
use crate::detector::{Detector, Input, Settings, Verdict};
use crate::evaluation::Runs;

/// Events after a fault's last in which it still counts as found: some things are only seen when they end.
const GRACE: u64 = 24;

/// Detectors and what they found.
#[derive(Debug)]
pub struct Board {
    contenders: Vec<Contender>,
}

#[derive(Debug)]
struct Contender {
    detector: Box<dyn Detector>,
    runs: Runs,
    /// Index of the latest fault found, counted from 1.
    found_up_to: usize,
    line: Line,
}

/// One detector's line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The detector.
    pub detector: &'static str,
    /// Faults of each kind of [`FAULTS`]: how many there were, and how many were found.
    pub kinds: Vec<(u64, u64)>,
    /// Alerts in no fault.
    pub false_alerts: u64,
    /// Events outside faults.
    pub ordinary: u64,
    /// Events from the first of a fault to the alert, over all found.
    pub delay_events: u64,
}

impl Line {
    fn sum(&self) -> (u64, u64) {
        self.kinds.iter().fold((0, 0), |sum, kind| (sum.0 + kind.0, sum.1 + kind.1))
    }

    /// Part of faults found; NaN when there was none.
    pub fn recall(&self) -> f64 {
        let (all, found) = self.sum();
        found as f64 / all as f64
    }

    /// Part of alerts that were in a fault; NaN when there was none.
    pub fn precision(&self) -> f64 {
        let (_, found) = self.sum();
        found as f64 / (found + self.false_alerts) as f64
    }

    /// Alerts in no fault, per 10,000 events in none.
    pub fn false_per_10_000(&self) -> f64 {
        self.false_alerts as f64 / self.ordinary.max(1) as f64 * 10_000.0
    }

    /// Mean events from the first of a fault to the alert; NaN when none was found.
    pub fn delay(&self) -> f64 {
        let (_, found) = self.sum();
        self.delay_events as f64 / found as f64
    }

    /// Adds what the same detector did on another series.
    pub fn add(&mut self, other: &Self) {
        for (sum, kind) in self.kinds.iter_mut().zip(&other.kinds) {
            *sum = (sum.0 + kind.0, sum.1 + kind.1);
        }
        self.false_alerts += other.false_alerts;
        self.ordinary += other.ordinary;
        self.delay_events += other.delay_events;
    }
}

impl Board {
    /// Detectors of these settings, none of which has seen anything.
    pub fn new(contenders: &[Settings]) -> Self {
        let contender = |settings: &Settings| Contender {
            detector: settings.build(),
            runs: Runs::default(),
            found_up_to: 0,
            line: Line {
                detector: settings.kind().name,
                kinds: vec![(0, 0); FAULTS.len()],
                false_alerts: 0,
                ordinary: 0,
                delay_events: 0,
            },
        };
        Self { contenders: contenders.iter().map(contender).collect() }
    }

    /// Lets each detector see an event as it was changed; `event` is its number in the series, `value` `None` where it is
    /// missing, and `faults` those so far. Gives the verdicts.
    pub fn observe(
        &mut self,
        event: u64,
        time: Nanos,
        value: Option<f64>,
        faults: &[Fault],
    ) -> impl Iterator<Item = Verdict> {
        let in_reach = faults.last().filter(|fault| event <= fault.events.1 + GRACE);
        let is_inside = in_reach.is_some_and(|fault| event <= fault.events.1);
        self.contenders.iter_mut().map(move |contender| {
            let Contender { detector, runs, found_up_to, line } = contender;
            let is_new = in_reach.is_some_and(|fault| fault.events.0 == event);
            if let Some(fault) = in_reach.filter(|_| is_new) {
                line.kinds[fault.kind].0 += 1;
            }
            line.ordinary += u64::from(!is_inside);
            let verdict = value.map_or(Verdict::NONE, |value| {
                detector.observe(Input { time, values: &[value], learns: true })
            });
            let begins = runs.observe(verdict.alert);
            match in_reach {
                Some(fault) if verdict.alert && *found_up_to < faults.len() => {
                    *found_up_to = faults.len();
                    line.kinds[fault.kind].1 += 1;
                    line.delay_events += event - fault.events.0;
                }
                None if begins => line.false_alerts += 1,
                _ => {}
            }
            verdict
        })
    }

    /// Each detector's line, in the order they were given.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.contenders.iter().map(|contender| &contender.line)
    }
}

#[cfg(feature = "checkpoint")]
impl Board {
    pub(crate) fn save(&self, to: &mut Saver) {
        for Contender { detector, runs, found_up_to, line } in &self.contenders {
            let Line { kinds, false_alerts, ordinary, delay_events, .. } = line;
            to.put(&(runs, found_up_to, kinds, false_alerts, ordinary, delay_events));
            to.put_detector(&**detector);
        }
    }

    /// A board of the same detectors that goes on.
    pub(crate) fn load(contenders: &[Settings], from: &mut Loader<'_>) -> Result<Self, CheckpointError> {
        let mut board = Self::new(contenders);
        for (Contender { detector, runs, found_up_to, line }, settings) in
            board.contenders.iter_mut().zip(contenders)
        {
            (*runs, *found_up_to, line.kinds, line.false_alerts, line.ordinary, line.delay_events) =
                from.take("a scoreboard")?;
            *detector = from.take_detector(settings)?;
        }
        Ok(board)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::find;
    use crate::inject::{Change, FaultSpec, Injector};

    #[test]
    fn spikes_are_found_at_once_and_ordinary_values_are_not() {
        let spec = FaultSpec { kinds: vec!["spike".into()], part: 0.002, ..FaultSpec::default() };
        let mut injector = Injector::new(&spec);
        let settings = ["robust-z", "limits"].map(|name| Settings::new(find(name).expect("in the table")));
        let mut board = Board::new(&settings);
        for event in 0..20_000u32 {
            let value = f64::from(event % 1_000 * (event % 1_000) % 101);
            let value = if let Change::Value(changed) = injector.observe(0, value) { changed } else { value };
            let verdicts = board.observe(u64::from(event), 0, Some(value), injector.faults());
            assert_eq!(verdicts.count(), 2);
        }
        let [found, silent] = [0, 1].map(|at| board.lines().nth(at).expect("two").clone());
        assert!(found.recall() > 0.9 && found.precision() > 0.9 && found.delay() < 1.0, "{found:?}");
        assert!(found.false_per_10_000() < 2.0);
        assert_eq!((silent.recall(), silent.false_alerts), (0.0, 0));
        assert!(silent.precision().is_nan() && silent.delay().is_nan());
    }
}
