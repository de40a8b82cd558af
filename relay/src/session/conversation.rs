//! What is said apart from data: hello, subscriptions, the catalog, errors.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use spate_shared::schema::Schema;
use spate_shared::wire::{
    ClientMessage, CloseCode, ErrorCode, GapReason, Hello, PROTOCOL, ServerMessage, Subscribe,
};
use tokio::time::{Instant, timeout};

use super::socket::{Inbound, Socket};
use super::subscription::{Subscription, begin};
use super::{End, HELLO_TIMEOUT, Session};
use crate::relay::{BUILD, Relay};

/// The first message, which must be `hello` of this protocol.
pub(super) async fn await_hello(socket: &mut Socket, relay: &Relay) -> Result<Hello, End> {
    let mut draining = relay.draining.clone();
    let first = async {
        loop {
            match socket.recv().await {
                Inbound::Alive => {}
                inbound => return inbound,
            }
        }
    };
    let inbound = tokio::select! {
        inbound = timeout(HELLO_TIMEOUT, first) => inbound,
        _ = draining.wait_for(|draining| *draining) => return Err(End::draining()),
    };
    let Ok(inbound) = inbound else {
        let reason = format!("no hello within {} s", HELLO_TIMEOUT.as_secs());
        return Err(End::Close(CloseCode::HandshakeTimeout, reason));
    };
    match inbound {
        Inbound::Message(ClientMessage::Hello(hello)) if hello.protocol == PROTOCOL => Ok(hello),
        Inbound::Message(ClientMessage::Hello(hello)) => {
            let reason =
                format!("this relay speaks protocol {PROTOCOL}, not {}: reload the client", hello.protocol);
            Err(refuse(socket, ErrorCode::WrongProtocol, reason).await)
        }
        Inbound::Message(_) => {
            Err(refuse(socket, ErrorCode::BadMessage, "the first message must be hello".to_owned()).await)
        }
        other => Err(unusable(socket, other).await),
    }
}

/// Says what is wrong, as an `error` message, and ends the session.
async fn refuse(socket: &mut Socket, code: ErrorCode, message: String) -> End {
    let close = match code {
        ErrorCode::BadMessage | ErrorCode::UnknownStream | ErrorCode::BadSelection => CloseCode::BadMessage,
        ErrorCode::LimitExceeded => CloseCode::LimitExceeded,
        ErrorCode::WrongProtocol => CloseCode::WrongProtocol,
    };
    let error = ServerMessage::Error { stream: None, code, message: message.clone() };
    match socket.send(&error).await {
        Ok(()) => End::Close(close, message),
        Err(end) => end,
    }
}

/// The end that an inbound which is no message calls for.
pub(super) async fn unusable(socket: &mut Socket, inbound: Inbound) -> End {
    match inbound {
        Inbound::Bad(reason) => refuse(socket, ErrorCode::BadMessage, reason).await,
        Inbound::TooLong => {
            let reason = format!("a message is longer than {} bytes", super::MAX_MESSAGE_BYTES);
            refuse(socket, ErrorCode::LimitExceeded, reason).await
        }
        Inbound::Gone | Inbound::Alive | Inbound::Message(_) => End::Gone,
    }
}

