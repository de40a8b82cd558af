//! A request that becomes the WebSocket of a session.
//!
//! axum looks at the request; the connection is taken over here and not by axum, since a session writes frames that are
//! encoded already straight to it.

use axum::Extension;
use axum::body::Body;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{State, WebSocketUpgrade};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use spate_shared::wire::{SUBPROTOCOL, SUBPROTOCOL_JSON};
use std::sync::Arc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::ApiError;
use crate::relay::{MAX_SOCKET_MESSAGE, Relay};
use crate::session::{self, Twin};

/// Inbound buffer of a connection: clients say little.
const READ_BUFFER_BYTES: usize = 4 << 10;
/// Outbound bytes that are gathered before they are written, of what is not data.
const WRITE_BUFFER_BYTES: usize = 4 << 10;

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
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(Some(MAX_SOCKET_MESSAGE))
        .max_frame_size(Some(MAX_SOCKET_MESSAGE));
    tokio::spawn(async move {
        // An error is a connection that broke before it was one.
        let Ok(connection) = connection.await else { return };
        let connection = TokioIo::new(connection);
        let socket = WebSocketStream::from_raw_socket(connection, Role::Server, Some(config)).await;
        session::run(socket, twin, relay).await;
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
