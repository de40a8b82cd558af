//! Detectors held against faults that were put into series on purpose.

use serde_json::{Map, Value, json};
use spate_analysis::detector::Settings;
use spate_analysis::evaluation::average_precision;
use spate_analysis::inject::{Board, Change, FAULTS, Fault, FaultSpec, Injector, Line};
use spate_shared::time::{DAY, Nanos};

use crate::output::{Table, count, counted};

/// What detectors found so far.
pub(crate) struct Trial {
    spec: FaultSpec,
    settings: Vec<Settings>,
    lines: Vec<Line>,
    /// For each detector, the score of every event, and whether it lay in a fault.
    ranked: Vec<Vec<(f64, bool)>>,
    series: u64,
    events: u64,
    faulty: u64,
    days: f64,
}

/// A series with faults in it.
#[derive(Debug)]
struct Faulty {
    /// `None` where the value is missing.
    events: Vec<(Nanos, Option<f64>)>,
    faults: Vec<Fault>,
}

impl Faulty {
    fn new(spec: &FaultSpec, events: &[(Nanos, f64)]) -> Self {
        let mut injector = Injector::new(spec);
        let mut changed: Vec<(Nanos, Option<f64>)> = Vec::with_capacity(events.len());
        for (at, (time, value)) in events.iter().enumerate() {
            let change = injector.observe(*time, *value);
            changed.push((*time, Some(*value)));
            match change {
                Change::Keep => {}
                Change::Value(value) => {
                    changed[at].1 = Some(value).filter(|value| value.is_finite()).or(changed[at].1);
                }
                Change::Missing => changed[at].1 = None,
                Change::Earlier(places) => changed.swap(at, at.saturating_sub(places)),
            }
        }
        Self { events: changed, faults: injector.faults().to_vec() }
    }

    /// The faults that have begun by an event, and whether it lies in one.
    fn so_far(&self, event: u64) -> (&[Fault], bool) {
        let begun = self.faults.partition_point(|fault| fault.events.0 <= event);
        let faults = &self.faults[..begun];
        (faults, faults.last().is_some_and(|fault| event <= fault.events.1))
    }
}

impl Trial {
    /// Nothing tried yet; the spec was checked.
    pub(crate) fn new(spec: &FaultSpec, settings: &[Settings]) -> Self {
        Self {
            spec: spec.clone(),
            settings: settings.to_vec(),
            lines: Board::new(settings).lines().cloned().collect(),
            ranked: vec![Vec::new(); settings.len()],
            series: 0,
            events: 0,
            faulty: 0,
            days: 0.0,
        }
    }

    /// Puts faults into a series, another for each, and lets every detector see it.
    pub(crate) fn run(&mut self, events: &[(Nanos, f64)]) {
        let spec = FaultSpec { seed: self.spec.seed.wrapping_add(self.series), ..self.spec.clone() };
        let faulty = Faulty::new(&spec, events);
        let mut board = Board::new(&self.settings);
        for (event, (time, value)) in (0u64..).zip(&faulty.events) {
            let (faults, is_inside) = faulty.so_far(event);
            let verdicts = board.observe(event, *time, *value, faults);
            for (ranked, verdict) in self.ranked.iter_mut().zip(verdicts) {
                if value.is_some() {
                    ranked.push((verdict.score, is_inside));
                }
            }
            self.faulty += u64::from(is_inside);
        }
        self.lines.iter_mut().zip(board.lines()).for_each(|(sum, line)| sum.add(line));
        self.series += 1;
        self.events += events.len() as u64;
        let times = events.iter().map(|(time, _)| *time);
        let span = times.clone().max().unwrap_or(0).saturating_sub(times.min().unwrap_or(0));
        self.days += span as f64 / DAY as f64;
    }

    /// Event time outside faults, in days.
    fn ordinary_days(&self) -> f64 {
        self.days * (1.0 - self.faulty as f64 / self.events.max(1) as f64)
    }

    /// The kinds of which there was a fault, and how many.
    fn kinds(&self) -> impl Iterator<Item = (usize, &'static str, u64)> {
        let all = self.lines.first().map_or(&[][..], |line| &line.kinds);
        let kinds = FAULTS.iter().zip(all).enumerate();
        kinds.map(|(at, (kind, (all, _)))| (at, kind.name, *all)).filter(|(_, _, all)| *all > 0)
    }

    fn ranking(&self, at: usize) -> f64 {
        average_precision(self.ranked[at].clone())
    }

    pub(crate) fn as_text(&self) -> String {
        let mut header = vec!["detector"];
        header.extend(self.kinds().map(|(_, name, _)| name));
        header.extend(["all", "precision", "false/day", "/10k", "delay", "ranking"]);
        let mut table = Table::new(&header);
        let part = |part: f64| if part.is_nan() { "-".to_owned() } else { format!("{part:.2}") };
        for (at, line) in self.lines.iter().enumerate() {
            let mut cells = vec![line.detector.to_owned()];
            cells.extend(self.kinds().map(|(at, ..)| part(found(line.kinds[at]))));
            cells.extend([part(line.recall()), part(line.precision())]);
            cells.push(format!("{:.3}", line.false_alerts as f64 / self.ordinary_days()));
            cells.push(format!("{:.1}", line.false_per_10_000()));
            let delay = line.delay();
            cells.push(if delay.is_nan() { "-".to_owned() } else { format!("{delay:.1}") });
            cells.push(format!("{:.3}", self.ranking(at)));
            table.row(cells);
        }
        let kinds: Vec<String> =
            self.kinds().map(|(_, name, all)| format!("{} {name}", count(all))).collect();
        format!(
            "{} series, {}, {:.1} % of them in faults put in on purpose (seed {}): {}\n\n{}",
            count(self.series),
            counted(self.events, "event"),
            self.faulty as f64 / self.events.max(1) as f64 * 100.0,
            self.spec.seed,
            kinds.join(", "),
            table.render()
        )
    }

