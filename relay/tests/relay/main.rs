//! The relay over real sockets on port 0.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod dashboards;
mod drain;
mod ingest;
mod process;
mod replay;
mod resume;
mod routes;
mod session;
mod support;
