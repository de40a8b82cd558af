//! The bundled recordings, where there is nothing else to see.

use leptos::prelude::*;

use crate::browser::recordings::{self, Recording};
use crate::session::Session;

/// The bundled recordings, as another way to see something.
#[component]
pub(crate) fn RecordingChoices() -> impl IntoView {
    let session = Session::get();
    let list = LocalResource::new(recordings::list);
    let choice = move |Recording { name, title }: Recording| {
        let shown = if title.is_empty() { name.clone() } else { title };
        let open = move |_| session.open_recording(name.clone());
        view! { <button type="button" class="button" on:click=open>{shown}</button> }
    };
    move || {
        list.get().filter(|list| !list.is_empty()).map(|list| {
            view! {
                <p>"Or play a bundled recording, no relay needed:"</p>
                <div class="state-choices">{list.into_iter().map(choice).collect_view()}</div>
            }
        })
    }
}
