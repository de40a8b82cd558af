//! The relay's side: frames and messages that came, and what the link wants done.

use spate_shared::time::Nanos;
use spate_shared::wire::{ServerFrame, ServerMessage};

use super::{Effect, Open, Runtime};
use crate::link::{Link, LinkAction, Position};
use crate::protocol::Update;

impl Runtime {
    pub(super) fn received(&mut self, now: Nanos, bytes: &[u8], effects: &mut Vec<Effect>) {
        match ServerFrame::decode(bytes) {
            Ok(ServerFrame::Data(frame)) => {
                let moved = self.store.take(&frame, now).map(|(name, position)| (name.to_owned(), position));
                self.link(effects, |link| {
                    if let Some((name, position)) = moved {
                        link.moved(&name, position);
                    }
                    link.consumed(bytes.len())
                });
            }
            Ok(ServerFrame::Message(message)) => self.message(message, effects),
            other => {
                let why = other.err().map_or_else(
                    || "it holds some events of a run, which nobody asked for".to_owned(),
                    |error| error.to_string(),
                );
                let detail = format!("{why}; the events in it count as a gap");
                self.problem("A frame from the relay could not be read", detail, false, effects);
                self.link(effects, |link| link.consumed(bytes.len()));
            }
        }
        self.request_frame(effects);
    }

    pub(super) fn message(&mut self, message: ServerMessage, effects: &mut Vec<Effect>) {
        match message {
            ServerMessage::Welcome { catalog: streams, .. } => {
                self.link(effects, |link| {
                    link.welcomed();
                    link.catalog(&streams)
                });
                self.store.describe(&streams);
                self.tell_catalog(effects);
            }
            ServerMessage::Catalog { streams } => {
                self.link(effects, |link| link.catalog(&streams));
                if self.store.describe(&streams) {
                    self.tell_catalog(effects);
                }
            }
            ServerMessage::Ok { stream, epoch, next, mode, .. } => {
                let position = Position { epoch, next };
                self.store.begin(&stream, position, mode);
                self.link(effects, |link| {
                    link.begun(&stream, position, mode);
                    None
                });
            }
            // This client sets no filter, so what is passed over is missing.
            ServerMessage::Gap { stream, epoch, to, .. }
            | ServerMessage::Skipped { stream, epoch, to, .. } => {
                self.store.gap(stream, epoch, to);
                let name = self.store.name(stream).unwrap_or_default().to_owned();
                self.link(effects, |link| {
                    link.moved(&name, Position { epoch, next: to });
                    None
                });
            }
            ServerMessage::Behind { stream, events } => {
                let name = self.store.name(stream).unwrap_or_default().to_owned();
                self.link(effects, |link| {
                    link.behind(name, events);
                    None
                });
            }
            ServerMessage::Error { stream, message, .. } => {
                let title = stream.map_or_else(
                    || "The relay refused a request".to_owned(),
                    |stream| format!("The relay refused {stream:?}"),
                );
                self.problem(&title, message, false, effects);
            }
        }
    }

    /// Lets the link act, and does what it wants.
    pub(super) fn link<A: IntoIterator<Item = LinkAction>>(
        &mut self,
        effects: &mut Vec<Effect>,
        act: impl FnOnce(&mut Link) -> A,
    ) {
        let Open::Relay { url, link } = &mut self.open else { return };
        for action in act(link) {
            effects.push(match action {
                LinkAction::Connect => Effect::Connect(self.generation, url.clone()),
                LinkAction::Send(message) => Effect::Send(message),
                LinkAction::RetryIn { millis } => Effect::RetryIn(self.generation, millis),
            });
        }
    }

    pub(super) fn tell_connection(&mut self, effects: &mut Vec<Effect>) {
        let Open::Relay { link, .. } = &self.open else { return };
        if self.told_connection.as_ref() != Some(link.state()) {
            let state = link.state().clone();
            self.told_connection = Some(state.clone());
            effects.push(Effect::Post(Update::Connection { generation: self.generation, state }));
        }
    }
}
