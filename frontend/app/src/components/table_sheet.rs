//! A panel's values as a table: what a screen reader reads and what is copied. Only the rows in view are in the page.

use leptos::html;
use leptos::prelude::*;
use spate_worker::ask::{Ask, TableRow};
use spate_worker::protocol::PanelId;

use super::side_sheet::SheetFrame;
use crate::format::{counted, moment, score};
use crate::session::{Session, SideSheet};

/// Height of a row in CSS pixels; `style/table.css` sets the same.
const ROW_PX: f64 = 28.0;
/// Rows asked for at a time.
const PAGE: usize = 120;
/// Rows kept ahead of those in view.
const AHEAD: usize = 40;

/// The sheet.
#[component]
pub(crate) fn TableSheet(
    /// Which panel.
    id: PanelId,
) -> impl IntoView {
    let session = Session::get();
    let title = session.title_of(id);
    let table = session.desk().table;
    let fresh = move || session.ask(Ask::Rows { panel: id, first: 0, count: PAGE, fresh: true });
    fresh();
    let total = Memo::new(move |_| table.read().as_ref().map_or(0, |page| page.total));
    let span = move || {
        let page = table.read();
        page.as_ref().filter(|page| page.total > 0).map_or_else(
            || "Nothing in the range".to_owned(),
            |page| {
                format!(
                    "{}, {}",
                    counted(page.total as u64, "value"),
                    session.interval_text(page.from, page.to)
                )
            },
        )
    };
    view! {
        <SheetFrame title note="The values of the range, newest first" is_wide=true>
            <div class="sheet-actions">
                <button type="button" class="button" data-testid="table-refresh" on:click=move |_| fresh()>"Refresh"</button>
                <button type="button" class="button" on:click=move |_| session.desk().sheet.set(Some(SideSheet::Save(id)))>"Save"</button>
            </div>
            <p class="sheet-note" role="status" data-testid="table-span">{span}</p>
            <Rows id total />
        </SheetFrame>
    }
}

#[component]
fn Rows(id: PanelId, total: Memo<usize>) -> impl IntoView {
    let session = Session::get();
    let table = session.desk().table;
    let scroller = NodeRef::<html::Div>::new();
    let scroll = move |_| {
        let Some(top_px) = scroller.get().map(|element| f64::from(element.scroll_top())) else { return };
        let wanted = wanted_first((top_px / ROW_PX) as usize);
        let known = table.read_untracked().as_ref().map_or(0, |page| page.first);
        if wanted.abs_diff(known) >= AHEAD / 2 {
            session.ask(Ask::Rows { panel: id, first: wanted, count: PAGE, fresh: false });
        }
    };
    let first = Memo::new(move |_| table.read().as_ref().map_or(0, |page| page.first));
    let rows = Memo::new(move |_| table.read().as_ref().map(|page| page.rows.clone()).unwrap_or_default());
    let before = move || format!("{}px", first.get() as f64 * ROW_PX);
    let after = move || {
        let rest = total.get().saturating_sub(first.get() + rows.read().len());
        format!("{}px", rest as f64 * ROW_PX)
    };
    let shown = move || {
        let first = first.get();
        rows.get()
            .into_iter()
            .enumerate()
            .map(|(at, row)| view! { <Row row place=first + at /> })
            .collect_view()
    };
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Values" node_ref=scroller on:scroll=scroll data-testid="table">
            <table class="values" aria-rowcount=move || (total.get() + 1).to_string()>
                <thead>
                    <tr aria-rowindex="1">
                        {["Time", "Series", "Value", "Expected", "Score"]
                            .map(|name| view! { <th scope="col">{name}</th> })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody>
                    <tr class="values-space" aria-hidden="true"><td colspan="5" style:height=before></td></tr>
                    {shown}
                    <tr class="values-space" aria-hidden="true"><td colspan="5" style:height=after></td></tr>
                </tbody>
            </table>
        </div>
    }
}

/// The first row to ask for when `first` is the first in view.
fn wanted_first(first: usize) -> usize {
    first.saturating_sub(AHEAD)
}

#[component]
fn Row(row: TableRow, place: usize) -> impl IntoView {
    let session = Session::get();
    let TableRow { time, series, value, expected, score: chance } = row;
    view! {
        <tr aria-rowindex=(place + 2).to_string() data-testid="table-row">
            <th scope="row"><time datetime=time.clone()>{session.zone.with(|zone| moment(&time, zone))}</time></th>
            <td>{series}</td>
            <td>{value}</td>
            <td>{expected.unwrap_or_else(|| "–".to_owned())}</td>
            <td>{chance.map_or_else(|| "–".to_owned(), score)}</td>
        </tr>
    }
}
