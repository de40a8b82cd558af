//! The dialog that is open over the page, if any.

use leptos::prelude::*;

use super::decision_dialog::DecisionDialog;
use super::help_sheet::HelpSheet;
use super::palette::Palette;
use super::share_sheet::ShareSheet;
use crate::session::{Modal, Session};

/// At most one dialog.
#[component]
pub(crate) fn Modals() -> impl IntoView {
    let session = Session::get();
    session.watch_keys();
    move || {
        session.modal.get().map(|modal| match modal {
            Modal::Palette => view! { <Palette /> }.into_any(),
            Modal::Help => view! { <HelpSheet /> }.into_any(),
            Modal::Decision(alert) => view! { <DecisionDialog alert /> }.into_any(),
            Modal::Share => view! { <ShareSheet /> }.into_any(),
        })
    }
}
