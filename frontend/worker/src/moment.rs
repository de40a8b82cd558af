//! Moments as people write them: `now-5m`, `now/d`, `2014-11-02 01:00`, `1409443200000`.
//!
//! `now` is the time of a stream's latest event, not the wall clock's: recorded streams from different years then
//! share one dashboard, and on a live stream the two are one.
//!
//! ```text
//! moment = "now" step* | ISO 8601 | epoch in s, ms, us or ns
//! step   = ("+" | "-") number? unit | "/" unit
//! unit   = "ms" | "s" | "m" | "h" | "d" | "w" | "M" | "Q" | "y"
//! ```
//!
//! Days and longer units go by the zone's calendar: `now-1d` is the same time of day yesterday, also when the clock
//! changed in between. `/d` is the start of the day, at the end of a range its end. Weeks start on Monday.

use std::fmt;

use serde::{Deserialize, Serialize};
use spate_chart::zone::Zone;
use spate_shared::time::civil::{Civil, days_from_month};
use spate_shared::time::{self, DAY, HOUR, MILLISECOND, MINUTE, Nanos, SECOND};

/// Longest chain of steps: `now-1M/M+3d` has three.
const MOST_STEPS: usize = 8;

/// A moment, fixed or relative to the latest event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Moment {
    /// This instant.
    At(Nanos),
    /// The latest event's time, then these steps in order.
    Now(Vec<Step>),
}

/// One step from a moment to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// So many units later, or earlier when negative.
    Shift(i32, Unit),
    /// To the start of the unit; to its end at the end of a range.
    Round(Unit),
}

/// Units of the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// `ms`
    Millisecond,
    /// `s`
    Second,
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
    /// `w`, from Monday
    Week,
    /// `M`
    Month,
    /// `Q`
    Quarter,
    /// `y`
    Year,
}

/// Which end of a range a moment is: rounding goes outwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// `/d` is the day's first instant.
    Start,
    /// `/d` is the day's last instant: the next day's first.
    End,
}

/// Why a text is not a moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MomentError {
    /// Nothing was written.
    #[error("a time is missing: write now-6h, now/d, 2014-11-02 01:00 or epoch milliseconds")]
    Empty,
    /// After `now` comes something that is no step.
    #[error("after {0:?} expected \"-6h\", \"+1d\" or \"/d\", got {1:?}")]
    Step(String, String),
    /// A step without a known unit.
    #[error("after {0:?} expected a unit (ms, s, m, h, d, w, M, Q, y), got {1:?}")]
    Unit(String, String),
    /// A number that is too large.
    #[error("the number after {0:?} is too large")]
    Number(String),
    /// More steps than anybody needs.
    #[error("at most {MOST_STEPS} steps can follow \"now\"")]
    Steps,
    /// Neither `now` nor a time.
    #[error("{0}; or write it relative to the latest event, such as now-6h")]
    Time(#[from] time::TimeError),
}

const UNITS: [(&str, Unit); 9] = [
    ("ms", Unit::Millisecond),
    ("s", Unit::Second),
    ("m", Unit::Minute),
    ("h", Unit::Hour),
    ("d", Unit::Day),
    ("w", Unit::Week),
    ("M", Unit::Month),
    ("Q", Unit::Quarter),
    ("y", Unit::Year),
];

impl Unit {
    fn name(self) -> &'static str {
        UNITS.iter().find(|(_, unit)| *unit == self).map_or("", |(name, _)| name)
    }

    /// Its length, where that is always the same; days and weeks have 24-hour days.
    pub fn nanos(self) -> Option<Nanos> {
        match self {
            Self::Millisecond => Some(MILLISECOND),
            Self::Second => Some(SECOND),
            Self::Minute => Some(MINUTE),
            Self::Hour => Some(HOUR),
            Self::Day => Some(DAY),
            Self::Week => Some(7 * DAY),
            Self::Month | Self::Quarter | Self::Year => None,
        }
    }

    fn months(self) -> i64 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
            _ => 0,
        }
    }
}

impl Moment {
    /// Reads a moment; times without an offset are on the zone's clock.
    ///
    /// # Errors
    /// What was expected where, with what was written instead.
    pub fn parse(text: &str, zone: &Zone) -> Result<Self, MomentError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(MomentError::Empty);
        }
        if let Some(rest) = text.strip_prefix("now") {
            return steps(text, rest).map(Self::Now);
        }
        let t = time::parse(text)?;
        let is_local = text.contains('-') && !has_offset(text);
        Ok(Self::At(if is_local { zone.instant(t.into()).unwrap_or(t) } else { t }))
    }

    /// The instant, when the latest event is at `now`.
    pub fn resolve(&self, now: Nanos, zone: &Zone, edge: Edge) -> Nanos {
        match self {
            Self::At(t) => *t,
            Self::Now(steps) => steps.iter().fold(now, |t, step| step.from(t, zone, edge)),
        }
    }

    /// How long before the latest event it is, when that is the same on every day.
    pub fn back(&self) -> Option<Nanos> {
        let Self::Now(steps) = self else { return None };
        steps.iter().try_fold(0i64, |back, step| match *step {
            Step::Shift(count, unit) => back.checked_sub(unit.nanos()?.checked_mul(count.into())?),
            Step::Round(_) => None,
        })
    }
}

