//! A panel as an image or as data.

use leptos::prelude::*;
use spate_worker::ask::Ask;
use spate_worker::export::{Format, Part};
use spate_worker::protocol::PanelId;

use super::part_choice::PartChoice;
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
    let save = move |format| session.ask(Ask::Export { panel: id, part: part.get_untracked(), format });
    view! {
        <h3 class="sheet-section">"Data"</h3>
        <PartChoice id part />
        <div class="sheet-actions">
            <button type="button" class="button" data-testid="save-csv" on:click=move |_| save(Format::Csv)>"CSV"</button>
            <button type="button" class="button" data-testid="save-json" on:click=move |_| save(Format::Json)>"JSON"</button>
            <button type="button" class="button" data-testid="save-arrow" on:click=move |_| save(Format::Arrow)>"Arrow"</button>
        </div>
        <p class="sheet-note">"A row per value: its time, series, value, the band it was expected in, and its score. Series hidden in the legend are left out."</p>
    }
}
