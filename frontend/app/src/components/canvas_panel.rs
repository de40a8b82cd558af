//! A panel that is drawn on a canvas without a crosshair: its words, and what lies under the pointer.

use leptos::ev::PointerEvent;
use leptos::prelude::*;
use spate_worker::protocol::{Command, TipUpdate};

use super::legend::Legend;
use super::panel_canvas::PanelCanvas;
use super::panel_head::PanelHead;
use super::panel_notes::PanelNotes;
use super::panel_status::PanelCover;
use crate::browser::event;
use crate::dashboard::Panel;
use crate::format::moment;
use crate::session::Session;

/// The panel.
#[component]
pub(crate) fn CanvasPanel(
    /// Which panel.
    panel: Panel,
) -> impl IntoView {
    let session = Session::get();
    let (id, head) = (panel.id, panel.clone());
    let update = session.updates_of(id);
    let summary = {
        let update = update.clone();
        Memo::new(move |_| update.read().summary.clone())
    };
    let tip = Memo::new(move |_| session.desk().tip.get().filter(|tip| tip.panel == id));
    let side = RwSignal::new("right");
    let point = move |moved: &PointerEvent| {
        let (x, y) = event::place_css_px(moved);
        // The card stands where there is more room.
        side.set(if x * 2.0 > event::width_css_px(moved) { "left" } else { "right" });
        let px = |css_px: f64| (css_px * event::pixel_ratio()) as f32;
        session.send(&Command::Point { panel: id, at_px: Some([px(x), px(y)]) });
    };
    view! {
        <article class="panel chart" id=head.element_id() tabindex="-1" aria-labelledby=head.title_id() data-testid="panel" data-kind=head.spec.kind.clone() data-grouped="true">
            <PanelHead panel=head.clone() update=update.clone() />
            <Legend id update=update.clone() />
            <PanelNotes update=update.clone() />
            <div
                class="plot"
                on:pointermove=move |moved| point(&moved)
                on:pointerleave=move |_| session.send(&Command::Point { panel: id, at_px: None })
            >
                <PanelCanvas panel />
                {move || tip.get().map(|tip| tip_view(session, tip, side.get()))}
                <PanelCover id update />
            </div>
            <p class="visually-hidden">{summary}</p>
        </article>
    }
    .into_any()
}

/// What lies under the pointer, on a card.
fn tip_view(session: Session, tip: TipUpdate, side: &'static str) -> AnyView {
    let x = format!("{}px", f64::from(tip.at_px[0]) / event::pixel_ratio());
    let time = tip.time.map(|time| session.zone.with_untracked(|zone| moment(&time, zone)));
    let row = |(name, value, color): (String, String, u8)| {
        view! {
            <div class="tooltip-row" data-series=color.to_string()>
                <span class="swatch"></span>
                <span class="tooltip-name" dir="auto">{name}</span>
                <span class="tooltip-value">{value}</span>
            </div>
        }
    };
    view! {
        <div class="crosshair" data-side=side style:--x=x>
            <div class="tooltip" data-testid="tip">
                <p class="tooltip-time">{time}</p>
                <p class="tooltip-name">{tip.title}</p>
                {tip.rows.into_iter().map(row).collect_view()}
            </div>
        </div>
    }
    .into_any()
}
