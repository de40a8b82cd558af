//! Exact values under the pointer or the keyboard's cursor: a line, a dot per series and a card.

use leptos::prelude::*;
use spate_chart::zone::Zone;
use spate_worker::protocol::{HoverRow, HoverUpdate, PanelId};
use std::time::Duration;

use crate::browser::event::pixel_ratio;
use crate::format::{count, moment, score};
use crate::session::Session;

/// The keyboard's values are read out once the cursor rests this long.
const REST: Duration = Duration::from_millis(350);

/// What is read out beside the data.
const NOTHING_THERE: &str = "no values here";

/// The overlay of one panel.
#[component]
pub(crate) fn Crosshair(
    /// Which panel.
    id: PanelId,
    /// Its width in CSS pixels.
    width: RwSignal<f64>,
    /// Whether the keyboard leads; its values are read out.
    by_key: RwSignal<bool>,
) -> impl IntoView {
    let session = Session::get();
    let hover =
        Memo::new(move |_| session.desk().hover.read().iter().find(|hover| hover.panel == id).cloned());
    read_out(session, hover, by_key);
    move || {
        hover.get().map(|hover| {
            let HoverUpdate { x_px, mark_px, leads, .. } = hover;
            let ratio = pixel_ratio() as f32;
            let x_css_px = x_px / ratio;
            let x = format!("{x_css_px}px");
            let marked = mark_px.map(|mark_px| marked(x_px / ratio, mark_px / ratio));
            let dots = hover.rows.iter().map(|row| view! { <Dot x=x.clone() row=row.clone() ratio /> }).collect_view();
            view! {
                <div
                    class="crosshair"
                    aria-hidden="true"
                    data-testid="crosshair"
                    data-leads=leads.to_string()
                    data-side=side(x_css_px, width.get_untracked())
                    style:--x=x.clone()
                >
                    {marked.map(|(start, length)| view! {
                        <div class="chosen" data-chooses="interval" style:--start=start style:--length=length></div>
                    })}
                    <span class="crosshair-line"></span>
                    {dots}
                    {leads.then(|| view! { <Tooltip hover /> })}
                </div>
            }
        })
    }
}

/// The interval from where it was begun to the crosshair: start and length in CSS pixels.
fn marked(x_css_px: f32, mark_css_px: f32) -> (String, String) {
    (format!("{}px", x_css_px.min(mark_css_px)), format!("{}px", (x_css_px - mark_css_px).abs()))
}

/// The values of one moment, highest first, and how sure they are.
#[component]
fn Tooltip(hover: HoverUpdate) -> impl IntoView {
    let session = Session::get();
    let HoverUpdate { time, rows, is_final, late, reasons, .. } = hover;
    let completeness = if is_final { "final" } else { "provisional" };
    view! {
        <div class="tooltip" data-testid="tooltip">
            <p class="tooltip-time">
                {session.zone.with(|zone| moment(&time, zone))}
                <span class="tooltip-zone">{session.zone.with(|zone| zone.title().to_owned())}</span>
            </p>
            {rows.into_iter().map(|row| view! { <Values row /> }).collect_view()}
            {reasons.into_iter().map(|reason| view! { <p class="tooltip-reason">{reason}</p> }).collect_view()}
            <p class="tooltip-foot" data-completeness=completeness>
                <span class="completeness"></span>
                {completeness}
                {(late > 0).then(|| format!(" · {} late", count(late)))}
            </p>
        </div>
    }
}

/// The card stands where there is more room.
fn side(x_css_px: f32, width_css_px: f64) -> &'static str {
    if f64::from(x_css_px) * 2.0 > width_css_px { "left" } else { "right" }
}

#[component]
fn Dot(x: String, row: HoverRow, ratio: f32) -> impl IntoView {
    let y = format!("{}px", row.y_px / ratio);
    view! { <span class="crosshair-dot" data-series=row.color.to_string() style:--x=x style:--y=y></span> }
}

#[component]
fn Values(row: HoverRow) -> impl IntoView {
    let HoverRow { name, color, value, expected, score: chance, note, .. } = row;
    view! {
        <div class="tooltip-row" data-series=color.to_string()>
            <span class="swatch"></span>
            <span class="tooltip-name" dir="auto">{name}</span>
            <span class="tooltip-value">{value}</span>
        </div>
        {expected.map(|band| view! { <p class="tooltip-note">"expected"<span>{band}</span></p> })}
        {chance.map(|chance| view! { <p class="tooltip-note">"unusual"<span>{score(chance)}</span></p> })}
        {note.map(|note| view! { <p class="tooltip-note">{note}</p> })}
    }
}

/// Puts the values into the page's live region once the keyboard's cursor rests.
fn read_out(session: Session, hover: Memo<Option<HoverUpdate>>, by_key: RwSignal<bool>) {
    let pending = StoredValue::new(None::<TimeoutHandle>);
    let cancel = move || {
        if let Some(handle) = pending.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    };
    // Where the crosshair is in time: values change by themselves while events arrive.
    let moment = Memo::new(move |_| hover.read().as_ref().map(|hover| hover.moment));
    Effect::new(move |_| {
        cancel();
        moment.track();
        if by_key.get() {
            let announce = move || {
                let sentence = session.zone.with_untracked(|zone| {
                    hover
                        .get_untracked()
                        .map_or_else(|| NOTHING_THERE.to_owned(), |hover| sentence(&hover, zone))
                });
                session.announcement.set(sentence);
            };
            pending.set_value(set_timeout_with_handle(announce, REST).ok());
        }
    });
    on_cleanup(cancel);
}

/// The values as one sentence.
fn sentence(hover: &HoverUpdate, zone: &Zone) -> String {
    let value = |row: &HoverRow| {
        let expected = row.expected.as_ref().map(|band| format!(", expected {band}")).unwrap_or_default();
        let unusual =
            row.score.filter(|score| *score >= 0.99).map(|chance| format!(", unusual {}", score(chance)));
        let note = row.note.as_ref().map(|note| format!(", {note}")).unwrap_or_default();
        format!("{} {}{expected}{}{note}", row.name, row.value, unusual.unwrap_or_default())
    };
    let values = hover.rows.iter().map(value).collect::<Vec<_>>().join("; ");
    let anomalies = if hover.reasons.is_empty() {
        String::new()
    } else {
        format!(". Anomaly: {}", hover.reasons.join("; "))
    };
    format!("{}: {values}{anomalies}", moment(&hover.time, zone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_chart::zone::UTC;

    #[test]
    fn sentence_names_time_values_band_and_what_is_unusual() {
        let row = |name: &str, score| HoverRow {
            name: name.to_owned(),
            color: 0,
            value: "12.3 k".to_owned(),
            expected: Some("8 k – 9 k".to_owned()),
            score,
            note: None,
            y_px: 0.0,
        };
        let rows = vec![row("a", Some(0.9999)), row("b", Some(0.2))];
        let hover = HoverUpdate {
            panel: 1,
            leads: true,
            moment: 0,
            time: "2014-11-02T01:00:00Z".to_owned(),
            x_px: 0.0,
            rows,
            is_final: true,
            late: 0,
            reasons: vec!["a jumped".to_owned()],
            mark_px: None,
        };
        assert_eq!(
            sentence(&hover, &UTC),
            "2 Nov 2014, 01:00:00: a 12.3 k, expected 8 k – 9 k, unusual 99.990 %; b 12.3 k, expected 8 k – 9 k. Anomaly: a jumped"
        );
    }
}
