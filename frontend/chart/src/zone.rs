//! Time zones as tables of offsets: whoever knows the rules fills the table, everybody here only looks it up.

use serde::{Deserialize, Serialize};

use spate_shared::time::civil::{Civil, days_from_month};
use spate_shared::time::{DAY, SECOND};

/// A zone's offsets from UTC over time. The default is UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// Name for people: `Europe/Berlin`; empty is UTC.
    pub name: String,
    /// Seconds east of UTC before the first change.
    pub first: i32,
    /// Instants at which the offset changes, ascending, and the seconds east of UTC from then on.
    pub changes: Vec<(i64, i32)>,
}

/// Coordinated universal time.
pub static UTC: Zone = Zone { name: String::new(), first: 0, changes: Vec::new() };

impl Zone {
    /// A zone that never changes, `seconds` east of UTC.
    pub fn fixed(name: &str, seconds: i32) -> Self {
        Self { name: name.to_owned(), first: seconds, changes: Vec::new() }
    }

    /// The zone's name, `UTC` when it has none.
    pub fn title(&self) -> &str {
        if self.name.is_empty() { "UTC" } else { &self.name }
    }

    /// Seconds east of UTC at an instant.
    pub fn offset_at(&self, t: i64) -> i32 {
        let after = self.changes.partition_point(|(from, _)| *from <= t);
        after.checked_sub(1).map_or(self.first, |index| self.changes[index].1)
    }

    /// Whether the offset is the same throughout a range.
    pub fn is_fixed_in(&self, (start, end): (i64, i64)) -> bool {
        !self.changes.iter().any(|(t, _)| (start..=end).contains(t))
    }

    /// Date and time of day at an instant.
    pub fn civil(&self, t: i64) -> Civil {
        Civil::from_nanos(t, self.offset_at(t))
    }

    /// Nanoseconds from 1970-01-01 00:00 on the zone's clock to an instant, as that clock reads.
    pub fn local(&self, t: i64) -> i128 {
        i128::from(t) + nanos(self.offset_at(t))
    }

    /// The instant at which the zone's clock reads `local`: the first of two when it is read twice; when it is
    /// skipped, as much later as the clock was put forward. `None` outside what `i64` nanoseconds hold.
    pub fn instant(&self, local: i128) -> Option<i64> {
        let near = |shift: i64| {
            let t = local + i128::from(shift);
            self.offset_at(t.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
        };
        let (before, after) = (near(-DAY), near(DAY));
        let at = |offset: i32| i64::try_from(local - nanos(offset)).ok();
        let holds = |offset: i32| at(offset).is_some_and(|t| self.offset_at(t) == offset);
        at(if !holds(before) && holds(after) { after } else { before })
    }

    /// The instant at which a month begins.
    pub fn month_start(&self, year: i64, month: i64) -> Option<i64> {
        self.instant(i128::from(days_from_month(year, month)) * i128::from(DAY))
    }
}

fn nanos(seconds: i32) -> i128 {
    i128::from(seconds) * i128::from(SECOND)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use spate_shared::time::HOUR;

    /// 2014-03-30 01:00 UTC, when Berlin puts its clocks from 02:00 to 03:00.
    pub(crate) const SPRING: i64 = 1_396_141_200 * SECOND;
    /// 2014-10-26 01:00 UTC, when Berlin puts them back from 03:00 to 02:00.
    pub(crate) const AUTUMN: i64 = 1_414_285_200 * SECOND;

    pub(crate) fn berlin() -> Zone {
        Zone { name: "Europe/Berlin".into(), first: 3_600, changes: vec![(SPRING, 7_200), (AUTUMN, 3_600)] }
    }

    fn check(t: i64, expected: &str) {
        assert_eq!(berlin().civil(t).date_time(), expected);
    }

    #[test]
    fn clocks_jump_in_spring_and_repeat_an_hour_in_autumn() {
        check(SPRING - SECOND, "2014-03-30 01:59:59");
        check(SPRING, "2014-03-30 03:00:00");
        check(AUTUMN - SECOND, "2014-10-26 02:59:59");
        check(AUTUMN, "2014-10-26 02:00:00");
    }

    #[test]
    fn skipped_time_is_later_and_repeated_time_is_the_first() {
        let zone = berlin();
        let half_past_two =
            |t| zone.local(t) - zone.local(t).rem_euclid(i128::from(DAY)) + i128::from(HOUR) * 5 / 2;
        assert_eq!(zone.instant(half_past_two(SPRING)), Some(SPRING + HOUR / 2));
        assert_eq!(zone.instant(half_past_two(AUTUMN)), Some(AUTUMN - HOUR / 2));
    }

    proptest! {
        #[test]
        fn an_instant_comes_back_from_its_clock(hours in -20_000_i64..20_000) {
            let (zone, t) = (berlin(), SPRING + hours * HOUR);
            let back = zone.instant(zone.local(t)).unwrap_or(i64::MIN);
            // The second of two equal readings gives the first.
            prop_assert!(back == t || (back == t - HOUR && zone.local(back) == zone.local(t)));
        }
    }
}
