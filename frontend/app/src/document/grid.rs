//! Where panels stand: a grid of 24 columns and as many rows as there are, without overlaps and without holes above.

use super::PanelDocument;

/// Columns of the grid.
pub(crate) const COLUMNS: u32 = 24;
/// Rows a panel may have, at the most.
pub(crate) const MOST_ROWS: u32 = 60;
/// Columns and rows of the smallest panel.
const LEAST: (u32, u32) = (3, 2);

/// A rectangle of the grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Columns from the left.
    pub(crate) x: u32,
    /// Rows from the top.
    pub(crate) y: u32,
    /// Columns.
    pub(crate) w: u32,
    /// Rows.
    pub(crate) h: u32,
}

impl Place {
    /// The same place within the grid, of a size that shows something.
    #[must_use]
    pub(crate) fn bounded(self) -> Self {
        let (w, h) = (self.w.clamp(LEAST.0, COLUMNS), self.h.clamp(LEAST.1, MOST_ROWS));
        Self { x: self.x.min(COLUMNS - w), y: self.y.min(10_000), w, h }
    }

    /// As large as a panel of a kind needs at the least.
    #[must_use]
    pub(crate) fn suiting(self, kind: &str) -> Self {
        let (w, h) = if kind == "stat" { (LEAST.0, LEAST.1) } else { (9, 6) };
        Self { w: self.w.max(w), h: self.h.max(h), ..self }.bounded()
    }

    /// Moved by columns and rows.
    #[must_use]
    pub(crate) fn moved(self, columns: i32, rows: i32) -> Self {
        let x = self.x.saturating_add_signed(columns);
        Self { x, y: self.y.saturating_add_signed(rows), ..self }.bounded()
    }

    /// Made wider and taller by columns and rows.
    #[must_use]
    pub(crate) fn resized(self, columns: i32, rows: i32) -> Self {
        let w = self.w.saturating_add_signed(columns).min(COLUMNS - self.x);
        Self { w, h: self.h.saturating_add_signed(rows), ..self }.bounded()
    }

