//! The client side of the wire protocol: where a relay is, what was seen of its streams, and the socket.

mod address;
mod connection;
mod follower;
mod notice;

pub(crate) use address::Address;
pub(crate) use connection::{Sink, Until, follow, run};
pub(crate) use follower::{Follower, Wanted};
use notice::Notice;
