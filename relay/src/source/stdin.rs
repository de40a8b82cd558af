//! NDJSON lines from standard input into one stream, until the input ends or the relay drains.

use std::io::{self, Read};
use std::sync::Arc;

use super::lines::Lines;
use super::{Ingest, LOG_RETRY, SourceError};

/// Starts reading. The thread ends with the input, or with the process: a blocked read cannot be interrupted.
///
/// # Errors
/// [`SourceError::Thread`].
pub fn start(ingest: Arc<Ingest>, stream: String) -> Result<(), SourceError> {
    let read = move || match read_lines(&mut io::stdin().lock(), &ingest, &stream) {
        Ok(lines) => tracing::info!(stream, lines, "standard input ended"),
        Err(error) => tracing::error!(stream, %error, "standard input failed"),
    };
    std::thread::Builder::new().name("stdin".to_owned()).spawn(read).map_err(SourceError::Thread)?;
    Ok(())
}

/// Publishes whatever lines a read gives, at once; how many lines there were.
///
/// # Errors
/// What the reader gives.
pub fn read_lines(read: &mut impl Read, ingest: &Ingest, stream: &str) -> io::Result<u64> {
    let mut lines = Lines::default();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let open = match read.read(&mut buffer) {
            Ok(0) => {
                lines.finish(ingest, stream);
                false
            }
            Ok(len) => {
                while ingest.waits_for_log(stream) {
                    std::thread::sleep(LOG_RETRY);
                }
                lines.push(&buffer[..len], ingest, stream)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => true,
            Err(error) => return Err(error),
        };
        if !open {
            return Ok(lines.count());
        }
    }
}
