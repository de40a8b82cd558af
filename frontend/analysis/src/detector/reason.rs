//! Why a value is unusual: which feature of the series, by how much; as data, and in words.

use serde::{Deserialize, Serialize};
use spate_shared::time::{DAY, HOUR, MICROSECOND, MILLISECOND, MINUTE, Nanos, SECOND};

/// What a verdict's evidence rests on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Reason {
    /// Nothing unusual.
    Ordinary,
    /// A feature left the range it kept to.
    Range {
        /// The one that moved most, measured by its own past.
        feature: Feature,
        /// How far beyond the range, in parts of its width; negative below it.
        excess: f64,
        /// Events the range is taken over.
        events: u32,
        /// Event time the range is taken over.
        span: Nanos,
    },
    /// The latest values take a course unlike any before.
    Shape {
        /// Events of the course.
        shape_events: u32,
        /// Events looked back on.
        events: u32,
        /// Event time looked back on.
        span: Nanos,
    },
    /// The value lies this many robust deviations from the median, negative below it.
    Deviations {
        /// How many.
        deviations: f64,
        /// Events the median is taken over.
        events: u32,
    },
    /// The value lies this many robust deviations from what is usual at its place in the season, negative below it.
    OutOfSeason {
        /// How many.
        deviations: f64,
        /// Events in the season; 0 while none is known.
        season: u32,
        /// Whether somebody gave the season, or it was found.
        is_given: bool,
    },
    /// The smoothed value lies this many standard errors from the mean, negative below it.
    Smoothed {
        /// How many.
        errors: f64,
    },
    /// Values keep to one side of their mean.
    Drift {
        /// Standard deviations in sum, negative below the mean.
        sum: f64,
        /// Values the mean is taken over.
        events: u32,
    },
    /// A limit was crossed.
    Limit {
        /// Which.
        limit: Limit,
        /// Where it is.
        at: f64,
        /// Values in a row beyond a limit.
        in_a_row: u32,
    },
    /// Few events ever fell into this part of the space of all measures.
    Sparse {
        /// How many did, against an even spread: 0.1 is a tenth.
        mass: f64,
        /// Measures looked at.
        measures: u32,
    },
    /// The latest events part many of those remembered from each other.
    Displaced {
        /// How many.
        events: f64,
        /// Of how many a tree remembers.
        remembered: u32,
    },
    /// The value stands out of what the spectrum of the latest values explains.
    Salient {
        /// How far its saliency exceeds the usual, in times of that.
        times: f64,
        /// Values looked at.
        events: u32,
    },
    /// A trained isolation forest's decision.
    Isolated {
        /// scikit-learn's `decision_function`: negative is unusual.
        decision: f64,
        /// Measures looked at.
        measures: u32,
    },
    /// Detectors that alerted of late.
    Agreement {
        /// How many did.
        agree: u32,
        /// Of how many.
        of: u32,
        /// Events for which an alert counts.
        within: u32,
    },
    /// The value came late, or out of order.
    Late {
        /// Event time since the latest before; negative out of order.
        interval: Nanos,
        /// That, in intervals of the usual length.
        times: f64,
    },
    /// The series hardly moved.
    Still {
        /// Steps looked at.
        events: u32,
        /// Event time of as many.
        span: Nanos,
        /// Their mean in parts of the usual step.
        part: f64,
    },
}

/// A limit that somebody set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Limit {
    /// The most a value may be.
    Above,
    /// The least it may be.
    Below,
    /// The most it may change in a second.
    ChangePerSecond,
}

/// Something about a series that is followed over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Feature {
    /// The value itself.
    Value,
    /// The mean of this many latest values.
    Mean(u32),
    /// The difference from what is usual at this time.
    Seasonal(Season),
    /// The mean of this many latest differences from what is usual at the half hour.
    SeasonalMean(u32),
    /// The difference from the value this many events ago.
    Change(u32),
}

/// A rhythm of wall time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Season {
    /// Half hours of the day.
    HalfHourOfDay,
    /// Ten minutes of the day.
    TenMinutesOfDay,
    /// Hours of the week.
    HourOfWeek,
}

