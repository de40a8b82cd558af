//! The plot of a panel over time: pointer, touch and keyboard read it, zoom it and choose on it.

use leptos::ev::{KeyboardEvent, PointerEvent, WheelEvent, on};
use leptos::prelude::*;
use spate_worker::gesture::{Gesture, Purpose};
use spate_worker::protocol::{HoverUpdate, PanelId};

use super::later::{Part, later};
use super::panel_canvas::PanelCanvas;
use super::panel_status::PanelCover;
use crate::browser::event;
use crate::cursor::{KeyAct, key_act};
use crate::dashboard::Panel;
use crate::drag::{Chooses, Drag, Pinch};
use crate::session::{Session, plot_id};
use crate::time::{TimeEdit, edit_from_key};

/// What one notch of the wheel shows.
const WHEEL_FACTOR: f64 = 1.25;
/// What lies over a plot while there is nothing to see, with buttons of its own.
const COVER: &str = ".waiting";

/// What the plot knows of pointer and keyboard.
#[derive(Clone, Copy)]
struct Hands {
    session: Session,
    id: PanelId,
    /// Whether the keyboard leads; its values are read out.
    by_key: RwSignal<bool>,
    /// Width in CSS pixels, as of the last event.
    width: RwSignal<f64>,
    /// The pointer that moved last: when another one leaves, its crosshair stays.
    pointer: StoredValue<Option<i32>>,
    drag: RwSignal<Option<Drag>>,
    pinch: StoredValue<Pinch>,
}

/// The plot.
#[component]
pub(crate) fn Plot(
    /// Which panel.
    panel: Panel,
) -> impl IntoView {
    let session = Session::get();
    let id = panel.id;
    let update = session.updates_of(id);
    let summary_id = StoredValue::new(format!("panel-{id}-summary"));
    let label = format!(
        "{} {}: arrow keys read values, Page Up and Page Down go to anomalies",
        panel.title, panel.subtitle
    );
    let summary = {
        let update = update.clone();
        Memo::new(move |_| update.read().summary.clone())
    };
    let hands = Hands {
        session,
        id,
        by_key: RwSignal::new(false),
        width: RwSignal::new(0.0),
        pointer: StoredValue::new(None),
        drag: RwSignal::new(None),
        pinch: StoredValue::new(Pinch::default()),
    };
    let is_led = move || session.desk().hover.read().iter().any(|hover| hover.panel == id);
    let was_pointed_at = Memo::new(move |before| before == Some(&true) || is_led());
    view! {
        <div
            class="plot"
            id=plot_id(id)
            tabindex="0"
            role="application"
            aria-roledescription="chart"
            aria-label=label
            aria-describedby=summary_id.get_value()
            data-testid="plot"
            data-brush=move || session.desk().brush.get().to_string()
            on:pointerdown=move |event| hands.press(&event)
            on:pointermove=move |event| hands.move_to(&event)
            {..on(event::raw_move(), move |event: PointerEvent| hands.follow(&event))}
            on:pointerup=move |event| hands.lift(&event)
            on:pointercancel=move |event| hands.cancel(&event)
            on:pointerleave=move |event| hands.leave_with(&event)
            on:wheel=move |event| hands.wheel(&event)
            on:dblclick=move |_| session.reset_zoom(id)
            on:keydown=move |event| hands.key(&event)
            on:blur=move |_| hands.leave()
        >
            <PanelCanvas panel />
            <Chosen drag=hands.drag />
            {move || was_pointed_at.get().then(|| later(Part::Crosshair { id, width: hands.width, by_key: hands.by_key }))}
            <PanelCover id update />
        </div>
        <p class="visually-hidden" id=summary_id.get_value()>{summary}</p>
    }
}

/// What a drag has chosen so far.
#[component]
fn Chosen(drag: RwSignal<Option<Drag>>) -> impl IntoView {
    move || {
        drag.get().filter(Drag::is_choice).map(|drag| {
            let (start, length) = drag.extent();
            let (start, length) = (format!("{start}px"), format!("{length}px"));
            view! {
                <div class="chosen" data-chooses=drag.chooses.name() style:--start=start style:--length=length></div>
            }
        })
    }
}

impl Hands {
    fn device_px(css_px: f64) -> f32 {
        (css_px * event::pixel_ratio()) as f32
    }

    fn hover(self, pointer: &PointerEvent, x_css_px: f64) {
        self.by_key.set(false);
        self.pointer.set_value(Some(pointer.pointer_id()));
        self.session.hover_at((self.id, Some(Self::device_px(x_css_px))));
    }

    /// The crosshair moves at once; what else a move does waits for the next painting.
    fn follow(self, moved: &PointerEvent) {
        if !self.pinch.with_value(Pinch::is_on) {
            self.hover(moved, event::place_css_px(moved).0);
        }
    }

