//! The watermark: the event time before which no more events are expected.

use spate_shared::time::Nanos;

/// `max event time - bounded out-of-orderness`, or the head itself once the stream is idle.
#[derive(Debug, Clone, Copy)]
pub struct Watermark {
    out_of_orderness: Nanos,
    idle_timeout: Nanos,
    head: Option<Nanos>,
    last_arrival: Nanos,
    reached: Nanos,
}

impl Watermark {
    /// A watermark that has seen nothing. Both arguments are durations in nanoseconds, at least 0.
    pub fn new(out_of_orderness: Nanos, idle_timeout: Nanos) -> Self {
        let out_of_orderness = out_of_orderness.max(0);
        Self { out_of_orderness, idle_timeout, head: None, last_arrival: Nanos::MIN, reached: Nanos::MIN }
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