impl Reason {
    /// One clause for people, such as "the 6-hour mean went above its 2-week range by 12 %"; empty for
    /// [`Reason::Ordinary`].
    pub fn words(&self) -> String {
        match *self {
            Self::Ordinary => String::new(),
            Self::Range { feature, excess, events, span } => {
                let spacing = span as f64 / f64::from(events.max(1));
                let side = if excess > 0.0 { "above" } else { "below" };
                let range = stretch(events, spacing);
                format!("{} went {side} its {range} range by {}", feature.words(spacing), part(excess.abs()))
            }
            Self::Shape { shape_events, events, span } => {
                let spacing = span as f64 / f64::from(events.max(1));
                format!("the latest {} course is unlike any before it", stretch(shape_events, spacing))
            }
            Self::Deviations { deviations, events } => {
                let side = if deviations > 0.0 { "above" } else { "below" };
                let many = rounded(deviations.abs());
                format!("{many} robust deviations {side} the median of the last {events} values")
            }
            Self::OutOfSeason { deviations, season, is_given } => {
                let side = if deviations > 0.0 { "above" } else { "below" };
                let many = rounded(deviations.abs());
                match (season, is_given) {
                    (0, _) => format!("{many} robust deviations {side} the median; no season was found"),
                    (_, true) => format!(
                        "{many} robust deviations {side} the usual in the given season of {season} events"
                    ),
                    (_, false) => {
                        format!(
                            "{many} robust deviations {side} the usual in a season of {season} events that was found"
                        )
                    }
                }
            }
            Self::Smoothed { errors } => {
                let side = if errors > 0.0 { "above" } else { "below" };
                format!("the smoothed value is {} standard errors {side} the mean", rounded(errors.abs()))
            }
            Self::Drift { sum, events } => {
                let side = if sum > 0.0 { "above" } else { "below" };
                let sum = rounded(sum.abs());
                format!(
                    "values kept {side} the mean of the last {events}, by {sum} standard deviations in sum"
                )
            }
            Self::Limit { limit, at, in_a_row } => {
                let crossed = match limit {
                    Limit::Above => format!("above the limit of {at}"),
                    Limit::Below => format!("below the limit of {at}"),
                    Limit::ChangePerSecond => format!("changed by more than the limit of {at} a second"),
                };
                if in_a_row > 1 {
                    format!("{crossed}, {in_a_row} values in a row beyond a limit")
                } else {
                    crossed
                }
            }
            Self::Sparse { mass, measures } => {
                let what = if measures == 1 { "values" } else { "combinations of values" };
                format!("such {what} are rare: {} of an even spread", part(mass))
            }
            Self::Displaced { events, remembered } => {
                format!(
                    "joining would part {} of {remembered} remembered courses from the rest",
                    rounded(events)
                )
            }
            Self::Salient { times, events } => {
                let times = rounded(times);
                format!("{times} times more salient than usual in the spectrum of the last {events} values")
            }
            Self::Isolated { decision, measures } => {
                let what = if measures == 1 { "value" } else { "combination of values" };
                format!("the trained forest isolates this {what} early: decision {decision:.3}")
            }
            Self::Agreement { agree, of, within } => {
                format!("{agree} of {of} detectors alerted within {within} events")
            }
            Self::Late { interval, times } => {
                let span = stretch(1, interval.unsigned_abs() as f64);
                let times = rounded(times.abs());
                if interval < 0 {
                    format!("out of order, by a {span} stretch: {times} times the usual interval")
                } else {
                    format!("the first value after a {span} gap, {times} times the usual interval")
                }
            }
            Self::Still { events, span, part } => {
                let latest = stretch(events, span as f64 / f64::from(events.max(1)));
                format!("hardly moved: the {latest} mean step is {:.0} % of the usual one", part * 100.0)
            }
        }
    }
}

impl Feature {
    fn words(self, spacing: f64) -> String {
        match self {
            Self::Value => "the value".to_owned(),
            Self::Mean(events) => format!("the {} mean", stretch(events, spacing)),
            Self::Seasonal(Season::HalfHourOfDay) => {
                "the difference from the usual at this half hour".to_owned()
            }
            Self::Seasonal(Season::TenMinutesOfDay) => {
                "the difference from the usual at these ten minutes of the day".to_owned()
            }
            Self::Seasonal(Season::HourOfWeek) => {
                "the difference from the usual at this hour of the week".to_owned()
            }
            Self::SeasonalMean(events) => {
                format!("the {} mean difference from the usual at this half hour", stretch(events, spacing))
            }
            Self::Change(1) => "the step from one value to the next".to_owned(),
            Self::Change(events) => format!("the {} change", stretch(events, spacing)),
        }
    }
}

