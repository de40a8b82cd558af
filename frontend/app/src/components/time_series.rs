//! A chart over time: header, legend, and a plot.

use leptos::prelude::*;

use super::legend::Legend;
use super::panel_notes::PanelNotes;
use super::panel_status::PanelStatus;
use super::panel_tools::PanelTools;
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
    let title_id = StoredValue::new(format!("panel-{}-title", panel.id));
    let element_id = panel.element_id();
    let Panel { id, key, title, subtitle, is_grouped, .. } = panel.clone();
    view! {
        <article
            class="panel chart"
            id=element_id
            tabindex="-1"
            aria-labelledby=title_id.get_value()
            data-testid="panel"
            data-kind="time_series"
            data-grouped=is_grouped.to_string()
        >
            <header class="panel-header">
                <h2 class="panel-title" id=title_id.get_value()>{title}<span class="panel-subtitle">{subtitle}</span></h2>
                <PanelStatus update=update.clone() />
                <PanelTools id key update=update.clone() />
            </header>
            <Legend id update=update.clone() />
            <PanelNotes update />
            <Plot panel />
        </article>
    }
}
