//! Where a replay stands: laps, and the map between event time and the wall clock.

use serde::{Deserialize, Deserializer, de};
use spate_shared::time::Nanos;

use super::Playback;

/// Event time per wall time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    /// 1 is real time; 1 to 1,000,000.
    Factor(f64),
    /// As fast as possible.
    Max,
}

impl<'de> Deserialize<'de> for Speed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Speed;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number from 1 to 1000000, or \"max\"")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Speed, E> {
                let valid = (1.0..=1e6).contains(&value);
                valid
                    .then_some(Speed::Factor(value))
                    .ok_or(E::invalid_value(de::Unexpected::Float(value), &self))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Speed, E> {
                self.visit_f64(value as f64)
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Speed, E> {
                self.visit_f64(value as f64)
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Speed, E> {
                let known = value == "max";
                known.then_some(Speed::Max).ok_or(E::invalid_value(de::Unexpected::Str(value), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Which event times replayed events get.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Times {
    /// As recorded; each further lap continues where the one before ended.
    #[default]
    Kept,
    /// The wall time at which the event is due, so spacing is compressed by the speed.
    Now,
}

/// Maps event times of all laps to the wall clock.
#[derive(Debug, Clone)]
pub struct Playhead {
    /// Event time that one lap takes.
    period: Nanos,
    playback: Playback,
    event_anchor: Nanos,
    wall_anchor: Nanos,
}

impl Playhead {
    /// A playhead that stands, at wall time `now`, where the backfill ends. `None` without events.
    pub fn new(spans: &[(Nanos, Nanos)], step: Nanos, playback: Playback, now: Nanos) -> Option<Self> {
        let start = spans.iter().map(|(start, _)| *start).min()?;
        let end = spans.iter().map(|(_, end)| *end).max()?;
        let span = end.saturating_sub(start);
        let backfilled = (span as f64 * playback.backfill.clamp(0.0, 1.0)) as Nanos;
        let period = span.saturating_add(step).max(1);
        Some(Self { period, playback, event_anchor: start.saturating_add(backfilled), wall_anchor: now })
    }

    /// The event time that is due at a wall time.
    pub fn at(&self, now: Nanos) -> Nanos {
        let elapsed = now.saturating_sub(self.wall_anchor) as f64 * self.factor();
        self.event_anchor.saturating_add(elapsed as Nanos)
    }

    /// Wall time from `now` until an event time is due; not positive when it is.
    pub fn wall_until(&self, event_time: Nanos, now: Nanos) -> Nanos {
        (event_time.saturating_sub(self.at(now)) as f64 / self.factor()) as Nanos
    }

    fn factor(&self) -> f64 {
        match self.playback.speed {
            Speed::Factor(factor) => factor,
            Speed::Max => 1.0,
        }
    }

    /// A recorded time on a lap. `None` when the replay has no such lap, or it lies after the year 2262.
    pub fn on_lap(&self, lap: u32, recorded: Nanos) -> Option<Nanos> {
        if lap > 0 && !self.playback.repeat {
            return None;
        }
        self.period.checked_mul(i64::from(lap))?.checked_add(recorded)
    }

    /// The time that an event gets which is recorded at `event_time`, laps included, and published at `now`.
    pub fn stamp(&self, event_time: Nanos, now: Nanos) -> Nanos {
        match (self.playback.times, self.playback.speed) {
            (Times::Kept, _) => event_time,
            (Times::Now, Speed::Max) => now,
            (Times::Now, Speed::Factor(factor)) => {
                let since_anchor = event_time.saturating_sub(self.event_anchor) as f64 / factor;
                self.wall_anchor.saturating_add(since_anchor as Nanos)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_shared::time::SECOND;

    fn playback(times: Times, backfill: f64) -> Playback {
        Playback { speed: Speed::Factor(10.0), repeat: true, times, backfill }
    }

    #[test]
    fn backfilled_events_lie_before_now_by_spacing_over_speed() {
        let now = 1_000 * SECOND;
        let playhead = Playhead::new(&[(0, 100 * SECOND)], SECOND, playback(Times::Now, 0.5), now).unwrap();
        assert_eq!(playhead.at(now), 50 * SECOND);
        assert_eq!(playhead.stamp(0, now), now - 5 * SECOND);
        assert_eq!(playhead.stamp(50 * SECOND, now), now);
        assert_eq!(playhead.wall_until(60 * SECOND, now), SECOND);
    }

    #[test]
    fn kept_times_continue_by_span_and_median_step_on_every_lap() {
        let playhead = Playhead::new(&[(5, 105)], 10, playback(Times::Kept, 0.0), 0).unwrap();
        assert_eq!(playhead.on_lap(2, 5), Some(225));
        assert_eq!(playhead.on_lap(1, i64::MAX), None);
        assert_eq!(playhead.stamp(225, 77), 225);
    }

    #[test]
    fn a_replay_without_loop_has_one_lap() {
        let once = Playback { repeat: false, ..playback(Times::Kept, 0.0) };
        let playhead = Playhead::new(&[(0, 10)], 1, once, 0).unwrap();
        assert_eq!((playhead.on_lap(0, 3), playhead.on_lap(1, 3)), (Some(3), None));
    }
}
