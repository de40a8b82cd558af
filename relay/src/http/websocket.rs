//! A request that becomes the WebSocket of a session.
//!
//! axum looks at the request; the connection is taken out of it here, since what a session writes is framed already and
//! not by the session alone.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{State, WebSocketUpgrade};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto::upgrade::downcast;
use spate_shared::wire::{SUBPROTOCOL, SUBPROTOCOL_JSON};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::ApiError;
use crate::relay::Relay;
use crate::session::{self, Twin};

/// The handler.
pub(super) async fn upgrade(
    State(relay): State<Arc<Relay>>,
    connection: Option<Extension<OnUpgrade>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|rejection| {
        ApiError::new(rejection.status(), rejection.body_text(), "open this address with a WebSocket client")
    })?;
    let twin = upgrade
        .requested_protocols()
        .find_map(|offer| Twin::from_subprotocol(offer.to_str().ok()?))
        .ok_or_else(|| {
        let hint = format!("offer the subprotocol {SUBPROTOCOL} (binary) or {SUBPROTOCOL_JSON} (text)");
        ApiError::new(StatusCode::BAD_REQUEST, "no WebSocket subprotocol that this relay speaks", hint)
    })?;
    let (Some(Extension(connection)), Some(key)) = (connection, headers.get(header::SEC_WEBSOCKET_KEY))
    else {
        let error = "this connection cannot become a WebSocket";
        return Err(ApiError::new(StatusCode::UPGRADE_REQUIRED, error, "use HTTP/1.1"));
    };
    tokio::spawn(async move {
        // An error is a connection that broke before it was one.
        let Ok(connection) = connection.await else { return };
        let Some((tcp, read)) = taken_over(connection) else {
            return tracing::error!("a WebSocket does not come over TCP and is dropped");
        };
        session::run(tcp, read, twin, relay).await;
    });
    let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes()));
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let answers = [
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(twin.subprotocol())),
    ];
    response.headers_mut().extend(answers);
    // It is Base64, so it is a header.
    response.headers_mut().extend(accept.into_iter().map(|accept| (header::SEC_WEBSOCKET_ACCEPT, accept)));
    Ok(response)
}

/// The connection itself, and what was read of it already. The buffer of that, larger than all that a session keeps, goes.
fn taken_over(connection: Upgraded) -> Option<(TcpStream, Vec<u8>)> {
    let parts = downcast::<TokioIo<TcpStream>>(connection).ok()?;
    Some((parts.io.into_inner(), parts.read_buf.to_vec()))
}
