//! A panel's values as a table: what a screen reader reads and what is copied.

use leptos::prelude::*;
use spate_chart::scene::RowColumn;
use spate_worker::ask::Ask;
use spate_worker::export::Part;
use spate_worker::protocol::PanelId;

use super::part_choice::PartChoice;
use super::row_table::{PAGE, RowTable};
use super::side_sheet::SheetFrame;
use crate::format::counted;
use crate::session::{Session, SideSheet};

/// The sheet.
#[component]
pub(crate) fn TableSheet(
    /// Which panel.
    id: PanelId,
) -> impl IntoView {
    let session = Session::get();
    let title = session.title_of(id);
    let part = RwSignal::new(Part::Visible);
    let ask = move |first: u64, fresh| {
        let (part, first) = (part.get_untracked(), usize::try_from(first).unwrap_or(usize::MAX));
        session.ask(Ask::Rows { panel: id, part, first, count: PAGE as usize, fresh });
    };
    Effect::new(move |_| {
        part.track();
        ask(0, true);
    });
    let table = session.desk().table;
    let page = Memo::new(move |_| {
        table.get().filter(|page| (page.panel, page.part) == (id, part.get())).map(|page| page.window)
    });
    let window = Memo::new(move |_| page.get().unwrap_or_default());
    let span = move || match (&*table.read(), page.read().as_ref().map(|window| window.total)) {
        (Some(page), Some(total)) if total > 0 => {
            format!("{}, {}", counted(total, "row"), session.interval_text(page.from, page.to))
        }
        (_, Some(_)) => "Nothing in the range".to_owned(),
        _ => "Looking".to_owned(),
    };
    view! {
        <SheetFrame title note="What the panel shows, in words; it stands still while you read" is_wide=true>
            <PartChoice id part />
            <div class="sheet-actions">
                <button type="button" class="button" data-testid="table-refresh" on:click=move |_| ask(0, true)>"Refresh"</button>
                <button type="button" class="button" on:click=move |_| session.desk().sheet.set(Some(SideSheet::Save(id)))>"Save"</button>
            </div>
            <p class="sheet-note" role="status" data-testid="table-span">{span}</p>
            <RowTable
                class="table-scroll"
                label="Values"
                testid="table"
                window
                ask=Callback::new(move |first| ask(first, false))
                heading=Callback::new(|column: RowColumn| heading(&column))
            />
        </SheetFrame>
    }
}

fn heading(column: &RowColumn) -> AnyView {
    view! { <th scope="col" data-number=column.is_number.to_string()>{column.name.replace('_', " ")}</th> }
        .into_any()
}
