//! The fields of a panel's query: its windows, what they say, of which events, and how long they wait.

use leptos::prelude::*;
use spate_worker::query_form::{QueryPart, QueryParts, is_drawn};
use spate_worker::tables::{AGGREGATE_LINES, Line, WINDOW_LINES};

use super::form_field::{Control, FormField, field, flag};
use crate::session::Session;
use crate::settings::{Draft, WindowText, call};

/// The fields of a draft whose parts are known.
pub(crate) fn query_fields(draft: RwSignal<Draft>) -> AnyView {
    let session = Session::get();
    let window = Memo::new(move |_| WindowText::read(&part(draft, |parts| parts.window.clone())));
    let kind = Memo::new(move |_| window.read().kind);
    let dimensions = Memo::new(move |_| draft.read().dimensions(&session.known_streams()));
    let text = |of, id: &str, label: &str, doc, lines: bool, slot: Slot| {
        let hint = String::new();
        field(FormField {
            id: format!("settings-{id}"),
            label: label.to_owned(),
            doc,
            value: Signal::derive(move || part(draft, |parts| slot(&mut parts.clone()).clone())),
            error: problem(of),
            control: if lines { Control::Lines { hint } } else { Control::Line { hint } },
            enter: Box::new(move |text| edit(draft, |parts| *slot(parts) = text)),
        })
    };
    view! {
        <div class="settings-grid">
            {window_kind(draft, window)}
            {move || sizes(draft, window, kind.get())}
        </div>
        <div class="settings-aggregates">
            {text(QueryPart::Aggregates, "aggregates", "What they say", "Aggregates, separated by commas.", false, |parts| &mut parts.aggregates)}
            {add_aggregate(draft)}
        </div>
        {move || by(draft, &dimensions.read())}
        {text(QueryPart::Filter, "where", "Only events where", "Such as v > 0 and host != 'a'.", false, |parts| &mut parts.filter)}
        {text(QueryPart::Derive, "derive", "Computed fields", "One a line, such as w = v * 2.", true, |parts| &mut parts.derive)}
        <div class="settings-grid">
            {text(QueryPart::Watermark, "watermark", "Out of order", "How far behind the latest event another may be, such as 5s.", false, |parts| &mut parts.watermark)}
            {text(QueryPart::Lateness, "lateness", "Lateness", "How long a final result may still be revised, such as 1m.", false, |parts| &mut parts.lateness)}
        </div>
        <p class="field-error" data-testid="settings-query-error">{problem(QueryPart::Rest)}</p>
    }
    .into_any()
}

/// Where a text is among the parts.
type Slot = fn(&mut QueryParts) -> &mut String;

/// Something of the query; its default until there is one.
fn part<T: Default>(draft: RwSignal<Draft>, read: impl Fn(&QueryParts) -> T) -> T {
    draft.read().parts.as_ref().map(read).unwrap_or_default()
}

fn edit(draft: RwSignal<Draft>, change: impl FnOnce(&mut QueryParts)) {
    draft.update(|draft| draft.parts.as_mut().map(change).unwrap_or_default());
}

fn problem(part: QueryPart) -> Signal<Option<String>> {
    let query = Session::get().desk().query;
    Signal::derive(move || query.read().problem(part))
}

fn edit_window(draft: RwSignal<Draft>, change: impl FnOnce(&mut WindowText)) {
    edit(draft, |parts| {
        let mut window = WindowText::read(&parts.window);
        change(&mut window);
        parts.window = window.write();
    });
}

fn window_kind(draft: RwSignal<Draft>, window: Memo<WindowText>) -> AnyView {
    let name = |line: &Line| (line.name.to_owned(), line.name.to_owned());
    field(FormField {
        id: "settings-window".to_owned(),
        label: "Windows".to_owned(),
        doc: "",
        value: Signal::derive(move || window.read().kind.name.to_owned()),
        error: problem(QueryPart::Window),
        control: Control::Choice(Signal::stored(WINDOW_LINES.iter().map(name).collect())),
        enter: Box::new(move |name| edit_window(draft, |window| window.set_kind(&name))),
    })
}

