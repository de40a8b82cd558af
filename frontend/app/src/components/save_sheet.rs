//! A panel as an image or as data.

use leptos::prelude::*;
use spate_worker::ask::Ask;
use spate_worker::export::{Format, Part};
use spate_worker::protocol::PanelId;

use super::side_sheet::SheetFrame;
use crate::browser::picture;
use crate::session::{PictureFor, Session};

/// The sheet.
#[component]
pub(crate) fn SaveSheet(
    /// Which panel.
    id: PanelId,
) -> impl IntoView {
    let session = Session::get();
    session.desk().copied.set(None);
    let take = move |purpose| {
        session.desk().picture_for.set(Some(purpose));
        session.ask(Ask::Picture { panel: id, scale: picture::scale() as f32 });
    };
    view! {
        <SheetFrame title=session.title_of(id) note="Nothing leaves this device">
            <h3 class="sheet-section">"Image"</h3>
            <div class="sheet-actions">
                <button type="button" class="button" data-testid="save-png" on:click=move |_| take(PictureFor::Download)>"Save as PNG"</button>
                <button type="button" class="button" data-testid="copy-png" on:click=move |_| take(PictureFor::Clipboard)>"Copy image"</button>
            </div>
            <p class="sheet-note" data-testid="copied">{move || session.desk().copied.get()}</p>
            <Data id />
        </SheetFrame>
    }
}

/// Which rows, and in which format.
#[component]
fn Data(id: PanelId) -> impl IntoView {
    let session = Session::get();
    let part = RwSignal::new(Part::Visible);
    let selected = session.desk().interval.get_untracked();
    let choice = move |name: &'static str, of: Part, note: String| {
        view! {
            <label class="choice">
                <input type="radio" name="part" value=name checked=of == Part::Visible on:change=move |_| part.set(of) data-testid=format!("part-{name}") />
                <span>{note}</span>
            </label>
        }
    };
    let selection = selected.map(|(from, to)| {
        let note = format!("Chosen interval: {}", session.interval_text(from, to));
        choice("selected", Part::Between(from, to), note)
    });
    let has_query = session.panel(id).is_some_and(|panel| panel.spec.query.is_some());
    let late = has_query
        .then(|| choice("late", Part::Late, "Events that came too late, with all their fields".to_owned()));
    let save = move |format| session.ask(Ask::Export { panel: id, part: part.get_untracked(), format });
    view! {
        <h3 class="sheet-section">"Data"</h3>
        <fieldset class="choices">
            <legend class="visually-hidden">"Which values"</legend>
            {choice("visible", Part::Visible, "What the panel shows".to_owned())}
            {choice("all", Part::All, "All that is held".to_owned())}
            {selection}
            {late}
        </fieldset>
        <div class="sheet-actions">
            <button type="button" class="button" data-testid="save-csv" on:click=move |_| save(Format::Csv)>"CSV"</button>
            <button type="button" class="button" data-testid="save-json" on:click=move |_| save(Format::Json)>"JSON"</button>
            <button type="button" class="button" data-testid="save-arrow" on:click=move |_| save(Format::Arrow)>"Arrow"</button>
        </div>
        <p class="sheet-note">"A row per value: its time, series, value, the band it was expected in, and its score. Series hidden in the legend are left out."</p>
    }
}