impl Step {
    fn from(self, t: Nanos, zone: &Zone, edge: Edge) -> Nanos {
        match self {
            Self::Shift(count, unit) => shift(t, count.into(), unit, zone),
            Self::Round(unit) => match edge {
                Edge::Start => floor(t, unit, zone),
                Edge::End => shift(floor(t, unit, zone), 1, unit, zone),
            },
        }
    }
}

fn shift(t: Nanos, count: i64, unit: Unit, zone: &Zone) -> Nanos {
    match unit {
        Unit::Day | Unit::Week => {
            let days = if unit == Unit::Week { 7 } else { 1 };
            zone.instant(zone.local(t) + i128::from(count) * i128::from(days * DAY)).unwrap_or(t)
        }
        Unit::Month | Unit::Quarter | Unit::Year => {
            let date = zone.civil(t);
            let months = date.year * 12 + date.month - 1 + count * unit.months();
            let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
            // 31 January and a month is the last of February.
            let last = days_from_month(year + month / 12, month % 12 + 1) - days_from_month(year, month);
            let days = days_from_month(year, month) + date.day.min(last) - 1;
            zone.instant(i128::from(days) * i128::from(DAY) + i128::from(date.nanos_of_day)).unwrap_or(t)
        }
        _ => unit.nanos().map_or(t, |nanos| t.saturating_add(nanos.saturating_mul(count))),
    }
}

fn floor(t: Nanos, unit: Unit, zone: &Zone) -> Nanos {
    let Civil { year, month, .. } = zone.civil(t);
    let floored = match unit {
        Unit::Month => zone.month_start(year, month),
        Unit::Quarter => zone.month_start(year, (month - 1) / 3 * 3 + 1),
        Unit::Year => zone.month_start(year, 1),
        _ => {
            // 1970-01-05 was the first Monday.
            let phase = i128::from(if unit == Unit::Week { 4 * DAY } else { 0 });
            let local = zone.local(t) - phase;
            zone.instant(local - local.rem_euclid(unit.nanos().unwrap_or(1).into()) + phase)
        }
    };
    floored.unwrap_or(t)
}

fn steps(text: &str, mut rest: &str) -> Result<Vec<Step>, MomentError> {
    let before = |rest: &str| text[..text.len() - rest.len()].to_owned();
    let mut steps = Vec::new();
    while let Some(sign) = rest.chars().next() {
        let after = rest.get(1..).unwrap_or_default();
        if !matches!(sign, '+' | '-' | '/') {
            return Err(MomentError::Step(before(rest), clip(rest)));
        }
        let digits = if sign == '/' { 0 } else { after.bytes().take_while(u8::is_ascii_digit).count() };
        let (number, unit_on) = after.split_at(digits);
        let letters = unit_on.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (name, next) = unit_on.split_at(letters);
        let Some((_, unit)) = UNITS.iter().find(|(known, _)| *known == name) else {
            return Err(MomentError::Unit(before(unit_on), clip(unit_on)));
        };
        let count = if number.is_empty() { Ok(1) } else { number.parse::<i32>() };
        let count = count.map_err(|_| MomentError::Number(before(after)))?;
        steps.push(match sign {
            '+' => Step::Shift(count, *unit),
            '-' => Step::Shift(-count, *unit),
            _ => Step::Round(*unit),
        });
        if steps.len() > MOST_STEPS {
            return Err(MomentError::Steps);
        }
        rest = next;
    }
    Ok(steps)
}

fn clip(text: &str) -> String {
    text.chars().take(24).collect()
}

