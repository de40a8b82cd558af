//! The connection of one client: its session reads from it and writes to it, and lends the writing to the broadcasters
//! of its streams while it has nothing to say itself.
//!
//! Whoever writes hands over whole frames. What the kernel does not take of them is kept and goes out before anything
//! else, so frames of several writers never mix.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::Twin;
use super::broadcast::{News, Sent};
use crate::log::Segment;

pub(super) struct Line {
    tcp: TcpStream,
    twin: Twin,
    state: Mutex<State>,
    /// Tells the session to go on itself.
    summons: Notify,
}

#[derive(Default)]
struct State {
    /// What the kernel has not taken of the frames that were written.
    rest: Bytes,
    /// `None` while the session goes on itself.
    loan: Option<Loan>,
}

/// What broadcasters need to serve a client that is at the head of its streams.
pub(super) struct Loan {
    /// [`super::Session::credit`].
    pub(super) credit: Option<i64>,
    /// [`super::Session::announced`].
    pub(super) announced: usize,
    pub(super) cursors: Vec<Cursor>,
    /// Whether the session was told to go on itself.
    is_summoned: bool,
}

/// How far a client is in one stream.
pub(super) struct Cursor {
    pub(super) stream: u32,
    pub(super) epoch: u64,
    /// The next offset to send.
    pub(super) next: u64,
    /// The same, as the metrics see it.
    pub(super) shown: Arc<AtomicU64>,
}

impl Loan {
    pub(super) fn new(credit: Option<i64>, announced: usize, cursors: Vec<Cursor>) -> Self {
        Self { credit, announced, cursors, is_summoned: false }
    }

    fn has_credit(&self) -> bool {
        self.credit.is_none_or(|credit| credit > 0)
    }
}

impl Line {
    pub(super) fn new(tcp: TcpStream, twin: Twin) -> Arc<Self> {
        Arc::new(Self { tcp, twin, state: Mutex::default(), summons: Notify::new() })
    }

    pub(super) fn twin(&self) -> Twin {
        self.twin
    }

    /// Lets broadcasters go on from here.
    pub(super) fn lend(&self, loan: Loan) {
        self.state.lock().loan = Some(loan);
    }

    /// Ends what [`Line::lend`] began; how far they came.
    pub(super) fn take_back(&self) -> Option<Loan> {
        self.state.lock().loan.take()
    }

    /// Resolves when a broadcaster cannot go on.
    pub(super) async fn summoned(&self) {
        self.summons.notified().await;
    }

    /// Sends what is new in a stream, as far as the session lends that and the kernel takes it; else tells the session.
    pub(super) fn offer(&self, news: &News, sent: &mut Sent) {
        let mut state = self.state.lock();
        let State { rest, loan: Some(loan) } = &mut *state else { return };
        let Some(at) = loan.cursors.iter().position(|cursor| cursor.stream == news.stream) else { return };
        if loan.is_summoned {
            return;
        }
        // A stream may begin anew while the news is read.
        let is_current = |segment: &Arc<Segment>| segment.header().epoch == news.epoch;
        let is_known = loan.announced == news.announced
            && loan.cursors[at].epoch == news.epoch
            && news.segments.iter().all(is_current);
        for segment in news.segments.iter().filter(|_| is_known) {
            if segment.end() <= loan.cursors[at].next {
                continue;
            }
            let is_next = segment.header().base == loan.cursors[at].next;
            if !(is_next && rest.is_empty() && loan.has_credit()) {
                break;
            }
            let Some(bytes) = self.write_now(segment, news, rest) else { break };
            loan.credit = loan.credit.map(|credit| credit.saturating_sub(bytes as i64));
            loan.cursors[at].next = segment.end();
            sent.add(segment.header().rows, bytes);
        }
        let cursor = &loan.cursors[at];
        cursor.shown.store(cursor.next, Ordering::Relaxed);
        if !is_known || cursor.next < news.head || !rest.is_empty() || !loan.has_credit() {
            loan.is_summoned = true;
            self.summons.notify_one();
        }
    }

    /// Writes a segment, if the kernel takes any of it now; the bytes of its payload.
    fn write_now(&self, segment: &Segment, news: &News, rest: &mut Bytes) -> Option<usize> {
        // What fails here fails in the session too, which deals with it.
        let message = self.twin.whole(segment, &news.name).ok()?;
        let frame = message.bytes();
        let written = self.tcp.try_write(&frame).ok()?;
        *rest = frame.slice(written..);
        Some(message.payload().len())
    }

    /// Writes whole frames, when all that was written before is with the kernel.
    pub(super) async fn write(&self, frames: &Bytes) -> io::Result<()> {
        std::future::poll_fn(|context| self.poll_write(context, frames)).await
    }

    /// Waits until all that was written is with the kernel.
    pub(super) async fn flush(&self) -> io::Result<()> {
        std::future::poll_fn(|context| self.poll_rest(context, &mut self.state.lock())).await
    }

    fn poll_write(&self, context: &mut Context<'_>, frames: &Bytes) -> Poll<io::Result<()>> {
        let mut state = self.state.lock();
        ready!(self.poll_rest(context, &mut state))?;
        let written = ready!(self.poll_some(context, frames))?;
        state.rest = frames.slice(written..);
        Poll::Ready(Ok(()))
    }

    fn poll_rest(&self, context: &mut Context<'_>, state: &mut State) -> Poll<io::Result<()>> {
        while !state.rest.is_empty() {
            let written = ready!(self.poll_some(context, &state.rest))?;
            state.rest.advance(written);
        }
        state.rest = Bytes::new();
        Poll::Ready(Ok(()))
    }

    fn poll_some(&self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            // Also where it could be done without: so a session that writes much has its turn and no more.
            ready!(self.tcp.poll_write_ready(context))?;
            match self.tcp.try_write(bytes) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }
}

/// The session's end of its line, for what tungstenite reads and writes.
pub(super) struct LineEnd(pub(super) Arc<Line>);

impl AsyncRead for LineEnd {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let tcp = &self.0.tcp;
        loop {
            ready!(tcp.poll_read_ready(context))?;
            match tcp.try_read(buffer.initialize_unfilled()) {
                Ok(read) => {
                    buffer.advance(read);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for LineEnd {
    /// Takes all or nothing, since tungstenite hands over whole frames.
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, frames: &[u8]) -> Poll<io::Result<usize>> {
        // Before they are copied.
        ready!(self.0.poll_rest(context, &mut self.0.state.lock()))?;
        let taken = frames.len();
        self.0.poll_write(context, &Bytes::copy_from_slice(frames)).map_ok(|()| taken)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_rest(context, &mut self.0.state.lock())
    }

    /// The connection is closed when the session is gone.
    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}
