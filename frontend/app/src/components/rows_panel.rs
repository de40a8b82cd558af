//! A table or an event log: rows sorted and searched by the worker. Only those in view are in the page.

use leptos::html;
use leptos::prelude::*;
use spate_chart::scene::RowColumn;
use spate_worker::panel::rows::{RowSort, RowsRequest};
use spate_worker::protocol::Command;

use super::panel_status::PanelStatus;
use super::panel_tools::own_tools;
use crate::dashboard::Panel;
use crate::format::counted;
use crate::session::Session;

/// Height of a row in CSS pixels; `style/table.css` sets the same.
const ROW_PX: f64 = 28.0;
/// Rows asked for at a time, and those of them above the ones in view.
const PAGE: u32 = 120;
const AHEAD: u64 = 40;

/// The panel.
#[component]
pub(crate) fn RowsPanel(
    /// Which panel.
    panel: Panel,
) -> impl IntoView {
    let session = Session::get();
    let id = panel.id;
    let update = session.updates_of(id);
    let title_id = format!("panel-{id}-title");
    let (element_id, kind) = (panel.element_id(), panel.spec.kind.clone());
    let Panel { key, title, subtitle, .. } = panel.clone();
    let label = format!("Rows of {title}, {}", kind.replace('_', " "));
    let request = RwSignal::new(RowsRequest { count: PAGE, ..RowsRequest::default() });
    let element = NodeRef::<html::Article>::new();
    let is_filled = RwSignal::new(false);
    Effect::new(move |_| {
        if let Some(element) = element.get() {
            session.fill(&panel, &element);
            is_filled.set(true);
        }
    });
    Effect::new(move |_| {
        let rows = request.get();
        if is_filled.get() {
            session.send(&Command::Rows { panel: id, rows });
        }
    });
    on_cleanup(move || session.forget(id));
    let window = Memo::new(move |_| session.desk().rows.read().get(&id).cloned().unwrap_or_default());
    let columns = Memo::new(move |_| window.read().columns.clone());
    let search = move |event| {
        let search = event_target_value(&event);
        request.update(|request| (request.search, request.first) = (search, 0));
    };
    let scroller = NodeRef::<html::Div>::new();
    let scroll = move |_| {
        let top_px = scroller.get().map_or(0.0, |element| f64::from(element.scroll_top()));
        let first = ((top_px / ROW_PX) as u64).saturating_sub(AHEAD);
        if first.abs_diff(request.read_untracked().first) >= AHEAD / 2 {
            request.update(|request| request.first = first);
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
                view! { <td data-number=is_number(index).to_string()>{text.clone()}</td> }
            });
            view! { <tr aria-rowindex=place.to_string() data-testid="row">{cells.collect_view()}</tr> }
        };
        (window.first + 2..).zip(&window.rows).map(row).collect_view()
    };
    view! {
        <article node_ref=element class="panel rows" id=element_id tabindex="-1" aria-labelledby=title_id.clone() data-testid="panel" data-kind=kind>
            <header class="panel-header">
                <h2 class="panel-title" id=title_id.clone()>{title}<span class="panel-subtitle">{subtitle}</span></h2>
                <PanelStatus update />
                <span class="rows-count" data-testid="rows-count">{move || counted(window.read().total, "row")}</span>
                <input class="rows-search" type="search" placeholder="Search" aria-label="Search these rows" on:input=search />
                <div class="panel-tools" role="group" aria-label="Panel">{own_tools(key)}</div>
            </header>
            <div class="rows-scroll" tabindex="0" role="region" aria-label=label node_ref=scroller on:scroll=scroll>
                <table class="values" aria-rowcount=move || (window.read().total + 1).to_string()>
                    <thead>
                        <tr aria-rowindex="1">
                            {move || columns.get().into_iter().map(|column| heading(column, request)).collect_view()}
                        </tr>
                    </thead>
                    <tbody>
                        <tr class="values-space" aria-hidden="true"><td style:height=before></td></tr>
                        {rows}
                        <tr class="values-space" aria-hidden="true"><td style:height=after></td></tr>
                    </tbody>
                </table>
            </div>
        </article>
    }
    .into_any()
}

/// A heading that sorts: greatest first, then smallest first, then as the kind does.
fn heading(column: RowColumn, request: RwSignal<RowsRequest>) -> AnyView {
    let name = StoredValue::new(column.name.clone());
    let order = Memo::new(move |_| {
        let request = request.read();
        let sort = request.sort.as_ref().filter(|sort| name.with_value(|name| *name == sort.column));
        sort.map(|sort| sort.descending)
    });
    let aria = move || match order.get() {
        None => "none",
        Some(true) => "descending",
        Some(false) => "ascending",
    };
    let click = move |_| {
        let next = match order.get_untracked() {
            None => Some(true),
            Some(true) => Some(false),
            Some(false) => None,
        };
        let sort = next.map(|descending| RowSort { column: name.get_value(), descending });
        request.update(|request| request.sort = sort);
    };
    view! {
        <th scope="col" aria-sort=aria data-number=column.is_number.to_string()>
            <button type="button" class="rows-sort" on:click=click>{column.name}</button>
        </th>
    }
    .into_any()
}
