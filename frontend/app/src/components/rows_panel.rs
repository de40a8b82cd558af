//! A table or an event log: rows sorted and searched by the worker. Only those in view are in the page.

use leptos::html;
use leptos::prelude::*;
use spate_chart::scene::RowColumn;
use spate_worker::panel::rows::{RowSort, RowsRequest};
use spate_worker::protocol::Command;

use super::panel_head::PanelHead;
use super::panel_status::PanelCover;
use super::row_table::{PAGE, RowTable};
use crate::dashboard::Panel;
use crate::format::counted;
use crate::session::Session;

/// The panel.
#[component]
pub(crate) fn RowsPanel(
    /// Which panel.
    panel: Panel,
) -> impl IntoView {
    let session = Session::get();
    let id = panel.id;
    let update = session.updates_of(id);
    let shown = panel.clone();
    let label = format!("Rows of {}, {}", panel.title, panel.spec.kind.replace('_', " "));
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
    let search = move |event| {
        let search = event_target_value(&event);
        request.update(|request| (request.search, request.first) = (search, 0));
    };
    let ask = Callback::new(move |first| request.update(|request| request.first = first));
    view! {
        <article node_ref=element class="panel rows" id=shown.element_id() tabindex="-1" aria-labelledby=shown.title_id() data-testid="panel" data-kind=shown.spec.kind.clone()>
            <PanelHead panel=shown.clone() update=update.clone()>
                <span class="rows-count" data-testid="rows-count">{move || counted(window.read().total, "row")}</span>
                <input class="rows-search" type="search" placeholder="Search" aria-label="Search these rows" on:input=search />
            </PanelHead>
            <div class="rows-body">
                <RowTable class="rows-scroll" label testid="rows" window ask heading=Callback::new(move |column| heading(column, request)) />
                <PanelCover id update />
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
