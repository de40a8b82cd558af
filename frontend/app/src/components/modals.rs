//! What floats over the page: the dialog that is open, and how fast it all is.

use leptos::prelude::*;

use super::later::{Part, later};
use crate::session::Session;

/// At most one dialog.
#[component]
pub(crate) fn Modals() -> impl IntoView {
    let session = Session::get();
    session.watch_keys();
    view! {
        {move || session.is_measured.get().then(|| later(Part::Budget))}
        {move || session.modal.get().map(|modal| later(Part::Modal(modal)))}
    }
}
