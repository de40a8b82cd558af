//! The engine: events in event-time order or not, windows, scores and alerts out.
//!
//! **Architecture invariant:** nothing here reads a clock, a socket, a file or a random source. Time arrives as an
//! argument, numbers go through one libm, and maps that are iterated are ordered, so the same input gives the same
//! bytes natively and in WebAssembly.
//!
//! **Architecture invariant:** after construction nothing fails. Odd events are counted, see [`Counts`].
//!
//! | module | what it is | add one by |
//! |---|---|---|
//! | [`window`] | which windows an event falls into | a file and a line in [`window::WINDOWS`] |
//! | [`aggregate`] | what a window says about its values | a line in [`aggregate::AGGREGATES`] |
//! | [`expression`] | derived fields and filters | a function: a line in [`expression::FUNCTIONS`] |
//! | [`step`] | what is done to events before windows | a line in [`step::STEPS`] |
//! | [`pace`] | how often a stream has events, and what suits it | |
//! | [`query`] | windows and aggregates over a stream, as a panel or `spate query` asks for them | |
//! | [`detector`] | how unusual a value is | a file and a line in [`detector::DETECTORS`] |
//! | [`forecast`] | where a series is going | a model: a line in [`forecast::MODELS`] |
//! | [`inject`] | faults put in on purpose | a line in [`inject::FAULTS`] |
//! | [`evaluation`] | how good a detector is, on labelled series | |
//! | [`events`] | the events of a stream that are still held, as they came | |
//! | [`retention`] | the points of a series that are still held, and their decimation | |
//! | [`stream`] | one stream: watermark, groups, series | |
//! | [`ranking`] | which series changed most over an interval | |
//! | [`alert`] | what a series' unusual values add up to | |
//! | [`decision`] | all that an alert rests on, to compute it again | |
//! | [`engine`] | all streams, and the queries asked of them | |
//! | [`checkpoint`] | all of it as bytes, to go on from | |
//! | [`tuning`] | other detectors while events come in: what-if, shadow, faults, forecasts | |
//! | [`random`] | numbers from a seed | |

pub mod aggregate;
pub mod alert;
pub mod checkpoint;
pub mod counts;
pub mod decision;
pub mod detector;
pub mod engine;
pub mod evaluation;
pub mod events;
pub mod expression;
pub mod forecast;
pub mod inject;
pub mod pace;
pub mod query;
pub mod random;
pub mod ranking;
pub mod retention;
pub mod step;
pub mod stream;
pub mod tuning;
pub mod watermark;
pub mod window;

pub use counts::{Counts, Tally};
pub use engine::{Engine, StreamId};