impl Session<'_> {
    /// The whole session after `hello`.
    pub(super) async fn converse(&mut self, hello: Hello) -> Result<Infallible, End> {
        self.welcome(hello).await?;
        loop {
            let more = self.pump().await?;
            match self.wait(more).await? {
                None => {}
                Some(message) => self.handle(message).await?,
            }
        }
    }

    async fn welcome(&mut self, hello: Hello) -> Result<(), End> {
        self.announced = *self.changes.borrow_and_update();
        let welcome = ServerMessage::Welcome {
            protocol: PROTOCOL,
            build: BUILD.to_owned(),
            now: (self.relay.clock)(),
            catalog: self.relay.streams.catalog(),
        };
        self.socket.send(&welcome).await?;
        for subscribe in hello.streams {
            self.subscribe(subscribe).await?;
        }
        Ok(())
    }

    async fn handle(&mut self, message: ClientMessage) -> Result<(), End> {
        match message {
            ClientMessage::Hello(_) => {
                let reason = "hello was said already; use subscribe".to_owned();
                return Err(refuse(self.socket, ErrorCode::BadMessage, reason).await);
            }
            ClientMessage::Subscribe(subscribe) => self.subscribe(subscribe).await?,
            ClientMessage::Unsubscribe { stream } => {
                self.subscriptions.retain(|subscription| subscription.stream.name() != stream);
            }
            ClientMessage::Credit { bytes } => {
                let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
                self.credit = self.credit.map(|credit| credit.saturating_add(bytes));
            }
            ClientMessage::Rate { millis } => {
                self.rate = Duration::from_millis(u64::from(millis));
                let latest = Instant::now() + self.rate;
                for subscription in &mut self.subscriptions {
                    subscription.not_before = subscription.not_before.min(latest);
                }
            }
        }
        Ok(())
    }

    /// Starts a subscription; one to the same stream is replaced. What cannot be started is an `error` of that stream.
    async fn subscribe(&mut self, subscribe: Subscribe) -> Result<(), End> {
        if !self.subscribing.take_one(Instant::now()) {
            let limit = self.relay.limits.subscribes_per_second;
            let message = format!(
                "a client may subscribe {limit} times a second: wait a second, or raise limits.subscribes_per_second"
            );
            return self.decline(subscribe.stream, ErrorCode::LimitExceeded, message).await;
        }
        let Some(stream) = self.relay.streams.get(&subscribe.stream) else {
            let message = "no such stream; subscribe again when the catalog names it".to_owned();
            return self.decline(subscribe.stream, ErrorCode::UnknownStream, message).await;
        };
        self.subscriptions.retain(|subscription| subscription.stream.id() != stream.id());
        let limit = self.relay.limits.streams_per_client;
        if self.subscriptions.len() >= limit {
            let message = format!(
                "a client may subscribe to {limit} streams: unsubscribe from one, or raise limits.streams_per_client"
            );
            return self.decline(subscribe.stream, ErrorCode::LimitExceeded, message).await;
        }
        let selection = match stream.select(&subscribe) {
            Ok(selection) => selection,
            Err(message) => {
                return self.decline(subscribe.stream, ErrorCode::BadSelection, message).await;
            }
        };
        let (start, now) = (&subscribe.start, (self.relay.clock)());
        let archived = stream.reach(start, now).await;
        let (beginning, epoch, whole) =
            stream.with_log(|log| (begin(start, log, archived, now), log.epoch(), Arc::clone(log.schema())));
        let schema = selection.as_ref().map_or_else(|| Schema::clone(&whole), |chosen| chosen.schema(&whole));
        let ok = ServerMessage::Ok {
            stream: stream.name().to_owned(),
            id: stream.id(),
            epoch,
            next: beginning.next,
            mode: beginning.mode,
            schema,
        };
        self.socket.send(&ok).await?;
        if let Some(from) = beginning.missing_from {
            self.declare_gap(stream.id(), epoch, (from, beginning.next), GapReason::Trimmed).await?;
        }
        let gauge = &self.relay.metrics.subscriptions;
        let (next, policy) = (beginning.next, subscribe.policy);
        let seat = selection.is_none().then(|| self.relay.broadcasters.join(&stream, self.socket.line()));
        self.subscriptions.push(Subscription::new(stream, (epoch, next), policy, selection, seat, gauge));
        Ok(())
    }

    /// Says why a subscription was not started; the session goes on.
    async fn decline(&mut self, stream: String, code: ErrorCode, message: String) -> Result<(), End> {
        self.socket.send(&ServerMessage::Error { stream: Some(stream), code, message }).await
    }

    /// Names events that this client will never get.
    pub(super) async fn declare_gap(
        &mut self,
        stream: u32,
        epoch: u64,
        (from, to): (u64, u64),
        reason: GapReason,
    ) -> Result<(), End> {
        self.relay.metrics.gap_events.increment(to.saturating_sub(from));
        let gap = ServerMessage::Gap { stream, epoch, from, to, reason };
        self.socket.send(&gap).await
    }

    /// Names events that met no condition of the subscription, up to `to`.
    pub(super) async fn declare_skipped(&mut self, at: usize, to: u64) -> Result<(), End> {
        let subscription = &mut self.subscriptions[at];
        let Some(from) = subscription.skipped_from.take() else { return Ok(()) };
        let (stream, epoch) = (subscription.stream.id(), subscription.stream.epoch());
        self.socket.send_later(&ServerMessage::Skipped { stream, epoch, from, to }).await
    }

    /// Sends the streams that are new or have a new schema since the client was last told.
    pub(super) async fn announce(&mut self) -> Result<(), End> {
        if *self.changes.borrow_and_update() == self.announced {
            return Ok(());
        }
        let (streams, announced) = self.relay.streams.changed_since(self.announced);
        self.announced = announced;
        if streams.is_empty() { Ok(()) } else { self.socket.send(&ServerMessage::Catalog { streams }).await }
    }
}
