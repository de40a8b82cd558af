//! Over the page, on demand: how long events take to pixels on each panel, and what a frame's time goes into.

use std::time::Duration;

use leptos::prelude::*;
use spate_worker::protocol::Connection;

use super::icon::{Glyph, Icon};
use crate::browser::page;
use crate::budget::{Account, PanelTimes, Shares, bar, millis};
use crate::session::Session;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(1);

/// The overlay.
#[component]
pub(crate) fn BudgetOverlay() -> impl IntoView {
    let session = Session::get();
    let account = RwSignal::new((Account::default(), Shares::default()));
    session.ask_account();
    if let Ok(timer) = set_interval_with_handle(move || session.ask_account(), EVERY) {
        on_cleanup(move || timer.clear());
    }
    Effect::new(move |_| {
        if let Some(json) = session.desk().account.get() {
            let now = Account::read(&json, page::now_millis());
            account.update(|(before, shares)| {
                *shares = now.since(before);
                *before = now;
            });
        }
    });
    let percent = |part: f64| format!("{:.0} %", 100.0 * part);
    let shares = move || account.read().1;
    let is_live = move || matches!(*session.connection.read(), Connection::Live | Connection::Behind { .. });
    let skew = move || {
        is_live().then(|| {
            let delay = account.read().0.delay_millis;
            let words = if delay < 0.0 {
                format!("the relay's clock is at least {} ahead of this one", millis(-delay))
            } else {
                format!("{} from the relay's clock to this one", millis(delay))
            };
            view! { <p class="budget-line" data-testid="budget-skew">{words}<span class="budget-bar" style:--part=format!("{}%", bar(delay.abs()))></span></p> }
        })
    };
    let rows = move || account.read().0.panels.iter().map(|times| row(session, *times)).collect_view();
    view! {
        <section class="budget" aria-label="Speed" data-testid="budget">
            <header class="budget-header">
                <h2>"Speed"</h2>
                <button type="button" class="tool" aria-label="Close" title="Close (Ctrl+Shift+P)" on:click=move |_| session.is_measured.set(false)>
                    <Glyph icon=Icon::Close />
                </button>
            </header>
            <p class="budget-line">"Engine "{move || percent(shares().engine)}<span class="budget-bar" style:--part=move || percent(shares().engine).replace(' ', "")></span></p>
            <p class="budget-line">"Painting "{move || percent(shares().painting)}<span class="budget-bar" style:--part=move || percent(shares().painting).replace(' ', "")></span></p>
            {skew}
            <table class="budget-table">
                <thead>
                    <tr><th scope="col">"Panel"</th><th scope="col">"Event to paint, p50 / p99"</th><th scope="col">"Paint, p50 / p99"</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="budget-note">"Bars are parts of a frame, 16.7 ms. Event to paint begins when events arrive here."</p>
        </section>
    }
    .into_any()
}

fn row(session: Session, times: PanelTimes) -> AnyView {
    let pair = |(p50, p99): (f64, f64)| format!("{} / {}", millis(p50), millis(p99));
    let latency = times.latency.map_or_else(|| "–".to_owned(), pair);
    view! {
        <tr data-testid="budget-row">
            <th scope="row">{session.title_of(times.id)}</th>
            <td>{latency}</td>
            <td>{pair(times.paint)}<span class="budget-bar" style:--part=format!("{}%", bar(times.paint.1))></span></td>
        </tr>
    }
    .into_any()
}