/// This many events, `spacing` nanoseconds apart, as an adjective: "6-hour"; "12-event" when they share one time.
fn stretch(events: u32, spacing: f64) -> String {
    const UNITS: [(Nanos, &str); 9] = [
        (365 * DAY, "year"),
        (30 * DAY, "month"),
        (7 * DAY, "week"),
        (DAY, "day"),
        (HOUR, "hour"),
        (MINUTE, "minute"),
        (SECOND, "second"),
        (MILLISECOND, "millisecond"),
        (MICROSECOND, "microsecond"),
    ];
    let span = f64::from(events) * spacing;
    // Two of a unit are the least that rounds without losing half of it.
    let unit = UNITS.iter().find(|(nanos, _)| span >= 1.95 * *nanos as f64);
    match unit {
        Some((nanos, name)) => format!("{:.0}-{name}", span / *nanos as f64),
        None => format!("{events}-event"),
    }
}

/// A part of a range's width: "12 %", or "31 times its width" where per cent would be hard to read.
fn part(part: f64) -> String {
    match part {
        10.0.. => format!("{} times its width", rounded(part)),
        0.01.. => format!("{:.0} %", part * 100.0),
        _ => "less than 1 %".to_owned(),
    }
}

fn rounded(number: f64) -> String {
    match number {
        1e6.. => "over a million".to_owned(),
        10.0.. => format!("{number:.0}"),
        _ => format!("{number:.1}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(feature: Feature, excess: f64, expect: &str) {
        // 4,032 events 5 minutes apart: two weeks.
        let reason = Reason::Range { feature, excess, events: 4_032, span: 14 * DAY };
        assert_eq!(reason.words(), expect);
    }

    #[test]
    fn a_range_that_was_left_is_told_with_feature_side_memory_and_part() {
        check(Feature::Mean(72), 0.12, "the 6-hour mean went above its 2-week range by 12 %");
        check(Feature::Value, -0.004, "the value went below its 2-week range by less than 1 %");
        check(
            Feature::Change(12),
            31.4,
            "the 60-minute change went above its 2-week range by 31 times its width",
        );
        check(
            Feature::Seasonal(Season::HourOfWeek),
            1.5,
            "the difference from the usual at this hour of the week went above its 2-week range by 150 %",
        );
    }

    #[test]
    fn events_of_one_time_are_counted_instead() {
        let reason = Reason::Range { feature: Feature::Mean(12), excess: 0.5, events: 600, span: 0 };
        assert_eq!(reason.words(), "the 12-event mean went above its 600-event range by 50 %");
    }

    #[test]
    fn every_other_reason_is_a_clause() {
        for (reason, expect) in [
            (
                Reason::Shape { shape_events: 48, events: 4_032, span: 14 * DAY },
                "the latest 4-hour course is unlike any before it",
            ),
            (
                Reason::OutOfSeason { deviations: 7.0, season: 0, is_given: false },
                "7.0 robust deviations above the median; no season was found",
            ),
            (
                Reason::OutOfSeason { deviations: -7.0, season: 288, is_given: false },
                "7.0 robust deviations below the usual in a season of 288 events that was found",
            ),
            (Reason::Smoothed { errors: -4.25 }, "the smoothed value is 4.2 standard errors below the mean"),
            (
                Reason::Drift { sum: 21.4, events: 80 },
                "values kept above the mean of the last 80, by 21 standard deviations in sum",
            ),
            (Reason::Limit { limit: Limit::Above, at: 9.5, in_a_row: 1 }, "above the limit of 9.5"),
            (
                Reason::Limit { limit: Limit::ChangePerSecond, at: 3.0, in_a_row: 2 },
                "changed by more than the limit of 3 a second, 2 values in a row beyond a limit",
            ),
            (
                Reason::Late { interval: 3 * HOUR, times: 36.0 },
                "the first value after a 3-hour gap, 36 times the usual interval",
            ),
            (
                Reason::Late { interval: -40 * MINUTE, times: -8.0 },
                "out of order, by a 40-minute stretch: 8.0 times the usual interval",
            ),
            (
                Reason::Still { events: 48, span: 4 * HOUR, part: 0.034 },
                "hardly moved: the 4-hour mean step is 3 % of the usual one",
            ),
        ] {
            assert_eq!(reason.words(), expect);
        }
    }

    #[test]
    fn deviations_are_told_with_their_side() {
        let reason = Reason::Deviations { deviations: -8.44, events: 240 };
        assert_eq!(reason.words(), "8.4 robust deviations below the median of the last 240 values");
    }
}
