//! What the page asks of detectors, and what it was told.

use leptos::ev;
use leptos::prelude::*;
use spate_shared::time::Nanos;
use spate_worker::protocol::{
    Command, DecisionAnswer, DetectAnswer, DetectCommand, DetectRequest, DetectStatus, DetectUpdate,
    DetectorChoice, Forms, Target, WhatIfAnswer,
};

use super::{Session, plot_id};
use crate::browser::page::{self, Remember};
use crate::decision::{Outcome, outcome};
use crate::labels::Labels;
use crate::overrides::{self, Override};
use crate::url::BadParameter;

const LABELS_KEY: &str = "labels";

/// What was told of detectors; a copy is a handle to the same.
#[derive(Clone, Copy)]
pub(crate) struct Detect {
    /// The record of the alert that was asked for.
    pub(crate) decision: RwSignal<Option<Result<DecisionAnswer, String>>>,
    /// How making its decision once more came out.
    pub(crate) recomputed: RwSignal<Option<Outcome>>,
    /// Which detectors and faults there are.
    pub(crate) forms: RwSignal<Forms>,
    /// The state of the series that the open sheet is about.
    pub(crate) status: RwSignal<Option<DetectStatus>>,
    /// What another detector would have said; `None` while nobody asked.
    pub(crate) what_if: RwSignal<Option<Result<WhatIfAnswer, String>>>,
    /// How the latest change went.
    pub(crate) said: RwSignal<Option<Result<&'static str, String>>>,
    /// Whose choice belongs into the address when it is told next.
    is_chosen: StoredValue<Option<Target>>,
    /// The detectors that the address named or the reader chose.
    chosen: StoredValue<Vec<Override>>,
    /// What requests are out for, by number.
    asked: StoredValue<Asked>,
}

#[derive(Default)]
struct Asked {
    latest: u32,
    open: Vec<(u32, Wanted)>,
}

/// What an answer is wanted for.
#[derive(Debug, PartialEq)]
enum Wanted {
    Decision,
    Recompute,
    Forms,
    WhatIf,
    /// What the address chose.
    Address,
    /// A change; what to say once it is made, and whose detector it chose.
    Change(&'static str, Option<Target>),
}

impl Detect {
    pub(super) fn new() -> Self {
        Self {
            decision: RwSignal::new(None),
            recomputed: RwSignal::new(None),
            forms: RwSignal::new(Forms::default()),
            status: RwSignal::new(None),
            what_if: RwSignal::new(None),
            said: RwSignal::new(None),
            is_chosen: StoredValue::default(),
            chosen: StoredValue::default(),
            asked: StoredValue::new(Asked::default()),
        }
    }

    /// Another source is open: answers about the last one are not waited for.
    pub(super) fn clear(self) {
        self.asked.update_value(|asked| asked.open.clear());
    }
}

impl Session {
    /// Asks for an alert's record.
    pub(crate) fn ask_decision(self, alert: u64) {
        self.desk().detect.decision.set(None);
        self.desk().detect.recomputed.set(None);
        self.ask_detectors(Wanted::Decision, DetectCommand::Decision { alert });
    }

    /// Has an alert's decision made once more.
    pub(crate) fn recompute(self, alert: u64) {
        self.desk().detect.recomputed.set(None);
        self.ask_detectors(Wanted::Recompute, DetectCommand::Decision { alert });
    }

    /// Follows the state of some series until [`Session::watch_none`].
    pub(crate) fn watch_series(self, target: &Target) {
        let detect = self.desk().detect;
        detect.status.set(None);
        detect.what_if.set(None);
        detect.said.set(None);
        if detect.forms.read_untracked().detectors.is_empty() {
            self.ask_detectors(Wanted::Forms, DetectCommand::List);
        }
        self.watch(Some(target.clone()));
    }

    /// Follows no series.
    pub(crate) fn watch_none(self) {
        self.watch(None);
    }

    fn watch(self, target: Option<Target>) {
        self.desk().detect.is_chosen.set_value(None);
        let command = DetectCommand::Watch { target };
        self.send(&Command::Detect(DetectRequest { request: 0, command }));
    }

    /// Chooses the detectors that the address names, once their streams are there, and the one that ships where it names none
    /// any more; again for another source.
    pub(crate) fn follow_overrides(self) {
        let went = RwSignal::new(());
        let listener = window_event_listener(ev::popstate, move |_| went.set(()));
        on_cleanup(move || listener.remove());
        Effect::new(move |_| {
            went.track();
            for reason in overrides::of_query(&page::query()).1 {
                self.report_bad(BadParameter { name: overrides::PARAMETER.to_owned(), reason });
            }
        });
        Effect::new(move |_| {
            went.track();
            let chosen = self.desk().detect.chosen;
            if self.streams.read().is_none() {
                // Another source: its series have the detector that ships.
                return chosen.set_value(Vec::new());
            }
            let known = self.known_streams();
            let is_known = |one: &Override| known.iter().any(|known| known.name == one.target.stream);
            let named: Vec<_> = overrides::of_query(&page::query()).0.into_iter().filter(is_known).collect();
            for Override { target, choice } in overrides::changes(&chosen.get_value(), &named) {
                self.ask_detectors(Wanted::Address, DetectCommand::Choose { target, choice });
            }
            chosen.set_value(named);
        });
    }

