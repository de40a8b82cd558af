//! How much event time all panels show.

use leptos::prelude::*;
use spate_shared::time::{DAY, HOUR, MINUTE, Nanos};
use spate_worker::view::{Span, View};

use super::icon::{Glyph, Icon};
use crate::format::duration;
use crate::session::Session;
use crate::time::TimeEdit;

/// Widths on offer.
const WIDTHS: [Nanos; 11] =
    [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY];

/// A list of widths; automatic says which one it chose.
#[component]
pub(crate) fn RangePicker() -> impl IntoView {
    let session = Session::get();
    let automatic = move || {
        label_of_automatic(
            chosen_width(session),
            session.range.get().map(|(from, to)| to.saturating_sub(from)),
        )
    };
    let choose = move |event| {
        let width = event_target_value(&event).parse().ok();
        session.edit_time(TimeEdit::Span(width.map_or(Span::Auto, |width| Span::Last { width, behind: 0 })));
    };
    let options = move || {
        let chosen = chosen_width(session);
        let option = |width: Nanos| {
            view! { <option value=width.to_string() selected=chosen == Some(width)>{duration(width)}</option> }
        };
        widths(chosen).into_iter().map(option).collect_view()
    };
    view! {
        <label class="select">
            <span class="visually-hidden">"Width of the time range"</span>
            <select on:change=choose data-testid="range">
                <option value="auto" selected=move || chosen_width(session).is_none()>{automatic}</option>
                {options}
            </select>
            <Glyph icon=Icon::Down />
        </label>
    }
}

/// The chosen width; `None` is the worker's choice; tracked.
fn chosen_width(session: Session) -> Option<Nanos> {
    match session.time.read().view {
        View::Follow(Span::Last { width, .. }) | View::Hold(Span::Last { width, .. }) => Some(width),
        View::Fixed { from, to } => Some(to.saturating_sub(from)),
        View::Follow(_) | View::Hold(_) => None,
    }
}

fn label_of_automatic(chosen: Option<Nanos>, shown: Option<Nanos>) -> String {
    match (chosen, shown) {
        (None, Some(width)) if width > 0 => format!("Auto · {}", duration(width)),
        _ => "Auto".to_owned(),
    }
}

/// The widths on offer, and the chosen one in its place when it is another.
fn widths(chosen: Option<Nanos>) -> Vec<Nanos> {
    let mut widths = WIDTHS.to_vec();
    widths.extend(chosen);
    widths.sort_unstable();
    widths.dedup();
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_width_is_always_on_offer_once() {
        assert_eq!(widths(None), WIDTHS);
        assert_eq!(widths(Some(HOUR)), WIDTHS);
        let with_another = widths(Some(90 * MINUTE));
        assert_eq!(with_another.len(), WIDTHS.len() + 1);
        assert!(with_another.is_sorted());
    }

    #[test]
    fn automatic_says_what_it_chose() {
        assert_eq!(label_of_automatic(None, Some(2 * DAY)), "Auto · 2 d");
        assert_eq!(label_of_automatic(None, None), "Auto");
        assert_eq!(label_of_automatic(Some(DAY), Some(DAY)), "Auto");
    }
}
