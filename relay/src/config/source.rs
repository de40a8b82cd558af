//! `[[source]]` entries.
//!
//! They are read as one flat table first, since serde's tagged enums forget lines, then checked by kind.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use spate_shared::catalog::check_stream_name;
use spate_shared::text::Format;
use toml::Spanned;

use crate::source::file::Begin;
use crate::source::replay::{Playback, Speed, Times};
use crate::source::upstream::nats::NatsConfig;
use crate::source::upstream::websocket::WebSocketFeed;
use crate::source::upstream::{Endpoint, trust};

/// One source beside HTTP.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceConfig {
    /// Replays a file.
    Replay(ReplayConfig),
    /// Reads NDJSON from standard input.
    Stdin(StdinConfig),
    /// Follows a file.
    File(FileConfig),
    /// Follows a WebSocket into a stream.
    WebSocket(WebSocketFeed, String),
    /// Follows server-sent events into a stream.
    Sse(Endpoint, String),
    /// Consumes NATS JetStream into a stream.
    Nats(NatsConfig, String),
}

impl SourceConfig {
    /// Its kind and what it reads, for people.
    pub fn describe(&self) -> String {
        match self {
            Self::Replay(replay) => format!("source replay {}", replay.path.display()),
            Self::Stdin(_) => "source stdin".to_owned(),
            Self::File(file) => format!("source file {}", file.path.display()),
            Self::WebSocket(feed, _) => format!("source websocket {}", feed.endpoint.shown()),
            Self::Sse(endpoint, _) => format!("source sse {}", endpoint.shown()),
            Self::Nats(nats, _) => format!("source nats {} {}", nats.endpoint.shown(), nats.jetstream),
        }
    }
}

/// `kind = "replay"`.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayConfig {
    /// A `.spate`, CSV, NDJSON or JSON file.
    pub path: PathBuf,
    /// Names the stream of a file that holds one.
    pub stream: Option<String>,
    /// How it is played.
    pub playback: Playback,
}

/// `kind = "stdin"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StdinConfig {
    /// The stream it feeds.
    pub stream: String,
}

/// `kind = "file"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileConfig {
    /// An NDJSON file that grows.
    pub path: PathBuf,
    /// The stream it feeds.
    pub stream: String,
    /// Where it begins.
    pub from: Begin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Replay,
    Stdin,
    File,
    Websocket,
    Sse,
    Nats,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Stdin => "stdin",
            Self::File => "file",
            Self::Websocket => "websocket",
            Self::Sse => "sse",
            Self::Nats => "nats",
        }
    }
}

/// Which kinds a key belongs to; `kind` and `stream` belong to all.
const KEYS: &[(&str, &[Kind])] = &[
    ("path", &[Kind::Replay, Kind::File]),
    ("speed", &[Kind::Replay]),
    ("loop", &[Kind::Replay]),
    ("times", &[Kind::Replay]),
    ("backfill", &[Kind::Replay]),
    ("from", &[Kind::File]),
    ("url", &[Kind::Websocket, Kind::Sse, Kind::Nats]),
    ("ca_file", &[Kind::Websocket, Kind::Sse, Kind::Nats]),
    ("format", &[Kind::Websocket, Kind::Nats]),
    ("send", &[Kind::Websocket]),
    ("jetstream", &[Kind::Nats]),
    ("consumer", &[Kind::Nats]),
    ("subject", &[Kind::Nats]),
];

