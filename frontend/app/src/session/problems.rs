//! What went wrong and is on the page.

use leptos::prelude::*;

use super::Session;

/// Most problems shown at once; older ones give way.
const MOST_SHOWN: usize = 4;

/// Something the user should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Unique.
    pub(crate) id: u32,
    /// One line.
    pub(crate) title: String,
    /// What, why and what to do.
    pub(crate) detail: String,
}

impl Session {
    /// Tells the user about something that went wrong.
    pub(crate) fn report(self, title: String, detail: String) {
        let problem = self.problem(title, detail);
        self.problems.update(|problems| {
            problems.retain(|other| (&other.title, &other.detail) != (&problem.title, &problem.detail));
            problems.push(problem);
            let surplus = problems.len().saturating_sub(MOST_SHOWN);
            problems.drain(..surplus);
        });
    }

    /// Shows, in place of the dashboard, why the source cannot be shown.
    pub(super) fn fail(self, title: String, detail: String) {
        self.fatal.set(Some(self.problem(title, detail)));
    }

    fn problem(self, title: String, detail: String) -> Problem {
        let id = self.machine.try_update_value(|machine| {
            machine.problems_made += 1;
            machine.problems_made
        });
        Problem { id: id.unwrap_or_default(), title, detail }
    }

    /// Takes a problem off the page.
    pub(crate) fn dismiss(self, id: u32) {
        self.problems.update(|problems| problems.retain(|problem| problem.id != id));
    }
}
