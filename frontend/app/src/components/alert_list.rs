//! What was unusual, newest first: a table where there is room, cards where there is not.

use leptos::html;
use leptos::prelude::*;
use spate_chart::scene::AlertEntry;
use spate_shared::time;

use super::alert_actions::{AlertActions, LabelActions};
use super::brief::brief_memo;
use super::icon::{Glyph, Icon};
use super::panel_head::PanelHead;
use crate::dashboard::Panel;
use crate::format::{count, moment, rarity_part, score, short_moment};
use crate::session::Session;

/// The list.
#[component]
pub(crate) fn AlertList(
    /// Which panel.
    panel: Panel,
) -> impl IntoView {
    let session = Session::get();
    let update = session.updates_of(panel.id);
    let id = panel.id;
    let (element_id, title_id, shown) = (panel.element_id(), panel.title_id(), panel.clone());
    let element = NodeRef::<html::Section>::new();
    Effect::new(move |_| {
        if let Some(element) = element.get() {
            session.fill(&panel, &element);
        }
    });
    on_cleanup(move || session.forget(id));
    let rows = {
        let update = update.clone();
        Memo::new(move |_| update.read().alerts.rows.clone())
    };
    let total = {
        let update = update.clone();
        Memo::new(move |_| update.read().alerts.total)
    };
    let is_empty = Memo::new(move |_| rows.read().is_empty());
    view! {
        <section node_ref=element class="alerts panel" id=element_id tabindex="-1" aria-labelledby=title_id data-testid="panel" data-kind="alerts">
            <PanelHead panel=shown update>
                <span class="count" data-testid="alert-count" aria-label=move || format!("{} in all", count(total.get()))>
                    {move || count(total.get())}
                </span>
                <LabelActions />
            </PanelHead>
            <Show when=move || !is_empty.get() fallback=NothingUnusual>
                <Table rows />
            </Show>
        </section>
    }
}

#[component]
fn Table(rows: Memo<Vec<AlertEntry>>) -> impl IntoView {
    view! {
        <div class="alerts-scroll" tabindex="0" role="region" aria-label="Anomalies, newest first">
            <table class="alerts-table" role="table">
                <thead role="rowgroup">
                    <tr role="row">
                        {["Severity", "Series", "Time", "Value", "Score", "Why", "Actions"]
                            .map(|title| view! { <th role="columnheader" scope="col">{title}</th> })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For each=move || rows.get() key=|row| (row.id, row.firing, row.score.to_bits()) let:row>
                        <Row row />
                    </For>
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(row: AlertEntry) -> impl IntoView {
    let session = Session::get();
    let severity = row.severity.label();
    let actions = row.clone();
    let zone = session.zone;
    let time = time::format(row.time);
    let told = time.clone();
    // The whole moment, and what there is room for.
    let moments = brief_memo(move || {
        let zone = zone.read();
        (format!("{} {}", moment(&told, &zone), zone.title()), short_moment(&told, &zone))
    });
    let state = if row.firing { "firing" } else { "resolved" };
    let width = format!("{}%", (rarity_part(row.score) * 100.0).round());
    view! {
        <tr class="alert" role="row" data-severity=severity data-state=state data-testid="alert">
            <td role="cell" class="alert-severity">
                <span class="severity" aria-hidden="true"></span>
                <span class="severity-name">{severity}</span>
                {row.firing.then(|| view! { <span class="firing">"firing"</span> })}
            </td>
            <td role="cell" class="alert-series" dir="auto">{row.series}</td>
            <td role="cell" class="alert-time">
                <time datetime=time title=move || moments.read().0.clone()>{move || moments.read().1.clone()}</time>
            </td>
            <td role="cell" class="alert-value">
                <strong>{row.value}</strong>
                <span class="alert-expected">"expected "{row.expected}</span>
            </td>
            <td role="cell" class="alert-score">
                <span class="score-bar" aria-hidden="true"><span style:width=width></span></span>
                {score(row.score)}
            </td>
            <td role="cell" class="alert-reason">{row.reason}</td>
            <td role="cell" class="alert-actions"><AlertActions row=actions /></td>
        </tr>
    }
}

/// Teaches what will stand here.
#[component]
fn NothingUnusual() -> impl IntoView {
    view! {
        <div class="alerts-empty">
            <Glyph icon=Icon::Bell />
            <p class="alerts-empty-title">"Nothing unusual so far"</p>
            <p>
                "Every series is compared with what its own past makes likely. Values outside the expected band appear here, with a score and the reason in words."
            </p>
        </div>
    }
}
