//! Which clock times are shown by.
//!
//! The browser knows the rules of every zone; it is asked for offsets, and the answers become a table.

use spate_chart::zone::Zone;
use spate_shared::time::MILLISECOND;

/// The clock that was chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum ZoneChoice {
    /// UTC: a link means the same to everybody.
    #[default]
    Utc,
    /// That of the device.
    Browser,
    /// One of the IANA zones, `Europe/Berlin`.
    Named(String),
}

impl ZoneChoice {
    /// Grafana's name for it in addresses: `utc`, `browser` or the zone's.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Utc => "utc",
            Self::Browser => "browser",
            Self::Named(name) => name,
        }
    }

    /// The choice of a name; whether there is such a zone is for the browser to say.
    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            _ if name.is_empty() || name.eq_ignore_ascii_case("utc") => Self::Utc,
            _ if name.eq_ignore_ascii_case("browser") => Self::Browser,
            _ => Self::Named(name.to_owned()),
        }
    }
}

/// Minutes from 1970 to 2045, between which zones are looked up.
const LAST_MINUTE: i64 = 75 * 365 * 24 * 60;
/// Minutes between looks: no zone changes its clock and back in less.
const STRIDE: i64 = 14 * 24 * 60;

/// A table of the offsets, seconds east of UTC, that `offset_of` gives for minutes since 1970.
pub(crate) fn table(name: &str, mut offset_of: impl FnMut(i64) -> Option<i32>) -> Option<Zone> {
    let first = offset_of(0)?;
    let mut zone = Zone { name: name.to_owned(), first, changes: Vec::new() };
    let (mut minute, mut offset) = (0, first);
    while minute < LAST_MINUTE {
        let next = minute + STRIDE;
        let after = offset_of(next)?;
        if after != offset {
            let (mut before, mut from) = (minute, next);
            while from - before > 1 {
                let middle = before.midpoint(from);
                if offset_of(middle)? == offset { before = middle } else { from = middle }
            }
            zone.changes.push((from * 60_000 * MILLISECOND, after));
        }
        (minute, offset) = (next, after);
    }
    Some(zone)
}

/// Seconds east of UTC in the browser's words: `GMT`, `GMT+02:00`, `GMT-03:30:52`.
pub(crate) fn offset_of_words(words: &str) -> Option<i32> {
    let text = words.rsplit_once("GMT")?.1;
    let Some(digits) = text.strip_prefix(['+', '-', '−']) else { return text.is_empty().then_some(0) };
    let mut parts = digits.split(':').map(str::parse::<i32>);
    let mut next = || parts.next().unwrap_or(Ok(0)).ok();
    let seconds = next()? * 3_600 + next()? * 60 + next()?;
    Some(if text.starts_with('+') { seconds } else { -seconds })
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_shared::time;

    #[test]
    fn changes_are_found_to_the_minute() {
        let (on, off) = ("2014-03-30T01:00:00Z", "2014-10-26T01:00:00Z");
        let minute = |text| time::parse(text).unwrap_or_default() / time::MINUTE;
        let summer = minute(on)..minute(off);
        let zone = table("x", |minute| Some(if summer.contains(&minute) { 7_200 } else { 3_600 }));
        let changes = zone.map(|zone| zone.changes).unwrap_or_default();
        let changes: Vec<_> = changes.iter().map(|(t, offset)| (time::format(*t), *offset)).collect();
        assert_eq!(changes, [(on.to_owned(), 7_200), (off.to_owned(), 3_600)]);
    }

    #[test]
    fn offsets_are_read_from_the_browsers_words() {
        let check = |words, expect| assert_eq!(offset_of_words(words), expect, "{words}");
        check("11/2/2014, GMT", Some(0));
        check("11/2/2014, GMT+05:30", Some(19_800));
        check("11/2/2014, GMT-03:30:52", Some(-12_652));
        check("11/2/2014, CET", None);
    }

    #[test]
    fn names_are_grafanas() {
        for name in ["utc", "browser", "Europe/Berlin"] {
            assert_eq!(ZoneChoice::from_name(name).name(), name);
        }
        assert_eq!(ZoneChoice::from_name("UTC"), ZoneChoice::Utc);
    }
}
