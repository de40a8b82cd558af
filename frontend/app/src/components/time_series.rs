//! A chart over time: header, legend, and a plot.

use leptos::prelude::*;

use super::legend::Legend;
use super::panel_head::PanelHead;
use super::panel_notes::PanelNotes;
use super::plot::Plot;
use crate::dashboard::Panel;
use crate::session::Session;

/// The panel.
#[component]
pub(crate) fn TimeSeries(
    /// Which panel.
    panel: Panel,
) -> impl IntoView {
    let update = Session::get().updates_of(panel.id);
    let (id, head) = (panel.id, panel.clone());
    view! {
        <article
            class="panel chart"
            id=head.element_id()
            tabindex="-1"
            aria-labelledby=head.title_id()
            data-testid="panel"
            data-kind="time_series"
            data-grouped=head.is_grouped.to_string()
        >
            <PanelHead panel=head.clone() update=update.clone() />
            <Legend id update=update.clone() />
            <PanelNotes update />
            <Plot panel />
        </article>
    }
}