    fn press(self, pressed: &PointerEvent) {
        if event::is_within(pressed, COVER) {
            return;
        }
        let at = event::place_css_px(pressed);
        self.width.set(event::width_css_px(pressed));
        self.hover(pressed, at.0);
        let is_touch = pressed.pointer_type() == "touch";
        let brush = self.session.desk().brush.get_untracked();
        if is_touch {
            self.pinch.update_value(|pinch| pinch.touch(pressed.pointer_id(), at.0));
        }
        // A finger alone reads values, unless the brush is on.
        if pressed.button() == 0 && (!is_touch || brush) {
            event::capture(pressed);
            let chooses = Chooses::with(pressed.shift_key(), pressed.alt_key(), brush);
            self.drag.set(Some(Drag { from: at, to: at, chooses }));
        }
    }

    fn move_to(self, moved: &PointerEvent) {
        let at = event::place_css_px(moved);
        self.width.set(event::width_css_px(moved));
        if moved.pointer_type() == "touch" {
            self.pinch.update_value(|pinch| pinch.touch(moved.pointer_id(), at.0));
        }
        if self.drag.read_untracked().is_some() {
            self.drag.update(|drag| drag.iter_mut().for_each(|drag| drag.to = at));
        }
        self.follow(moved);
    }

    fn lift(self, lifted: &PointerEvent) {
        let pinched = self.pinch.try_update_value(|pinch| pinch.leave(lifted.pointer_id())).flatten();
        let drag = self.drag.try_update(Option::take).flatten();
        if let Some(factor) = pinched {
            self.scale_time(factor);
        } else if let Some(gesture) = drag.and_then(|drag| drag.gesture(event::pixel_ratio())) {
            self.session.gesture(self.id, gesture);
        }
    }

    fn cancel(self, gone: &PointerEvent) {
        self.forget(gone);
        self.drag.set(None);
    }

    /// A finger that left without being lifted zooms nothing.
    fn forget(self, gone: &PointerEvent) {
        self.pinch.update_value(|pinch| {
            pinch.leave(gone.pointer_id());
        });
    }

    fn leave_with(self, gone: &PointerEvent) {
        self.forget(gone);
        if !self.by_key.get_untracked() && self.pointer.get_value() == Some(gone.pointer_id()) {
            self.leave();
        }
    }

    fn leave(self) {
        self.by_key.set(false);
        self.session.hover_at((self.id, None));
    }

    /// Turned with a key it zooms, with Shift the values; alone it scrolls the page.
    fn wheel(self, turned: &WheelEvent) {
        let turn = if turned.delta_y() == 0.0 { turned.delta_x() } else { turned.delta_y() };
        if turn == 0.0 || !event::zooms(turned) {
            return;
        }
        turned.prevent_default();
        let factor = if turn > 0.0 { WHEEL_FACTOR } else { 1.0 / WHEEL_FACTOR };
        if turned.shift_key() {
            self.session.gesture(self.id, Gesture::ScaleValues(factor));
        } else {
            self.scale_time(factor);
        }
    }

    fn key(self, pressed: &KeyboardEvent) {
        if event::has_modifier(pressed) || event::is_within(pressed, COVER) {
            return;
        }
        if let Some(edit) = edit_from_key(&pressed.key(), self.session.shown_on(self.id)) {
            pressed.prevent_default();
            return match edit {
                TimeEdit::Reset { .. } => self.session.reset_zoom(self.id),
                edit => self.session.edit_time(edit),
            };
        }
        let Some(act) = key_act(&pressed.key(), pressed.shift_key()) else { return };
        self.width.set(event::width_css_px(pressed));
        let mark = self.lead().and_then(|hover| hover.mark_px);
        match (act, mark) {
            (KeyAct::Leave, None) => return self.leave(),
            (KeyAct::Leave, Some(_)) => self.session.gesture(self.id, Gesture::Unmark),
            (KeyAct::Step(step), _) => {
                self.session.hover_by_key(self.id);
                self.session.gesture(self.id, Gesture::Step(step));
                self.by_key.set(true);
            }
            (KeyAct::ScaleValues(factor), _) => self.session.gesture(self.id, Gesture::ScaleValues(factor)),
            (KeyAct::Mark, None) => {
                self.session.gesture(self.id, Gesture::Mark);
                self.session.announce("An interval begins here; move on, then press Enter");
            }
            (KeyAct::Mark, Some(_)) => self.session.gesture(self.id, Gesture::TakeMark(Purpose::Brush)),
            (KeyAct::ZoomToMark, Some(_)) => self.session.gesture(self.id, Gesture::TakeMark(Purpose::Zoom)),
            (KeyAct::ZoomToMark, None) => return,
        }
        pressed.prevent_default();
        pressed.stop_propagation();
    }

    fn lead(self) -> Option<HoverUpdate> {
        self.session
            .desk()
            .hover
            .read_untracked()
            .iter()
            .find(|hover| hover.leads && hover.panel == self.id)
            .cloned()
    }

    /// Around the crosshair, or the middle where there is none.
    fn scale_time(self, factor: f64) {
        let shown = self.session.shown_on(self.id);
        let around = self.lead().map_or(shown.from.midpoint(shown.to), |hover| hover.moment);
        self.session.edit_time(TimeEdit::ZoomBy { shown, factor, around });
    }
}
