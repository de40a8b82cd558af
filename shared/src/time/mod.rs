//! Event time: `i64` nanoseconds since 1970-01-01T00:00:00Z, from 1677-09-21 to 2262-04-11, and its text forms.

pub mod civil;
mod written;

use civil::Civil;

/// Nanoseconds since 1970-01-01T00:00:00Z.
pub type Nanos = i64;

/// One microsecond in nanoseconds.
pub const MICROSECOND: Nanos = 1_000;
/// One millisecond in nanoseconds.
pub const MILLISECOND: Nanos = 1_000_000;
/// One second in nanoseconds.
pub const SECOND: Nanos = 1_000_000_000;
/// One minute in nanoseconds.
pub const MINUTE: Nanos = 60 * SECOND;
/// One hour in nanoseconds.
pub const HOUR: Nanos = 60 * MINUTE;
/// One day of 24 hours in nanoseconds.
pub const DAY: Nanos = 24 * HOUR;

/// Longest text that an error quotes, in characters; the rest is left out.
const MAX_QUOTED_CHARS: usize = 64;

/// Why a text or number is not a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// The text has none of the accepted forms.
    #[error("not a time: expected RFC 3339 (2014-07-01T00:00:00Z) or epoch s, ms, us or ns, got {0:?}")]
    Form(String),
    /// The time is outside what 64-bit nanoseconds hold.
    #[error("time is outside 1677-09-21 to 2262-04-11: {0:?}")]
    Range(String),
    /// The text is not a duration.
    #[error(
        "not a duration: expected a number and a unit (ns, us, ms, s, m, h, d, w), such as \"5m\", got {0:?}"
    )]
    Duration(String),
}

/// Parses RFC 3339, a date and time without a zone (read as UTC), a bare date, or an epoch number.
///
/// An epoch number's unit is told by its magnitude, see [`from_epoch`].
///
/// # Errors
/// [`TimeError::Form`] or [`TimeError::Range`], quoting the text.
///
/// ```
/// use spate_shared::time::{parse, HOUR};
/// assert_eq!(parse("1970-01-01T01:00:00Z"), Ok(HOUR));
/// assert_eq!(parse("1970-01-01 01:00:00"), Ok(HOUR));
/// assert_eq!(parse("1404172800"), parse("2014-07-01"));
/// assert!(parse("yesterday").is_err());
/// ```
pub fn parse(text: &str) -> Result<Nanos, TimeError> {
    let trimmed = text.trim();
    let range = || TimeError::Range(clip(text));
    if let Ok(whole) = trimmed.parse::<i64>() {
        return from_epoch(whole).ok_or_else(range);
    }
    if let Some(nanos) = written::nanos(trimmed) {
        return i64::try_from(nanos).map_err(|_| range());
    }
    match trimmed.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() => from_epoch_f64(seconds).ok_or_else(range),
        _ => Err(TimeError::Form(clip(text))),
    }
}

/// The part of a text that a message quotes.
fn clip(text: &str) -> String {
    text.chars().take(MAX_QUOTED_CHARS).collect()
}

/// An epoch number as nanoseconds; the unit follows from its magnitude:
/// below 1e11 seconds, below 1e14 milliseconds, below 1e17 microseconds, else nanoseconds.
///
/// The bounds keep every unit unambiguous from 1973 to 5138. `None` when the result does not fit.
pub fn from_epoch(number: i64) -> Option<Nanos> {
    number.checked_mul(epoch_unit(number.unsigned_abs() as f64))
}

/// [`from_epoch`] for a number with a fraction, rounded to the nearest nanosecond.
pub fn from_epoch_f64(number: f64) -> Option<Nanos> {
    let nanos = number * epoch_unit(number.abs()) as f64;
    (nanos.abs() < i64::MAX as f64).then_some(nanos.round() as i64)
}

fn epoch_unit(magnitude: f64) -> Nanos {
    match magnitude {
        m if m < 1e11 => SECOND,
        m if m < 1e14 => MILLISECOND,
        m if m < 1e17 => MICROSECOND,
        _ => 1,
    }
}

