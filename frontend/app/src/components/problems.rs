//! What went wrong, in a corner, until dismissed.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::session::{Problem, Session};

/// The problems, newest last.
#[component]
pub(crate) fn Problems() -> impl IntoView {
    let session = Session::get();
    view! {
        <div class="problems" role="log" aria-label="Problems" aria-live="assertive">
            <For each=move || session.problems.get() key=|problem| problem.id let:problem>
                <Toast problem />
            </For>
        </div>
    }
}

#[component]
fn Toast(problem: Problem) -> impl IntoView {
    let session = Session::get();
    let Problem { id, title, detail } = problem;
    view! {
        <div class="toast" data-testid="problem">
            <Glyph icon=Icon::Warning />
            <div class="toast-text">
                <p class="toast-title">{title}</p>
                <p class="toast-detail">{detail}</p>
            </div>
            <button type="button" class="toast-close" aria-label="Dismiss" on:click=move |_| session.dismiss(id)>
                <Glyph icon=Icon::Close />
            </button>
        </div>
    }
}