    /// Asks what another detector would have said.
    pub(crate) fn ask_what_if(self, target: Target, choice: DetectorChoice) {
        self.desk().detect.what_if.set(None);
        self.ask_detectors(Wanted::WhatIf, DetectCommand::WhatIf { target, choice });
    }

    /// Changes something about detectors, and says so once it is done.
    pub(crate) fn change_detectors(self, command: DetectCommand, done: &'static str) {
        self.desk().detect.said.set(None);
        let chosen = match &command {
            DetectCommand::Choose { target, .. }
            | DetectCommand::Sensitivity { target, .. }
            | DetectCommand::Promote { target } => Some(target.clone()),
            _ => None,
        };
        self.ask_detectors(Wanted::Change(done, chosen), command);
    }

    fn ask_detectors(self, wanted: Wanted, command: DetectCommand) {
        let request = self.desk().detect.asked.try_update_value(|asked| {
            asked.latest += 1;
            // Only the latest question of a kind is still of interest.
            asked.open.retain(|(_, other)| *other != wanted || wanted == Wanted::Address);
            asked.open.push((asked.latest, wanted));
            asked.latest
        });
        self.send(&Command::Detect(DetectRequest { request: request.unwrap_or_default(), command }));
    }

    /// The worker told something of detectors.
    pub(super) fn told_of_detectors(self, update: DetectUpdate) {
        let detect = self.desk().detect;
        let (request, result) = match update {
            DetectUpdate::Answer { request, result } => (request, result),
            DetectUpdate::Status(status) => {
                if detect.is_chosen.get_value().as_ref() == Some(&status.target) {
                    detect.is_chosen.set_value(None);
                    let chosen = Override { target: status.target.clone(), choice: status.choice.clone() };
                    page::show_query(&overrides::with(&page::query(), &chosen), Remember::Step);
                    // What is too long for the address is not taken back with it either.
                    let named = overrides::of_query(&page::query()).0.into_iter();
                    detect.chosen.update_value(|all| {
                        all.retain(|other| other.target != chosen.target);
                        all.extend(named.filter(|one| one.target == chosen.target));
                    });
                }
                return detect.status.set(Some(*status));
            }
        };
        let wanted = detect.asked.try_update_value(|asked| {
            let at = asked.open.iter().position(|(number, _)| *number == request)?;
            Some(asked.open.remove(at).1)
        });
        match (wanted.flatten(), result) {
            (Some(Wanted::Decision), Ok(DetectAnswer::Decision(decision))) => {
                detect.decision.set(Some(Ok(decision)));
            }
            (Some(Wanted::Decision), Err(reason)) => detect.decision.set(Some(Err(reason))),
            (Some(Wanted::Recompute), Ok(DetectAnswer::Decision(decision))) => {
                detect.recomputed.set(Some(outcome(&decision)));
            }
            (Some(Wanted::Recompute), Err(text)) => {
                detect.recomputed.set(Some(Outcome { name: "unknown", text }));
            }
            (Some(Wanted::Forms), Ok(DetectAnswer::Forms(forms))) => detect.forms.set(forms),
            (Some(Wanted::WhatIf), Ok(DetectAnswer::WhatIf(answer))) => detect.what_if.set(Some(Ok(answer))),
            (Some(Wanted::WhatIf), Err(reason)) => detect.what_if.set(Some(Err(reason))),
            (Some(Wanted::Change(done, chosen)), Ok(_)) => {
                detect.is_chosen.set_value(chosen);
                detect.said.set(Some(Ok(done)));
            }
            (Some(Wanted::Address), Err(reason)) => {
                self.report_bad(BadParameter { name: overrides::PARAMETER.to_owned(), reason });
            }
            (Some(Wanted::Change(..)), Err(reason)) => detect.said.set(Some(Err(reason))),
            _ => {}
        }
    }

    /// Changes what people said of alerts, for next time too.
    pub(crate) fn change_labels(self, change: impl FnOnce(&mut Labels)) {
        let labels = self.desk().labels;
        labels.update(change);
        if !page::store(LABELS_KEY, &labels.read_untracked().to_lines()) {
            let detail = "The browser's storage is full or forbidden; save labels as JSON to keep them.";
            self.report("Labels last only until the page is closed".to_owned(), detail.to_owned());
        }
    }

    /// What labels call the source that is open; not tracked.
    pub(crate) fn source_name(self) -> String {
        self.opened.read_untracked().title()
    }

    /// Shows the moment of an alert on the chart of its series, and goes there.
    pub(crate) fn show_alert(self, series: &str, moment: Nanos) {
        let charts = self.charts();
        let of_series = charts.iter().find(|panel| {
            let name = format!("{} · {}", panel.spec.measure, panel.spec.stream);
            series == name || series.ends_with(&format!(" · {name}"))
        });
        if let Some(panel) = of_series.or(charts.first()) {
            _ = page::focus(&plot_id(panel.id));
            self.jump_to(panel.id, moment);
        }
    }
}

/// What people said of alerts, from the browser's storage.
pub(super) fn stored_labels() -> Labels {
    Labels::from_lines(&page::stored(LABELS_KEY).unwrap_or_default())
}
