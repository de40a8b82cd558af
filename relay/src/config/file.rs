//! Reading and checking the configuration file.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use spate_shared::catalog::check_stream_name;
use spate_shared::schema::{FieldType, Role};
use toml::Spanned;

use super::dashboards::RawDashboards;
use super::jetstream::RawJetStream;
use super::source::RawSource;
use super::{
    BatchConfig, Config, DEFAULT_LISTEN, FieldConfig, Limits, LogConfig, RingConfig, SourceConfig,
    StreamConfig,
};

/// Why a configuration file is not used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("cannot read configuration {path:?}: {error}; check --config")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// Something in it is wrong.
    #[error("{path}:{line}: key `{key}`: {reason}; docs/relay.md lists the keys", path = path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The key at fault, or the text of the line when it has none.
        key: String,
        /// What is wrong and what would be right.
        reason: String,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    listen: Option<String>,
    #[serde(default)]
    ring: RingConfig,
    #[serde(default)]
    batch: BatchConfig,
    log: Option<LogConfig>,
    jetstream: Option<Spanned<RawJetStream>>,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    dashboards: RawDashboards,
    #[serde(default)]
    stream: Vec<Spanned<StreamConfig>>,
    #[serde(default)]
    source: Vec<Spanned<RawSource>>,
}

/// Reads a configuration file. Paths in it are relative to its folder.
///
/// # Errors
/// [`ConfigError`] naming the file, line and key.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let text =
        std::fs::read_to_string(path).map_err(|error| ConfigError::Read { path: path.to_owned(), error })?;
    parse(&text, path)
}

/// The configuration in `text`; `path` names it in errors and anchors its relative paths.
fn parse(text: &str, path: &Path) -> Result<Config, ConfigError> {
    let at = |span: Range<usize>, reason: String| fault(text, path, &span, reason);
    let raw: RawConfig = toml::from_str(text)
        .map_err(|error| at(error.span().unwrap_or_default(), error.message().replace('\n', " ")))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let dashboards = raw.dashboards.check(folder).map_err(|(span, reason)| at(span, reason))?;
    let streams = check_streams(raw.stream).map_err(|(span, reason)| at(span, reason))?;
    let mut sources = Vec::with_capacity(raw.source.len());
    for source in raw.source {
        let span = source.span();
        let source = source.into_inner().check(folder).map_err(|(span, reason)| at(span, reason))?;
        if let SourceConfig::Stdin(_) = source
            && sources.iter().any(|other| matches!(other, SourceConfig::Stdin(_)))
        {
            return Err(at(span, "standard input can feed one stream: remove a source".to_owned()));
        }
        sources.push(source);
    }
    let listen = raw.listen.unwrap_or_else(|| DEFAULT_LISTEN.to_owned());
    let log = raw.log.map(|log| log.beside(folder));
    let jetstream = match raw.jetstream {
        Some(jetstream) if log.is_some() => {
            let reason =
                "streams are kept in JetStream or in a log of this relay: remove [jetstream] or [log]";
            return Err(at(jetstream.span(), reason.to_owned()));
        }
        Some(jetstream) => {
            Some(jetstream.into_inner().check(folder).map_err(|(span, reason)| at(span, reason))?)
        }
        None => None,
    };
    let (ring, batch, limits) = (raw.ring, raw.batch, raw.limits);
    Ok(Config { listen, ring, batch, log, jetstream, limits, dashboards, streams, sources })
}

fn check_streams(raw: Vec<Spanned<StreamConfig>>) -> Result<Vec<StreamConfig>, (Range<usize>, String)> {
    let mut names = BTreeSet::new();
    let mut streams = Vec::with_capacity(raw.len());
    for stream in raw {
        let span = stream.span();
        let stream = stream.into_inner();
        check_stream_name(&stream.name).map_err(|error| (span.clone(), error.to_string()))?;
        if !names.insert(stream.name.clone()) {
            return Err((span, format!("stream {:?} is declared twice: remove one", stream.name)));
        }
        let mut fields: BTreeSet<&str> = stream.time.as_deref().into_iter().collect();
        if let Some(twice) = stream.fields.iter().find(|field| !fields.insert(&field.name)) {
            return Err((span, format!("field {:?} is declared twice: rename one", twice.name)));
        }
        if let Some(field) = stream.fields.iter().find(|field| !can_be_grouped(field)) {
            let (name, ty) = (&field.name, field.ty.name());
            let reason = format!(
                "field {name:?} is a dimension of type {ty}, which cannot be grouped: give it the type category, \
                 text, bool or i64, or another role"
            );
            return Err((span, reason));
        }
        streams.push(stream);
    }
    Ok(streams)
}

/// A dimension groups by text, which numbers and times are not: nearly every event would be a group of its own.
fn can_be_grouped(field: &FieldConfig) -> bool {
    field.role() != Role::Dimension || !matches!(field.ty, FieldType::F64 | FieldType::Timestamp)
}

fn fault(text: &str, path: &Path, span: &Range<usize>, reason: String) -> ConfigError {
    let start = (0..=span.start.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[..start].matches('\n').count() + 1;
    let content = text[line_start..].lines().next().unwrap_or_default();
    let key = content.split('=').next().unwrap_or_default().trim().trim_matches(['[', ']']);
    ConfigError::Key { path: path.to_owned(), line, key: key.to_owned(), reason }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
