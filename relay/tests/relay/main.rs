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
mod jetstream;
mod model;
mod nats;
mod nats_server;
mod operations;
mod process;
mod proxy;
mod publish;
mod read_back;
mod reader;
mod replay;
mod replicas;
mod resume;
mod routes;
mod selection;
mod session;
mod soak;
mod sse;
mod support;
mod tls;