/// Whether it can name a stream or consumer of JetStream.
pub(super) fn is_nats_name(name: &str) -> bool {
    let is_bad = |at: char| at.is_whitespace() || at.is_control() || ".*>/\\".contains(at);
    !name.is_empty() && !name.contains(is_bad)
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MessageFormat {
    Json,
    Ndjson,
    Csv,
}

/// Every key of every kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSource {
    kind: Spanned<Kind>,
    path: Option<Spanned<PathBuf>>,
    stream: Option<Spanned<String>>,
    speed: Option<Spanned<Speed>>,
    #[serde(rename = "loop")]
    repeat: Option<Spanned<bool>>,
    times: Option<Spanned<Times>>,
    backfill: Option<Spanned<f64>>,
    from: Option<Spanned<Begin>>,
    url: Option<Spanned<String>>,
    ca_file: Option<Spanned<PathBuf>>,
    format: Option<Spanned<MessageFormat>>,
    send: Option<Spanned<Vec<String>>>,
    jetstream: Option<Spanned<String>>,
    consumer: Option<Spanned<String>>,
    subject: Option<Spanned<String>>,
}

/// What is wrong with a source, and where in the file.
pub(super) type Fault = (Range<usize>, String);

fn span<T>(key: Option<&Spanned<T>>) -> Option<Range<usize>> {
    key.map(Spanned::span)
}

fn format(key: Option<Spanned<MessageFormat>>) -> Format {
    match value(key).unwrap_or(MessageFormat::Json) {
        MessageFormat::Json => Format::Json,
        MessageFormat::Ndjson => Format::Ndjson,
        MessageFormat::Csv => Format::Csv,
    }
}

fn value<T>(key: Option<Spanned<T>>) -> Option<T> {
    key.map(Spanned::into_inner)
}

