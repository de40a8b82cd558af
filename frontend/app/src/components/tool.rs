//! A button that is an icon: what stands in headers of panels and sheets.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// What such a button looks like and is called.
#[derive(Clone, Copy)]
pub(crate) struct Tool {
    pub(crate) icon: Icon,
    /// Its name for those who do not see the icon.
    pub(crate) label: &'static str,
    /// What is said on pointing at it.
    pub(crate) title: &'static str,
    pub(crate) testid: &'static str,
}

impl Tool {
    /// The button.
    pub(crate) fn view(self, click: Box<dyn Fn()>) -> AnyView {
        let Self { icon, label, title, testid } = self;
        view! {
            <button type="button" class="tool" aria-label=label title=title data-testid=testid on:click=move |_| click()>
                <Glyph icon />
            </button>
        }
        .into_any()
    }
}
