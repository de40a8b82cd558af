//! What the page fetches after its first charts: dialogs, sheets and bars that open on demand.
//!
//! `cargo xtask split` cuts [`build`] and all that only it calls into a file of its own. So a component that is first
//! shown by a click belongs here, and one that is on the page from the start does not.

#![expect(clippy::unnecessary_wraps, reason = "the macro adds the failure to fetch to the result")]

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use spate_chart::panel::Surface;
use spate_worker::protocol::PanelId;

use super::board_bar::BoardBar;
use super::board_head::BoardHead;
use super::budget_overlay::BudgetOverlay;
use super::canvas_panel::CanvasPanel;
use super::cell_tools::CellTools;
use super::changes_sheet::ChangesSheet;
use super::crosshair::Crosshair;
use super::decision_dialog::DecisionDialog;
use super::detector_sheet::DetectorSheet;
use super::help_sheet::HelpSheet;
use super::missing_panel::MissingPanel;
use super::open_lists::OpenLists;
use super::open_menu;
use super::palette::Palette;
use super::panel_tools::PanelTools;
use super::playback_controls::PlaybackControls;
use super::recording_choices::RecordingChoices;
use super::rows_panel::RowsPanel;
use super::save_sheet::SaveSheet;
use super::settings_sheet::SettingsSheet;
use super::share_sheet::ShareSheet;
use super::state_card;
use super::table_sheet::TableSheet;
use super::time_menu::{MENU, TimeMenu};
use crate::browser::event::hide_popover;
use crate::dashboard::Panel;
use crate::session::{Modal, Opened, Session, SideSheet};

/// A part that is fetched when it is first shown.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// A dialog over the page.
    Modal(Modal),
    /// A sheet beside the dashboard.
    Sheet(SideSheet),
    /// The popover of the time picker.
    TimeMenu,
    /// What steers a recording.
    Playback,
    /// Values under the pointer, once it was over a panel.
    Crosshair {
        /// Which panel.
        id: PanelId,
        /// Its width in CSS pixels.
        width: RwSignal<f64>,
        /// Whether the keyboard leads.
        by_key: RwSignal<bool>,
    },
    /// Recordings to play where there is nothing else.
    RecordingChoices,
    /// The lists of the menu that opens things.
    OpenLists,
    /// The bar over a dashboard that is being changed.
    BoardBar,
    /// What all of a dashboard is filtered by, and what stands alone.
    BoardHead,
    /// How fast it all is.
    Budget,
    /// What is done with a place of it, by the panel's id in the document.
    CellTools(u32),
    /// How the source is doing, and what can be done.
    SourceStatus,
    /// That the relay is away, over the dashboard.
    Absence,
    /// What can be done with a panel.
    PanelTools(PanelId),
    /// How a panel is doing, and what can be done.
    PanelStatus(PanelId),
    /// Why there is nothing to see on a panel.
    Cover(PanelId),
    /// A panel of a kind that the dashboard of all streams does not have.
    Panel(Panel),
}

#[wasm_split(later, wasm_split_path = ::leptos::wasm_split, fallible)]
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
        Part::Crosshair { id, width, by_key } => view! { <Crosshair id width by_key /> }.into_any(),
        Part::RecordingChoices => view! { <RecordingChoices /> }.into_any(),
        Part::OpenLists => view! { <OpenLists /> }.into_any(),
        Part::BoardBar => view! { <BoardBar /> }.into_any(),
        Part::BoardHead => view! { <BoardHead /> }.into_any(),
        Part::Budget => view! { <BudgetOverlay /> }.into_any(),
        Part::CellTools(key) => view! { <CellTools key /> }.into_any(),
        Part::SourceStatus => state_card::of_source(),
        Part::Absence => state_card::of_absence(),
        Part::PanelTools(id) => view! { <PanelTools id /> }.into_any(),
        Part::PanelStatus(id) => state_card::of_panel(id),
        Part::Cover(id) => state_card::over_panel(id),
        Part::Panel(panel) => match panel.kind().filter(|_| panel.problem.is_none()).map(|kind| kind.surface)
        {
            Some(Surface::Rows) => view! { <RowsPanel panel /> }.into_any(),
            Some(_) => view! { <CanvasPanel panel /> }.into_any(),
            None => view! { <MissingPanel panel /> }.into_any(),
        },
    })
}

/// The part, once it is here; nothing until then. One that cannot be fetched is reported and closed, so that it can be
/// opened again.
pub(crate) fn later(part: Part) -> AnyView {
    let session = Session::get();
    Suspend::new(async move {
        let built = build(part.clone()).await;
        if let Err(error) = &built {
            session.report(
                "Part of the page is missing".to_owned(),
                format!("{error}: check the connection, try again"),
            );
            match part {
                Part::Modal(_) => session.modal.set(None),
                Part::Sheet(_) => session.close_sheet(),
                Part::TimeMenu => hide_popover(MENU),
                Part::OpenLists => hide_popover(open_menu::MENU),
                Part::BoardBar | Part::CellTools(_) => session.boards.is_editing.set(false),
                Part::Budget => session.is_measured.set(false),
                Part::Playback
                | Part::Crosshair { .. }
                | Part::RecordingChoices
                | Part::BoardHead
                | Part::SourceStatus
                | Part::Absence
                | Part::PanelTools(_)
                | Part::PanelStatus(_)
                | Part::Cover(_)
                | Part::Panel(_) => {}
            }
        }
        built.ok()
    })
    .into_any()
}

/// What is done once the parts are here.
#[wasm_split(later, wasm_split_path = ::leptos::wasm_split, fallible)]
fn arrive(session: Session) -> Result<(), SplitLoaderError> {
    session.has_later.set(true);
    session.watch_drafts();
    session.follow_overrides();
    // A recording and a file also play without a network.
    if matches!(&*session.opened.read_untracked(), Opened::Relay(_)) {
        session.ask_shelf();
    }
    Ok(())
}

/// Fetches the parts ahead of their use, so that the first click waits for nothing.
pub(crate) fn fetch_ahead(session: Session) {
    // A failure is reported when a part is wanted; that tries again.
    spawn_local(async move { drop(arrive(session).await) });
}
