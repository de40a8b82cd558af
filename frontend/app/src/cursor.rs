//! The crosshair's place, and its questions to the worker: one under way, the newest next.

use spate_worker::gesture::Step;
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
    /// Moves the crosshair; gives the question to ask now, if any. A browser may tell of one move twice.
    pub(crate) fn move_to(&mut self, place: Place, now_millis: f64) -> Option<Place> {
        if self.last.replace(place) == Some(place) {
            return None;
        }
        self.ask(place, now_millis)
    }

    fn ask(&mut self, place: Place, now_millis: f64) -> Option<Place> {
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
        self.ask(place, now_millis)
    }

    /// The keyboard leads on a panel, without a place in pixels: questions that wait are no longer wanted.
    pub(crate) fn lead(&mut self, panel: PanelId) {
        self.next = None;
        self.last = Some((panel, Some(0.0)));
    }

    /// Whether an answer about `panel` is still wanted.
    pub(crate) fn rests_on(&self, panel: PanelId) -> bool {
        self.last.is_some_and(|(at, x_px)| at == panel && x_px.is_some())
    }
}

/// What a key does on a plot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum KeyAct {
    /// Moves the crosshair.
    Step(Step),
    /// Shows this part of the values.
    ScaleValues(f64),
    /// Begins or ends choosing an interval.
    Mark,
    /// Shows the chosen interval alone.
    ZoomToMark,
    /// Stops choosing, or leaves.
    Leave,
}

/// What a key does on a plot; `None` for keys that are the page's.
pub(crate) fn key_act(key: &str, shift: bool) -> Option<KeyAct> {
    let points = if shift { 10 } else { 1 };
    Some(match key {
        "ArrowLeft" => KeyAct::Step(Step::Points(-points)),
        "ArrowRight" => KeyAct::Step(Step::Points(points)),
        "Home" => KeyAct::Step(Step::First),
        "End" => KeyAct::Step(Step::Last),
        "p" => KeyAct::Step(Step::Anomalies(-1)),
        "n" => KeyAct::Step(Step::Anomalies(1)),
        "ArrowUp" => KeyAct::ScaleValues(0.8),
        "ArrowDown" => KeyAct::ScaleValues(1.25),
        "b" | "Enter" => KeyAct::Mark,
        "z" => KeyAct::ZoomToMark,
        "Escape" => KeyAct::Leave,
        _ => return None,
    })
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
    fn a_place_is_asked_once_however_often_a_move_to_it_is_told() {
        let mut cursor = Cursor::default();
        assert_eq!(cursor.move_to((1, Some(1.0)), 0.0), Some((1, Some(1.0))));
        assert_eq!(cursor.answered(1.0), None);
        assert_eq!(cursor.move_to((1, Some(1.0)), 2.0), None);
        assert_eq!(cursor.move_to((1, Some(2.0)), 3.0), Some((1, Some(2.0))));
        assert_eq!(cursor.move_to((1, Some(2.0)), 4.0), None);
        assert_eq!(cursor.answered(5.0), None);
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
    fn arrow_keys_walk_points_and_n_and_p_anomalies() {
        assert_eq!(key_act("ArrowLeft", false), Some(KeyAct::Step(Step::Points(-1))));
        assert_eq!(key_act("ArrowRight", true), Some(KeyAct::Step(Step::Points(10))));
        assert_eq!(key_act("n", false), Some(KeyAct::Step(Step::Anomalies(1))));
        assert_eq!((key_act("Tab", false), key_act("a", false)), (None, None));
    }
}
