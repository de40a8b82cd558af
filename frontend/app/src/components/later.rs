//! What the page fetches after its first charts: dialogs, sheets and bars that open on demand.
//!
//! `cargo xtask split` cuts [`build`] and all that only it calls into a file of its own. So a component that is first
//! shown by a click belongs here, and one that is on the page from the start does not.

#![expect(clippy::unnecessary_wraps, reason = "the macro adds the failure to fetch to the result")]

use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use super::changes_sheet::ChangesSheet;
use super::decision_dialog::DecisionDialog;
use super::detector_sheet::DetectorSheet;
use super::help_sheet::HelpSheet;
use super::palette::Palette;
use super::playback_controls::PlaybackControls;
use super::save_sheet::SaveSheet;
use super::settings_sheet::SettingsSheet;
use super::share_sheet::ShareSheet;
use super::table_sheet::TableSheet;
use super::time_menu::{MENU, TimeMenu};
use crate::browser::event::hide_popover;
use crate::session::{Modal, Session, SideSheet};

/// A part that is fetched when it is first shown.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    /// A dialog over the page.
    Modal(Modal),
    /// A sheet beside the dashboard.
    Sheet(SideSheet),
    /// The popover of the time picker.
    TimeMenu,
    /// What steers a recording.
    Playback,
}

#[wasm_split(later, wasm_split_path = ::leptos::wasm_split, fallible, preload(prefetch))]
fn build(part: Part) -> Result<AnyView, SplitLoaderError> {
    Ok(match part {
        Part::Modal(Modal::Palette) => view! { <Palette /> }.into_any(),
        Part::Modal(Modal::Help) => view! { <HelpSheet /> }.into_any(),
        Part::Modal(Modal::Decision(alert)) => view! { <DecisionDialog alert /> }.into_any(),
        Part::Modal(Modal::Share) => view! { <ShareSheet /> }.into_any(),
        Part::Sheet(SideSheet::Changes(span)) => view! { <ChangesSheet span /> }.into_any(),
        Part::Sheet(SideSheet::Table(id)) => view! { <TableSheet id /> }.into_any(),
        Part::Sheet(SideSheet::Detector(id)) => view! { <DetectorSheet id /> }.into_any(),
        Part::Sheet(SideSheet::Settings(key)) => view! { <SettingsSheet key /> }.into_any(),
        Part::Sheet(SideSheet::Save(id)) => view! { <SaveSheet id /> }.into_any(),
        Part::TimeMenu => view! { <TimeMenu /> }.into_any(),
        Part::Playback => view! { <PlaybackControls /> }.into_any(),
    })
}

/// The part, once it is here; nothing until then. One that cannot be fetched is reported and closed, so that it can be
/// opened again.
pub(crate) fn later(part: Part) -> AnyView {
    let session = Session::get();
    Suspend::new(async move {
        let built = build(part).await;
        if let Err(error) = &built {
            session.report(
                "Part of the page is missing".to_owned(),
                format!("{error}: check the connection, try again"),
            );
            match part {
                Part::Modal(_) => session.modal.set(None),
                Part::Sheet(_) => session.close_sheet(),
                Part::TimeMenu => hide_popover(MENU),
                Part::Playback => {}
            }
        }
        built.ok()
    })
    .into_any()
}

/// Fetches the parts ahead of their use, so that the first click waits for nothing.
pub(crate) fn fetch_ahead() {
    // A failure is reported when a part is wanted; that tries again.
    leptos::task::spawn_local(async { drop(prefetch().await) });
}
