//! The binary from outside: what people type, and what they get.
#![expect(clippy::expect_used, reason = "helpers of tests fail the test that called them")]

mod evaluate;
mod example_client;
mod explain;
mod forecast;
mod import;
mod inspect;
mod isolation_forest;
mod link;
mod mock_http;
mod mock_relay;
mod protocol_doc;
mod publish;
mod query;
mod real_relay;
mod recordings;
mod score;
mod spate;
