//! Producers that number their texts, so that one that is sent again is taken once.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;

use super::Outcome;

/// Producers that are remembered, of all streams; of more, those that were silent longest are forgotten.
const MAX_PRODUCERS: usize = 4_096;
/// Texts of a producer whose outcome is remembered.
pub const REMEMBERED: usize = 128;
/// Longest name of a producer.
const MAX_NAME: usize = 128;

/// Who sends a text, and which of theirs it is. Numbers rise; they may leave some out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Chosen by the producer: unique among those of a stream.
    pub producer: String,
    /// Of the text.
    pub sequence: u64,
}

/// Whether a name can be a producer's.
pub fn is_producer_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What is known of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    New,
    /// It was taken, with this outcome.
    Done(Outcome),
    /// Its number is lower than those that are remembered.
    Forgotten,
}

/// The texts of one producer.
#[derive(Debug, Default)]
pub(super) struct Producer {
    done: VecDeque<(u64, Outcome)>,
}

impl Producer {
    pub(super) fn look(&self, sequence: u64) -> Seen {
        match self.done.back() {
            Some((last, _)) if sequence <= *last => {}
            _ => return Seen::New,
        }
        let at = self.done.binary_search_by_key(&sequence, |(sequence, _)| *sequence);
        at.map_or(Seen::Forgotten, |at| Seen::Done(self.done[at].1.clone()))
    }

    /// Remembers the outcome of a new text. The reasons of rejections are kept for the latest alone.
    pub(super) fn done(&mut self, sequence: u64, outcome: &Outcome) {
        if let Some((_, before)) = self.done.back_mut() {
            before.rejected = Vec::new();
        }
        self.done.push_back((sequence, outcome.clone()));
        if self.done.len() > REMEMBERED {
            self.done.pop_front();
        }
    }
}

/// All producers of all streams.
#[derive(Default)]
pub(super) struct Producers {
    table: Mutex<Table>,
}

/// When a producer was last used, and its texts.
type Entry = (u64, Arc<Mutex<Producer>>);

#[derive(Default)]
struct Table {
    /// By stream and name.
    producers: HashMap<(String, String), Entry>,
    /// Counts uses, to know who was silent longest.
    uses: u64,
}

impl Producers {
    /// The producer of a stream; its lock is held while a text of it is published.
    pub(super) fn get(&self, stream: &str, producer: &str) -> Arc<Mutex<Producer>> {
        let mut table = self.table.lock();
        table.uses += 1;
        let now = table.uses;
        if table.producers.len() >= MAX_PRODUCERS {
            table.forget_oldest();
        }
        let key = (stream.to_owned(), producer.to_owned());
        let (used, found) = table.producers.entry(key).or_default();
        *used = now;
        Arc::clone(found)
    }
}

impl Table {
    /// Forgets an eighth at once, so that this is rare.
    fn forget_oldest(&mut self) {
        let mut uses: Vec<u64> = self.producers.values().map(|(used, _)| *used).collect();
        let (_, bound, _) = uses.select_nth_unstable(MAX_PRODUCERS / 8);
        let bound = *bound;
        // Whoever is publishing right now is used by somebody else too.
        self.producers.retain(|_, (used, producer)| *used > bound || Arc::strong_count(producer) > 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(accepted: u64) -> Outcome {
        Outcome { accepted, ..Outcome::default() }
    }

    #[test]
    fn a_text_is_new_until_it_or_a_later_one_was_taken() {
        let mut producer = Producer::default();
        assert_eq!(producer.look(5), Seen::New);
        producer.done(5, &outcome(3));
        producer.done(9, &outcome(4));
        assert_eq!(producer.look(9), Seen::Done(outcome(4)));
        assert_eq!(producer.look(5), Seen::Done(outcome(3)));
        assert_eq!(producer.look(10), Seen::New);
        assert_eq!(producer.look(7), Seen::Forgotten);
        (10..500).for_each(|sequence| producer.done(sequence, &outcome(sequence)));
        assert_eq!(producer.look(9), Seen::Forgotten);
        assert_eq!((producer.look(499), producer.done.len()), (Seen::Done(outcome(499)), REMEMBERED));
    }

    #[test]
    fn only_producers_that_were_silent_longest_are_forgotten() {
        let producers = Producers::default();
        producers.get("s", "kept").lock().done(1, &outcome(1));
        for at in 0..3 * MAX_PRODUCERS {
            producers.get("s", &at.to_string());
            producers.get("s", "kept");
        }
        assert!(producers.table.lock().producers.len() <= MAX_PRODUCERS);
        assert_eq!(producers.get("s", "kept").lock().look(1), Seen::Done(outcome(1)));
        assert_eq!(producers.get("t", "kept").lock().look(1), Seen::New, "streams are apart");
    }
}
