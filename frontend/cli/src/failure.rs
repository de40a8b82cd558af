//! Why a command ended early, and the exit code that says so.

use std::io;

/// The end of a command that could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line is wrong.
    #[error("{0}")]
    Usage(String),
    /// The data, a file or the relay would not.
    #[error("{0}")]
    Data(String),
    /// Whoever read standard output has gone, as `head` does.
    #[error("standard output was closed")]
    Closed,
}

impl Failure {
    /// A file that the system would not give or take: what was tried, the path and the system's reason.
    pub(crate) fn file(what: &str, path: &str, error: &io::Error) -> Self {
        Self::Data(format!("cannot {what} {path:?}: {error}"))
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::Data(_) => 1,
            Self::Usage(_) => 2,
        }
    }

    /// Whether there is nothing to say.
    pub(crate) fn is_quiet(&self) -> bool {
        matches!(self, Self::Closed)
    }
}

/// Only for standard output: every file names itself through [`Failure::file`].
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Data(format!("cannot write to standard output: {error}")),
        }
    }
}
