//! Messages as text, that text as events, and which of those follow each other.

use std::ops::Range;

use spate_shared::batch::Batch;
use spate_shared::schema::TimeSource;
use spate_shared::text::{Format, Intake, Rejection, TextReader};
use spate_shared::time::Nanos;

/// One message that is an event, or should be.
pub(super) struct Told {
    pub(super) sequence: u64,
    pub(super) published: Nanos,
}

/// A message as one line of NDJSON. Between the tokens of JSON a line break is a blank; an empty message is no event.
pub(super) fn push_line(lines: &mut Vec<u8>, payload: &[u8]) {
    let blank = |byte: &u8| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte };
    let start = lines.len();
    lines.extend(payload.iter().map(blank));
    if lines[start..].trim_ascii().is_empty() {
        lines.push(b'-');
    }
    lines.push(b'\n');
}

/// The events among lines, and the others with their line.
pub(super) fn type_lines(intake: &mut Intake, lines: &[u8], told: &[Told]) -> (Batch, Vec<Rejection>) {
    // An event without a time is as old as its message, so those are looked at one by one.
    let stamped = intake.schema().is_some_and(|schema| schema.time.source == TimeSource::Arrival);
    let most = if stamped { 1 } else { told.len() };
    let mut reader = TextReader::new(Format::Ndjson, lines);
    let (mut batches, mut rejected, mut at) = (Vec::new(), Vec::new(), 0);
    // Reading a slice cannot fail.
    while let Ok(Some(chunk)) = reader.next_chunk(most) {
        let rows = chunk.rows.len() + chunk.rejected.len();
        let arrival = told.get(at).filter(|_| stamped).map(|told| told.published);
        let taken = intake.take(chunk, arrival);
        at += rows;
        batches.push(taken.batch);
        rejected.extend(taken.rejected);
    }
    let Some(schema) = intake.schema() else { return (Batch::default(), rejected) };
    let mut all = Batch::empty(schema);
    for batch in batches {
        let batch = batch.fit(schema);
        all.extend_from(&batch, 0..batch.len());
    }
    (all, rejected)
}

/// The runs of messages that follow each other and are events.
pub(super) fn runs(told: &[Told], rejected: &[Rejection]) -> Vec<Range<usize>> {
    let mut refused = rejected.iter().map(|rejection| rejection.line as usize - 1).peekable();
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, message) in told.iter().enumerate() {
        if refused.next_if_eq(&at).is_some() {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.end == at && told[at - 1].sequence + 1 == message.sequence => run.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_shared::schema::{Field, FieldType, Schema, TimeField};
    use spate_shared::time::SECOND;

    fn check(source: TimeSource, payloads: &[&str], times: &[Nanos], refused: &[u64]) {
        let time = TimeField { name: "t".to_owned(), source };
        let schema = Schema::new(time, vec![Field::new("v", FieldType::I64)]);
        let mut lines = Vec::new();
        for payload in payloads {
            push_line(&mut lines, payload.as_bytes());
        }
        let told: Vec<_> = (1..)
            .zip(payloads)
            .map(|(sequence, _)| Told { sequence, published: 100 * sequence as Nanos })
            .collect();
        let (batch, rejected) = type_lines(&mut Intake::going_on(schema), &lines, &told);
        assert_eq!(batch.times, times);
        assert_eq!(rejected.iter().map(|rejection| rejection.line).collect::<Vec<_>>(), refused);
    }

    #[test]
    fn every_message_is_one_event_or_refused_under_its_number() {
        let payloads = [
            "{\"t\":1,\"v\":1}",
            "",
            "{\n\"t\":\r\n2,\n\"v\":2\n}",
            "[]",
            "\n\n",
            "{\"t\":3}\n{\"t\":4}",
            "{\"t\":5,\"v\":0.5}",
        ];
        check(TimeSource::Event, &payloads, &[1, 2, 5].map(|second| second * SECOND), &[2, 4, 5, 6]);
    }

    #[test]
    fn a_message_without_a_time_is_as_old_as_jetstream_says() {
        check(
            TimeSource::Arrival,
            &["{\"v\":1}", "{\"t\":7,\"v\":2}", "{\"v\":0.5}"],
            &[100, 7 * SECOND, 300],
            &[],
        );
    }
}