/// The schemes of a kind of server: plain, and with TLS.
pub(super) type Schemes = [&'static str; 2];
pub(super) const NATS: Schemes = ["nats://", "tls://"];

/// The server at a URL of one of these schemes; its authorities are in a file that is relative to `folder`.
pub(super) fn check_endpoint(
    url: &Spanned<String>,
    ca_file: Option<&Spanned<PathBuf>>,
    schemes: Schemes,
    folder: &Path,
) -> Result<Endpoint, Fault> {
    let [plain, with_tls] = schemes;
    let got = url.get_ref();
    let has_host =
        got.parse::<axum::http::Uri>().is_ok_and(|uri| uri.host().is_some_and(|host| !host.is_empty()));
    if !has_host || !schemes.iter().any(|scheme| got.starts_with(scheme)) {
        let reason = format!("expected a URL such as \"{plain}host:8080/path\" or {with_tls}, got {got:?}");
        return Err((url.span(), reason));
    }
    let mut endpoint = Endpoint::new(got.clone());
    if let Some(ca_file) = ca_file {
        if !endpoint.is_tls() {
            let reason = format!("`ca_file` is for TLS: begin `url` with {with_tls}, or remove it");
            return Err((ca_file.span(), reason));
        }
        let path = folder.join(ca_file.get_ref());
        trust::authorities(&path).map_err(|reason| (ca_file.span(), reason))?;
        endpoint.ca_file = Some(path);
    }
    Ok(endpoint)
}

impl RawSource {
    /// The source; a path is relative to `folder`.
    pub(super) fn check(self, folder: &Path) -> Result<SourceConfig, Fault> {
        self.check_keys()?;
        match self.kind.get_ref() {
            Kind::Replay => self.replay(folder).map(SourceConfig::Replay),
            Kind::Stdin => Ok(SourceConfig::Stdin(StdinConfig { stream: self.stream()? })),
            Kind::File => self.file(folder).map(SourceConfig::File),
            Kind::Websocket => {
                let (endpoint, stream) = (self.endpoint(["ws://", "wss://"], folder)?, self.stream()?);
                let format = format(self.format);
                let send = value(self.send).unwrap_or_default();
                Ok(SourceConfig::WebSocket(WebSocketFeed { endpoint, format, send }, stream))
            }
            Kind::Sse => {
                Ok(SourceConfig::Sse(self.endpoint(["http://", "https://"], folder)?, self.stream()?))
            }
            Kind::Nats => self.nats(folder),
        }
    }

    /// No key that belongs to other kinds alone.
    fn check_keys(&self) -> Result<(), Fault> {
        let spans = [
            span(self.path.as_ref()),
            span(self.speed.as_ref()),
            span(self.repeat.as_ref()),
            span(self.times.as_ref()),
            span(self.backfill.as_ref()),
            span(self.from.as_ref()),
            span(self.url.as_ref()),
            span(self.ca_file.as_ref()),
            span(self.format.as_ref()),
            span(self.send.as_ref()),
            span(self.jetstream.as_ref()),
            span(self.consumer.as_ref()),
            span(self.subject.as_ref()),
        ];
        let kind = *self.kind.get_ref();
        for ((key, kinds), span) in KEYS.iter().zip(spans) {
            let Some(span) = span.filter(|_| !kinds.contains(&kind)) else { continue };
            let owners: Vec<_> = kinds.iter().map(|kind| format!("{:?}", kind.name())).collect();
            let (owners, kind) = (owners.join(" and "), kind.name());
            return Err((span, format!("`{key}` belongs to kind {owners}: remove it from {kind:?}")));
        }
        Ok(())
    }

    fn missing(&self, what: &str) -> Fault {
        (self.kind.span(), format!("kind {:?} needs {what}", self.kind.get_ref().name()))
    }

    fn stream(&self) -> Result<String, Fault> {
        let stream = self.stream.as_ref().ok_or_else(|| self.missing("`stream`, the stream it feeds"))?;
        check_stream_name(stream.get_ref()).map_err(|error| (stream.span(), error.to_string()))?;
        Ok(stream.get_ref().clone())
    }

    fn endpoint(&self, schemes: Schemes, folder: &Path) -> Result<Endpoint, Fault> {
        let example = format!("`url`, such as \"{}host:8080/path\"", schemes[0]);
        let url = self.url.as_ref().ok_or_else(|| self.missing(&example))?;
        check_endpoint(url, self.ca_file.as_ref(), schemes, folder)
    }

    fn nats(self, folder: &Path) -> Result<SourceConfig, Fault> {
        let (endpoint, stream) = (self.endpoint(NATS, folder)?, self.stream()?);
        let name = |key: Option<&Spanned<String>>, what: &str| {
            let key = key.ok_or_else(|| self.missing(what))?;
            if is_nats_name(key.get_ref()) {
                return Ok(key.get_ref().clone());
            }
            let got = key.get_ref();
            Err((key.span(), format!("{got:?} names nothing in JetStream: no blanks and none of . * > / \\")))
        };
        let jetstream = name(self.jetstream.as_ref(), "`jetstream`, the JetStream stream to consume")?;
        let consumer = name(self.consumer.as_ref(), "`consumer`, the name of a durable consumer")?;
        let (subject, format) = (value(self.subject), format(self.format));
        Ok(SourceConfig::Nats(NatsConfig { endpoint, jetstream, consumer, subject, format }, stream))
    }

    fn replay(self, folder: &Path) -> Result<ReplayConfig, Fault> {
        let Some(path) = self.path else {
            return Err((self.kind.span(), "a replay needs `path`, the file to replay".to_owned()));
        };
        let backfill = match self.backfill {
            Some(share) if !(0.0..=1.0).contains(share.get_ref()) => {
                return Err((share.span(), "`backfill` is a share of the file: give 0.0 to 1.0".to_owned()));
            }
            share => share.map_or(0.0, Spanned::into_inner),
        };
        let playback = Playback {
            speed: value(self.speed).unwrap_or(Speed::Factor(1.0)),
            repeat: value(self.repeat).unwrap_or_default(),
            times: value(self.times).unwrap_or_default(),
            backfill,
        };
        Ok(ReplayConfig { path: folder.join(path.into_inner()), stream: value(self.stream), playback })
    }

    fn file(self, folder: &Path) -> Result<FileConfig, Fault> {
        let stream = self.stream()?;
        let path = self.path.as_ref().ok_or_else(|| self.missing("`path`, the file to follow"))?;
        let path = folder.join(path.get_ref());
        Ok(FileConfig { path, stream, from: value(self.from).unwrap_or_default() })
    }
}
