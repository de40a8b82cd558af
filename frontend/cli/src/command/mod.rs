//! The commands: one file each, one line each here.

mod detectors;
mod evaluate;
mod explain;
mod following;
mod forecast;
mod import;
mod inspect;
mod publish;
mod query;
mod record;
mod score;
mod tail;

use clap::Subcommand;

use crate::failure::Failure;

/// What `spate` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Turn CSV, NDJSON or JSON into a recording
    Import(import::Args),
    /// Say what a recording holds and whether it is whole
    Inspect(inspect::Args),
    /// Say how unusual each value of CSV, NDJSON or JSON is
    Score(score::Args),
    /// List the detectors and what can be set
    Detectors(detectors::Args),
    /// Say how good detectors are on labelled series
    Evaluate(evaluate::Args),
    /// Show what a verdict rests on, and make it once more
    Explain(explain::Args),
    /// Say where a series is going, and how such forecasts turned out
    Forecast(forecast::Args),
    /// Aggregate a recording or a text over event-time windows
    Query(query::Args),
    /// Follow streams of a relay
    Tail(tail::Args),
    /// Send events to a relay
    Publish(publish::Args),
    /// Write live streams of a relay to a recording
    Record(record::Args),
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Import(args) => import::run(args),
            Self::Inspect(args) => inspect::run(&args),
            Self::Score(args) => score::run(&args),
            Self::Detectors(args) => detectors::run(&args),
            Self::Evaluate(args) => evaluate::run(&args),
            Self::Explain(args) => explain::run(&args),
            Self::Forecast(args) => forecast::run(&args),
            Self::Query(args) => query::run(&args),
            Self::Tail(args) => tail::run(&args),
            Self::Publish(args) => publish::run(&args),
            Self::Record(args) => record::run(&args),
        }
    }
}
