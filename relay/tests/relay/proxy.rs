//! A TCP proxy that does to a line what networks do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What becomes of the bytes of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// They pass.
    None,
    /// So many pass, which leaves the handshake whole, as its other side demands. Of the rest so many pass at a time, each
    /// time after so long, or after others had a turn.
    Trickle { after_bytes: usize, bytes: usize, wait: Duration },
    /// So many pass, then both directions end at once.
    Cut { after_bytes: usize },
    /// So many pass, then this direction ends and the other goes on.
    HalfClose { after_bytes: usize },
    /// So many pass; the rest is taken and given to nobody, and no end of the line passes either.
    Swallow { after_bytes: usize },
    /// So many pass; the rest is not taken, so that who sends it has to wait.
    Stall { after_bytes: usize },
}

impl Fault {
    /// How many bytes pass before it strikes.
    fn after_bytes(self) -> usize {
        match self {
            Self::None => usize::MAX,
            Self::Trickle { after_bytes, .. }
            | Self::Cut { after_bytes }
            | Self::HalfClose { after_bytes }
            | Self::Swallow { after_bytes }
            | Self::Stall { after_bytes } => after_bytes,
        }
    }
}

/// What a new connection suffers: from the client, to the client.
type Plan = (Fault, Fault);

/// Listens for clients of the relay at one address. Lives until it is dropped, and its connections too.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    plan: Arc<Mutex<Plan>>,
    accepting: JoinHandle<()>,
    /// Ends every connection when it is gone.
    _line: watch::Sender<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Proxy {
    pub(crate) async fn to(relay: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let plan = Arc::new(Mutex::new((Fault::None, Fault::None)));
        let (line, ended) = watch::channel(());
        let plans = Arc::clone(&plan);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let plan = *plans.lock();
                tokio::spawn(carry(client, relay, plan, ended.clone()));
            }
        });
        Self { address, plan, accepting, _line: line }
    }

    /// What connections suffer that come from now on.
    pub(crate) fn set(&self, from_client: Fault, to_client: Fault) {
        *self.plan.lock() = (from_client, to_client);
    }
}

/// How one direction ended.
enum End {
    /// The sender ended it, or the receiver is gone.
    Closed,
    /// Both directions end now.
    Cut,
}

async fn carry(client: TcpStream, relay: SocketAddr, plan: Plan, mut ended: watch::Receiver<()>) {
    let Ok(relay) = TcpStream::connect(relay).await else { return };
    client.set_nodelay(true).unwrap();
    relay.set_nodelay(true).unwrap();
    let (from_client, to_client) = client.into_split();
    let (from_relay, to_relay) = relay.into_split();
    let up = pass(from_client, to_relay, plan.0);
    let down = pass(from_relay, to_client, plan.1);
    let both = async {
        tokio::pin!(up, down);
        let (end, is_up) = tokio::select! {
            end = &mut up => (end, true),
            end = &mut down => (end, false),
        };
        // A cut of one direction ends the other; an end does not.
        match end {
            End::Cut => {}
            End::Closed if is_up => _ = down.await,
            End::Closed => _ = up.await,
        }
    };
    tokio::select! {
        () = both => {}
        _ = ended.changed() => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, fault: Fault) -> End {
    let mut left = fault.after_bytes();
    let mut buffer = vec![0; 64 << 10];
    while left > 0 {
        let most = buffer.len().min(left);
        let Ok(read @ 1..) = from.read(&mut buffer[..most]).await else { return End::Closed };
        left -= read;
        if to.write_all(&buffer[..read]).await.is_err() {
            return End::Closed;
        }
    }
    match fault {
        Fault::None | Fault::HalfClose { .. } => End::Closed,
        Fault::Cut { .. } => End::Cut,
        Fault::Trickle { bytes, wait, .. } => {
            while let Ok(read @ 1..) = from.read(&mut buffer[..bytes]).await {
                if wait.is_zero() {
                    tokio::task::yield_now().await;
                } else {
                    tokio::time::sleep(wait).await;
                }
                if to.write_all(&buffer[..read]).await.is_err() {
                    break;
                }
            }
            End::Closed
        }
        Fault::Swallow { .. } => {
            while from.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
            std::future::pending().await
        }
        // Both halves are kept, so that neither side sees an end.
        Fault::Stall { .. } => {
            let _kept = (from, to);
            std::future::pending().await
        }
    }
}
