//! What a reader of history asks for.

use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use spate_shared::time::{self, Nanos};

use super::format::{FORMATS, FormatKind};
use crate::http::ApiError;

/// The part of an address after `?`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) offset: Option<u64>,
    pub(super) limit: Option<u64>,
    pub(super) format: Option<String>,
}

/// Event times `[from, to)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) from: Nanos,
    /// `None` is without end.
    pub(super) to: Option<Nanos>,
}

impl Times {
    pub(super) fn holds(self, time: Nanos) -> bool {
        self.from <= time && self.to.is_none_or(|to| time < to)
    }
}

impl Query {
    /// The times asked for; `now` is the relay's clock.
    pub(super) fn times(&self, now: Nanos) -> Result<Times, ApiError> {
        let bound = |key: &str, text: &Option<String>| {
            text.as_deref().map(|text| moment(text, now).map_err(|reason| bad(key, &reason))).transpose()
        };
        let from = bound("from", &self.from)?.unwrap_or(Nanos::MIN);
        let to = bound("to", &self.to)?;
        if to.is_some_and(|to| to <= from) {
            return Err(bad("to", "it is not after `from`"));
        }
        Ok(Times { from, to })
    }

    /// `format`, else the first of `Accept` that is given here, else the first of all.
    pub(super) fn format(&self, headers: &HeaderMap) -> Result<&'static FormatKind, ApiError> {
        let names = || FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().join(", ");
        if let Some(name) = &self.format {
            let found = FORMATS.iter().find(|format| format.name == name);
            return found.ok_or_else(|| bad("format", &format!("{name:?} is none of {}", names())));
        }
        let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let mut types = accepted.flat_map(|value| value.split(',')).map(media_type).peekable();
        if types.peek().is_none() {
            return Ok(&FORMATS[0]);
        }
        let given = types.find_map(|wanted| {
            let fits = |format: &&FormatKind| wanted == "*/*" || media_type(format.content_type) == wanted;
            FORMATS.iter().find(fits)
        });
        given.ok_or_else(|| {
            let hint =
                format!("accept one of the media types of docs/relay.md, or say format= one of {}", names());
            ApiError::new(StatusCode::NOT_ACCEPTABLE, "history is not given in a type you accept", hint)
        })
    }
}

fn media_type(value: &str) -> String {
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn bad(key: &str, reason: &str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, format!("`{key}`: {reason}"), "docs/relay.md lists the parameters")
}

/// RFC 3339, epoch numbers, `now` and `now-5m`.
fn moment(text: &str, now: Nanos) -> Result<Nanos, String> {
    let Some(rest) = text.trim().strip_prefix("now") else {
        return time::parse(text).map_err(|error| format!("{error}, or now-5m"));
    };
    match rest.strip_prefix('-') {
        Some(ago) => {
            let ago = time::parse_duration(ago).map_err(|error| error.to_string())?;
            Ok(now.saturating_sub(ago))
        }
        None if rest.is_empty() => Ok(now),
        None => Err(format!("expected now or now-5m, got {text:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn times_are_absolute_or_counted_back_from_now() {
        let now = 1_000 * time::SECOND;
        for (text, expect) in [("now", now), ("now-5m", 700 * time::SECOND), ("100", 100 * time::SECOND)] {
            assert_eq!(moment(text, now), Ok(expect), "{text}");
        }
        for bad in ["soon", "now+5m", "now-", "nowhere", ""] {
            assert!(moment(bad, now).is_err(), "{bad}");
        }
        let query = Query { from: Some("200".into()), to: Some("100".into()), ..Query::default() };
        assert_eq!(query.times(now).unwrap_err().status, StatusCode::BAD_REQUEST);
    }

    #[test]
    fn the_format_is_asked_for_by_name_or_by_type() {
        let check = |format: Option<&str>, accept: Option<&'static str>| {
            let query = Query { format: format.map(str::to_owned), ..Query::default() };
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            }
            query.format(&headers).map(|format| format.name).map_err(|error| error.status.as_u16())
        };
        assert_eq!(check(None, None), Ok("ndjson"));
        assert_eq!(check(None, Some("*/*")), Ok("ndjson"));
        assert_eq!(check(None, Some("text/html, text/csv;q=0.9")), Ok("csv"));
        assert_eq!(check(Some("arrow"), Some("text/csv")), Ok("arrow"));
        assert_eq!(check(None, Some("text/html")), Err(406));
        assert_eq!(check(Some("parquet"), None), Err(400));
    }
}
