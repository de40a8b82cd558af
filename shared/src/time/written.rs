//! Dates and times as RFC 3339 and ISO 8601 write them.
//!
//! ```text
//! date [("T" | "t" | " ") hour ":" minute [":" second [("." | ",") digits]] [zone]]
//! zone = "Z" | "z" | ("+" | "-") hour [":"] [minute]
//! ```
//!
//! Without a time of day it is midnight, without a zone UTC. A leap second is the one before it.

use super::civil::days_from_month;
use super::{DAY, HOUR, MINUTE, SECOND};

/// Nanoseconds since 1970 UTC, which for the years 0 to 9999 need more than 64 bits. `None` when the text is no date.
pub(super) fn nanos(text: &str) -> Option<i128> {
    let rest = &mut text.as_bytes();
    let year = number(rest, 4)?;
    let month = after(rest, b'-', 1..=12)?;
    let day = after(rest, b'-', 1..=days_in(year, month))?;
    let days = days_from_month(year, month) + day - 1;
    let midnight = i128::from(days) * i128::from(DAY);
    if rest.is_empty() {
        return Some(midnight);
    }
    take(rest, |byte| matches!(byte, b'T' | b't' | b' '))?;
    let hour = number(rest, 2).filter(|hour| *hour < 24)?;
    let mut of_day = hour * HOUR + after(rest, b':', 0..=59)? * MINUTE;
    if rest.first() == Some(&b':') {
        of_day += after(rest, b':', 0..=60)?.min(59) * SECOND + fraction(rest)?;
    }
    let zone = zone(rest)?;
    rest.is_empty().then_some(midnight + i128::from(of_day - zone))
}

/// Nanoseconds east of UTC; none given is UTC.
fn zone(rest: &mut &[u8]) -> Option<i64> {
    if rest.is_empty() {
        return Some(0);
    }
    let sign = match take(rest, |byte| matches!(byte, b'Z' | b'z' | b'+' | b'-'))? {
        b'+' => 1,
        b'-' => -1,
        _ => return Some(0),
    };
    let hours = number(rest, 2).filter(|hours| *hours < 24)?;
    let minutes = match rest {
        [] => 0,
        [b':', ..] => after(rest, b':', 0..=59)?,
        _ => number(rest, 2).filter(|minutes| *minutes < 60)?,
    };
    Some(sign * (hours * HOUR + minutes * MINUTE))
}

/// Nanoseconds after a point or comma, of at most nine digits; none without either.
fn fraction(rest: &mut &[u8]) -> Option<i64> {
    if take(rest, |byte| matches!(byte, b'.' | b',')).is_none() {
        return Some(0);
    }
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let scale = 9u32.checked_sub(u32::try_from(digits).ok()?)?;
    (digits > 0).then(|| number(rest, digits))?.map(|number| number * 10i64.pow(scale))
}

fn days_in(year: i64, month: i64) -> i64 {
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days_from_month(next.0, next.1) - days_from_month(year, month)
}

/// Two digits behind a separator.
fn after(rest: &mut &[u8], separator: u8, allowed: std::ops::RangeInclusive<i64>) -> Option<i64> {
    take(rest, |byte| byte == separator)?;
    number(rest, 2).filter(|number| allowed.contains(number))
}

/// So many digits.
fn number(rest: &mut &[u8], digits: usize) -> Option<i64> {
    let (number, after) = rest.split_at_checked(digits)?;
    *rest = after;
    number.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

fn take(rest: &mut &[u8], is_wanted: impl Fn(u8) -> bool) -> Option<u8> {
    let (&first, after) = rest.split_first().filter(|(first, _)| is_wanted(**first))?;
    *rest = after;
    Some(first)
}

#[cfg(test)]
mod tests {
    use super::nanos;
    use jiff::{Timestamp, civil::DateTime, tz::Offset};
    use proptest::prelude::*;

    /// The oracle: the jiff library.
    fn by_jiff(text: &str) -> Option<i128> {
        let local = || Offset::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
        text.parse::<Timestamp>().ok().or_else(local).map(Timestamp::as_nanosecond)
    }

    #[test]
    fn edges_of_the_grammar_are_as_jiff_reads_them() {
        for text in [
            "2016-02-29",
            "2015-02-29",
            "1900-02-29",
            "2000-02-29T23:59:60Z",
            "2014-07-01T24:00",
            "2014-07-01T00:00",
            "2014-07-01t00:00:00,5z",
            "2014-07-01 00:00:00.123456789-0930",
            "2014-07-01 00:00:00.1234567891",
            "2014-07-01 00:00:00.",
            "2014-07-01T00:00:00+14",
            "2014-12-31T23:00:00-14:00",
            "2014-12-32",
            "2014-00-01",
            "2014-1-01",
            "2014-07-01T",
            "2014-07-01T00",
            "2014-07-01T00:0",
            "2014-07-01T00:00:00Zulu",
            "\u{664}014-07-01",
            "",
        ] {
            // Jiff also reads an hour alone, which no RFC writes.
            let expected = by_jiff(text).filter(|_| text != "2014-07-01T00");
            assert_eq!(nanos(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_as_jiff_reads_it(
            year in 1i64..9998, month in 0i64..14, day in 0i64..33, hour in 0i64..25, minute in 0i64..61, second in 0i64..61,
            separator in "[Tt ]", fraction in "([.,][0-9]{1,9})?", zone in "(Z|z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?",
        ) {
            let text = format!("{year:04}-{month:02}-{day:02}{separator}{hour:02}:{minute:02}:{second:02}{fraction}{zone}");
            prop_assert_eq!(nanos(&text), by_jiff(&text), "{}", text);
        }

        #[test]
        fn no_text_panics(text in "[0-9TZtz:+., -]{0,40}|\\PC{0,40}") {
            let _ = nanos(&text);
        }
    }
}
