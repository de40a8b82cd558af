//! Calendar dates of nanosecond times in a zone with a fixed offset.
//!
//! Every `i64` time has a date: years 1677 to 2262.

use super::{DAY, HOUR, MINUTE, SECOND};

/// A date and a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// Year of the Gregorian calendar.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: i64,
    /// Day of the month, 1 to 31.
    pub day: i64,
    /// Nanoseconds since local midnight.
    pub nanos_of_day: i64,
}

impl Civil {
    /// The date of `t`, a time in nanoseconds since 1970 UTC, in a zone `zone_offset_seconds` east of UTC.
    ///
    /// # Source
    /// Howard Hinnant, `civil_from_days`, <https://howardhinnant.github.io/date_algorithms.html>.
    pub fn from_nanos(t: i64, zone_offset_seconds: i32) -> Self {
        let local = i128::from(t) + i128::from(zone_offset_seconds) * i128::from(SECOND);
        let days = local.div_euclid(i128::from(DAY)) as i64;
        let nanos_of_day = local.rem_euclid(i128::from(DAY)) as i64;
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * march_month + 2) / 5 + 1,
            nanos_of_day,
        }
    }

    /// `2026-11-21 02:35:39`, to the second.
    pub fn date_time(self) -> String {
        let Self { year, month, day, .. } = self;
        format!("{year:04}-{month:02}-{day:02} {}", self.time_of_day(SECOND))
    }

    /// The time of day as short as times `step` nanoseconds apart need: `14:30`, `14:30:15`, `14:30:15.250`.
    pub fn time_of_day(self, step: i64) -> String {
        let nanos = self.nanos_of_day;
        let (hour, minute) = (nanos / HOUR, nanos / MINUTE % 60);
        if step >= MINUTE {
            return format!("{hour:02}:{minute:02}");
        }
        let second = nanos / SECOND % 60;
        if step >= SECOND {
            return format!("{hour:02}:{minute:02}:{second:02}");
        }
        let fraction = nanos % SECOND;
        let (digits, unit) = match step {
            1_000_000.. => (3, 1_000_000),
            1_000..1_000_000 => (6, 1_000),
            _ => (9, 1),
        };
        format!("{hour:02}:{minute:02}:{second:02}.{:0digits$}", fraction / unit)
    }

    /// `Nov 21`.
    pub fn month_day(self) -> String {
        format!("{} {}", self.month_name(), self.day)
    }

    /// `Nov`.
    pub fn month_name(self) -> &'static str {
        const NAMES: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        NAMES[(self.month - 1).rem_euclid(12) as usize]
    }
}

/// Days from 1970-01-01 to the first day of a month.
///
/// # Source
/// Howard Hinnant, `days_from_civil`.
pub fn days_from_month(year: i64, month: i64) -> i64 {
    let march_year = if month <= 2 { year - 1 } else { year };
    let era = march_year.div_euclid(400);
    let year_of_era = march_year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(t: i64, zone: i32, expected: &str) {
        assert_eq!(Civil::from_nanos(t, zone).date_time(), expected);
    }

    #[test]
    fn known_instants_have_known_dates() {
        check(0, 0, "1970-01-01 00:00:00");
        check(-1, 0, "1969-12-31 23:59:59");
        check(951_782_400 * SECOND, 0, "2000-02-29 00:00:00");
        check(1_795_224_939 * SECOND, 3_600, "2026-11-21 02:35:39");
        check(i64::MAX, 0, "2262-04-11 23:47:16");
        check(i64::MIN, 0, "1677-09-21 00:12:43");
    }

    proptest! {
        #[test]
        fn a_date_counts_back_to_its_own_day(t in any::<i64>()) {
            let date = Civil::from_nanos(t, 0);
            let days = days_from_month(date.year, date.month) + date.day - 1;
            let back = i128::from(days) * i128::from(DAY) + i128::from(date.nanos_of_day);
            prop_assert_eq!(back, i128::from(t));
        }
    }
}
