//! `[jetstream]`: streams kept in NATS JetStream, for several relays.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use spate_shared::time::HOUR;
use toml::Spanned;

use super::source::{Fault, NATS, check_endpoint, is_nats_name};
use super::{ByteSize, Period};
use crate::jetstream::Settings;
use crate::source::upstream::Endpoint;

/// Most copies that JetStream keeps.
const MAX_REPLICAS: usize = 5;

/// Where streams are kept, and how those are that are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JetStreamConfig {
    /// Where it is.
    pub endpoint: Endpoint,
    /// What the names of everything there begin with.
    pub prefix: String,
    /// Copies in a cluster.
    pub replicas: usize,
    /// Most bytes per stream.
    pub bytes: ByteSize,
    /// Oldest age.
    pub age: Period,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawJetStream {
    url: Spanned<String>,
    ca_file: Option<Spanned<PathBuf>>,
    prefix: Option<Spanned<String>>,
    replicas: Option<Spanned<usize>>,
    bytes: Option<ByteSize>,
    age: Option<Period>,
}

impl RawJetStream {
    /// Paths are relative to `folder`.
    pub(super) fn check(self, folder: &Path) -> Result<JetStreamConfig, Fault> {
        let endpoint = check_endpoint(&self.url, self.ca_file.as_ref(), NATS, folder)?;
        let mut config = JetStreamConfig::new(endpoint);
        if let Some(prefix) = self.prefix {
            let got = prefix.get_ref();
            if !is_nats_name(got) {
                let reason = format!("{got:?} begins no name in JetStream: no blanks and none of . * > / \\");
                return Err((prefix.span(), reason));
            }
            config.prefix = prefix.into_inner();
        }
        if let Some(replicas) = self.replicas {
            if !(1..=MAX_REPLICAS).contains(replicas.get_ref()) {
                return Err((replicas.span(), format!("JetStream keeps 1 to {MAX_REPLICAS} copies")));
            }
            config.replicas = replicas.into_inner();
        }
        config.bytes = self.bytes.unwrap_or(config.bytes);
        config.age = self.age.unwrap_or(config.age);
        Ok(config)
    }
}

impl JetStreamConfig {
    /// The defaults at an address.
    pub fn new(endpoint: Endpoint) -> Self {
        let (prefix, replicas) = ("spate".to_owned(), 1);
        Self { endpoint, prefix, replicas, bytes: ByteSize(1 << 30), age: Period(7 * 24 * HOUR) }
    }

    /// For the relay, whose ring goes back so far.
    pub fn settings(&self, ring_age: i64) -> Settings {
        let Self { endpoint, prefix, replicas, bytes, age } = self.clone();
        Settings { endpoint, prefix, replicas, bytes: bytes.0, age: age.0, ring_age }
    }
}
