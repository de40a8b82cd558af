//! The page: header, what is open, playback, and what floats above.

use leptos::prelude::*;
use spate_worker::protocol::Connection;

use super::dashboard_view::DashboardView;
use super::drop_zone::DropZone;
use super::header::Header;
use super::later;
use super::modals::Modals;
use super::playback_bar::PlaybackBar;
use super::problems::Problems;
use super::side_sheet::SideSheets;
use super::states::{Failed, Loading, NoRelay, NoStreams};
use crate::browser::page;
use crate::session::Session;
use crate::url;

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    let (settings, bad) = url::parse(&page::query());
    let session = Session::start(&settings, bad);
    let stage = Memo::new(move |_| stage(session));
    let is_drawn = Memo::new(move |_| session.range.read().is_some());
    Effect::new(move |_| {
        if is_drawn.get() {
            later::fetch_ahead(session);
        }
    });
    view! {
        <a class="skip-link" href="#dashboard">"Skip to the dashboard"</a>
        <Header />
        <main id="dashboard" class="main" tabindex="-1">
            {move || match stage.get() {
                Stage::Failed => view! { <Failed /> }.into_any(),
                Stage::Loading => view! { <Loading /> }.into_any(),
                Stage::NoRelay => view! { <NoRelay /> }.into_any(),
                Stage::Empty => view! { <NoStreams /> }.into_any(),
                Stage::Shown => view! { <DashboardView /> }.into_any(),
            }}
        </main>
        {move || (session.has_later.get() && stage.get() == Stage::Shown).then(|| later::later(later::Part::Absence))}
        <SideSheets />
        <PlaybackBar />
        <Problems />
        <DropZone />
        <Modals />
        <p class="visually-hidden" aria-live="polite" data-testid="announcement">
            {move || session.announcement.get()}
        </p>
    }
}

/// What the main area shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Failed,
    Loading,
    NoRelay,
    Empty,
    Shown,
}

fn stage(session: Session) -> Stage {
    let is_away =
        matches!(*session.connection.read(), Connection::Resuming { .. } | Connection::Offline { .. });
    match (session.fatal.read().is_some(), session.has_panels(), session.streams.get()) {
        (true, ..) => Stage::Failed,
        (_, true, _) => Stage::Shown,
        (_, _, None) if is_away => Stage::NoRelay,
        (_, _, None) => Stage::Loading,
        (_, _, Some(_)) => Stage::Empty,
    }
}
