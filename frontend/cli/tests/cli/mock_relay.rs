//! A relay that follows a script: one WebSocket after the other, each with its own ending.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use spate_shared::batch::{Batch, Column, Values};
use spate_shared::catalog::StreamInfo;
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use spate_shared::time::SECOND;
use spate_shared::wire::{
    ClientMessage, DataFrame, DataHeader, Hello, Mode, PROTOCOL, SUBPROTOCOL, ServerMessage,
};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

/// Number and name of the only stream; event `i` is at second `i` with value `i`.
pub(crate) const STREAM: (u32, &str) = (7, "taxi");

/// What a connection says after its hello.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(crate) mode: Mode,
    pub(crate) epoch: u64,
    /// First offset that `ok` announces.
    pub(crate) next: u64,
    pub(crate) steps: Vec<Step>,
}

/// One thing a connection does.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// One data frame with these offsets.
    Events(Range<u64>),
    /// A control message.
    Say(ServerMessage),
    /// Half a WebSocket frame, then nothing: the cable is cut.
    Cut,
    /// An orderly close.
    Close(u16),
    /// Waits for the client to leave.
    Stay,
}

/// A running mock: where it is and the hellos it got.
pub(crate) struct MockRelay {
    address: SocketAddr,
    hellos: Arc<Mutex<Vec<Hello>>>,
    _runtime: tokio::runtime::Runtime,
}

impl MockRelay {
    /// Serves the connections of a script, one after the other.
    pub(crate) fn start(script: Vec<Connection>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let hellos = Arc::new(Mutex::new(Vec::new()));
        runtime.spawn(serve(listener, script, Arc::clone(&hellos)));
        Self { address, hellos, _runtime: runtime }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub(crate) fn hellos(&self) -> Vec<Hello> {
        self.hellos.lock().expect("no panic").clone()
    }
}

async fn serve(listener: TcpListener, script: Vec<Connection>, hellos: Arc<Mutex<Vec<Hello>>>) {
    for connection in script {
        let (stream, _) = listener.accept().await.expect("a client");
        let mut socket = accept_hdr_async(stream, choose_subprotocol).await.expect("a handshake");
        let Some(Ok(Message::Binary(bytes))) = socket.next().await else { panic!("no hello") };
        let Ok(ClientMessage::Hello(hello)) = ClientMessage::decode(&bytes) else { panic!("no hello") };
        hellos.lock().expect("no panic").push(hello.clone());
        converse(socket, connection, &hello).await;
    }
}

#[expect(
    clippy::result_large_err,
    clippy::unnecessary_wraps,
    reason = "the callback's type is tungstenite's"
)]
fn choose_subprotocol(
    request: &Request,
    mut response: Response,
) -> Result<Response, tokio_tungstenite::tungstenite::handshake::server::ErrorResponse> {
    assert_eq!(request.headers()["Sec-WebSocket-Protocol"], SUBPROTOCOL);
    assert_eq!(request.uri().path(), "/api/v1/ws");
    response.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static(SUBPROTOCOL));
    Ok(response)
}

async fn converse(mut socket: WebSocketStream<TcpStream>, connection: Connection, hello: &Hello) {
    let Connection { mode, epoch, next, steps } = connection;
    let catalog = vec![StreamInfo {
        name: STREAM.1.to_owned(),
        id: STREAM.0,
        epoch,
        oldest: 0,
        head: next,
        schema: schema(),
    }];
    let welcome = ServerMessage::Welcome { protocol: PROTOCOL, build: "mock".into(), now: 0, catalog };
    say(&mut socket, &welcome).await;
    if hello.streams.is_empty() {
        let Some(Ok(Message::Binary(bytes))) = socket.next().await else { panic!("no subscribe") };
        assert!(matches!(ClientMessage::decode(&bytes), Ok(ClientMessage::Subscribe(_))));
    }
    let (id, stream) = (STREAM.0, STREAM.1.to_owned());
    say(&mut socket, &ServerMessage::Ok { stream, id, epoch, next, mode, schema: schema() }).await;
    for step in steps {
        match step {
            Step::Events(offsets) => send(&mut socket, frame(epoch, offsets).encode()).await,
            Step::Say(message) => say(&mut socket, &message).await,
            Step::Cut => {
                // Binary, 16,384 bytes, of which three come.
                let stream = socket.get_mut();
                stream.write_all(&[0x82, 126, 0x40, 0, 1, 2, 3]).await.expect("a client");
                return;
            }
            Step::Close(code) => {
                let frame = CloseFrame { code: code.into(), reason: "scripted".into() };
                socket.close(Some(frame)).await.expect("a client");
            }
            Step::Stay => while let Some(Ok(_)) = socket.next().await {},
        }
    }
}

async fn say(socket: &mut WebSocketStream<TcpStream>, message: &ServerMessage) {
    send(socket, message.encode()).await;
}

async fn send(socket: &mut WebSocketStream<TcpStream>, bytes: Vec<u8>) {
    socket.send(Message::Binary(Bytes::from(bytes))).await.expect("a client");
}

pub(crate) fn schema() -> Schema {
    let time = TimeField { name: "time".to_owned(), source: TimeSource::Event };
    Schema::new(time, vec![Field::new("value", FieldType::I64)])
}

fn frame(epoch: u64, offsets: Range<u64>) -> DataFrame {
    let values: Vec<i64> = offsets.clone().map(|offset| offset as i64).collect();
    let times = values.iter().map(|second| second * SECOND).collect();
    let columns = vec![Column { values: Values::I64(values), validity: None }];
    let rows = (offsets.end - offsets.start) as u32;
    let header = DataHeader { stream: STREAM.0, schema: 1, epoch, base: offsets.start, rows, sealed: 0 };
    DataFrame { header, batch: Batch { times, columns } }
}