    /// Its sides, by their names in documents.
    pub(super) fn sides(self) -> [(&'static str, u32); 4] {
        [("x", self.x), ("y", self.y), ("w", self.w), ("h", self.h)]
    }

    /// Its sides, to be set.
    pub(super) fn sides_mut(&mut self) -> [(&'static str, &mut u32); 4] {
        [("x", &mut self.x), ("y", &mut self.y), ("w", &mut self.w), ("h", &mut self.h)]
    }

    /// As CSS writes it: first row and column, then how many of each.
    pub(crate) fn css(self) -> String {
        format!("{} / {} / span {} / span {}", self.y + 1, self.x + 1, self.h, self.w)
    }

    /// How it is shown where the grid has few columns: `tile`, `half` or `wide`.
    pub(crate) fn size_name(self) -> &'static str {
        match (self.w, self.h) {
            (..=6, ..=4) => "tile",
            (..=12, _) => "half",
            _ => "wide",
        }
    }

    /// Dragged by CSS pixels, by its corner or as a whole, on a grid whose columns and rows are `pitch_px` apart.
    #[must_use]
    pub(crate) fn dragged(self, by_px: (f64, f64), pitch_px: (f64, f64), by_corner: bool) -> Self {
        let steps = |by_px: f64, pitch_px: f64| (by_px / pitch_px.max(1.0)).round() as i32;
        let (columns, rows) = (steps(by_px.0, pitch_px.0), steps(by_px.1, pitch_px.1));
        if by_corner { self.resized(columns, rows) } else { self.moved(columns, rows) }
    }

    fn bottom(self) -> u32 {
        self.y + self.h
    }

    fn shares_columns(self, other: Self) -> bool {
        self.x < other.x + other.w && other.x < self.x + self.w
    }

    fn overlaps(self, other: Self) -> bool {
        self.shares_columns(other) && self.y < other.bottom() && other.y < self.bottom()
    }
}

/// Where a panel goes that is moved from its place to `to`: below those whose middle it reaches on its way down.
pub(super) fn past(panels: &[PanelDocument], id: u32, from: Place, to: Place) -> Place {
    let is_passed = |other: Place| {
        other.y >= from.bottom() && other.shares_columns(to) && other.y + other.h / 2 <= to.bottom()
    };
    let others = panels.iter().filter(|panel| panel.id != id).map(|panel| panel.place);
    let passed = others.filter(|other| to.y > from.y && is_passed(*other)).map(Place::bottom).max();
    Place { y: passed.unwrap_or(0).max(to.y), ..to }
}

/// The place one panel further up or down, for the keyboard; the same where there is none.
pub(crate) fn beyond(panels: &[PanelDocument], id: u32, down: bool) -> Option<Place> {
    let place = panels.iter().find(|panel| panel.id == id)?.place;
    let others = panels.iter().filter(|panel| panel.id != id).map(|panel| panel.place);
    let others = others.filter(|other| other.shares_columns(place));
    let y = if down {
        others.filter(|other| other.y >= place.bottom()).map(Place::bottom).min()
    } else {
        others.filter(|other| other.bottom() <= place.y).map(|other| other.y).max()
    };
    Some(Place { y: y.unwrap_or(place.y), ..place })
}

/// Moves panels out of each other's way, `first` last, then up into holes; the order becomes that of reading.
pub(crate) fn settle(panels: &mut [PanelDocument], first: Option<u32>) {
    for panel in panels.iter_mut() {
        panel.place = panel.place.bounded();
    }
    panels.sort_by_key(|panel| (panel.place.y, Some(panel.id) != first, panel.place.x, panel.id));
    // The one that was moved stays; the others give way downwards.
    let mut placed: Vec<Place> =
        panels.iter().filter(|panel| Some(panel.id) == first).map(|p| p.place).collect();
    for panel in panels.iter_mut().filter(|panel| Some(panel.id) != first) {
        while let Some(hit) = placed.iter().find(|place| place.overlaps(panel.place)) {
            panel.place.y = hit.bottom();
        }
        placed.push(panel.place);
    }
    panels.sort_by_key(|panel| (panel.place.y, panel.place.x, panel.id));
    let mut placed: Vec<Place> = Vec::new();
    for panel in panels.iter_mut() {
        while panel.place.y > 0 {
            let up = Place { y: panel.place.y - 1, ..panel.place };
            if placed.iter().any(|place| place.overlaps(up)) {
                break;
            }
            panel.place = up;
        }
        placed.push(panel.place);
    }
    panels.sort_by_key(|panel| (panel.place.y, panel.place.x, panel.id));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn panel(id: u32, x: u32, y: u32, w: u32, h: u32) -> PanelDocument {
        PanelDocument { id, place: Place { x, y, w, h }, ..PanelDocument::default() }
    }

    fn check(mut panels: Vec<PanelDocument>, first: Option<u32>, expect: &[(u32, u32, u32)]) {
        settle(&mut panels, first);
        let places: Vec<_> = panels.iter().map(|panel| (panel.id, panel.place.x, panel.place.y)).collect();
        assert_eq!(places, expect);
    }

    #[test]
    fn a_moved_panel_pushes_the_others_down() {
        check(vec![panel(1, 0, 0, 12, 4), panel(2, 0, 0, 12, 4)], Some(2), &[(2, 0, 0), (1, 0, 4)]);
    }

    #[test]
    fn holes_close_upwards() {
        check(vec![panel(1, 0, 9, 12, 4), panel(2, 12, 3, 12, 4)], None, &[(1, 0, 0), (2, 12, 0)]);
    }

    #[test]
    fn panels_stay_inside_the_grid_whatever_a_document_says() {
        check(vec![panel(1, 99, 0, 99, 99), panel(2, 23, 0, 0, 0)], None, &[(1, 0, 0), (2, 21, 60)]);
        let place = Place { x: 20, y: 0, w: 4, h: 4 };
        assert_eq!(place.resized(9, 0).w, 4);
        assert_eq!(place.moved(-99, -99), Place { x: 0, y: 0, w: 4, h: 4 });
    }

    #[test]
    fn a_panel_moved_down_goes_below_the_one_whose_middle_it_reaches() {
        let panels = [panel(1, 0, 0, 12, 4), panel(2, 0, 4, 12, 6)];
        let to = |y| past(&panels, 1, panels[0].place, Place { y, ..panels[0].place }).y;
        assert_eq!([1, 2, 3, 4].map(to), [1, 2, 10, 10]);
        let up = Place { y: 1, ..panels[1].place };
        assert_eq!(past(&panels, 2, panels[1].place, up), up);
    }

    #[test]
    fn the_keyboard_changes_places_with_the_next_panel_up_or_down() {
        let panels = [panel(1, 0, 0, 12, 4), panel(2, 0, 4, 12, 6), panel(3, 12, 0, 12, 4)];
        let y = |id, down| beyond(&panels, id, down).map(|place| place.y);
        assert_eq!((y(1, true), y(1, false)), (Some(10), Some(0)));
        assert_eq!((y(2, true), y(2, false)), (Some(4), Some(0)));
        assert_eq!((y(3, true), y(9, true)), (Some(0), None));
    }

    #[test]
    fn dragging_snaps_to_columns_and_rows() {
        let place = Place { x: 2, y: 2, w: 6, h: 4 };
        let dragged = |by_corner| place.dragged((119.0, -70.0), (60.0, 48.0), by_corner);
        assert_eq!(dragged(false), Place { x: 4, y: 1, w: 6, h: 4 });
        assert_eq!(dragged(true), Place { x: 2, y: 2, w: 8, h: 3 });
    }

    proptest! {
        #[test]
        fn no_two_panels_overlap_and_settling_again_changes_nothing(
            places in prop::collection::vec((0_u32..30, 0_u32..30, 0_u32..30, 0_u32..20), 0..12),
            first in prop::option::of(0_u32..12),
        ) {
            let ids = 0..;
            let mut panels: Vec<_> = ids.zip(&places).map(|(id, (x, y, w, h))| panel(id, *x, *y, *w, *h)).collect();
            settle(&mut panels, first);
            for (index, one) in panels.iter().enumerate() {
                for other in &panels[index + 1..] {
                    prop_assert!(!one.place.overlaps(other.place), "{one:?} {other:?}");
                }
            }
            let settled = panels.clone();
            settle(&mut panels, None);
            prop_assert_eq!(panels, settled);
        }
    }
}
