//! Fields of forms: a label, a control, and what is wrong with what it holds.

use leptos::prelude::*;

/// One field.
pub(crate) struct FormField {
    /// Unique on the page; the control's test id too.
    pub(crate) id: String,
    /// What it is called.
    pub(crate) label: String,
    /// What it does; empty when the label says it all.
    pub(crate) doc: &'static str,
    /// What it holds.
    pub(crate) value: Signal<String>,
    /// Why that cannot be, and what could.
    pub(crate) error: Signal<Option<String>>,
    /// What people enter it with.
    pub(crate) control: Control,
    /// Takes what was entered, with every letter.
    pub(crate) enter: Box<dyn Fn(String)>,
}

/// What people enter something with.
pub(crate) enum Control {
    /// A line of text.
    Line {
        /// What stands there while nothing is entered.
        hint: String,
    },
    /// Several lines of text.
    Lines {
        /// What stands there while nothing is entered.
        hint: String,
    },
    /// One of several values, each with its name.
    Choice(Signal<Vec<(String, String)>>),
}

/// A field with its label above, its error and what it does below.
pub(crate) fn field(field: FormField) -> AnyView {
    let FormField { id, label, doc, value, error, control, enter } = field;
    let (doc_id, error_id) = (format!("{id}-doc"), format!("{id}-error"));
    let is_wrong = move || error.read().is_some().to_string();
    let described = format!("{error_id} {doc_id}");
    let take = move |event| enter(event_target_value(&event));
    let control = match control {
        Control::Line { hint } => view! {
            <input class="input" id=id.clone() autocomplete="off" spellcheck="false" placeholder=hint aria-describedby=described aria-invalid=is_wrong data-testid=id.clone() prop:value=value on:input=take />
        }
        .into_any(),
        Control::Lines { hint } => view! {
            <textarea class="input" id=id.clone() rows="3" spellcheck="false" placeholder=hint aria-describedby=described aria-invalid=is_wrong data-testid=id.clone() prop:value=value on:input=take></textarea>
        }
        .into_any(),
        Control::Choice(choices) => {
            let option = move |(choice, name): (String, String)| {
                let of = choice.clone();
                view! { <option value=choice selected=move || *value.read() == of>{name}</option> }
            };
            view! {
                <select class="input" id=id.clone() aria-describedby=described data-testid=id.clone() prop:value=value on:change=take>
                    {move || choices.get().into_iter().map(option).collect_view()}
                </select>
            }
            .into_any()
        }
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {control}
            <p class="field-error" id=error_id aria-live="polite">{error}</p>
            <p class="field-doc" id=doc_id>{doc}</p>
        </div>
    }
    .into_any()
}

/// Something that is on or off.
pub(crate) fn flag(
    id: String,
    label: String,
    doc: &'static str,
    is_on: Signal<bool>,
    turn: Box<dyn Fn(bool)>,
) -> AnyView {
    view! {
        <label class="choice">
            <input type="checkbox" data-testid=id prop:checked=is_on on:change=move |event| turn(event_target_checked(&event)) />
            <span><b>{label}</b>" "{doc}</span>
        </label>
    }
    .into_any()
}
