//! Playback's keys, speeds and overview, without the page.

use spate_worker::protocol::OverviewPart;

/// Event seconds per second on offer; the last is as fast as possible.
pub(crate) const SPEEDS: [f64; 16] = [
    0.1,
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    60.0,
    100.0,
    600.0,
    1_000.0,
    3_600.0,
    21_600.0,
    86_400.0,
    345_600.0,
    1_209_600.0,
    f64::INFINITY,
];

/// The speeds on offer, and the current one in its place when it is another.
pub(crate) fn speeds(current: f64) -> Vec<f64> {
    let mut speeds = SPEEDS.to_vec();
    if !speeds.contains(&current) && current.is_finite() {
        speeds.push(current);
        speeds.sort_by(f64::total_cmp);
    }
    speeds
}

/// What a key does to playback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlayKey {
    /// Plays or pauses.
    Toggle,
    /// So many events on, or back when negative.
    Step(i32),
    /// Goes round, or no more.
    Loop,
    /// Goes round from here.
    LoopFrom,
    /// Goes round up to here.
    LoopTo,
    /// So many choices faster, or slower when negative.
    Speed(isize),
}

/// What a key does to playback; `None` for keys that are the page's.
pub(crate) fn key(key: &str) -> Option<PlayKey> {
    Some(match key {
        " " => PlayKey::Toggle,
        "," => PlayKey::Step(-1),
        "." => PlayKey::Step(1),
        "l" => PlayKey::Loop,
        "[" => PlayKey::LoopFrom,
        "]" => PlayKey::LoopTo,
        "<" => PlayKey::Speed(-1),
        ">" => PlayKey::Speed(1),
        _ => return None,
    })
}

/// The overview's outline as SVG path data on a canvas of `parts` by 1: how many events each part has, on a root scale so
/// that quiet parts show.
pub(crate) fn outline(parts: &[OverviewPart]) -> String {
    let most = parts.iter().map(|part| part.events).max().unwrap_or(0).max(1);
    let height = |events: u32| (f64::from(events) / f64::from(most)).sqrt();
    let step = |(at, part): (usize, &OverviewPart)| {
        let top = 1.0 - height(part.events);
        format!("L{at} {top:.3}L{} {top:.3}", at + 1)
    };
    let steps: Vec<_> = parts.iter().enumerate().map(step).collect();
    format!("M0 1{}L{} 1z", steps.concat(), parts.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn current_speed_is_always_on_offer_once() {
        assert_eq!(speeds(60.0), SPEEDS);
        assert_eq!(speeds(f64::NAN).len(), SPEEDS.len());
        let with_another = speeds(7_200.0);
        assert_eq!(with_another.len(), SPEEDS.len() + 1);
        assert!(with_another.is_sorted());
    }

    #[test]
    fn keys_are_those_of_players() {
        assert_eq!(
            [key(" "), key(","), key(">")],
            [Some(PlayKey::Toggle), Some(PlayKey::Step(-1)), Some(PlayKey::Speed(1))]
        );
        assert_eq!(key("a"), None);
    }

    #[test]
    fn outline_is_as_wide_as_there_are_parts_and_no_higher_than_one() {
        let parts = [0, 4, 1].map(|events| OverviewPart { events });
        assert_eq!(outline(&parts), "M0 1L0 1.000L1 1.000L1 0.000L2 0.000L2 0.500L3 0.500L3 1z");
        assert_eq!(outline(&[]), "M0 1L0 1z");
    }
}
