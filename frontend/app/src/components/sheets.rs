//! The dialog that is open over the page, if any.

use leptos::prelude::*;

use super::help_sheet::HelpSheet;
use super::palette::Palette;
use super::share_sheet::ShareSheet;
use crate::session::{Session, Sheet};

/// At most one dialog.
#[component]
pub(crate) fn Sheets() -> impl IntoView {
    let session = Session::get();
    session.watch_keys();
    move || {
        session.sheet.get().map(|sheet| match sheet {
            Sheet::Palette => view! { <Palette /> }.into_any(),
            Sheet::Help => view! { <HelpSheet /> }.into_any(),
            Sheet::Share => view! { <ShareSheet /> }.into_any(),
        })
    }
}
