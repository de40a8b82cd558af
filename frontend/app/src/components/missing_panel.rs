//! A panel that cannot be drawn here, and why. It stays in its dashboard.

use leptos::prelude::*;

use super::state_card;
use crate::dashboard::Panel;

/// The panel.
#[component]
pub(crate) fn MissingPanel(
    /// Which panel.
    panel: Panel,
) -> impl IntoView {
    let element_id = panel.element_id();
    let Panel { id, title, subtitle, problem, .. } = panel;
    view! {
        <article class="panel missing" id=element_id tabindex="-1" aria-label=format!("{title} cannot be shown") data-testid="panel" data-kind="missing">
            <header class="panel-header">
                <h2 class="panel-title">{title.clone()}<span class="panel-subtitle">{subtitle}</span></h2>
            </header>
            {state_card::of_missing(id, problem.unwrap_or_default())}
        </article>
    }
    .into_any()
}
