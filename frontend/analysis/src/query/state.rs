//! A query's state, to go on from.

use serde::{Deserialize, Serialize};
use spate_shared::schema::Schema;
use spate_shared::time::Nanos;

use super::dedup::Ids;
use super::groups::GroupsState;
use super::panes::PanesState;
use super::sessions::SessionsState;
use super::{Emit, QueryCounts, QueryError, QuerySpec, WindowQuery, Windows};
use crate::checkpoint::{CheckpointError, pack};
use crate::watermark::Watermark;

/// What a windowed query has seen: the part that its spec does not tell.
#[derive(Debug, Serialize, Deserialize)]
pub struct QueryState {
    /// The query it belongs to, and how it gives results: in words, and all of it.
    of: (String, Vec<u8>),
    windows: WindowsState,
    watermark: Watermark,
    ids: Vec<(u64, Nanos)>,
    groups: GroupsState,
    counts: QueryCounts,
    due: Nanos,
    shed_before: Nanos,
}

#[derive(Debug, Serialize, Deserialize)]
enum WindowsState {
    Panes(PanesState),
    Sessions(SessionsState),
}

/// Why a query cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResumeError {
    /// The stream cannot answer it.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The state is not of it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// Tells one query from another.
fn identity(spec: &QuerySpec, emit: Emit) -> (String, Vec<u8>) {
    let windows = std::iter::once(&spec.window).chain(&spec.also).map(ToString::to_string);
    let parts: Vec<String> = windows.chain(spec.agg.iter().map(ToString::to_string)).collect();
    (parts.join(", "), pack(&(spec, emit == Emit::Changes)))
}

impl WindowQuery {
    /// Its state: [`WindowQuery::resume`] from it and going on equals never having stopped, byte for byte.
    pub fn state(&self) -> QueryState {
        QueryState {
            of: identity(&self.spec, self.emit),
            windows: match &self.windows {
                Windows::Panes(panes) => WindowsState::Panes(panes.state()),
                Windows::Sessions(sessions) => WindowsState::Sessions(sessions.state()),
            },
            watermark: self.clock.watermark,
            ids: self.ids.state(),
            groups: self.groups.state(),
            counts: self.counts,
            due: self.due,
            shed_before: self.shed_before,
        }
    }

    /// The query as it was when its state was taken. The schema may be a later one.
    ///
    /// # Errors
    /// [`ResumeError`] when the stream cannot answer the query, or the state is of another one.
    pub fn resume(
        spec: &QuerySpec,
        schema: &Schema,
        emit: Emit,
        state: QueryState,
    ) -> Result<Self, ResumeError> {
        if state.of != identity(spec, emit) {
            let why = format!("it is of another query: {}", state.of.0);
            return Err(CheckpointError::Unfit(why).into());
        }
        let mut query = Self::new(spec, schema, emit)?;
        match (&mut query.windows, state.windows) {
            (Windows::Panes(panes), WindowsState::Panes(state)) => panes.restore(state)?,
            (Windows::Sessions(sessions), WindowsState::Sessions(state)) => sessions.restore(state)?,
            _ => return Err(CheckpointError::Unfit("it has other windows".to_owned()).into()),
        }
        query.groups.restore(state.groups)?;
        query.clock.watermark = state.watermark;
        query.ids = Ids::from_state(state.ids);
        (query.counts, query.due, query.shed_before) = (state.counts, state.due, state.shed_before);
        Ok(query)
    }
}
