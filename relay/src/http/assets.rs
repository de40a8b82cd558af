//! The client's files, as a browser wants them: types, encodings, caching.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::ApiError;

/// Shown in place of a client that was not built.
const NO_CLIENT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Spate</title>\
<h1>This relay holds no client</h1><p>It was built before the client was. Run <code>cargo xtask run</code>, which \
builds both. The API works: see <a href=\"/api/v1/streams\">/api/v1/streams</a>.</p></html>";

/// Encodings that files may exist in beside their plain form, best first.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

const TYPES: [(&str, &str); 15] = [
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("json", "application/json"),
    ("webmanifest", "application/manifest+json"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("ico", "image/x-icon"),
    ("woff2", "font/woff2"),
    ("txt", "text/plain; charset=utf-8"),
    ("md", "text/markdown; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("spate", "application/octet-stream"),
];

/// A set of files by path, without a leading slash.
pub struct Assets {
    find: fn(&str) -> Option<Bytes>,
}

impl Assets {
    /// No files: `/` says how to build some.
    pub fn none() -> Self {
        Self::new(|_| None)
    }

    /// Files that `find` gives.
    pub fn new(find: fn(&str) -> Option<Bytes>) -> Self {
        Self { find }
    }

    /// The page at `/`, if there is a client.
    pub(super) fn page(&self) -> Option<Bytes> {
        (self.find)("index.html")
    }

    fn answer(&self, path: &str, request: &HeaderMap) -> Response {
        let path = if path.is_empty() { "index.html" } else { path };
        let Some(plain) = (self.find)(path) else { return missing(path) };
        let accepted = |name| accepts(request, name);
        let encoded = ENCODINGS
            .iter()
            .filter(|(name, _)| accepted(name))
            .find_map(|(name, suffix)| Some((*name, (self.find)(&format!("{path}{suffix}"))?)));
        let hashed = is_hashed(path);
        let (encoding, body) = encoded.map_or((None, plain), |(name, bytes)| (Some(name), bytes));
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        let caching = if hashed { IMMUTABLE } else { "no-cache" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        if !hashed && let Some(unchanged) = tag(&body, request, &mut headers) {
            return (unchanged, headers).into_response();
        }
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        (headers, Body::from(body)).into_response()
    }
}

/// Adds the entity tag; the status to answer with when the browser has these bytes already.
fn tag(body: &Bytes, request: &HeaderMap, headers: &mut HeaderMap) -> Option<StatusCode> {
    let digest = Sha256::digest(body);
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..12]));
    let known = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let unchanged = known
        .flat_map(|value| value.split(','))
        .map(|value| value.trim().trim_start_matches("W/"))
        .any(|value| value == tag || value == "*");
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).ok()?);
    unchanged.then_some(StatusCode::NOT_MODIFIED)
}

pub(super) async fn serve(State(assets): State<Arc<Assets>>, uri: Uri, headers: HeaderMap) -> Response {
    assets.answer(uri.path().trim_start_matches('/'), &headers)
}

fn missing(path: &str) -> Response {
    if path == "index.html" {
        return ([(header::CONTENT_TYPE, content_type(path))], NO_CLIENT).into_response();
    }
    ApiError::new(StatusCode::NOT_FOUND, format!("no file {path:?}"), "open / for the dashboard")
        .into_response()
}

fn content_type(path: &str) -> &'static str {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    TYPES.iter().find(|(known, _)| *known == extension).map_or("application/octet-stream", |(_, name)| name)
}

/// Whether the name carries a hash of the content: `app-0123456789abcdef.js`, `app-0123456789abcdef_bg.wasm`.
fn is_hashed(path: &str) -> bool {
    path.match_indices('-').any(|(at, _)| {
        let rest = &path[at + 1..];
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        digits == 16 && (rest[digits..].starts_with('.') || rest[digits..].starts_with("_bg."))
    })
}

/// Whether `Accept-Encoding` names an encoding with a weight above zero.
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    let offers = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    offers.flat_map(|value| value.split(',')).any(|offer| {
        let (name, weight) = offer.split_once(';').unwrap_or((offer, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(encoding) && weight.unwrap_or(1.0) > 0.0
    })
}

#[cfg(test)]
#[path = "assets_tests.rs"]
mod tests;
