//! `/api/v1/dashboards`: the documents of [`crate::dashboards`].
//!
//! | request | answer |
//! |---|---|
//! | `GET /api/v1/dashboards` | `{"dashboards": [{"name", "title", "read_only", "etag"}], "broken": [{"name", "reason"}], "writable"}` |
//! | `GET /api/v1/dashboards/{name}` | the document with its `ETag`; 304 for `If-None-Match` of that version |
//! | `PUT /api/v1/dashboards/{name}` | needs `If-Match: etag` or `If-None-Match: *`; 201 or 200 and the entry with its `ETag` |
//! | `DELETE /api/v1/dashboards/{name}` | needs `If-Match`; 204 |
//!
//! A version that is not the one named is 412 with the `ETag` of the one there is.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::ApiError;
use crate::dashboards::{DashboardError, Dashboards, Document, MAX_BYTES, Precondition};
use crate::relay::Relay;

pub(super) async fn list(State(relay): State<Arc<Relay>>) -> Result<Response, ApiError> {
    let list = on_disk(&relay, Dashboards::list).await?;
    Ok(([(header::CACHE_CONTROL, "no-cache")], Json(list)).into_response())
}

pub(super) async fn read(
    State(relay): State<Arc<Relay>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Document { bytes, etag, .. } = on_disk(&relay, move |dashboards| dashboards.read(&name)).await?;
    let known = tags(&headers, &header::IF_NONE_MATCH);
    let said = [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, "no-cache".to_owned())];
    if known.iter().any(|tag| *tag == etag || tag == "*") {
        return Ok((StatusCode::NOT_MODIFIED, said).into_response());
    }
    Ok((said, [(header::CONTENT_TYPE, "application/json")], bytes).into_response())
}

pub(super) async fn write(
    State(relay): State<Arc<Relay>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let when = precondition(&headers)?;
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let error = format!("a dashboard has at most {} KiB", MAX_BYTES >> 10);
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, error, "use fewer panels")
        }
        status => ApiError::new(status, rejection.body_text(), "send the document again"),
    })?;
    let written = on_disk(&relay, move |dashboards| dashboards.write(&name, body.into(), &when)).await?;
    let (entry, is_new) = written;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, [(header::ETAG, entry.etag.clone())], Json(entry)).into_response())
}

pub(super) async fn delete(
    State(relay): State<Arc<Relay>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let when = precondition(&headers)?;
    on_disk(&relay, move |dashboards| dashboards.delete(&name, &when)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Runs work that waits for the disk where waiting is allowed.
async fn on_disk<T: Send + 'static>(
    relay: &Arc<Relay>,
    work: impl FnOnce(&Dashboards) -> Result<T, DashboardError> + Send + 'static,
) -> Result<T, DashboardError> {
    let relay = Arc::clone(relay);
    let done = tokio::task::spawn_blocking(move || work(&relay.dashboards())).await;
    done.unwrap_or_else(|error| Err(DashboardError::Disk(std::io::Error::other(error))))
}

fn precondition(headers: &HeaderMap) -> Result<Precondition, ApiError> {
    let (matching, other) = (tags(headers, &header::IF_MATCH), tags(headers, &header::IF_NONE_MATCH));
    match (matching.as_slice(), other.as_slice()) {
        ([any], []) if any == "*" => Ok(Precondition::Present),
        ([_, ..], []) => Ok(Precondition::Version(matching)),
        ([], [any]) if any == "*" => Ok(Precondition::Absent),
        _ => Err(ApiError::new(
            StatusCode::PRECONDITION_REQUIRED,
            "the request does not say which version it replaces",
            "send If-Match with the etag you read, or If-None-Match: * for a new dashboard",
        )),
    }
}

/// The versions that a header names. A weak one names none.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().to_owned())
        .filter(|tag| !tag.is_empty())
        .collect()
}

impl From<DashboardError> for ApiError {
    fn from(error: DashboardError) -> Self {
        let status = match &error {
            DashboardError::Name(_) | DashboardError::Document(_) => StatusCode::BAD_REQUEST,
            DashboardError::Missing(_) => StatusCode::NOT_FOUND,
            DashboardError::ReadOnly(_) | DashboardError::NotWritable | DashboardError::TooMany => {
                StatusCode::FORBIDDEN
            }
            DashboardError::Conflict { .. } => StatusCode::PRECONDITION_FAILED,
            DashboardError::Broken { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            DashboardError::Disk(error) => {
                tracing::error!(%error, "dashboards: the disk refused");
                StatusCode::INSUFFICIENT_STORAGE
            }
        };
        let message = error.to_string();
        let (what, hint) = message.split_once(": ").unwrap_or((&message, "see docs/relay.md"));
        let current = match &error {
            DashboardError::Conflict { current, .. } => current.as_deref(),
            _ => None,
        };
        let etag = current.and_then(|etag| HeaderValue::from_str(etag).ok());
        Self { etag, ..Self::new(status, what, hint) }
    }
}