    pub(crate) fn as_json(&self) -> Value {
        let faults: Map<String, Value> =
            self.kinds().map(|(_, name, all)| (name.to_owned(), json!(all))).collect();
        // What is not known becomes null.
        let line = |(at, line): (usize, &Line)| {
            let recall: Map<String, Value> =
                self.kinds().map(|(at, name, _)| (name.to_owned(), json!(found(line.kinds[at])))).collect();
            json!({"name": line.detector, "recall": recall, "recall_of_all": line.recall(),
                "precision": line.precision(), "false_alerts": line.false_alerts,
                "false_per_day": line.false_alerts as f64 / self.ordinary_days(),
                "false_per_10000": line.false_per_10_000(), "delay_events": line.delay(),
                "average_precision": self.ranking(at)})
        };
        json!({"series": self.series, "events": self.events, "events_in_faults": self.faulty, "days": self.days,
            "seed": self.spec.seed, "part": self.spec.part, "faults": faults,
            "detectors": self.lines.iter().enumerate().map(line).collect::<Vec<_>>()})
    }
}

fn found((all, found): (u64, u64)) -> f64 {
    found as f64 / all as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_analysis::detector::find;
    use spate_shared::time::MINUTE;

    /// Values from 0 to 100 without a generator, ten minutes apart.
    fn events(count: i64) -> Vec<(Nanos, f64)> {
        (0..count).map(|event| (event * 10 * MINUTE, (event * event % 101) as f64)).collect()
    }

    #[test]
    fn a_limit_finds_spikes_as_anybody_would_count_them() {
        let spec = FaultSpec { kinds: vec!["spike".into()], part: 0.01, ..FaultSpec::default() };
        let mut limits = Settings::new(find("limits").expect("in the table"));
        limits.set("above", "150").expect("in range");
        let mut trial = Trial::new(&spec, &[limits]);
        let (events, days) = (events(14_400), 100.0);
        trial.run(&events);
        let faulty = Faulty::new(&FaultSpec { seed: spec.seed, ..spec.clone() }, &events);
        let is_above = |event: u64| faulty.events[event as usize].1.is_some_and(|value| value > 150.0);
        let first = |fault: &Fault| (fault.events.0..=fault.events.1).find(|event| is_above(*event));
        let found = faulty.faults.iter().filter(|fault| first(fault).is_some()).count();
        assert!(found > 20 && found < faulty.faults.len(), "spikes also go down");
        let said = trial.as_json();
        assert_eq!(said["faults"]["spike"], faulty.faults.len());
        let line = &said["detectors"][0];
        assert_eq!(line["recall"]["spike"], found as f64 / faulty.faults.len() as f64);
        assert_eq!((&line["false_alerts"], &line["precision"]), (&0.into(), &1.0.into()));
        let delay: u64 = faulty.faults.iter().filter_map(|fault| Some(first(fault)? - fault.events.0)).sum();
        assert_eq!(line["delay_events"], delay as f64 / found as f64);
        let got = said["days"].as_f64().expect("a number");
        assert!((got - days).abs() < 0.01, "{got}");
    }

    #[test]
    fn what_alerts_where_nothing_was_changed_is_false_and_told_by_the_day() {
        let spec = FaultSpec { kinds: vec!["dropout".into()], part: 0.1, ..FaultSpec::default() };
        let mut limits = Settings::new(find("limits").expect("in the table"));
        limits.set("above", "99.5").expect("in range");
        let mut trial = Trial::new(&spec, &[limits]);
        trial.run(&events(14_400));
        let line = &trial.as_json()["detectors"][0];
        let alone = line["false_alerts"].as_u64().expect("a number");
        assert!(alone > 50, "{line}");
        let per_day = line["false_per_day"].as_f64().expect("a number");
        let days = alone as f64 / per_day;
        assert!((85.0..95.0).contains(&days), "{days} of 100 days are outside faults");
    }

    #[test]
    fn disorder_changes_places_and_loses_nothing() {
        let spec = FaultSpec { kinds: vec!["disorder".into()], part: 0.2, ..FaultSpec::default() };
        let events = events(5_000);
        let faulty = Faulty::new(&spec, &events);
        let mut back: Vec<(Nanos, f64)> =
            faulty.events.iter().map(|(time, value)| (*time, value.expect("none is lost"))).collect();
        assert!(!back.is_sorted_by_key(|(time, _)| *time));
        back.sort_by_key(|(time, _)| *time);
        assert_eq!(back, events);
    }
}
