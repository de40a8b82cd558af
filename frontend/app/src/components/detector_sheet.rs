//! How a panel's series are watched: detector, shadow, learning, forecast, faults.

use leptos::prelude::*;
use spate_worker::protocol::{PanelId, PanelSpec, Target};

use super::detector_faults::Faults;
use super::detector_form::DetectorFields;
use super::detector_learning::{Forecasts, Learning};
use super::detector_shadow::Shadow;
use super::side_sheet::SheetFrame;
use crate::dashboard::Panel;
use crate::detection::headline;
use crate::session::Session;

/// The sheet.
#[component]
pub(crate) fn DetectorSheet(
    /// Of which panel.
    id: PanelId,
) -> impl IntoView {
    let session = Session::get();
    let detect = session.desk().detect;
    let Some(Panel { spec, is_grouped, .. }) = session.panel(id) else { return ().into_any() };
    let PanelSpec { stream, measure, .. } = spec;
    let target = RwSignal::new(Target { stream, measure, group: None });
    Effect::new(move |_| session.watch_series(&target.read()));
    on_cleanup(move || session.watch_none());
    let headline = Memo::new(move |_| {
        detect.status.read().as_ref().map_or_else(|| "Waiting for the first event …".to_owned(), headline)
    });
    view! {
        <SheetFrame title="Detector" note=session.title_of(id) is_wide=true>
            {is_grouped.then(|| view! { <Group id target /> })}
            <p class="detector-headline" data-testid="detector-headline">{headline}</p>
            <p class="detector-said" role="status" data-testid="detector-said" data-ok=move || detect.said.read().as_ref().map_or("", |said| if said.is_ok() { "yes" } else { "no" })>
                {move || detect.said.get().map(|said| said.map_or_else(|reason| reason, str::to_owned))}
            </p>
            <DetectorFields target />
            <Shadow target />
            <Learning target />
            <Forecasts target />
            <Faults target />
        </SheetFrame>
    }
    .into_any()
}

/// Which of the series.
#[component]
fn Group(id: PanelId, target: RwSignal<Target>) -> impl IntoView {
    let session = Session::get();
    let legend = session.updates_of(id).read_untracked().legend.clone();
    let choose = move |event| {
        let name = event_target_value(&event);
        target.update(|target| target.group = Some(name).filter(|name| !name.is_empty()));
    };
    view! {
        <label class="field">
            <span>"Series"</span>
            <select class="input" data-testid="detector-group" on:change=choose>
                <option value="">"All of them"</option>
                {legend.into_iter().map(|entry| view! { <option value=entry.name.clone()>{entry.name.clone()}</option> }).collect_view()}
            </select>
        </label>
    }
    .into_any()
}
