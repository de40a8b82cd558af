//! WebSocket close codes, split into "come back" and "do not".

/// Why the relay closed a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// The relay is draining: reconnect, with jitter.
    Draining = 1012,
    /// Too many connections: retry later.
    Busy = 1013,
    /// The client read too slowly and asked to be closed rather than see a gap: reconnect and resume.
    TooSlow = 4000,
    /// No `hello` within the handshake time: reconnect.
    HandshakeTimeout = 4001,
    /// The message was not understood; repeating it will not help.
    BadMessage = 4400,
    /// A message was too large; repeating it will not help.
    LimitExceeded = 4429,
    /// The relay does not speak this protocol version; reload the client.
    WrongProtocol = 4426,
}

impl CloseCode {
    /// Whether a client should reconnect after a close code, known or not.
    ///
    /// 4400 to 4499 and 1002, 1003, 1007 to 1009 say the client did wrong; everything else may pass.
    pub fn should_retry(code: u16) -> bool {
        !matches!(code, 4400..=4499 | 1002 | 1003 | 1007..=1009)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_retries_what_may_pass_and_nothing_else() {
        use CloseCode::{
            BadMessage, Busy, Draining, HandshakeTimeout, LimitExceeded, TooSlow, WrongProtocol,
        };
        for code in [Draining, Busy, TooSlow, HandshakeTimeout] {
            assert!(CloseCode::should_retry(code as u16), "{code:?}");
        }
        for code in [BadMessage, LimitExceeded, WrongProtocol] {
            assert!(!CloseCode::should_retry(code as u16), "{code:?}");
        }
        assert!(CloseCode::should_retry(1006));
    }
}
