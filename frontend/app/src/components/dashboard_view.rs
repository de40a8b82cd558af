//! The panels: tiles in a row, charts in a grid, the alert list beside them.

use leptos::prelude::*;

use super::alert_list::AlertList;
use super::stat_tile::StatTile;
use super::time_series::TimeSeries;
use crate::dashboard::Kind;
use crate::session::Session;

/// All panels. Keyed by id, so that no canvas is ever made twice.
#[component]
pub(crate) fn DashboardView() -> impl IntoView {
    let session = Session::get();
    let panels = move |kind| move || session.panels(kind);
    let columns = move || tile_columns(session.panels(Kind::Stat).len()).to_string();
    view! {
        <section class="tiles" aria-label="Latest values" style:--columns=columns>
            <For each=panels(Kind::Stat) key=|panel| panel.id let:panel>
                <StatTile panel />
            </For>
        </section>
        <div class="board">
            <section class="charts" aria-label="Charts">
                <For each=panels(Kind::TimeSeries) key=|panel| panel.id let:panel>
                    <TimeSeries panel />
                </For>
            </section>
            <For each=panels(Kind::Alerts) key=|panel| panel.id let:panel>
                <AlertList panel />
            </For>
        </div>
    }
}

/// Columns that make full rows of at most eight tiles; at least four, so that few tiles stay small.
fn tile_columns(tiles: usize) -> usize {
    let rows = tiles.div_ceil(8).max(1);
    tiles.div_ceil(rows).max(4)
}

#[cfg(test)]
mod tests {
    use super::tile_columns;

    #[test]
    fn tiles_fill_their_rows() {
        assert_eq!([0, 1, 4, 7, 8, 9, 10, 16, 17].map(tile_columns), [4, 4, 4, 7, 8, 5, 5, 8, 6]);
    }
}
