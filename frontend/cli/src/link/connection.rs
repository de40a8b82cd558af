//! The socket: connects, reads, answers, and comes back after a loss with back-off and jitter.

use std::io;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use spate_shared::schema::Schema;
use spate_shared::wire::{CloseCode, DataFrame, MAX_FRAME_BYTES, SUBPROTOCOL, ServerFrame};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::{Address, Follower, Notice};
use crate::failure::Failure;

const CONNECT: Duration = Duration::from_secs(10);
/// A relay pings every 25 seconds; this long without a byte, the connection is dead.
const SILENCE: Duration = Duration::from_mins(1);
const BACK_OFF: Duration = Duration::from_millis(250);
const BACK_OFF_LIMIT: Duration = Duration::from_secs(10);

/// Where events go.
pub(crate) trait Sink {
    /// Takes events of the stream so named. `schema` is its newest: the frame may be older and have fewer columns.
    fn events(&mut self, stream: &str, schema: &Schema, frame: DataFrame) -> Result<(), Failure>;
    /// Tells a person what happened: gaps, resets, a connection lost or back.
    fn say(&self, line: &str);
}

/// When following ends by itself; `None` is never.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Until {
    /// After this long.
    pub(crate) duration: Option<Duration>,
    /// After exactly so many events.
    pub(crate) events: Option<u64>,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

enum End {
    /// All events that were asked for came.
    Done,
    /// The connection is gone.
    Lost(Lost),
}

/// Why a connection is gone.
struct Lost {
    why: String,
    /// How long the relay asks to stay away.
    stay_away: Option<Duration>,
}

impl From<String> for Lost {
    fn from(why: String) -> Self {
        Self { why, stay_away: None }
    }
}

/// Runs a command's future on one thread.
pub(crate) fn run(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::Data(format!("cannot start: {error}")))?.block_on(work)
}

/// Follows streams up to a limit or Ctrl-C.
///
/// # Errors
/// The first connection fails, the relay says that retrying will not help, or the sink fails.
pub(crate) async fn follow(
    address: &Address,
    follower: &mut Follower,
    until: Until,
    sink: &mut impl Sink,
) -> Result<(), Failure> {
    let mut taking = Taking { left: until.events, sink };
    if taking.is_done() {
        return Ok(());
    }
    let deadline = until.duration.map(|after| Instant::now() + after);
    tokio::select! {
        done = connections(address, follower, &mut taking) => done,
        stopped = stop_signal() => {
            stopped.map_err(|error| Failure::Data(format!("cannot listen for Ctrl-C: {error}")))
        }
        () = passed(deadline) => Ok(()),
    }
}

/// A sink that gets no more events than were asked for.
struct Taking<'a, S> {
    /// `None` is no limit.
    left: Option<u64>,
    sink: &'a mut S,
}

impl<S: Sink> Taking<'_, S> {
    fn is_done(&self) -> bool {
        self.left == Some(0)
    }

    fn events(&mut self, stream: &str, schema: &Schema, mut frame: DataFrame) -> Result<(), Failure> {
        if let Some(left) = &mut self.left {
            let rows = usize::try_from(*left).unwrap_or(usize::MAX);
            if rows < frame.batch.len() {
                frame = frame.part(0..rows);
            }
            *left -= frame.batch.len() as u64;
        }
        self.sink.events(stream, schema, frame)
    }
}

