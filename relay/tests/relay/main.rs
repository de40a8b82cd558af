//! The relay over real sockets on port 0.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod conformance;
mod crash;
mod dashboards;
mod disk;
mod drain;
mod faults;
mod feeds;
mod history;
mod ingest;
mod model;
mod nats;
mod operations;
mod process;
mod proxy;
mod publish;
mod reader;
mod replay;
mod resume;
mod routes;
mod selection;
mod session;
mod sse;
mod support;
