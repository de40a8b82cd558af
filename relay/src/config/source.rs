//! `[[source]]` entries.
//!
//! They are read as one flat table first, since serde's tagged enums forget lines, then checked by kind.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::source::replay::{Playback, Speed, Times};

/// One source beside HTTP.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceConfig {
    /// Replays a file.
    Replay(ReplayConfig),
    /// Reads NDJSON from standard input.
    Stdin(StdinConfig),
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Replay,
    Stdin,
}

/// Every key of every kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSource {
    kind: Spanned<Kind>,
    path: Option<Spanned<PathBuf>>,
    stream: Option<String>,
    speed: Option<Spanned<Speed>>,
    #[serde(rename = "loop")]
    repeat: Option<Spanned<bool>>,
    times: Option<Spanned<Times>>,
    backfill: Option<Spanned<f64>>,
}

/// What is wrong with a source, and where in the file.
pub(super) type Fault = (Range<usize>, String);

impl RawSource {
    /// The source; a path is relative to `folder`.
    pub(super) fn check(self, folder: &Path) -> Result<SourceConfig, Fault> {
        match self.kind.get_ref() {
            Kind::Replay => self.replay(folder).map(SourceConfig::Replay),
            Kind::Stdin => self.stdin().map(SourceConfig::Stdin),
        }
    }

    fn replay(self, folder: &Path) -> Result<ReplayConfig, Fault> {
        let at_kind = self.kind.span();
        let path = self.path.ok_or((at_kind, "a replay needs `path`, the file to replay".to_owned()))?;
        let backfill = match self.backfill {
            Some(share) if !(0.0..=1.0).contains(share.get_ref()) => {
                return Err((share.span(), "`backfill` is a share of the file: give 0.0 to 1.0".to_owned()));
            }
            share => share.map_or(0.0, Spanned::into_inner),
        };
        let playback = Playback {
            speed: self.speed.map_or(Speed::Factor(1.0), Spanned::into_inner),
            repeat: self.repeat.is_some_and(Spanned::into_inner),
            times: self.times.map(Spanned::into_inner).unwrap_or_default(),
            backfill,
        };
        Ok(ReplayConfig { path: folder.join(path.into_inner()), stream: self.stream, playback })
    }

    fn stdin(self) -> Result<StdinConfig, Fault> {
        let spans = [
            ("path", self.path.as_ref().map(Spanned::span)),
            ("speed", self.speed.as_ref().map(Spanned::span)),
            ("loop", self.repeat.as_ref().map(Spanned::span)),
            ("times", self.times.as_ref().map(Spanned::span)),
            ("backfill", self.backfill.as_ref().map(Spanned::span)),
        ];
        if let Some((key, span)) = spans.into_iter().find_map(|(key, span)| Some((key, span?))) {
            return Err((span, format!("`{key}` belongs to kind \"replay\": remove it from \"stdin\"")));
        }
        let stream =
            self.stream.ok_or((self.kind.span(), "standard input needs `stream`, a name".to_owned()))?;
        Ok(StdinConfig { stream })
    }
}
