//! Waits for the next thing a session has to do.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{pending, select_all};
use spate_shared::wire::ClientMessage;
use tokio::time::{Instant, timeout};

use super::line::Loan;
use super::pump::NOTICE_EVERY;
use super::socket::Inbound;
use super::subscription::Subscription;
use super::{DELIVERY_TIMEOUT, End, PING_EVERY, PONG_TIMEOUT, Session};

enum Wake {
    Inbound(Inbound),
    Timer,
    Draining,
    /// There is something to send.
    Send,
    /// A broadcaster cannot go on.
    Summoned,
}

impl Session<'_> {
    /// Waits; a message when that is what came. With `more` it only looks whether something else is due first.
    pub(super) async fn wait(&mut self, more: bool) -> Result<Option<ClientMessage>, End> {
        let now = Instant::now();
        self.keep_alive(now).await?;
        let deadline = self.deadline(now);
        // Never moved back: waking early is harmless, and a busy session would move it with every frame.
        if deadline < self.timer.deadline() || self.timer.is_elapsed() {
            self.timer.as_mut().reset(deadline);
        }
        let credit = self.has_credit();
        let more = more || self.lend();
        let line = Arc::clone(self.socket.line());
        let ready = |subscription: &&mut Subscription| {
            credit && subscription.not_before <= now && !subscription.is_lent
        };
        let mut waiting = self.subscriptions.iter_mut().filter(ready);
        let wake = tokio::select! {
            biased;
            inbound = self.socket.recv() => Wake::Inbound(inbound),
            _ = self.draining.wait_for(|draining| *draining) => Wake::Draining,
            // Before what there is to send, which may never end; after the socket, which may hold the pong.
            () = self.timer.as_mut() => Wake::Timer,
            () = std::future::ready(()), if more => Wake::Send,
            () = any_stirred(&mut waiting) => Wake::Send,
            () = line.summoned() => Wake::Summoned,
            _ = self.changes.changed() => Wake::Send,
        };
        self.take_back();
        match wake {
            Wake::Timer if self.pong_due.is_some_and(|due| due <= Instant::now()) => {
                tracing::debug!("a client does not answer pings");
                Err(End::Gone)
            }
            Wake::Timer | Wake::Send => Ok(None),
            // It may have begun a frame that the kernel did not take whole.
            Wake::Summoned => self.socket.flush().await.map(|()| None),
            Wake::Draining => Err(self.deliver_the_rest().await),
            Wake::Inbound(inbound) => {
                self.pong_due = None;
                match inbound {
                    Inbound::Alive => Ok(None),
                    Inbound::Message(message) => Ok(Some(message)),
                    other => Err(super::conversation::unusable(self.socket, other).await),
                }
            }
        }
    }

    /// Leaves streams to their broadcasters, unless the client's own wishes or limits call for more care than theirs.
    /// Whether something was sealed meanwhile.
    fn lend(&mut self) -> bool {
        if !self.rate.is_zero() || self.allowance.is_some() || !self.has_credit() {
            return false;
        }
        let cursors: Vec<_> = self.subscriptions.iter_mut().filter_map(Subscription::lend).collect();
        if cursors.is_empty() {
            return false;
        }
        self.socket.line().lend(Loan::new(self.credit, self.announced, cursors));
        // A broadcaster that came by before this did not find it.
        self.subscriptions.iter().any(|subscription| subscription.is_lent && subscription.waiting() > 0)
    }

    /// Goes on where the broadcasters are.
    fn take_back(&mut self) {
        let Some(loan) = self.socket.line().take_back() else { return };
        self.credit = loan.credit;
        for subscription in self.subscriptions.iter_mut().filter(|subscription| subscription.is_lent) {
            subscription.is_lent = false;
            let id = subscription.stream.id();
            if let Some(cursor) = loan.cursors.iter().find(|cursor| cursor.stream == id) {
                subscription.cursor = cursor.next;
            }
        }
    }

    /// Sends what the rings hold as far as the client's credit goes, whatever rate it asked for.
    async fn deliver_the_rest(&mut self) -> End {
        self.rate = Duration::ZERO;
        let now = Instant::now();
        self.subscriptions.iter_mut().for_each(|subscription| subscription.not_before = now);
        self.allowance = None;
        let delivery = async {
            while self.pump().await? {}
            for at in 0..self.subscriptions.len() {
                self.declare_skipped(at, self.subscriptions[at].cursor).await?;
            }
            self.socket.flush().await
        };
        match timeout(DELIVERY_TIMEOUT, delivery).await {
            Ok(Err(end)) => end,
            // Too late is told like done: the client resumes where it is.
            Ok(Ok(())) | Err(_) => End::draining(),
        }
    }

    async fn keep_alive(&mut self, now: Instant) -> Result<(), End> {
        if self.next_ping <= now {
            self.next_ping = now + PING_EVERY;
            self.pong_due = Some(now + PONG_TIMEOUT);
            self.socket.ping().await?;
        }
        Ok(())
    }

    /// When something must be done though nothing happens.
    fn deadline(&self, now: Instant) -> Instant {
        let mut deadline = self.pong_due.map_or(self.next_ping, |due| due.min(self.next_ping));
        for subscription in &self.subscriptions {
            if subscription.not_before > now && self.has_credit() {
                deadline = deadline.min(subscription.not_before);
            }
            if subscription.skipped_from.is_some() {
                deadline = deadline.min(subscription.skipped_due);
            }
        }
        if let Some(allowance) = self.allowance.as_ref().filter(|allowance| !allowance.is_some()) {
            deadline = deadline.min(allowance.next());
        }
        // Without credit no seal wakes this session, but its lag grows and has to be told.
        if !self.has_credit() && !self.subscriptions.is_empty() {
            deadline = deadline.min(now + NOTICE_EVERY);
        }
        deadline
    }
}

/// Resolves when one of the streams has sealed something new. Never without streams.
async fn any_stirred<'a>(waiting: &mut impl Iterator<Item = &'a mut Subscription>) {
    let Some(first) = waiting.next() else { return pending().await };
    let Some(second) = waiting.next() else { return first.stirred().await };
    let all = [first, second].into_iter().chain(waiting);
    select_all(all.map(|subscription| Box::pin(subscription.stirred()))).await;
}
