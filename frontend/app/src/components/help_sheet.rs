//! Every shortcut, from the table.

use leptos::prelude::*;

use super::dialog::Dialog;
use crate::shortcut::{SHORTCUTS, Shortcut};

/// The sheet.
#[component]
pub(crate) fn HelpSheet() -> impl IntoView {
    view! {
        <Dialog title="Keyboard shortcuts" name="help">
            <div class="help-groups" tabindex="0" role="region" aria-label="Shortcuts">
                {groups().into_iter().map(|(name, lines)| view! { <Group name lines /> }).collect_view()}
            </div>
        </Dialog>
    }
}

#[component]
fn Group(name: &'static str, lines: Vec<&'static Shortcut>) -> impl IntoView {
    let line = |shortcut: &'static Shortcut| {
        let keys = shortcut.keys.split('+').filter(|key| !key.is_empty());
        let keys: Vec<_> = if shortcut.keys == "+" { vec!["+"] } else { keys.collect() };
        view! {
            <div class="help-line">
                <dt>{keys.into_iter().map(|key| view! { <kbd>{key}</kbd> }).collect_view()}</dt>
                <dd>{shortcut.doc}</dd>
            </div>
        }
    };
    view! {
        <section class="help-group">
            <h3>{name}</h3>
            <dl>{lines.into_iter().map(line).collect_view()}</dl>
        </section>
    }
}

/// The shortcuts that have keys, by group, in the table's order.
fn groups() -> Vec<(&'static str, Vec<&'static Shortcut>)> {
    let mut groups: Vec<(&str, Vec<&Shortcut>)> = Vec::new();
    for shortcut in SHORTCUTS.iter().filter(|shortcut| !shortcut.keys.is_empty()) {
        match groups.iter_mut().find(|(name, _)| *name == shortcut.group) {
            Some((_, lines)) => lines.push(shortcut),
            None => groups.push((shortcut.group, vec![shortcut])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_on_the_sheet_once() {
        let shown: usize = groups().iter().map(|(_, lines)| lines.len()).sum();
        assert_eq!(shown, SHORTCUTS.iter().filter(|shortcut| !shortcut.keys.is_empty()).count());
    }
}
