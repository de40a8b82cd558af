//! The board: every panel of the dashboard in its place on a grid.

use leptos::prelude::*;
use spate_chart::panel::Surface;

use super::alert_list::AlertList;
use super::later::{Part, later};
use super::stat_tile::StatTile;
use super::time_series::TimeSeries;
use crate::dashboard::Panel;
use crate::session::Session;

/// Rows of a panel where the grid has few columns, at the most.
const MOST_ROWS_NARROW: u32 = 12;

/// All panels, in reading order.
#[component]
pub(crate) fn DashboardView() -> impl IntoView {
    let session = Session::get();
    let is_editing = session.boards.is_editing;
    let has_head = Memo::new(move |_| session.has_board_head());
    view! {
        {move || is_editing.get().then(|| later(Part::BoardBar))}
        {move || has_head.get().then(|| view! { <div class="board-head">{later(Part::BoardHead)}</div> })}
        <div class="grid" data-editing=move || is_editing.get().to_string() data-testid="board">
            <For each=move || session.panel_keys() key=|key| *key let:key>
                {cell(key)}
            </For>
        </div>
    }
    .into_any()
}

/// A place on the grid; its panel is another one, with another canvas, when anything but its place changes.
fn cell(key: u32) -> AnyView {
    let session = Session::get();
    let panel = Memo::new(move |_| session.panel_at(key));
    let place = Memo::new(move |_| session.place(key));
    let rows = move || place.get().h.min(MOST_ROWS_NARROW).to_string();
    view! {
        <div
            class="cell"
            data-key=key.to_string()
            data-alone=move || (session.boards.alone.get() == Some(key)).then_some("true")
            data-size=move || place.get().size_name()
            style:--area=move || place.get().css()
            style:--rows=rows
        >
            // By the worker's id: a canvas that was handed over draws no other panel.
            <For each=move || panel.get() key=|panel| panel.id let:panel>
                {content(panel)}
            </For>
            {move || session.boards.is_editing.get().then(|| later(Part::CellTools(key)))}
        </div>
    }
    .into_any()
}

/// What the dashboard of all streams is made of is here at once, the rest follows.
fn content(panel: Panel) -> AnyView {
    match panel.kind().filter(|_| panel.problem.is_none()).map(|kind| (kind.id, kind.surface)) {
        Some(("time_series", _)) => view! { <TimeSeries panel /> }.into_any(),
        Some(("stat", _)) => view! { <StatTile panel /> }.into_any(),
        Some((_, Surface::Alerts)) => view! { <AlertList panel /> }.into_any(),
        None | Some((_, Surface::Canvas | Surface::Rows)) => later(Part::Panel(panel)),
    }
}
