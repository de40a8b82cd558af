//! The watermark: the event time before which no more events are expected.

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

/// This many events in a row that are too far ahead are not believed.
const MAX_DISBELIEVED: u32 = 9;

/// `max event time - bounded out-of-orderness`, or the head itself once the stream is idle.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Watermark {
    out_of_orderness: Nanos,
    idle_timeout: Nanos,
    ahead: Option<Nanos>,
    /// Events in a row that were not believed.
    disbelieved: u32,
    head: Option<Nanos>,
    last_arrival: Nanos,
    reached: Nanos,
}

impl Watermark {
    /// A watermark that has seen nothing. Both arguments are durations in nanoseconds, at least 0.
    pub fn new(out_of_orderness: Nanos, idle_timeout: Nanos) -> Self {
        Self {
            out_of_orderness: out_of_orderness.max(0),
            idle_timeout,
            ahead: None,
            disbelieved: 0,
            head: None,
            last_arrival: Nanos::MIN,
            reached: Nanos::MIN,
        }
    }

    /// Does not believe a time that is more than `ahead` nanoseconds after both the head and the time of arrival, see
    /// [`Watermark::believes`].
    #[must_use]
    pub fn with_bound(self, ahead: Option<Nanos>) -> Self {
        Self { ahead, ..self }
    }

    /// Whether the time of an event that arrived at `now` is not so far in the future that it must be wrong. Ten such
    /// events in a row are believed: the stream has jumped. The first event always is.
    #[inline]
    pub fn believes(&mut self, time: Nanos, now: Nanos) -> bool {
        let (Some(ahead), Some(head)) = (self.ahead, self.head) else { return true };
        let is_ahead = time > head.max(now).saturating_add(ahead);
        self.disbelieved = if is_ahead { self.disbelieved + 1 } else { 0 };
        if self.disbelieved > MAX_DISBELIEVED {
            self.disbelieved = 0;
        }
        self.disbelieved == 0
    }

    /// An event with `time` arrived at `now`, processing time.
    pub fn observe(&mut self, time: Nanos, now: Nanos) {
        let head = self.head.map_or(time, |head| head.max(time));
        self.head = Some(head);
        self.last_arrival = now;
        self.reached = self.reached.max(head.saturating_sub(self.out_of_orderness));
    }

    /// Processing time went on to `now`. After the idle timeout the watermark reaches the head, so that windows
    /// do not stay open because a stream fell silent.
    pub fn tick(&mut self, now: Nanos) {
        if let (Some(head), true) = (self.head, now.saturating_sub(self.last_arrival) >= self.idle_timeout) {
            self.reached = self.reached.max(head);
        }
    }

    /// No more events will come: every window ends.
    pub fn end(&mut self) {
        self.reached = Nanos::MAX;
    }

    /// Largest event time seen.
    pub fn head(&self) -> Option<Nanos> {
        self.head
    }

    /// Processing time of the latest event; `Nanos::MIN` before the first.
    pub fn last_arrival(&self) -> Nanos {
        self.last_arrival
    }

    /// The watermark; `Nanos::MIN` before the first event. It never goes back.
    pub fn now(&self) -> Nanos {
        self.reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watermark_trails_the_head_and_never_goes_back() {
        let mut watermark = Watermark::new(10, 1_000);
        assert_eq!(watermark.now(), Nanos::MIN);
        watermark.observe(100, 0);
        watermark.observe(50, 1);
        assert_eq!((watermark.head(), watermark.now()), (Some(100), 90));
    }

    #[test]
    fn a_far_future_time_is_not_believed_unless_the_stream_or_the_clock_is_there_too() {
        let mut watermark = Watermark::new(0, 1_000).with_bound(Some(100));
        assert!(watermark.believes(5, Nanos::MIN), "the first");
        watermark.observe(5, Nanos::MIN);
        assert!(watermark.believes(105, Nanos::MIN) && !watermark.believes(106, Nanos::MIN));
        assert!(watermark.believes(1_100, 1_000), "the clock says so");
        let believed: Vec<bool> = (0..11).map(|_| watermark.believes(9_000, 0)).collect();
        assert_eq!(believed.iter().position(|believed| *believed), Some(9), "the tenth");
    }

    #[test]
    fn an_idle_stream_catches_up_with_its_head() {
        let mut watermark = Watermark::new(10, 1_000);
        watermark.observe(100, 0);
        watermark.tick(999);
        assert_eq!(watermark.now(), 90);
        watermark.tick(1_000);
        assert_eq!(watermark.now(), 100);
        watermark.observe(101, 1_001);
        assert_eq!(watermark.now(), 100, "it does not go back when the stream wakes");
    }
}
