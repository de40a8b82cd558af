//! What the reader does on a plot: the crosshair, zooming values, hiding series, choosing an interval.

use spate_shared::time::Nanos;

use super::{Effect, Runtime};
use crate::gesture::{Gesture, Place, Purpose, Span, Step};
use crate::panel;
use crate::protocol::{HoverUpdate, PanelId, Update};

impl Runtime {
    pub(super) fn gesture(&mut self, id: PanelId, gesture: Gesture, effects: &mut Vec<Effect>) {
        match gesture {
            Gesture::Span { from, to, purpose } => {
                let span = self.span(id, from, to, purpose);
                effects.extend(span.map(|span| Effect::Post(Update::Span(span))));
            }
            Gesture::Mark => self.mark(id, self.moment(id), effects),
            Gesture::Unmark => self.mark(id, None, effects),
            Gesture::TakeMark(purpose) => {
                let mark = self.panels.get(&id).and_then(|panel| panel.mark);
                if let (Some(from), Some(to)) = (mark, self.moment(id)) {
                    let span = self.span(id, Place::Time(from), Place::Time(to), purpose);
                    effects.extend(span.map(|span| Effect::Post(Update::Span(span))));
                }
                self.mark(id, None, effects);
            }
            Gesture::ZoomValues { from_px, to_px } => {
                self.edit_panel(id, |panel| panel.zoom_values(from_px, to_px));
            }
            Gesture::ScaleValues(part) => self.edit_panel(id, |panel| panel.scale_values(part)),
            Gesture::ResetValues => self.edit_panel(id, panel::Panel::reset_values),
            Gesture::Hide(names) => self.edit_panel(id, |panel| panel.hide(names)),
            Gesture::Point(place) => self.point_at(id, place, effects),
            Gesture::Step(step) => self.step(id, step, effects),
        }
    }

    fn span(&self, id: PanelId, from: Place, to: Place, purpose: Purpose) -> Option<Span> {
        let panel = self.panels.get(&id)?;
        let layout = panel.layout()?;
        let (a, b) = (from.time(layout), to.time(layout));
        let (from, to) = (a.min(b), a.max(b).max(a.min(b).saturating_add(1)));
        let head = self.head_of(&panel.spec.stream).unwrap_or(layout.time_range.1);
        Some(Span { panel: id, purpose, from, to, head })
    }

    /// The moment of the crosshair, when it is on this panel.
    fn moment(&self, id: PanelId) -> Option<Nanos> {
        let (_, place) = self.hover.filter(|(lead, _)| *lead == id)?;
        let exact = self.panels.get(&id)?.hover(id, &self.store, place).map(|hover| hover.moment);
        exact.or(if let Place::Time(time) = place { Some(time) } else { None })
    }

    fn mark(&mut self, id: PanelId, moment: Option<Nanos>, effects: &mut Vec<Effect>) {
        if let Some(panel) = self.panels.get_mut(&id) {
            panel.mark = moment;
            effects.push(Effect::Hover);
        }
    }

    fn step(&mut self, id: PanelId, step: Step, effects: &mut Vec<Effect>) {
        let Some(panel) = self.panels.get(&id) else { return };
        let to = panel.step(&self.store, self.moment(id), step);
        let range = panel.layout().map(|layout| layout.time_range);
        match (to, range) {
            (Some(time), Some((start, end))) if (start..=end).contains(&time) => {
                self.point_at(id, Place::Time(time), effects);
            }
            (time, _) if matches!(step, Step::Anomalies(_)) => {
                effects.push(Effect::Post(Update::Beyond { panel: id, time }));
            }
            _ => {}
        }
    }

    fn point_at(&mut self, id: PanelId, place: Place, effects: &mut Vec<Effect>) {
        self.hover = Some((id, place));
        effects.push(Effect::Hover);
    }

    /// Exact values at the crosshair, on the panel it is on and on those that follow it.
    pub fn hovered(&self) -> Update {
        Update::Hover(self.hover_updates().unwrap_or_default())
    }

    fn hover_updates(&self) -> Option<Vec<HoverUpdate>> {
        let (lead, place) = self.hover?;
        let update = self.panels.get(&lead)?.hover(lead, &self.store, place)?;
        let moment = update.moment;
        let followers = self.panels.iter().filter(|(id, panel)| **id != lead && panel.is_visible);
        let follow = |(id, panel): (&PanelId, &panel::Panel)| {
            let update = panel.hover(*id, &self.store, Place::Time(moment))?;
            Some(HoverUpdate { leads: false, ..update })
        };
        Some(std::iter::once(update).chain(followers.filter_map(follow)).collect())
    }
}
