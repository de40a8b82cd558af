//! The relay's clock, passed in so that tests choose the time.

use std::sync::Arc;
use std::time::SystemTime;

use spate_shared::time::Nanos;

/// Gives nanoseconds since 1970 UTC. May step backwards, as the machine's own clock does.
pub type Clock = Arc<dyn Fn() -> Nanos + Send + Sync>;

/// The machine's clock.
pub fn system() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
    })
}
