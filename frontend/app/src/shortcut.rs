//! Everything a key can do: one table for the keyboard, the help sheet and the palette.

/// What the page can be asked to do, by key or from the palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Palette,
    Help,
    Share,
    Time,
    Hold,
    Follow,
    Theme,
    Density,
    Kiosk,
    Print,
    Edit,
    Alone,
    Table,
    Save,
    Budget,
    Undo,
    Redo,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shortcut {
    /// As people write it: `Ctrl+K`. Empty for what has no key.
    pub(crate) keys: &'static str,
    /// What it does.
    pub(crate) doc: &'static str,
    /// Where it stands on the sheet.
    pub(crate) group: &'static str,
    /// What is done anywhere on the page; `None` for keys that the part of the page with the focus takes itself.
    pub(crate) action: Option<Action>,
}

const fn global(keys: &'static str, doc: &'static str, group: &'static str, action: Action) -> Shortcut {
    Shortcut { keys, doc, group, action: Some(action) }
}

const fn local(keys: &'static str, doc: &'static str, group: &'static str) -> Shortcut {
    Shortcut { keys, doc, group, action: None }
}

/// All of them, in the order of the help sheet.
pub(crate) const SHORTCUTS: &[Shortcut] = &[
    global("Ctrl+K", "Find and do anything", "Everywhere", Action::Palette),
    global("?", "Show these shortcuts", "Everywhere", Action::Help),
    global("S", "Share this view", "Everywhere", Action::Share),
    global("K", "Kiosk: the dashboard alone", "Everywhere", Action::Kiosk),
    global("", "Change the theme: system, light, dark", "Everywhere", Action::Theme),
    global("", "Change the density: comfortable, compact", "Everywhere", Action::Density),
    global("", "Print, or save as PDF", "Everywhere", Action::Print),
    global("E", "Change the dashboard, or be done with it", "Everywhere", Action::Edit),
    global("V", "Show the panel that is pointed at alone, or all again", "Everywhere", Action::Alone),
    global(
        "Shift+T",
        "Show the values of the panel that is pointed at as a table",
        "Everywhere",
        Action::Table,
    ),
    global("Shift+S", "Save or copy the panel that is pointed at", "Everywhere", Action::Save),
    global("Ctrl+Shift+P", "Show how fast it all is", "Everywhere", Action::Budget),
    global("Ctrl+Z", "Undo the last change of the dashboard", "Everywhere", Action::Undo),
    global("Ctrl+Shift+Z", "Make it again", "Everywhere", Action::Redo),
    local("Escape", "Close what is open; leave a chart", "Everywhere"),
    global("T", "Choose the time range and zone", "Time", Action::Time),
    global("H", "Hold, or follow again", "Time", Action::Hold),
    global("F", "Follow the latest events", "Time", Action::Follow),
    local("+", "Zoom in", "On a chart"),
    local("-", "Zoom out", "On a chart"),
    local("0", "Back to before the zoom, then zoom out", "On a chart"),
    local("Page Up", "Half a width earlier", "On a chart"),
    local("Page Down", "Half a width later", "On a chart"),
    local("← →", "Read the next values; with Shift in larger steps", "On a chart"),
    local("Home End", "Read the first or the last values", "On a chart"),
    local("n", "Go to the next anomaly", "On a chart"),
    local("p", "Go to the anomaly before", "On a chart"),
    local("↑ ↓", "Zoom the values in or out", "On a chart"),
    local("b", "Begin to choose an interval; again, or Enter, to see what changed", "On a chart"),
    local("z", "Zoom to the interval being chosen", "On a chart"),
    local("Space", "Play or pause", "A recording"),
    local(", .", "One event back or on", "A recording"),
    local("l", "Go round, or no more", "A recording"),
    local("[ ]", "Go round from here, or up to here", "A recording"),
    local("< >", "Slower or faster", "A recording"),
];

/// A key as it was pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pressed {
    /// The browser's name of the key.
    pub(crate) key: String,
    /// Control, or the Command key.
    pub(crate) ctrl: bool,
    /// Shift.
    pub(crate) shift: bool,
    /// Whether text is being written, or a control uses the key itself.
    pub(crate) in_control: bool,
}

/// What a key does, wherever the focus is.
pub(crate) fn action_of(pressed: &Pressed) -> Option<Action> {
    SHORTCUTS.iter().find(|shortcut| shortcut.action.is_some() && matches(shortcut.keys, pressed))?.action
}

fn matches(keys: &str, pressed: &Pressed) -> bool {
    let (mut ctrl, mut shift, mut key) = (false, false, keys);
    if let Some(rest) = key.strip_prefix("Ctrl+") {
        (ctrl, key) = (true, rest);
    }
    if let Some(rest) = key.strip_prefix("Shift+") {
        (shift, key) = (true, rest);
    }
    // A sign such as "?" may need Shift on some keyboards and not on others; a letter must not have it by chance.
    let is_letter = key.len() == 1 && key.as_bytes()[0].is_ascii_alphabetic();
    let shift_fits = !is_letter || shift == pressed.shift;
    // Where text is written, Ctrl+Z is about the text.
    let free = keys == "Ctrl+K" || !pressed.in_control;
    !key.is_empty() && key.eq_ignore_ascii_case(&pressed.key) && ctrl == pressed.ctrl && shift_fits && free
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: &str, (ctrl, shift, in_control): (bool, bool, bool), expect: Option<Action>) {
        let pressed = Pressed { key: key.to_owned(), ctrl, shift, in_control };
        assert_eq!(action_of(&pressed), expect, "{pressed:?}");
    }

    #[test]
    fn keys_do_what_the_table_says() {
        check("k", (true, false, false), Some(Action::Palette));
        check("k", (false, false, false), Some(Action::Kiosk));
        check("?", (false, true, false), Some(Action::Help));
        check("Escape", (false, false, false), None);
        check("", (false, false, false), None);
    }

    #[test]
    fn letters_are_for_the_field_that_has_the_focus() {
        check("t", (false, false, true), None);
        check("k", (true, false, true), Some(Action::Palette));
        check("T", (false, true, false), Some(Action::Table));
        check("H", (false, true, false), None);
        check("z", (true, false, true), None);
        check("z", (true, false, false), Some(Action::Undo));
        check("Z", (true, true, false), Some(Action::Redo));
    }

    #[test]
    fn no_two_shortcuts_of_a_group_have_the_same_keys() {
        for (index, one) in SHORTCUTS.iter().enumerate() {
            let same = |other: &&Shortcut| {
                other.keys == one.keys && !one.keys.is_empty() && other.group == one.group
            };
            assert!(!SHORTCUTS[index + 1..].iter().any(|other| same(&other)), "{}", one.keys);
        }
    }
}
