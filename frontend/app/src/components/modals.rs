//! The dialog that is open over the page, if any.

use leptos::prelude::*;

use super::later::{Part, later};
use crate::session::Session;

/// At most one dialog.
#[component]
pub(crate) fn Modals() -> impl IntoView {
    let session = Session::get();
    session.watch_keys();
    move || session.modal.get().map(|modal| later(Part::Modal(modal)))
}
