//! Icons: strokes on a 16-pixel grid in the colour of the text around them; hidden from screen readers.

use leptos::prelude::*;

/// One drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Bell,
    Close,
    Down,
    File,
    Monitor,
    Moon,
    Open,
    Pause,
    Play,
    Recording,
    Relay,
    Sun,
    Warning,
}

impl Icon {
    /// The strokes, as SVG path data.
    fn path(self) -> &'static str {
        match self {
            Self::Bell => "M4 11V7a4 4 0 0 1 8 0v4l1.5 1.5h-11zM6.5 14.5h3",
            Self::Close => "M4 4l8 8M12 4l-8 8",
            Self::Down => "M4 6l4 4 4-4",
            Self::File => "M4 1.5h5l3.5 3.5v9.5h-8.5zM9 1.5v3.5h3.5",
            Self::Monitor => "M2 3h12v8h-12zM6 14h4M8 11v3",
            Self::Moon => "M13.5 9.5a5.8 5.8 0 0 1-7-7 5.8 5.8 0 1 0 7 7z",
            Self::Open => "M1.5 12.5v-9h4l1.5 2h6.5v2M1.5 12.5l2-5h11l-2 5z",
            Self::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Self::Play => "M5 3l8 5-8 5z",
            Self::Recording => "M2 8h2.5l1.5-4.5 3 9 1.7-4.5H14",
            Self::Relay => "M8 9.2v5.3M5.4 10.1a3.6 3.6 0 1 1 5.2 0M3.3 12.2a6.6 6.6 0 1 1 9.4 0",
            Self::Sun => {
                "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1v1.5M8 13.5v1.5M1 8h1.5M13.5 8h1.5M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1"
            }
            Self::Warning => "M8 2l6.5 11.5h-13zM8 6.5v3.2M8 11.6v.1",
        }
    }
}

/// Draws an icon.
#[component]
pub(crate) fn Glyph(
    /// Which one.
    icon: Icon,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d=icon.path() />
        </svg>
    }
}
