//! Which series changed most over a chosen interval.

use leptos::prelude::*;
use spate_worker::ask::{RankedSeries, Ranking};
use spate_worker::gesture::Span;

use super::side_sheet::SheetFrame;
use crate::browser::save;
use crate::changes::{clarity, csv, means, name, numbers};
use crate::format::{count, duration};
use crate::session::Session;

/// The sheet.
#[component]
pub(crate) fn ChangesSheet(
    /// The interval.
    span: Span,
) -> impl IntoView {
    let session = Session::get();
    let Span { from, to, .. } = span;
    let note = session.interval_text(from, to);
    let is_known = Memo::new(move |_| session.desk().ranking.read().is_some());
    let export = move |_| {
        if let Some(ranking) = &*session.desk().ranking.read_untracked() {
            save::download("changes.csv", "text/csv", csv(ranking).as_bytes());
        }
    };
    view! {
        <SheetFrame title="What changed" note>
            <div class="sheet-actions">
                <button type="button" class="button" data-testid="zoom-to-interval" on:click=move |_| session.zoom_to(span)>"Zoom to it"</button>
                <button type="button" class="button" data-testid="changes-csv" disabled=move || !is_known.get() on:click=export>"Save as CSV"</button>
            </div>
            {move || match session.desk().ranking.get() {
                None => view! { <p class="sheet-wait" role="status">"Comparing every series …"</p> }.into_any(),
                Some(ranking) => view! { <Ranked ranking /> }.into_any(),
            }}
        </SheetFrame>
    }
}

#[component]
fn Ranked(ranking: Ranking) -> impl IntoView {
    let Ranking { from, before, rows, silent, .. } = ranking;
    let baseline = duration(from.saturating_sub(before));
    let found = rows.iter().filter(|row| !row.unclear).count();
    let summary = match found {
        0 => "No series changed clearly".to_owned(),
        1 => "1 series changed clearly".to_owned(),
        many => format!("{many} series changed clearly"),
    };
    view! {
        <p class="changes-summary" role="status" data-testid="changes-summary">{summary}</p>
        <p class="sheet-note">
            {format!("Against the {baseline} before. The bar is the Kolmogorov-Smirnov distance: how far apart the values lie, from none to entirely.")}
        </p>
        <ol class="changes" data-testid="changes">
            {rows.into_iter().map(|row| view! { <Row row /> }).collect_view()}
        </ol>
        {(silent > 0).then(|| view! {
            <p class="sheet-note">{format!("{} without values in both stretches are left out.", count(u64::from(silent)))}</p>
        })}
    }
}

#[component]
fn Row(row: RankedSeries) -> impl IntoView {
    let width = format!("{}%", (row.distance * 100.0).round());
    let distance = format!("{:.2}", row.distance);
    let lines = numbers(&row).into_iter().map(|(what, before, during)| {
        view! { <tr><th scope="row">{what}</th><td>{before}</td><td>{during}</td></tr> }
    });
    view! {
        <li class="change" data-unclear=row.unclear.to_string()>
            <details>
                <summary>
                    <span class="change-name">{name(&row)}</span>
                    <span class="change-means">{means(&row)}</span>
                    <span class="change-bar" aria-hidden="true"><span style:width=width></span></span>
                    <span class="change-note">{format!("distance {distance}, {}", clarity(&row))}</span>
                </summary>
                <table class="numbers">
                    <thead><tr><td></td><th scope="col">"before"</th><th scope="col">"during"</th></tr></thead>
                    <tbody>{lines.collect_view()}</tbody>
                </table>
            </details>
        </li>
    }
}
