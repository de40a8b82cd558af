//! The crosshair's place, and its questions to the worker: one under way, the newest next.

use spate_worker::protocol::PanelId;

/// After this long without an answer the next question is asked anyway.
const PATIENCE_MILLIS: f64 = 500.0;

/// A place on a panel: device pixels from the canvas's left edge, `None` when the crosshair left it.
pub(crate) type Place = (PanelId, Option<f32>);

/// Asks one question at a time; of those that came meanwhile only the newest is kept.
#[derive(Debug, Default)]
pub(crate) struct Cursor {
    asked_at_millis: Option<f64>,
    next: Option<Place>,
    last: Option<Place>,
}

impl Cursor {
    /// Moves the crosshair; gives the question to ask now, if any.
    pub(crate) fn move_to(&mut self, place: Place, now_millis: f64) -> Option<Place> {
        self.last = Some(place);
        let waits = self.asked_at_millis.is_some_and(|asked| now_millis - asked < PATIENCE_MILLIS);
        if waits {
            self.next = Some(place);
            return None;
        }
        self.asked_at_millis = Some(now_millis);
        self.next = None;
        Some(place)
    }

    /// The answer came; gives the question to ask next, if any.
    pub(crate) fn answered(&mut self, now_millis: f64) -> Option<Place> {
        self.asked_at_millis = None;
        let place = self.next.take()?;
        self.move_to(place, now_millis)
    }

    /// Whether an answer about `panel` is still wanted.
    pub(crate) fn rests_on(&self, panel: PanelId) -> bool {
        self.last.is_some_and(|(at, x_px)| at == panel && x_px.is_some())
    }
}

/// Where a key takes the crosshair: 1 % of the width, or 10 % with Shift; Home and End go to the edges.
pub(crate) fn x_from_key(key: &str, shift: bool, from_px: Option<f32>, width_px: f32) -> Option<f32> {
    let step = width_px * if shift { 0.1 } else { 0.01 };
    let from = from_px.unwrap_or(width_px);
    let x_px = match key {
        "ArrowLeft" => from - step,
        "ArrowRight" => from + step,
        "Home" => 0.0,
        "End" => width_px,
        _ => return None,
    };
    Some(x_px.clamp(0.0, width_px))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_place_is_asked_after_an_answer() {
        let mut cursor = Cursor::default();
        assert_eq!(cursor.move_to((1, Some(1.0)), 0.0), Some((1, Some(1.0))));
        assert_eq!(cursor.move_to((1, Some(2.0)), 1.0), None);
        assert_eq!(cursor.move_to((1, Some(3.0)), 2.0), None);
        assert_eq!(cursor.answered(3.0), Some((1, Some(3.0))));
        assert_eq!(cursor.answered(4.0), None);
    }

    #[test]
    fn lost_answer_does_not_stop_the_crosshair() {
        let mut cursor = Cursor::default();
        cursor.move_to((1, Some(1.0)), 0.0);
        assert_eq!(cursor.move_to((1, Some(2.0)), 600.0), Some((1, Some(2.0))));
    }

    #[test]
    fn crosshair_rests_on_a_panel_until_it_leaves() {
        let mut cursor = Cursor::default();
        assert!(!cursor.rests_on(1));
        cursor.move_to((1, Some(1.0)), 0.0);
        assert!(cursor.rests_on(1) && !cursor.rests_on(2));
        cursor.move_to((1, None), 1.0);
        assert!(!cursor.rests_on(1));
    }

    #[test]
    fn arrow_keys_walk_and_stay_on_the_canvas() {
        assert_eq!(x_from_key("ArrowLeft", false, None, 1_000.0), Some(990.0));
        assert_eq!(x_from_key("ArrowLeft", true, Some(50.0), 1_000.0), Some(0.0));
        assert_eq!(x_from_key("ArrowRight", false, Some(995.0), 1_000.0), Some(1_000.0));
        assert_eq!(x_from_key("Home", false, Some(995.0), 1_000.0), Some(0.0));
        assert_eq!(x_from_key("a", false, Some(995.0), 1_000.0), None);
    }
}
