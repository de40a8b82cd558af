//! What the worker says, put into signals.

#![expect(clippy::unnecessary_wraps, reason = "the macro adds the failure to fetch to the result")]

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use spate_worker::ask::Answer;
use spate_worker::protocol::{DetectUpdate, Generation, PanelUpdate, Update};

use super::{ACCOUNT, Overview, Session};
use crate::browser::page;
use crate::browser::worker::FromWorker;

/// What answers something that is no part of the first charts is taken by what is no part of them either: see
/// `crate::components::later`.
#[wasm_split(later, wasm_split_path = ::leptos::wasm_split, fallible)]
fn take_answer(session: Session, update: Update) -> Result<(), SplitLoaderError> {
    match update {
        Update::Span(span) => session.chose(span),
        Update::Beyond { panel, time } => session.beyond(panel, time),
        Update::Answer(bytes) => {
            if let Some(answer) = Answer::from_bytes(&bytes) {
                session.answered(answer);
            }
        }
        Update::Detect(bytes) => {
            if let Some(update) = DetectUpdate::from_bytes(&bytes) {
                session.told_of_detectors(update);
            }
        }
        _ => {}
    }
    Ok(())
}

impl Session {
    fn take(self, update: Update) {
        spawn_local(async move {
            if let Err(error) = take_answer(self, update).await {
                self.report("An answer could not be shown".to_owned(), error.to_string());
            }
        });
    }

    /// Takes a message of the worker's side.
    pub(super) fn receive(self, message: FromWorker) {
        match message {
            FromWorker::Update(update) => self.apply(*update),
            FromWorker::Unreadable => self.reload_for_another_build("unreadable"),
            FromWorker::Failed => self.fail(
                "The analysis stopped".to_owned(),
                "The worker could not load or ran out of memory. Reload the page; open a shorter recording if it happens again.".to_owned(),
            ),
        }
    }

    fn apply(self, update: Update) {
        match update {
            Update::Ready { build } => self.worker_is_ready(&build),
            Update::Stats { request: ACCOUNT, json } => self.desk().account.set(Some(json)),
            Update::Stats { request, json } => {
                self.machine.with_value(|machine| machine.stats.answer(request, &json));
            }
            Update::Scene { panel, scene } => self.machine.with_value(|machine| {
                if let Some(canvases) = &machine.main_canvases {
                    canvases.replay(panel, &scene);
                }
            }),
            Update::Hover(hover) => {
                let rests = |panel| self.machine.with_value(|machine| machine.cursor.rests_on(panel));
                let is_wanted = hover.first().is_some_and(|lead| rests(lead.panel));
                self.desk().hover.set(if is_wanted { hover } else { Vec::new() });
                self.ask_hover(|cursor| cursor.answered(page::now_millis()));
            }
            Update::Span(_) | Update::Beyond { .. } | Update::Answer(_) | Update::Detect(_) => {
                self.take(update);
            }
            Update::Connection { generation, state } if self.is_current(generation) => {
                self.connection.set(state);
            }
            Update::Catalog { generation, streams } if self.is_current(generation) => {
                self.streams.set(Some(streams.len()));
                self.set_streams(streams);
            }
            Update::Frame { generation, panels, range, delay_millis, waiting }
                if self.is_current(generation) =>
            {
                set_if_new(self.range, Some(range));
                set_if_new(self.delay_millis, delay_millis);
                set_if_new(self.waiting, waiting);
                for panel in panels {
                    self.show(panel);
                }
            }
            Update::Playback(playback) if self.is_current(playback.generation) => {
                self.desk().playback.set(Some(playback));
            }
            Update::Overview { generation, parts, alerts } if self.is_current(generation) => {
                self.desk().overview.set(Some(Overview { parts, alerts }));
            }
            Update::Problem { generation, title, detail, fatal } if self.is_current(generation) => {
                if fatal {
                    self.fail(title, detail);
                } else {
                    self.report(title, detail);
                }
            }
            Update::Tip(tip) => self.desk().tip.set(tip),
            Update::Rows { panel, window } => self.show_rows(panel, window),
            // Of a source that is no longer open.
            Update::Connection { .. }
            | Update::Catalog { .. }
            | Update::Frame { .. }
            | Update::Playback(_)
            | Update::Overview { .. }
            | Update::Problem { .. } => {}
        }
    }

    fn is_current(self, generation: Generation) -> bool {
        self.machine.with_value(|machine| machine.generation == generation)
    }

    fn worker_is_ready(self, build: &str) {
        if build != spate_worker::BUILD {
            return self.reload_for_another_build(build);
        }
        self.machine.with_value(|machine| {
            if let Some(worker) = &machine.worker {
                worker.open();
            }
        });
    }

    /// Page and worker come from different builds: a reload helps, unless it already did not.
    fn reload_for_another_build(self, build: &str) {
        if page::first_reload_for(build) {
            return page::reload();
        }
        self.fail(
            "A new version is being installed".to_owned(),
            format!(
                "The page is of build {}, its worker of build {build}. Reload the page in a moment.",
                spate_worker::BUILD
            ),
        );
    }

    fn show(self, update: PanelUpdate) {
        let signal = self.machine.with_value(|machine| machine.updates.get(&update.panel).cloned());
        if let Some(signal) = signal {
            signal.set(update);
        }
    }
}

fn set_if_new<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}
