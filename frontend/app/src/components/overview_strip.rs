//! The whole recording at a glance: how busy it is, where its anomalies are, and a slider over it.

use leptos::ev::PointerEvent;
use leptos::prelude::*;
use spate_worker::protocol::PlayCommand;

use crate::browser::event;
use crate::format::moment_to_the_second;
use crate::playback::outline;
use crate::session::Session;

/// Steps of the slider.
const STEPS: f64 = 1_000.0;

/// The strip. A drag with Shift chooses what playback goes round.
#[component]
pub(crate) fn OverviewStrip() -> impl IntoView {
    let session = Session::get();
    let step = Memo::new(move |_| {
        session.desk().playback.read().as_ref().map_or(0.0, |playback| (playback.position * STEPS).round())
    });
    let time = Memo::new(move |_| {
        session
            .desk()
            .playback
            .read()
            .as_ref()
            .map(|playback| session.zone.with(|zone| moment_to_the_second(&playback.time, zone)))
            .unwrap_or_default()
    });
    let seek = move |event| {
        if let Ok(step) = event_target_value(&event).parse::<f64>() {
            session.play(PlayCommand::Seek(step / STEPS));
        }
    };
    // Where a round began to be chosen, as a part of the strip.
    let began = RwSignal::new(None::<f64>);
    let part_at = |event: &PointerEvent| {
        (event::place_css_px(event).0 / event::width_css_px(event).max(1.0)).clamp(0.0, 1.0)
    };
    let press = move |event: PointerEvent| {
        if event.shift_key() {
            event.prevent_default();
            event::capture(&event);
            began.set(Some(part_at(&event)));
        }
    };
    let choose = move |event: PointerEvent| {
        if let Some(from) = began.get_untracked() {
            let to = part_at(&event);
            session.play(PlayCommand::Loop(Some((from.min(to), from.max(to)))));
        }
    };
    view! {
        <output class="playback-time" data-testid="playback-time">{time}</output>
        <div class="strip" data-testid="strip" on:pointerdown=press on:pointermove=choose on:pointerup=move |_| began.set(None) on:pointercancel=move |_| began.set(None)>
            <Shape />
            <Round />
            <input
                class="slider"
                type="range"
                min="0"
                max=STEPS.to_string()
                aria-label="Place in the recording"
                aria-valuetext=time
                style:--part=move || format!("{}%", step.get() / STEPS * 100.0)
                prop:value=move || step.get().to_string()
                on:input=seek
            />
        </div>
    }
}

/// How busy the recording is, and its anomalies.
#[component]
fn Shape() -> impl IntoView {
    let session = Session::get();
    move || {
        session.desk().overview.get().map(|overview| {
            let parts = overview.parts.len().max(1);
            let marks = overview.alerts.iter().map(|alert| {
                let left = format!("{}%", alert.position * 100.0);
                view! { <span class="strip-mark" data-severity=alert.severity.label() style:left=left></span> }
            });
            let said = format!("Anomalies in the recording: {}", overview.alerts.len());
            view! {
                <svg class="strip-shape" viewBox=format!("0 0 {parts} 1") preserveAspectRatio="none" aria-hidden="true" focusable="false">
                    <path d=outline(&overview.parts) />
                </svg>
                <div class="strip-marks" role="img" aria-label=said data-testid="strip-marks">{marks.collect_view()}</div>
            }
        })
    }
}

/// What playback goes round.
#[component]
fn Round() -> impl IntoView {
    let session = Session::get();
    let looping =
        Memo::new(move |_| session.desk().playback.read().as_ref().and_then(|playback| playback.looping));
    move || {
        looping.get().map(|(from, to)| {
            let (left, width) = (format!("{}%", from * 100.0), format!("{}%", (to - from) * 100.0));
            view! { <span class="strip-round" data-testid="strip-round" style:left=left style:width=width></span> }
        })
    }
}
