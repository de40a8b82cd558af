//! The latest value of a measure, its change and a sparkline.

use leptos::prelude::*;

use super::panel_canvas::PanelCanvas;
use super::panel_head::PanelHead;
use crate::dashboard::Panel;
use crate::format::split_value;
use crate::session::Session;

/// The tile.
#[component]
pub(crate) fn StatTile(
    /// Which panel.
    panel: Panel,
) -> impl IntoView {
    let update = Session::get().updates_of(panel.id);
    let head = panel.clone();
    let value = {
        let update = update.clone();
        Memo::new(move |_| update.read().value.clone())
    };
    let change = {
        let update = update.clone();
        Memo::new(move |_| update.read().change.clone())
    };
    let summary = {
        let update = update.clone();
        Memo::new(move |_| update.read().summary.clone())
    };
    view! {
        <article class="tile" id=head.element_id() tabindex="-1" aria-labelledby=head.title_id() data-testid="panel" data-kind="stat">
            <PanelHead panel=head.clone() update />
            <p class="tile-value" data-testid="value">
                {move || number_and_unit(value.get())}
            </p>
            <p class="tile-change" data-direction=move || direction(change.read().as_deref())>{change}</p>
            <div class="tile-spark"><PanelCanvas panel /></div>
            <p class="visually-hidden">{summary}</p>
        </article>
    }
}

fn number_and_unit(value: Option<String>) -> AnyView {
    let Some(value) = value else {
        return view! { <span class="tile-empty" title="Waiting for events">"–"</span> }.into_any();
    };
    let (number, unit) = split_value(&value);
    view! { {number.to_owned()}<span class="tile-unit">{unit.to_owned()}</span> }.into_any()
}

/// The direction of a change, for its arrow.
fn direction(change: Option<&str>) -> &'static str {
    match change.and_then(|change| change.chars().find(|letter| "+−-".contains(*letter))) {
        Some('+') => "up",
        Some(_) => "down",
        None => "none",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn direction_follows_the_sign() {
        let check = |change: &str, expect| assert_eq!(direction(Some(change)), expect, "{change}");
        check("+3.1 %", "up");
        check("> +999 %", "up");
        check("−50 %", "down");
        check("0 %", "none");
        assert_eq!(direction(None), "none");
    }
}
