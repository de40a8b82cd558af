//! Rows that the worker holds: only those in view are in the page, others are asked for on scrolling.

use leptos::html;
use leptos::prelude::*;
use spate_chart::scene::{RowColumn, RowWindow};

/// Height of a row in CSS pixels; `style/table.css` sets the same.
const ROW_PX: f64 = 28.0;
/// Rows asked for at a time.
pub(crate) const PAGE: u32 = 120;
/// Rows kept ahead of those in view.
const AHEAD: u64 = 40;

/// The table.
#[component]
pub(crate) fn RowTable(
    /// Class of what scrolls.
    class: &'static str,
    /// Its name.
    #[prop(into)]
    label: String,
    /// What tests call it; a row of it is this and `-row`.
    testid: &'static str,
    /// The rows around those in view.
    window: Memo<RowWindow>,
    /// Asks for the rows from this one on.
    ask: Callback<u64>,
    /// What stands in the head of a column.
    heading: Callback<RowColumn, AnyView>,
) -> impl IntoView {
    let columns = Memo::new(move |_| window.read().columns.clone());
    let scroller = NodeRef::<html::Div>::new();
    let scroll = move |_| {
        let top_px = scroller.get().map_or(0.0, |element| f64::from(element.scroll_top()));
        let first = first_wanted(top_px);
        if first.abs_diff(window.read_untracked().first) >= AHEAD / 2 {
            ask.run(first);
        }
    };
    let space = move |rows: u64| format!("{}px", rows as f64 * ROW_PX);
    let before = move || space(window.read().first);
    let after = move || {
        let window = window.read();
        space(window.total.saturating_sub(window.first + window.rows.len() as u64))
    };
    let rows = move || {
        let window = window.read();
        let is_number = |index: usize| window.columns.get(index).is_some_and(|column| column.is_number);
        let row = |(place, row): (u64, &Vec<String>)| {
            let cells = row.iter().enumerate().map(|(index, text)| {
                view! { <td dir="auto" data-number=is_number(index).to_string()>{text.clone()}</td> }
            });
            view! { <tr aria-rowindex=place.to_string() data-testid=format!("{testid}-row")>{cells.collect_view()}</tr> }
        };
        (window.first + 2..).zip(&window.rows).map(row).collect_view()
    };
    view! {
        <div class=class tabindex="0" role="region" aria-label=label node_ref=scroller on:scroll=scroll data-testid=testid>
            <table class="values" aria-rowcount=move || (window.read().total + 1).to_string()>
                <thead>
                    <tr aria-rowindex="1">{move || columns.get().into_iter().map(|column| heading.run(column)).collect_view()}</tr>
                </thead>
                <tbody>
                    <tr class="values-space" aria-hidden="true"><td style:height=before></td></tr>
                    {rows}
                    <tr class="values-space" aria-hidden="true"><td style:height=after></td></tr>
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

/// The first row to ask for when so many CSS pixels were scrolled away.
fn first_wanted(top_px: f64) -> u64 {
    ((top_px / ROW_PX) as u64).saturating_sub(AHEAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_asked_for_ahead_of_those_in_view() {
        assert_eq!(first_wanted(0.0), 0);
        assert_eq!(first_wanted(28.0 * 100.5), 60);
    }
}