/// The sizes that windows of a kind have, and how far they may be shifted.
fn sizes(draft: RwSignal<Draft>, window: Memo<WindowText>, kind: &'static Line) -> AnyView {
    let size = |(at, name): (usize, String)| {
        duration(
            &name,
            Signal::derive(move || window.read().sizes.get(at).cloned().unwrap_or_default()),
            Box::new(move |text| edit_window(draft, |window| window.sizes[at] = text)),
        )
    };
    let offset = window.read_untracked().takes_offset().then(|| {
        duration(
            "offset",
            Signal::derive(move || window.read().offset.clone()),
            Box::new(move |text| edit_window(draft, |window| window.offset = text)),
        )
    });
    view! {
        {window.read_untracked().size_names().into_iter().enumerate().map(size).collect_view()}
        {offset}
        <p class="sheet-note settings-doc">{kind.doc}</p>
    }
    .into_any()
}

fn duration(name: &str, value: Signal<String>, enter: Box<dyn Fn(String)>) -> AnyView {
    let mut label = name.to_owned();
    label[..1].make_ascii_uppercase();
    field(FormField {
        id: format!("settings-{name}"),
        label,
        doc: "",
        value,
        error: Signal::stored(None),
        control: Control::Line { hint: "none".to_owned() },
        enter,
    })
}

/// Appends an aggregate of the table.
fn add_aggregate(draft: RwSignal<Draft>) -> AnyView {
    let session = Session::get();
    let chosen = RwSignal::new(String::new());
    let add = move |name: String| {
        let line = AGGREGATE_LINES.iter().find(|line| line.name == name);
        draft.update(|draft| {
            let call =
                line.map(|line| call(line, &draft.panel.measure, &draft.measures(&session.known_streams())));
            if let (Some(call), Some(parts)) = (call, &mut draft.parts) {
                let listed = parts.aggregates.trim().trim_end_matches(',');
                parts.aggregates = if listed.is_empty() { call } else { format!("{listed}, {call}") };
            }
        });
        // Nothing stays chosen, so that the same one can be added again.
        chosen.set(name);
        request_animation_frame(move || chosen.set(String::new()));
    };
    let option = |line: &'static Line| (line.name.to_owned(), format!("{}: {}", line.name, line.doc));
    let offered = AGGREGATE_LINES.iter().filter(|line| is_drawn(line.name)).map(option);
    field(FormField {
        id: "settings-add-aggregate".to_owned(),
        label: "Add".to_owned(),
        doc: "",
        value: chosen.into(),
        error: Signal::stored(None),
        control: Control::Choice(Signal::stored(
            [(String::new(), "…".to_owned())].into_iter().chain(offered).collect(),
        )),
        enter: Box::new(add),
    })
}

/// What events are grouped by.
fn by(draft: RwSignal<Draft>, dimensions: &[String]) -> AnyView {
    if dimensions.is_empty() {
        return ().into_any();
    }
    let choice = |dimension: &String| {
        let (known, name) = (dimension.clone(), dimension.clone());
        let turn = move |is_on: bool| {
            edit(draft, |parts| {
                parts.by.retain(|by| *by != name);
                parts.by.extend(is_on.then(|| name.clone()));
            });
        };
        let is_on = Signal::derive(move || part(draft, |parts| parts.by.contains(&known)));
        flag(format!("settings-by-{dimension}"), dimension.clone(), "", is_on, Box::new(turn))
    };
    view! {
        <fieldset class="choices">
            <legend>"One result for each"</legend>
            {dimensions.iter().map(choice).collect_view()}
            <p class="field-error" aria-live="polite">{problem(QueryPart::By)}</p>
        </fieldset>
    }
    .into_any()
}
