//! The Web Worker: everything between the socket and the canvas.
//!
//! The [`runtime`] is sans-I/O: a [`runtime::Wake`] goes in, [`runtime::Effect`]s come out, and time arrives with the
//! wake. It therefore runs natively in tests, with scripted sockets and a fake clock. Only `host` and `canvas`, which
//! exist on wasm32 alone, touch the browser.
//!
//! | module | what it is |
//! |---|---|
//! | [`view`], [`moment`] | which event time panels show, and how people write it |
//! | [`protocol`] | what the UI and the worker say to each other |
//! | [`runtime`] | decides what to do |
//! | [`link`] | the conversation with a relay: hello, resume, credit, back-off |
//! | [`player`] | a recording in memory, played |
//! | [`overview`] | a whole recording at a glance |
//! | [`queries`] | what panels ask of the engine |
//! | [`query_form`] | a panel's query as a form has it |
//! | [`tables`] | the engine's tables as words, for forms |
//! | [`store`] | streams into the engine |
//! | [`panel`] | what each panel shows |
//! | [`gesture`] | what the reader does on a plot |
//! | [`export`] | what panels show, as rows and files |
//! | [`ask`] | what the page asks once, and the answers |
//! | [`stats`] | what `window.spate.stats()` says |

pub mod ask;
pub mod export;
pub mod gesture;
mod imported;
pub mod link;
pub mod moment;
pub mod overview;
pub mod panel;
pub mod player;
pub mod protocol;
pub mod queries;
pub mod query_form;
pub mod runtime;
mod slice;
pub mod stats;
pub mod store;
pub mod tables;
pub mod tuning;
pub mod view;

#[cfg(target_arch = "wasm32")]
pub mod canvas;
#[cfg(target_arch = "wasm32")]
pub mod host;

/// This build; page, worker and relay say it to each other.
pub const BUILD: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("SPATE_BUILD"));
