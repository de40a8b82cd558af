//! The two subprotocols: the same conversation in bytes and in text.

use std::sync::Arc;

use spate_shared::schema::Schema;
use spate_shared::wire::{
    ClientMessage, SUBPROTOCOL, SUBPROTOCOL_JSON, SelectedFrame, ServerMessage, WireError,
};
use tokio_tungstenite::tungstenite::Message;

use crate::log::{Framed, Segment, Selection, Shown};

/// Which form a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twin {
    /// `spate.v1`.
    Binary,
    /// `spate.v1.json`.
    Json,
}

impl Twin {
    /// The form of a subprotocol's name.
    pub fn from_subprotocol(name: &str) -> Option<Self> {
        match name {
            SUBPROTOCOL => Some(Self::Binary),
            SUBPROTOCOL_JSON => Some(Self::Json),
            _ => None,
        }
    }

    /// The subprotocol's name.
    pub fn subprotocol(self) -> &'static str {
        match self {
            Self::Binary => SUBPROTOCOL,
            Self::Json => SUBPROTOCOL_JSON,
        }
    }

    pub(super) fn encode(self, message: &ServerMessage) -> Framed {
        match self {
            Self::Binary => Framed::binary(&message.encode()),
            Self::Json => Framed::text(&message.to_json()),
        }
    }

    /// The client message in a WebSocket message that is neither ping nor close.
    pub(super) fn decode(self, message: &Message) -> Result<ClientMessage, String> {
        let decoded: Result<_, WireError> = match (self, message) {
            (Self::Binary, Message::Binary(bytes)) => ClientMessage::decode(bytes),
            (Self::Json, Message::Text(text)) => ClientMessage::from_json(text),
            (Self::Binary, _) => {
                return Err(format!("this connection speaks {SUBPROTOCOL}: send binary messages"));
            }
            (Self::Json, _) => {
                return Err(format!("this connection speaks {SUBPROTOCOL_JSON}: send text messages"));
            }
        };
        decoded.map_err(|error| error.to_string())
    }

    /// The data frame with what a subscription wants of the events of a segment from `cursor` on, which lies inside it.
    pub(super) fn show(
        self,
        segment: &Segment,
        cursor: u64,
        selection: Option<&Arc<Selection>>,
        stream: &str,
    ) -> Result<Option<Shown>, WireError> {
        let Some(selection) = selection else {
            let base = cursor.max(segment.header().base);
            let message = self.data(segment, cursor, stream)?;
            return Ok(Some(Shown { base, rows: (segment.end() - base) as u32, message }));
        };
        segment.show(cursor, selection, (self == Self::Json).then_some(stream))
    }

    /// A frame with some events of a run.
    pub(super) fn selected(self, frame: &SelectedFrame, stream: &str, schema: &Schema) -> Framed {
        match self {
            Self::Binary => Framed::binary(&frame.encode()),
            Self::Json => Framed::text(&frame.to_json(stream, schema)),
        }
    }

    /// The data frame with the events of a segment from `cursor` on.
    fn data(self, segment: &Segment, cursor: u64, stream: &str) -> Result<Framed, WireError> {
        if cursor <= segment.header().base {
            return self.whole(segment, stream);
        }
        let tail = segment.tail(cursor)?;
        Ok(match self {
            Self::Binary => Framed::binary(&tail.encode()),
            Self::Json => Framed::text(&tail.to_json(stream, segment.schema())),
        })
    }

    /// The data frame with all events of a segment.
    pub(super) fn whole(self, segment: &Segment, stream: &str) -> Result<Framed, WireError> {
        match self {
            Self::Binary => Ok(segment.binary().clone()),
            Self::Json => segment.json(stream),
        }
    }
}
