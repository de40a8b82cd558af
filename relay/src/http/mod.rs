//! The routes.
//!
//! | route | what it gives |
//! |---|---|
//! | `GET /api/v1/streams` | the catalog |
//! | `POST /api/v1/streams/{name}/events` | takes events, see [`source::http`](crate::source::http) |
//! | `GET /api/v1/streams/{name}/publish` | takes events over a WebSocket, see `source/publish.rs` |
//! | `GET /api/v1/streams/{name}/events` | gives history, see `output/history.rs` |
//! | `GET /api/v1/streams/{name}/sse` | server-sent events, see `output/sse.rs` |
//! | `GET /api/v1/ws` | a session, see `http/websocket.rs` |
//! | `/api/v1/dashboards` | documents, see `http/dashboards.rs` |
//! | `GET /healthz` | 200 while the process runs |
//! | `GET /readyz` | 200 while it takes work, 503 and why while it does not |
//! | `GET /metrics` | Prometheus text |
//! | everything else | the embedded client |

mod assets;
mod dashboards;
mod error;
mod policy;
mod requests;
mod websocket;

pub use assets::Assets;
pub use error::ApiError;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router, middleware};
use serde_json::{Value, json};

use crate::dashboards::MAX_BYTES;
use crate::output;
use crate::relay::Relay;
use crate::source;

/// Where events are published.
pub const EVENTS_ROUTE: &str = "/api/v1/streams/{name}/events";

/// All routes of a relay; `assets` are the client it serves.
pub fn router(relay: Arc<Relay>, assets: Assets) -> Router {
    let body_limit = DefaultBodyLimit::max(relay.limits.body_bytes.0);
    let assets = Arc::new(assets);
    let csp = policy::content_security_policy(&assets);
    Router::new()
        .route("/api/v1/streams", get(streams))
        .route(EVENTS_ROUTE, post(source::http::publish).get(output::history).layer(body_limit))
        .route("/api/v1/streams/{name}/publish", get(source::publish::upgrade))
        .route("/api/v1/streams/{name}/sse", get(output::follow))
        .route("/api/v1/ws", get(websocket::upgrade))
        .route("/api/v1/dashboards", get(dashboards::list))
        .route(
            "/api/v1/dashboards/{name}",
            get(dashboards::read)
                .put(dashboards::write)
                .delete(dashboards::delete)
                .layer(DefaultBodyLimit::max(MAX_BYTES)),
        )
        .route("/api/{*rest}", any(no_route))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .method_not_allowed_fallback(wrong_method)
        .with_state(relay)
        .fallback_service(get(assets::serve).with_state(assets))
        .layer(middleware::from_fn_with_state(csp, policy::add_headers))
        .layer(middleware::from_fn(requests::identify))
}

async fn streams(State(relay): State<Arc<Relay>>) -> Json<Value> {
    Json(json!({ "streams": relay.streams.catalog() }))
}

async fn ready(State(relay): State<Arc<Relay>>) -> Response {
    let obstacles = relay.readiness.obstacles(&relay.streams, relay.jetstream.as_deref());
    if obstacles.is_empty() {
        return "ready\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, obstacles.join("\n") + "\n").into_response()
}

async fn metrics(State(relay): State<Arc<Relay>>) -> Response {
    let text = relay.metrics.render(&relay);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

async fn no_route(uri: Uri) -> ApiError {
    let error = format!("no route {}", uri.path());
    let hint = "docs/relay.md lists the routes, such as GET /api/v1/streams and GET /api/v1/ws";
    ApiError::new(StatusCode::NOT_FOUND, error, hint)
}

async fn wrong_method(uri: Uri) -> ApiError {
    let error = format!("{} does not take this method", uri.path());
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        error,
        "use GET to read, POST to publish events, PUT to save a dashboard",
    )
}
