//! Where the time axis has its ticks and what they say.

use crate::zone::Zone;
use spate_shared::time::civil::Civil;
use spate_shared::time::{DAY, HOUR, MINUTE, SECOND};

/// A labelled instant on the time axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeTick {
    /// Event time.
    pub t: i64,
    /// Label: the date at a day boundary, the year at a year boundary, else the time of day.
    pub label: String,
}

#[derive(Clone, Copy)]
enum Step {
    Nanos(i64),
    Months(i64),
}

const WEEK: i64 = 7 * DAY;
/// 1970-01-05 was the first Monday.
const MONDAY: i64 = 4 * DAY;
const MONTH_NANOS: i64 = 2_629_746 * SECOND;
const STEPS: &[Step] = &[
    Step::Nanos(SECOND),
    Step::Nanos(2 * SECOND),
    Step::Nanos(5 * SECOND),
    Step::Nanos(10 * SECOND),
    Step::Nanos(15 * SECOND),
    Step::Nanos(30 * SECOND),
    Step::Nanos(MINUTE),
    Step::Nanos(2 * MINUTE),
    Step::Nanos(5 * MINUTE),
    Step::Nanos(10 * MINUTE),
    Step::Nanos(15 * MINUTE),
    Step::Nanos(30 * MINUTE),
    Step::Nanos(HOUR),
    Step::Nanos(3 * HOUR),
    Step::Nanos(6 * HOUR),
    Step::Nanos(12 * HOUR),
    Step::Nanos(DAY),
    Step::Nanos(2 * DAY),
    Step::Nanos(WEEK),
    Step::Nanos(2 * WEEK),
    Step::Months(1),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
    Step::Months(24),
    Step::Months(60),
    Step::Months(120),
    Step::Months(240),
    Step::Months(600),
    Step::Months(1_200),
];

/// Ticks at round times on the zone's clock inside `range` (both ends included), at most `max_count` and a few.
///
/// An empty or reversed range has no ticks.
pub fn time_ticks(range: (i64, i64), max_count: usize, zone: &Zone) -> Vec<TimeTick> {
    let span = i128::from(range.1) - i128::from(range.0);
    if span <= 0 || max_count == 0 {
        return Vec::new();
    }
    match choose_step(span, max_count as i128) {
        Step::Nanos(step) => fixed_ticks(range, step, zone),
        Step::Months(months) => month_ticks(range, months, zone),
    }
}

fn choose_step(span: i128, max_count: i128) -> Step {
    let fits = |nanos: i64| span / i128::from(nanos) <= max_count;
    let mut decade = 1;
    while decade < SECOND {
        if let Some(step) = [decade, 2 * decade, 5 * decade].into_iter().find(|&step| fits(step)) {
            return Step::Nanos(step);
        }
        decade *= 10;
    }
    let nanos = |step: &Step| match *step {
        Step::Nanos(nanos) => nanos,
        Step::Months(months) => months.saturating_mul(MONTH_NANOS),
    };
    STEPS.iter().find(|step| fits(nanos(step))).copied().unwrap_or(Step::Months(6_000))
}

fn fixed_ticks(range: (i64, i64), step: i64, zone: &Zone) -> Vec<TimeTick> {
    let wide_step = i128::from(step);
    let phase = if step % WEEK == 0 { i128::from(MONDAY) } else { 0 };
    // Steps that divide an hour stay round over a change of the clock, and so name the repeated hour twice; longer
    // ones follow the clock, so that days begin at midnight.
    let follows_clock = !zone.is_fixed_in(range) && step > HOUR;
    let local = |t: i64| if follows_clock { zone.local(t) } else { i128::from(t) + offset(zone, range.0) };
    let first = (local(range.0) - phase + wide_step - 1).div_euclid(wide_step);
    let last = (local(range.1) - phase).div_euclid(wide_step);
    let instant = |local: i128| {
        if follows_clock { zone.instant(local) } else { i64::try_from(local - offset(zone, range.0)).ok() }
    };
    let mut ticks: Vec<_> = (first..=last)
        .filter_map(|index| instant(index * wide_step + phase))
        .filter(|t| (range.0..=range.1).contains(t))
        .map(|t| TimeTick { t, label: label(t, step, zone) })
        .collect();
    ticks.dedup_by_key(|tick| tick.t);
    ticks
}

fn offset(zone: &Zone, t: i64) -> i128 {
    i128::from(zone.offset_at(t)) * i128::from(SECOND)
}

