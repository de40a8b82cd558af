//! Flags and environment variables.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::{ByteSize, Config, ConfigError, Period, ReplayConfig, SourceConfig, StdinConfig, load};
use crate::source::replay::{Playback, Speed, Times};

/// The relay: receives event streams and fans them out over WebSockets.
#[derive(Debug, Parser)]
#[command(name = "spate-relay", version)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Listen, read the sources and serve the dashboard until SIGINT or SIGTERM.
    Serve(ServeArgs),
    /// Say whether `serve` with the same flags could start, without listening.
    Check(ServeArgs),
}

/// Flags of `serve`. A flag wins over its environment variable, which wins over the file.
#[derive(Debug, Default, clap::Args)]
pub struct ServeArgs {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE", env = "SPATE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Where to listen; port 0 lets the system choose [default: 127.0.0.1:8080].
    #[arg(long, value_name = "HOST:PORT", env = "SPATE_LISTEN")]
    pub listen: Option<String>,
    /// Most bytes of history per stream, such as "64 MiB".
    #[arg(long, value_name = "SIZE", env = "SPATE_RING_BYTES")]
    pub ring_bytes: Option<ByteSize>,
    /// Oldest history per stream, such as "1h".
    #[arg(long, value_name = "DURATION", env = "SPATE_RING_AGE")]
    pub ring_age: Option<Period>,
    /// Read NDJSON from standard input into this stream.
    #[arg(long, value_name = "STREAM")]
    pub stdin: Option<String>,
    /// Replay this recording or text file once, in real time; the configuration file has more choices.
    #[arg(long, value_name = "FILE")]
    pub replay: Vec<PathBuf>,
    /// What to log, such as "info" or "debug".
    #[arg(long, value_name = "FILTER", env = "SPATE_LOG", default_value = "info")]
    pub log: String,
}

impl ServeArgs {
    /// The configuration these flags and the file they name give.
    ///
    /// # Errors
    /// [`ConfigError`] when the file is wrong.
    pub fn config(&self) -> Result<Config, ConfigError> {
        let mut config = match &self.config {
            Some(path) => load(path)?,
            None => Config::default(),
        };
        if let Some(listen) = &self.listen {
            config.listen.clone_from(listen);
        }
        config.ring.bytes = self.ring_bytes.unwrap_or(config.ring.bytes);
        config.ring.age = self.ring_age.unwrap_or(config.ring.age);
        if let Some(stream) = &self.stdin {
            config.sources.retain(|source| !matches!(source, SourceConfig::Stdin(_)));
            config.sources.push(SourceConfig::Stdin(StdinConfig { stream: stream.clone() }));
        }
        let playback =
            Playback { speed: Speed::Factor(1.0), repeat: false, times: Times::Kept, backfill: 0.0 };
        let replay = |path: &PathBuf| {
            SourceConfig::Replay(ReplayConfig { path: path.clone(), stream: None, playback })
        };
        config.sources.extend(self.replay.iter().map(replay));
        Ok(config)
    }
}
