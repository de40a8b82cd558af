//! A chart over time: header, legend, and a plot that pointer and keyboard can enter.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;

use super::crosshair::Crosshair;
use super::legend::Legend;
use super::panel_canvas::PanelCanvas;
use super::panel_status::{PanelStatus, Waiting};
use crate::browser::event;
use crate::cursor::x_from_key;
use crate::dashboard::Panel;
use crate::session::Session;
use crate::time::{TimeEdit, edit_from_key};

/// The panel.
#[component]
pub(crate) fn TimeSeries(
    /// Which panel.
    panel: Panel,
) -> impl IntoView {
    let update = Session::get().updates_of(panel.id);
    let title_id = StoredValue::new(format!("panel-{}-title", panel.id));
    let element_id = panel.element_id();
    let Panel { title, subtitle, is_grouped, .. } = panel.clone();
    view! {
        <article
            class="panel chart"
            id=element_id
            tabindex="-1"
            aria-labelledby=title_id.get_value()
            data-testid="panel"
            data-kind="time_series"
            data-grouped=is_grouped.to_string()
        >
            <header class="panel-header">
                <h2 class="panel-title" id=title_id.get_value()>{title}<span class="panel-subtitle">{subtitle}</span></h2>
                <PanelStatus update=update.clone() />
            </header>
            <Legend update />
            <Plot panel />
        </article>
    }
}

/// The plot: arrows walk it, Shift walks faster, Home and End go to the edges, Escape leaves; `edit_from_key` has the others.
#[component]
fn Plot(panel: Panel) -> impl IntoView {
    let session = Session::get();
    let id = panel.id;
    let update = session.updates_of(id);
    let summary_id = StoredValue::new(format!("panel-{id}-summary"));
    let label = format!("{} {}: use the arrow keys to read values", panel.title, panel.subtitle);
    let summary = {
        let update = update.clone();
        Memo::new(move |_| update.read().summary.clone())
    };
    let update = StoredValue::new(update);
    // CSS pixels from the plot's left edge, while the keyboard leads.
    let key_x = RwSignal::new(None::<f32>);
    // CSS pixels, as of the last event.
    let width = RwSignal::new(0.0);
    let to_device = move |x_css_px: f64| (x_css_px * event::pixel_ratio()) as f32;
    let on_pointer = move |event: PointerEvent| {
        key_x.set(None);
        width.set(event::width_css_px(&event));
        session.hover_at((id, Some(to_device(event::x_css_px(&event)))));
    };
    let leave = move || {
        key_x.set(None);
        session.hover_at((id, None));
    };
    let reset = move |_| {
        let shown = update.with_value(|update| update.read_untracked().shown);
        session.edit_time(TimeEdit::Reset { shown });
    };
    let on_key = move |event: KeyboardEvent| {
        width.set(event::width_css_px(&event));
        let shown = update.with_value(|update| update.read_untracked().shown);
        if event.key() == "Escape" {
            leave();
        } else if let Some(edit) = edit_from_key(&event.key(), shown).filter(|_| !event::has_modifier(&event))
        {
            event.prevent_default();
            session.edit_time(edit);
        } else if let Some(x) =
            x_from_key(&event.key(), event.shift_key(), key_x.get_untracked(), width.get_untracked() as f32)
        {
            event.prevent_default();
            key_x.set(Some(x));
            session.hover_at((id, Some(to_device(x.into()))));
        }
    };
    view! {
        <div
            class="plot"
            tabindex="0"
            role="application"
            aria-roledescription="chart"
            aria-label=label
            aria-describedby=summary_id.get_value()
            data-testid="plot"
            on:pointermove=on_pointer
            on:pointerdown=on_pointer
            on:pointerleave=move |_| leave()
            on:keydown=on_key
            on:dblclick=reset
            on:blur=move |_| leave()
        >
            <PanelCanvas panel />
            <Crosshair id width key_x />
            <Waiting update=update.get_value() />
        </div>
        <p class="visually-hidden" id=summary_id.get_value()>{summary}</p>
    }
}
