//! Files dropped anywhere on the page are opened.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::browser::files::{Drag, Read, watch_drops};
use crate::session::Session;

/// Covers the page while files are dragged over it.
#[component]
pub(crate) fn DropZone() -> impl IntoView {
    let session = Session::get();
    let is_over = RwSignal::new(false);
    let watch = watch_drops(move |drag| is_over.set(drag == Drag::Over), move |read| session.open_read(read));
    StoredValue::new_local(watch);
    view! {
        <Show when=move || is_over.get()>
            <div class="drop-zone" data-testid="drop-zone">
                <div class="drop-card">
                    <Glyph icon=Icon::File />
                    <p class="drop-title">"Drop to open"</p>
                    <p>"A recording (.spate), CSV, NDJSON or JSON. It stays on this device."</p>
                </div>
            </div>
        </Show>
    }
}

impl Session {
    /// Opens a file that was read, or says why it was not.
    pub(super) fn open_read(self, read: Read) {
        match read {
            Ok((name, bytes)) => self.open_file(name, bytes),
            Err(reason) => self.report("The file could not be read".to_owned(), reason),
        }
    }
}
