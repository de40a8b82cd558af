//! Messages to a worker that may not listen yet.

/// Keeps messages in order until the receiver is ready; afterwards they pass through.
#[derive(Debug)]
pub(crate) enum Outbox<T> {
    /// The receiver does not listen yet.
    Waiting(Vec<T>),
    /// The receiver listens.
    Open,
}

impl<T> Outbox<T> {
    /// An outbox whose receiver does not listen yet.
    pub(crate) fn new() -> Self {
        Self::Waiting(Vec::new())
    }

    /// Takes a message and gives it back when it can be sent now.
    pub(crate) fn push(&mut self, message: T) -> Option<T> {
        match self {
            Self::Waiting(messages) => {
                messages.push(message);
                None
            }
            Self::Open => Some(message),
        }
    }

    /// From now on messages pass through; gives those that waited, oldest first.
    pub(crate) fn open(&mut self) -> Vec<T> {
        match std::mem::replace(self, Self::Open) {
            Self::Waiting(messages) => messages,
            Self::Open => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_wait_in_order_until_the_receiver_is_ready() {
        let mut outbox = Outbox::new();
        assert_eq!((outbox.push(1), outbox.push(2)), (None, None));
        assert_eq!(outbox.open(), [1, 2]);
        assert_eq!(outbox.push(3), Some(3));
        assert!(outbox.open().is_empty());
    }
}