async fn passed(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Ctrl-C, and on Unix also the signal that service managers stop with.
async fn stop_signal() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

async fn connections(
    address: &Address,
    follower: &mut Follower,
    taking: &mut Taking<'_, impl Sink>,
) -> Result<(), Failure> {
    let mut socket = connect(address).await.map_err(|why| unreachable(address, &why))?;
    loop {
        let lost = match converse(&mut socket, follower, taking).await? {
            End::Done => {
                // The relay may have gone first.
                let _ = timeout(Duration::from_secs(1), socket.close(None)).await;
                return Ok(());
            }
            End::Lost(lost) => lost,
        };
        taking.sink.say(&format!("connection lost: {}; reconnecting", lost.why));
        socket = reconnect(address, lost.stay_away).await;
        taking.sink.say("connected again");
    }
}

async fn reconnect(address: &Address, stay_away: Option<Duration>) -> Socket {
    let mut back_off = BACK_OFF;
    let mut wait = stay_away;
    loop {
        sleep(wait.take().unwrap_or_else(|| back_off.mul_f64(0.5 + fastrand::f64() / 2.0))).await;
        match connect(address).await {
            Ok(socket) => return socket,
            Err(_) => back_off = (back_off * 2).min(BACK_OFF_LIMIT),
        }
    }
}

fn unreachable(address: &Address, why: &str) -> Failure {
    let socket = address.socket();
    Failure::Data(format!("cannot follow: {why}; is a relay running there? {socket:?}"))
}

async fn connect(address: &Address) -> Result<Socket, String> {
    let mut request = address.socket().into_client_request().map_err(|error| error.to_string())?;
    request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static(SUBPROTOCOL));
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_FRAME_BYTES))
        .max_frame_size(Some(MAX_FRAME_BYTES));
    match timeout(CONNECT, connect_async_with_config(request, Some(config), true)).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(Error::Http(response))) => Err(format!("the server answered HTTP {}", response.status())),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer in {} s", CONNECT.as_secs())),
    }
}

/// One connection from its hello to its end.
async fn converse(
    socket: &mut Socket,
    follower: &mut Follower,
    taking: &mut Taking<'_, impl Sink>,
) -> Result<End, Failure> {
    let mut outgoing = vec![follower.hello()];
    loop {
        for message in outgoing.drain(..) {
            if let Err(error) = socket.send(Message::binary(message.encode())).await {
                return Ok(End::Lost(error.to_string().into()));
            }
        }
        let bytes = match next_frame(socket).await? {
            Ok(bytes) => bytes,
            Err(lost) => return Ok(End::Lost(lost)),
        };
        let frame = ServerFrame::decode(&bytes).map_err(|error| Failure::Data(error.to_string()))?;
        let (events, notices) = match frame {
            ServerFrame::Message(message) => {
                let (answers, notices) = follower.message(message);
                outgoing = answers;
                (None, notices)
            }
            ServerFrame::Data(frame) => {
                outgoing.extend(follower.credit(bytes.len()));
                follower.data(frame)
            }
            ServerFrame::Selected(_) => {
                return Err(Failure::Data(
                    "the relay sent some events of a run, which nobody asked for".into(),
                ));
            }
        };
        for line in notices.iter().filter_map(Notice::line) {
            taking.sink.say(&line);
        }
        if let Some((index, frame)) = events {
            let stream = &follower.streams[index];
            if let Some(schema) = &stream.schema {
                taking.events(&stream.name, schema, frame)?;
            }
            if taking.is_done() {
                return Ok(End::Done);
            }
        }
    }
}

/// The next binary message, or why there will be none on this connection.
async fn next_frame(socket: &mut Socket) -> Result<Result<Bytes, Lost>, Failure> {
    loop {
        let why = match timeout(SILENCE, socket.next()).await {
            Err(_) => format!("nothing came for {} s", SILENCE.as_secs()),
            Ok(None) => "the relay hung up".to_owned(),
            Ok(Some(Err(error))) => error.to_string(),
            Ok(Some(Ok(Message::Close(frame)))) => return closed(frame.as_ref()).map(Err),
            Ok(Some(Ok(Message::Binary(bytes)))) => return Ok(Ok(bytes)),
            Ok(Some(Ok(_))) => continue,
        };
        return Ok(Err(why.into()));
    }
}

/// The relay closed. A draining one names the milliseconds to stay away, chosen so that not all come back at once.
fn closed(frame: Option<&CloseFrame>) -> Result<Lost, Failure> {
    let (code, reason) = frame.map_or((1005, ""), |frame| (u16::from(frame.code), frame.reason.as_str()));
    if !CloseCode::should_retry(code) {
        return Err(Failure::Data(format!("the relay closed with {code}: {reason}")));
    }
    let millis = reason.strip_prefix("retry ").and_then(|millis| millis.parse().ok());
    let stay_away = millis.map(|millis| Duration::from_millis(millis).min(BACK_OFF_LIMIT));
    Ok(Lost { why: format!("closed with {code} {reason}").trim_end().to_owned(), stay_away })
}
