//! What an operator decides: a TOML file, then environment variables and flags over it.

mod args;
mod batch;
mod dashboards;
mod file;
mod jetstream;
mod log;
mod quantity;
mod source;

pub use args::{Args, Command, ServeArgs};
pub use batch::BatchConfig;
pub use dashboards::DashboardsConfig;
pub use file::{ConfigError, load};
pub use jetstream::JetStreamConfig;
pub use log::LogConfig;
pub use quantity::{ByteSize, Period};
pub use source::{FileConfig, ReplayConfig, SourceConfig, StdinConfig};

use serde::{Deserialize, Deserializer, de};
use spate_shared::schema::{Field, FieldType, Role, Schema, TimeField, TimeSource};

/// Where the relay listens when nothing says otherwise.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8080";

/// The whole configuration, validated.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `host:port`; port 0 lets the system choose.
    pub listen: String,
    /// How much history each stream keeps.
    pub ring: RingConfig,
    /// How long events wait to be sent together.
    pub batch: BatchConfig,
    /// Where history is kept on disk; absent: in memory alone.
    pub log: Option<LogConfig>,
    /// The JetStream that keeps streams for several relays.
    pub jetstream: Option<JetStreamConfig>,
    /// What clients and producers may use.
    pub limits: Limits,
    /// Where dashboards are kept.
    pub dashboards: DashboardsConfig,
    /// Streams with a declared schema.
    pub streams: Vec<StreamConfig>,
    /// Sources beside HTTP, in order.
    pub sources: Vec<SourceConfig>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: DEFAULT_LISTEN.to_owned(),
            ring: RingConfig::default(),
            batch: BatchConfig::default(),
            log: None,
            jetstream: None,
            limits: Limits::default(),
            dashboards: DashboardsConfig::default(),
            streams: Vec::new(),
            sources: Vec::new(),
        }
    }
}

/// `[ring]`: history kept in memory, per stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RingConfig {
    /// Most bytes.
    pub bytes: ByteSize,
    /// Oldest age.
    pub age: Period,
}

impl Default for RingConfig {
    fn default() -> Self {
        Self { bytes: ByteSize(32 << 20), age: Period(spate_shared::time::HOUR) }
    }
}

/// `[limits]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Open WebSocket connections.
    #[serde(deserialize_with = "count")]
    pub connections: usize,
    /// Streams in the relay.
    #[serde(deserialize_with = "count")]
    pub streams: usize,
    /// Streams that one client may subscribe to.
    #[serde(deserialize_with = "count")]
    pub streams_per_client: usize,
    /// Subscriptions that one client may start in a second; a second's worth at once.
    #[serde(deserialize_with = "count")]
    pub subscribes_per_second: usize,
    /// Bytes of data frames a second that one client is sent; absent is no limit.
    pub client_bytes_per_second: Option<ByteSize>,
    /// Bytes of one ingest request, before and after decompression.
    pub body_bytes: ByteSize,
    /// Ingested bytes a second per stream; absent is no limit.
    pub ingest_bytes_per_second: Option<ByteSize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 20_000,
            streams: 256,
            streams_per_client: 256,
            subscribes_per_second: 1_024,
            client_bytes_per_second: None,
            body_bytes: ByteSize(16 << 20),
            ingest_bytes_per_second: None,
        }
    }
}

/// A limit that leaves something to use and fits the semaphores.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let value = i64::deserialize(deserializer)?;
    match u32::try_from(value) {
        Ok(count @ 1..) => Ok(count as usize),
        _ => Err(de::Error::invalid_value(
            de::Unexpected::Signed(value),
            &"a whole number from 1 to 4294967295",
        )),
    }
}

/// `[[stream]]`: a stream whose schema is declared rather than inferred.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamConfig {
    /// Its name.
    pub name: String,
    /// The field that holds the event time; absent: the arrival is the time.
    pub time: Option<String>,
    /// Its other fields.
    pub fields: Vec<FieldConfig>,
}

/// One field of a declared stream.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldConfig {
    /// Its name.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub ty: FieldType,
    /// What it is for; absent: what its type is usually for.
    pub role: Option<Role>,
    /// Unit of a measure.
    pub unit: Option<String>,
}

impl FieldConfig {
    /// What it is for.
    pub fn role(&self) -> Role {
        self.role.unwrap_or(self.ty.default_role())
    }
}

impl StreamConfig {
    /// The declared schema.
    pub fn schema(&self) -> Schema {
        let time = match &self.time {
            Some(name) => TimeField { name: name.clone(), source: TimeSource::Event },
            None => TimeField { name: "time".to_owned(), source: TimeSource::Arrival },
        };
        let field = |field: &FieldConfig| Field {
            name: field.name.clone(),
            ty: field.ty,
            role: field.role(),
            unit: field.unit.clone(),
        };
        Schema::new(time, self.fields.iter().map(field).collect())
    }
}
