//! A body that a task writes: it ends whole only when the task says so.

use std::io;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::TAKE_TIMEOUT;

enum Part {
    Bytes(Bytes),
    End,
}

/// Writes a body. Dropped before [`Writer::finish`], the body ends as an error.
pub(super) struct Writer {
    parts: mpsc::Sender<Part>,
}

/// The reader went away, or took nothing for [`TAKE_TIMEOUT`].
#[derive(Debug)]
pub(super) struct Gone;

/// A body, and the way to write it, which holds one part at most.
pub(super) fn channel() -> (Writer, Body) {
    let (parts, taken) = mpsc::channel(1);
    let body = stream::unfold(Some(taken), |taken: Option<mpsc::Receiver<Part>>| async {
        let mut taken = taken?;
        match taken.recv().await {
            Some(Part::Bytes(bytes)) => Some((Ok(bytes), Some(taken))),
            Some(Part::End) => None,
            None => Some((Err(io::Error::other("the answer was cut short")), None)),
        }
    });
    (Writer { parts }, Body::from_stream(body))
}

impl Writer {
    /// Hands bytes over, waiting until the reader has taken those before.
    pub(super) async fn write(&self, bytes: Vec<u8>) -> Result<(), Gone> {
        if bytes.is_empty() { Ok(()) } else { self.send(Part::Bytes(bytes.into())).await }
    }

    /// Ends the body whole.
    pub(super) async fn finish(self) -> Result<(), Gone> {
        self.send(Part::End).await
    }

    /// Resolves when the reader is gone.
    pub(super) async fn closed(&self) {
        self.parts.closed().await;
    }

    async fn send(&self, part: Part) -> Result<(), Gone> {
        match timeout(TAKE_TIMEOUT, self.parts.send(part)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(body: Body) -> Option<Vec<u8>> {
        axum::body::to_bytes(body, usize::MAX).await.ok().map(Vec::from)
    }

    #[tokio::test]
    async fn a_body_is_whole_only_when_it_was_finished() {
        let (writer, body) = channel();
        let write = async {
            writer.write(b"a".to_vec()).await.unwrap();
            writer.write(b"b".to_vec()).await.unwrap();
            writer.finish().await.unwrap();
        };
        let (read_whole, ()) = tokio::join!(read(body), write);
        assert_eq!(read_whole.as_deref(), Some(&b"ab"[..]));
        let (writer, body) = channel();
        let write = async move { writer.write(b"a".to_vec()).await.unwrap() };
        let (read_cut, ()) = tokio::join!(read(body), write);
        assert_eq!(read_cut, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_given_up() {
        let (writer, _body) = channel();
        writer.write(b"a".to_vec()).await.unwrap();
        assert!(writer.write(b"b".to_vec()).await.is_err());
    }
}
