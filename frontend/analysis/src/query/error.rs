//! What can be wrong with a query, and what to do.

use crate::expression::ExpressionError;

/// Why a query cannot be answered from a stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The named time is not the stream's.
    #[error("time: the stream's event time is {is:?}, got {got:?}")]
    Time {
        /// The stream's.
        is: String,
        /// The query's.
        got: String,
    },
    /// A field is not in the stream.
    #[error("{place}: no field is called {name:?}: choose one of {choices}")]
    Field {
        /// Which part of the query.
        place: String,
        /// The name.
        name: String,
        /// The fields there are.
        choices: String,
    },
    /// A field holds what the aggregate cannot use.
    #[error("agg: {call}: {field:?} is {got}, not a number; distinct and topN take any field")]
    NotANumber {
        /// The aggregate.
        call: String,
        /// The field.
        field: String,
        /// What it holds.
        got: &'static str,
    },
    /// Nothing to compute.
    #[error("agg: name at least one aggregate, such as count or mean(v)")]
    NoAggregates,
    /// A derived field is not written `name = expression`.
    #[error("derive: expected NAME = EXPRESSION, got {0:?}")]
    Derive(String),
    /// A derived field has a name that is taken.
    #[error("derive: there is a field {0:?} already: choose another name")]
    Taken(String),
    /// The filter is not true or false.
    #[error("where: expected true or false, such as v > 0, got {0}")]
    Filter(&'static str),
    /// An expression is wrong.
    #[error("{place}: {error}")]
    Expression {
        /// Which part of the query.
        place: &'static str,
        /// What is wrong, and where.
        error: ExpressionError,
    },
    /// A step cannot be done.
    #[error("step '{step}': {why}")]
    Step {
        /// The step.
        step: String,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// Windows that cannot share panes.
    #[error("also: {0}")]
    Also(String),
    /// A duration below 0, or no room for groups.
    #[error("{0}")]
    Bound(&'static str),
}