/// RFC 3339 in UTC with as many digits of a second as the time needs: `2014-07-01T00:00:00Z`.
pub fn format(time: Nanos) -> String {
    let date = Civil::from_nanos(time, 0);
    let mut text = date.date_time();
    text.replace_range(10..11, "T");
    let fraction = time.rem_euclid(SECOND);
    if fraction != 0 {
        text.push_str(format!(".{fraction:09}").trim_end_matches('0'));
    }
    text.push('Z');
    text
}

/// Parses a duration such as `250ms`, `1.5h` or `1h30m` into nanoseconds.
///
/// # Errors
/// [`TimeError::Duration`] when a part has no number or no unit, or the sum does not fit.
pub fn parse_duration(text: &str) -> Result<Nanos, TimeError> {
    let error = || TimeError::Duration(clip(text));
    let mut rest = text.trim();
    let mut total = 0f64;
    if rest.is_empty() {
        return Err(error());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(error)?;
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, after) = tail.split_at(letters);
        let unit = DURATION_UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(error)?.1;
        total += number.parse::<f64>().map_err(|_| error())? * unit as f64;
        rest = after;
    }
    if total < i64::MAX as f64 { Ok(total.round() as i64) } else { Err(error()) }
}

/// The shortest exact text of a duration with one unit: `90s` is `90s`, `3600s` is `1h`.
pub fn format_duration(nanos: Nanos) -> String {
    let (name, unit) =
        DURATION_UNITS.iter().rev().find(|(_, unit)| nanos % unit == 0).copied().unwrap_or(("ns", 1));
    format!("{}{name}", nanos / unit)
}

const DURATION_UNITS: [(&str, Nanos); 8] = [
    ("ns", 1),
    ("us", MICROSECOND),
    ("ms", MILLISECOND),
    ("s", SECOND),
    ("m", MINUTE),
    ("h", HOUR),
    ("d", DAY),
    ("w", 7 * DAY),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_accepted_form_of_one_moment_gives_the_same_nanoseconds() {
        let expected = 1_404_172_800 * SECOND;
        for text in [
            "2014-07-01T00:00:00Z",
            "2014-07-01T02:00:00+02:00",
            "2014-07-01 00:00:00",
            "2014-07-01T00:00:00",
            " 2014-07-01 ",
            "1404172800",
            "1404172800.0",
            "1404172800000",
            "1404172800000000",
            "1404172800000000000",
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn text_that_is_no_time_is_refused_with_the_text_in_the_message() {
        for text in ["", "soon", "NaN", "inf", "2014-13-01", "12:30"] {
            let message = parse(text).expect_err(text).to_string();
            assert!(message.contains(&format!("{text:?}")), "{message}");
        }
    }

    #[test]
    fn times_beyond_64_bit_nanoseconds_are_a_range_error() {
        assert_eq!(parse("2262-04-11T23:47:16.854775807Z"), Ok(i64::MAX));
        assert!(matches!(parse("2262-04-11T23:47:16.854775808Z"), Err(TimeError::Range(_))));
        assert!(matches!(parse("1500-01-01"), Err(TimeError::Range(_))));
        assert!(matches!(parse("99999999999"), Err(TimeError::Range(_))));
    }

    #[test]
    fn format_then_parse_is_the_identity() {
        for time in [0, 1, -1, i64::MIN + 1, i64::MAX, 1_404_172_800_123_456_789] {
            assert_eq!(parse(&format(time)), Ok(time), "{}", format(time));
        }
    }

    #[test]
    fn durations_parse_and_print() {
        assert_eq!(parse_duration("1h30m"), Ok(90 * MINUTE));
        assert_eq!(parse_duration("1.5s"), Ok(1_500 * MILLISECOND));
        assert_eq!(format_duration(90 * MINUTE), "90m");
        assert_eq!(format_duration(14 * DAY), "2w");
        for bad in ["", "5", "m", "5 parsecs", "-5s", "1e9999h", "999999999w"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }
}