fn label(t: i64, step: i64, zone: &Zone) -> String {
    let date = zone.civil(t);
    match date {
        Civil { nanos_of_day: 1.., .. } => date.time_of_day(step),
        Civil { month: 1, day: 1, year, .. } if step >= DAY => year.to_string(),
        _ => date.month_day(),
    }
}

fn month_ticks(range: (i64, i64), months: i64, zone: &Zone) -> Vec<TimeTick> {
    let month_number = |t| {
        let date = zone.civil(t);
        date.year * 12 + date.month - 1
    };
    let first = month_number(range.0).div_euclid(months);
    let last = month_number(range.1).div_euclid(months);
    (first..=last)
        .filter_map(|index| {
            let (year, month) = ((index * months).div_euclid(12), (index * months).rem_euclid(12) + 1);
            let t = zone.month_start(year, month).filter(|t| (range.0..=range.1).contains(t))?;
            let label = if month == 1 { year.to_string() } else { zone.civil(t).month_name().to_owned() };
            Some(TimeTick { t, label })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::tests::{AUTUMN, SPRING, berlin};
    use proptest::prelude::*;

    /// 2014-07-01 00:00 UTC.
    const JULY: i64 = 1_404_172_800 * SECOND;

    fn check(range: (i64, i64), max_count: usize, expected: &[&str]) {
        check_in(&Zone::default(), range, max_count, expected);
    }

    fn check_in(zone: &Zone, range: (i64, i64), max_count: usize, expected: &[&str]) {
        let labels: Vec<_> = time_ticks(range, max_count, zone).into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, expected);
    }

    #[test]
    fn a_minute_is_cut_into_seconds() {
        check(
            (JULY + HOUR, JULY + HOUR + MINUTE),
            4,
            &["01:00:00", "01:00:15", "01:00:30", "01:00:45", "01:01:00"],
        );
    }

    #[test]
    fn a_day_boundary_shows_the_date() {
        check((JULY - 7 * HOUR, JULY + 7 * HOUR), 5, &["18:00", "21:00", "Jul 1", "03:00", "06:00"]);
    }

    #[test]
    fn ticks_fall_on_local_midnight_in_a_zone() {
        let ticks = time_ticks((JULY - DAY, JULY + DAY), 2, &Zone::fixed("India", 5 * 3_600 + 1_800));
        assert_eq!(ticks[0].t, JULY - 5 * HOUR - 30 * MINUTE);
        assert_eq!(ticks[0].label, "Jul 1");
    }

    #[test]
    fn weeks_start_on_monday() {
        check((JULY, JULY + 28 * DAY), 5, &["Jul 7", "Jul 14", "Jul 21", "Jul 28"]);
    }

    #[test]
    fn a_year_is_cut_into_quarters_and_its_start_shows_the_year() {
        check((JULY, JULY + 400 * DAY), 5, &["Jul", "Oct", "2015", "Apr", "Jul"]);
    }

    #[test]
    fn days_begin_at_midnight_on_both_sides_of_a_change_of_the_clock() {
        let days = (SPRING - 30 * HOUR, SPRING + 30 * HOUR);
        check_in(&berlin(), days, 6, &["Mar 29", "12:00", "Mar 30", "12:00", "Mar 31"]);
    }

    #[test]
    fn the_repeated_hour_is_named_twice_and_the_skipped_one_never() {
        check_in(&berlin(), (AUTUMN - 2 * HOUR, AUTUMN + HOUR), 4, &["01:00", "02:00", "02:00", "03:00"]);
        check_in(&berlin(), (SPRING - HOUR, SPRING + HOUR), 3, &["01:00", "03:00", "04:00"]);
    }

    #[test]
    fn parts_of_a_second_show_their_digits() {
        check((JULY, JULY + 3_000_000), 3, &["Jul 1", "00:00:00.001", "00:00:00.002", "00:00:00.003"]);
    }

    proptest! {
        #[test]
        fn ticks_are_sorted_inside_the_range_and_few(
            start in any::<i64>(), end in any::<i64>(), count in 1_usize..20, zone in -50_000..50_000_i32,
        ) {
            let ticks = time_ticks((start, end), count, &Zone::fixed("", zone));
            prop_assert!(ticks.len() <= count + 4, "{}", ticks.len());
            prop_assert!(ticks.windows(2).all(|pair| pair[0].t < pair[1].t));
            prop_assert!(ticks.iter().all(|tick| (start..=end).contains(&tick.t)));
        }
    }
}
