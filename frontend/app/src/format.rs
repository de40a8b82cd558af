//! Numbers, times and names as people read them. Times arrive as RFC 3339 in UTC and are shown in the chosen zone.

use spate_chart::zone::Zone;
use spate_shared::time::{self, DAY, HOUR, MILLISECOND, MINUTE, Nanos, SECOND};

/// A count with a comma every three digits.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 event`, `2,000 events`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// RFC 3339 as `2 Nov 2014, 01:00:00` on the zone's clock, with a fraction only when there is one; other text as it is.
pub(crate) fn moment(text: &str, zone: &Zone) -> String {
    parsed(text).map_or_else(|| text.to_owned(), |t| civil_moment(t, zone))
}

/// An instant as `2 Nov 2014, 01:00:00` on the zone's clock, with a fraction only when there is one.
pub(crate) fn civil_moment(t: Nanos, zone: &Zone) -> String {
    let date = zone.civil(t);
    let fraction = format!("{:09}", date.nanos_of_day.rem_euclid(SECOND));
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    let clock = date.time_of_day(SECOND);
    format!("{} {} {}, {clock}{point}{fraction}", date.day, date.month_name(), date.year)
}

/// RFC 3339 as `2 Nov 2014, 01:00:00`, cut to the second: what changes all the time must not change its width.
pub(crate) fn moment_to_the_second(text: &str, zone: &Zone) -> String {
    parsed(text).map_or_else(|| text.to_owned(), |t| civil_moment(t - t.rem_euclid(SECOND), zone))
}

/// RFC 3339 as `2 Nov 01:00`, for lists whose full time is a title away.
pub(crate) fn short_moment(text: &str, zone: &Zone) -> String {
    let short = |t| {
        let date = zone.civil(t);
        format!("{} {} {}", date.day, date.month_name(), date.time_of_day(MINUTE))
    };
    parsed(text).map_or_else(|| text.to_owned(), short)
}

/// The instant of an RFC 3339 text.
fn parsed(text: &str) -> Option<Nanos> {
    text.contains('T').then(|| time::parse(text).ok()).flatten()
}

/// A value with its unit, `12.3 k req/s`, as the number and what follows it.
pub(crate) fn split_value(value: &str) -> (&str, &str) {
    value.split_once(' ').unwrap_or((value, ""))
}

/// A score in `0.0..=1.0` as a percentage that never rounds up to certainty.
pub(crate) fn score(score: f64) -> String {
    match score.clamp(0.0, 1.0) {
        0.999_99.. => "> 99.999 %".to_owned(),
        score if score > 0.99 => format!("{:.3} %", (score * 1e5).floor() / 1e3),
        score => format!("{:.1} %", score * 100.0),
    }
}

/// How much of a bar a score fills: a 1-in-100 value half of it, 1 in 10,000 and rarer all.
pub(crate) fn rarity_part(score: f64) -> f64 {
    let chance = (1.0 - score).clamp(1e-4, 1.0);
    -chance.log10() / 4.0
}

/// A duration in its largest fitting unit: `15 min`, `1.5 h`, `7 d`.
pub(crate) fn duration(nanos: Nanos) -> String {
    const UNITS: [(Nanos, &str); 5] =
        [(DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s"), (MILLISECOND, "ms")];
    let fits = UNITS.iter().find(|(unit, _)| nanos >= *unit).unwrap_or(&UNITS[4]);
    let number = format!("{:.1}", nanos as f64 / fits.0 as f64);
    format!("{} {}", number.trim_end_matches(".0"), fits.1)
}

/// A speed of playback: `×0.1`, and from a minute a second on what a second shows: `×3,600 · 1 h / s`.
pub(crate) fn speed_choice(event_seconds_per_second: f64) -> String {
    match event_seconds_per_second {
        f64::INFINITY => "As fast as possible".to_owned(),
        ..60.0 => format!("×{event_seconds_per_second}"),
        speed => {
            let nanos = (speed * SECOND as f64).min(i64::MAX as f64) as Nanos;
            format!("×{} · {} / s", count(speed.round() as u64), duration(nanos))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_chart::zone::UTC;

    #[test]
    fn counts_are_grouped_and_know_their_plural() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "event"), "1 event");
        assert_eq!(counted(2_000, "event"), "2,000 events");
    }

    #[test]
    fn moments_read_as_day_month_and_clock() {
        assert_eq!(moment("2014-11-02T01:00:00Z", &UTC), "2 Nov 2014, 01:00:00");
        assert_eq!(moment("2014-11-02T01:00:00.25Z", &UTC), "2 Nov 2014, 01:00:00.25");
        assert_eq!(moment_to_the_second("2014-11-02T01:00:00.25Z", &UTC), "2 Nov 2014, 01:00:00");
        assert_eq!(short_moment("2014-11-02T01:00:00Z", &UTC), "2 Nov 01:00");
        for odd in ["", "soon", "2014-13-02T01:00:00Z", "T", "2014-00-01T0"] {
            assert_eq!((moment(odd, &UTC), short_moment(odd, &UTC)), (odd.to_owned(), odd.to_owned()));
        }
    }

    #[test]
    fn moments_are_on_the_zones_clock() {
        let zone = Zone::fixed("Asia/Kolkata", 19_800);
        assert_eq!(moment("2014-11-02T20:00:00Z", &zone), "3 Nov 2014, 01:30:00");
    }

    #[test]
    fn value_is_parted_from_its_unit() {
        assert_eq!(split_value("12.3 k req/s"), ("12.3", "k req/s"));
        assert_eq!(split_value("–"), ("–", ""));
    }

    #[test]
    fn score_never_claims_certainty() {
        assert_eq!(
            [0.0, 0.5, 0.999, 0.999_876, 0.999_999, 1.0].map(score),
            ["0.0 %", "50.0 %", "99.900 %", "99.987 %", "> 99.999 %", "> 99.999 %"]
        );
    }

    #[test]
    fn bar_tells_rare_from_rarer() {
        let parts = [0.0, 0.99, 0.9999, 1.0].map(|score| (rarity_part(score) * 100.0).round());
        assert_eq!(parts, [0.0, 50.0, 100.0, 100.0]);
    }

    #[test]
    fn durations_take_their_largest_unit() {
        let texts = [DAY * 7, HOUR * 36, HOUR, MINUTE * 15, SECOND * 90, SECOND / 4, 0].map(duration);
        assert_eq!(texts, ["7 d", "1.5 d", "1 h", "15 min", "1.5 min", "250 ms", "0 ms"]);
        assert_eq!(
            [0.1, 10.0, 3_600.0, f64::INFINITY].map(speed_choice),
            ["×0.1", "×10", "×3,600 · 1 h / s", "As fast as possible"]
        );
    }
}