/// Whether an ISO time says its offset: `Z`, `+01:00`, `-05:00` after the date.
fn has_offset(text: &str) -> bool {
    text.get(10..).is_some_and(|clock| clock.contains(['Z', 'z', '+', '-', '[']))
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(t) => f.write_str(&time::format(*t)),
            Self::Now(steps) => {
                f.write_str("now")?;
                steps.iter().try_for_each(|step| match step {
                    Step::Shift(count, unit) => write!(f, "{count:+}{}", unit.name()),
                    Step::Round(unit) => write!(f, "/{}", unit.name()),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_chart::zone::UTC;

    fn berlin() -> Zone {
        let changes = vec![(at("2014-03-30T01:00:00Z"), 7_200), (at("2014-10-26T01:00:00Z"), 3_600)];
        Zone { name: "Europe/Berlin".to_owned(), first: 3_600, changes }
    }

    fn at(text: &str) -> Nanos {
        time::parse(text).unwrap_or_default()
    }

    fn check(text: &str, now: &str, zone: &Zone, edge: Edge, expect: &str) {
        let moment =
            Moment::parse(text, zone).map(|moment| time::format(moment.resolve(at(now), zone, edge)));
        assert_eq!(moment.as_deref(), Ok(expect), "{text}");
    }

    #[test]
    fn relative_moments_are_counted_from_the_latest_event() {
        let now = "2014-11-02T13:45:30Z";
        for (text, start, end) in [
            ("now", "2014-11-02T13:45:30Z", "2014-11-02T13:45:30Z"),
            ("now-5m", "2014-11-02T13:40:30Z", "2014-11-02T13:40:30Z"),
            ("now-h", "2014-11-02T12:45:30Z", "2014-11-02T12:45:30Z"),
            ("now+1d", "2014-11-03T13:45:30Z", "2014-11-03T13:45:30Z"),
            ("now/d", "2014-11-02T00:00:00Z", "2014-11-03T00:00:00Z"),
            ("now-1d/d", "2014-11-01T00:00:00Z", "2014-11-02T00:00:00Z"),
            ("now/w", "2014-10-27T00:00:00Z", "2014-11-03T00:00:00Z"),
            ("now-1M/M", "2014-10-01T00:00:00Z", "2014-11-01T00:00:00Z"),
            ("now/Q", "2014-10-01T00:00:00Z", "2015-01-01T00:00:00Z"),
            ("now/y+36h", "2014-01-02T12:00:00Z", "2015-01-02T12:00:00Z"),
        ] {
            check(text, now, &UTC, Edge::Start, start);
            check(text, now, &UTC, Edge::End, end);
        }
    }

    #[test]
    fn a_month_back_from_the_31st_is_the_last_day() {
        check("now-1M", "2016-03-31T12:00:00Z", &UTC, Edge::Start, "2016-02-29T12:00:00Z");
        check("now-1y", "2016-02-29T12:00:00Z", &UTC, Edge::Start, "2015-02-28T12:00:00Z");
        check("now-12M", "2016-12-31T00:00:00Z", &UTC, Edge::Start, "2015-12-31T00:00:00Z");
    }

    #[test]
    fn days_follow_the_clock_over_its_changes() {
        let zone = berlin();
        check("now-1d", "2014-10-26T12:00:00Z", &zone, Edge::Start, "2014-10-25T11:00:00Z");
        check("now/d", "2014-10-26T12:00:00Z", &zone, Edge::Start, "2014-10-25T22:00:00Z");
        check("now/d", "2014-10-26T12:00:00Z", &zone, Edge::End, "2014-10-26T23:00:00Z");
        check("now-24h", "2014-10-26T12:00:00Z", &zone, Edge::Start, "2014-10-25T12:00:00Z");
    }

    #[test]
    fn absolute_times_are_on_the_zones_clock_unless_they_say_otherwise() {
        for (text, expect) in [
            ("2014-07-01 12:00", "2014-07-01T10:00:00Z"),
            ("2014-07-01", "2014-06-30T22:00:00Z"),
            ("2014-07-01T12:00:00Z", "2014-07-01T12:00:00Z"),
            ("2014-07-01T12:00:00-05:00", "2014-07-01T17:00:00Z"),
            ("1404216000000", "2014-07-01T12:00:00Z"),
        ] {
            check(text, "2020-01-01", &berlin(), Edge::Start, expect);
        }
    }

    #[test]
    fn errors_say_where_and_what_is_expected() {
        for (text, parts) in [
            ("", ["missing", "now-6h"]),
            ("now-5x", ["\"now-5\"", "\"x\""]),
            ("now 5m", ["\"now\"", "\" 5m\""]),
            ("now-", ["unit", "\"now-\""]),
            ("now/", ["unit", "\"now/\""]),
            ("now-99999999999s", ["too large", "\"now-\""]),
            ("now+é", ["\"now+\"", "é"]),
            ("yesterday", ["yesterday", "now-6h"]),
        ] {
            let error = Moment::parse(text, &UTC).map_err(|error| error.to_string());
            let error = error.err().unwrap_or_default();
            assert!(parts.iter().all(|part| error.contains(part)), "{text}: {error}");
        }
    }

    #[test]
    fn moments_are_written_as_they_are_read() {
        for text in ["now", "now-5m", "now-1M/M+3d", "now/w", "2014-07-01T12:00:00Z"] {
            assert_eq!(Moment::parse(text, &UTC).map(|moment| moment.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn only_steps_of_constant_length_have_a_distance_from_now() {
        let back = |text| Moment::parse(text, &UTC).ok().and_then(|moment| moment.back());
        assert_eq!(
            [back("now-90m"), back("now"), back("now-1d+1h")],
            [Some(90 * MINUTE), Some(0), Some(23 * HOUR)]
        );
        assert_eq!([back("now/d"), back("now-1M"), back("2014-07-01")], [None; 3]);
    }
}
