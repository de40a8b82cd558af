//! Which event time all panels show: the mode, the range and the zone.

use leptos::prelude::*;
use spate_worker::view::View;

use super::icon::{Glyph, Icon};
use super::later::{Part, later};
use super::time_menu::MENU;
use crate::browser::event::open_popover;
use crate::format::{count, counted, duration};
use crate::session::Session;
use crate::time::{TimeEdit, text};
use spate_shared::time::MILLISECOND;
use spate_worker::view::Span;

/// The button that opens the picker, and the three modes beside it.
#[component]
pub(crate) fn TimePicker() -> impl IntoView {
    let session = Session::get();
    let title =
        move || session.zone.with(|zone| text::title(&session.time.read().view, session.range.get(), zone));
    let zone = move || session.zone.with(|zone| zone.title().to_owned());
    let is_open = RwSignal::new(false);
    let toggled = move |_| is_open.set(open_popover(MENU).is_some());
    view! {
        <button type="button" class="button time" popovertarget=MENU data-testid="time" aria-label=move || format!("Time range: {}, {}", title(), zone())>
            <Glyph icon=Icon::Clock />
            <span class="time-title">{title}</span>
            <span class="time-zone">{zone}</span>
            <Glyph icon=Icon::Down />
        </button>
        <div id=MENU class="menu time-menu" popover="auto" role="dialog" aria-label="Time range" data-testid="time-menu" on:toggle=toggled>
            {move || is_open.get().then(|| later(Part::TimeMenu))}
        </div>
        <Modes />
    }
}

/// Follow, hold or fixed; each says how it stands.
#[component]
fn Modes() -> impl IntoView {
    let session = Session::get();
    let mode = Memo::new(move |_| Mode::of(&session.time.read().view));
    let is = move |wanted: Mode| (mode.get() == wanted).to_string();
    let note = move || note(&session.time.read().view, session.waiting.get(), session.delay_millis.get());
    let hold = move |_| session.toggle_hold();
    let fix = move |_| {
        if let Some((from, to)) = session.range.get_untracked() {
            session.edit_time(TimeEdit::Choose(View::Fixed { from, to }));
        }
    };
    view! {
        <div class="modes" role="group" aria-label="Time mode" data-mode=move || mode.get().name()>
            <button type="button" class="mode" data-testid="follow" aria-pressed=move || is(Mode::Follow) title="Moves with the latest events (F)"
                on:click=move |_| session.edit_time(TimeEdit::Follow)>
                <Glyph icon=Icon::Play />
                <span>"Follow"</span>
            </button>
            <button type="button" class="mode" data-testid="hold" aria-pressed=move || is(Mode::Hold)
                title=move || hold_title(session.waiting.get(), mode.get() == Mode::Hold) on:click=hold>
                <Glyph icon=Icon::Pause />
                <span>"Hold"</span>
            </button>
            <button type="button" class="mode" data-testid="fixed" aria-pressed=move || is(Mode::Fixed) title="Stays at the instants on screen"
                on:click=fix>
                <Glyph icon=Icon::Lock />
                <span>"Fixed"</span>
            </button>
        </div>
        <span class="mode-note" data-testid="mode-note">{note}</span>
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Follow,
    Hold,
    Fixed,
}

impl Mode {
    fn of(view: &View) -> Self {
        match view {
            View::Follow(_) => Self::Follow,
            View::Hold(_) => Self::Hold,
            View::Fixed { .. } => Self::Fixed,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Follow => "follow",
            Self::Hold => "hold",
            Self::Fixed => "fixed",
        }
    }
}

/// How the mode stands: how far behind, or how many events wait.
fn note(view: &View, waiting: u64, delay_millis: u64) -> Option<String> {
    match view {
        View::Hold(_) => Some(format!("{} waiting", count(waiting))),
        View::Follow(Span::Last { behind: behind @ 1.., .. }) => Some(format!("{} back", duration(*behind))),
        View::Follow(_) if delay_millis > 0 => {
            let delay = i64::try_from(delay_millis).unwrap_or(i64::MAX).saturating_mul(MILLISECOND);
            Some(format!("{} behind", duration(delay)))
        }
        View::Follow(_) | View::Fixed { .. } => None,
    }
}

fn hold_title(waiting: u64, holds: bool) -> String {
    if holds {
        format!("The range stands still; {} arrived since. Click to follow (H).", counted(waiting, "event"))
    } else {
        "Holds the range still while events go on arriving (H)".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_shared::time::HOUR;

    #[test]
    fn every_mode_says_how_it_stands() {
        let check = |view, waiting, delay, expect: Option<&str>| {
            assert_eq!(note(&view, waiting, delay).as_deref(), expect);
        };
        check(View::default(), 0, 12, Some("12 ms behind"));
        check(View::default(), 0, 0, None);
        check(View::Follow(Span::Last { width: HOUR, behind: 2 * HOUR }), 0, 12, Some("2 h back"));
        check(View::Hold(Span::Auto), 1_200, 12, Some("1,200 waiting"));
        check(View::Fixed { from: 0, to: 1 }, 0, 12, None);
    }
}
