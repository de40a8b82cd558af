//! `spate publish`: events from a file or standard input to a relay.

use std::io::Write;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::failure::Failure;
use crate::import::Rejections;
use crate::input::{Input, InputFormat};
use crate::link::Address;
use crate::output::{OutputFormat, count};
use crate::post::{Answer, Poster};
use crate::progress::Progress;
use crate::rows::{Body, Rows};
use crate::scoped::StreamName;

/// Send events to a relay.
///
/// Reads CSV, NDJSON or a JSON array and posts it in batches. A relay that asks to slow down is obeyed. Rows the relay
/// refuses are listed on standard error with their line in the input, field and reason.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The relay: its dashboard's URL
    #[arg(value_name = "URL")]
    address: Address,
    /// The stream; a new one gets the schema its events have
    #[arg(value_name = "STREAM")]
    stream: StreamName,
    /// What to read; - is standard input
    #[arg(default_value = "-", value_name = "INPUT")]
    input: String,
    /// Send at most this many events a second
    #[arg(long, value_name = "N")]
    rate: Option<NonZeroU32>,
    /// Events in one request
    #[arg(long, value_name = "N", default_value = "1000")]
    batch: NonZeroU32,
    /// Format of the input [default: by extension, else by the first byte]
    #[arg(long, value_name = "FORMAT")]
    input_format: Option<InputFormat>,
    /// How to write the summary
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

const EXAMPLES: &str = "\
Examples:
  echo '{\"time\":\"2024-05-01T12:00:00Z\",\"load\":0.5}' | spate publish localhost:8080 host
  spate publish http://localhost:8080/ taxi taxi.csv --rate 100

Exit codes: 0 all rows were accepted; 1 some were not, or the relay is out of reach; 2 usage";

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let input = Input::open(&args.input, args.input_format)?;
    let name = input.name.clone();
    let progress = Progress::bytes(input.bytes);
    let mut poster = Poster::new(&args.address, &args.stream.0, input.format, progress.clone());
    let mut rejections = Rejections::new(progress.clone());
    let mut pace = Pace::new(args.rate.map(NonZeroU32::get));
    let most = pace.batch(args.batch.get()) as usize;
    let mut accepted = 0;
    let mut rows = Rows::new(input)?;
    while let Some(body) = rows.next_body(most)? {
        rejections.add(&name, &body.rejected);
        if body.rows == 0 {
            continue;
        }
        pace.wait(body.rows);
        let answer = poster.post(&body).map_err(|why| stopped(&why, accepted, &body))?;
        progress.advance(body.bytes.len() as u64);
        accepted += answer.accepted;
        rejections.add_unlisted(answer.rejected_total.saturating_sub(answer.rejected.len() as u64));
        rejections.add(&name, &in_file_lines(answer, &body).rejected);
    }
    progress.finish();
    let rejected = rejections.finish();
    let mut out = std::io::stdout().lock();
    match args.format {
        OutputFormat::Json => writeln!(out, "{}", json!({"accepted": accepted, "rejected": rejected}))?,
        OutputFormat::Table => {
            let (stream, accepted) = (&args.stream.0, count(accepted));
            writeln!(out, "{stream}: {accepted} accepted, {} rejected", count(rejected))?;
        }
    }
    match (accepted, rejected) {
        (0, 0) => Err(Failure::Data(format!("no rows to send: {name:?}"))),
        (_, 0) => Ok(()),
        _ => Err(Failure::Data(format!(
            "{} rows were rejected, their reasons are above: {name:?}",
            count(rejected)
        ))),
    }
}

fn stopped(why: &str, accepted: u64, body: &Body) -> Failure {
    Failure::Data(format!("{why}; {} accepted before, go on from line {}", count(accepted), body.begins))
}

/// The relay counts lines of a request; a person counts lines of the file.
fn in_file_lines(mut answer: Answer, body: &Body) -> Answer {
    for rejection in &mut answer.rejected {
        rejection.line = body.file_line(rejection.line);
    }
    answer
}

/// Spreads events over time.
struct Pace {
    rate: Option<u32>,
    next: Instant,
}

impl Pace {
    fn new(rate: Option<u32>) -> Self {
        Self { rate, next: Instant::now() }
    }

    /// Events of one request: at least ten requests a second, so that a slow rate is a steady one.
    fn batch(&self, most: u32) -> u32 {
        self.rate.map_or(most, |rate| most.min((rate / 10).max(1)))
    }

    fn wait(&mut self, events: u64) {
        let Some(rate) = self.rate else { return };
        std::thread::sleep(self.next.saturating_duration_since(Instant::now()));
        self.next = self.next.max(Instant::now()) + Duration::from_secs_f64(events as f64 / f64::from(rate));
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;

    #[test]
    fn a_slow_rate_sends_small_requests_and_no_rate_sends_whole_batches() {
        for (rate, expect) in [(None, 1_000), (Some(1), 1), (Some(500), 50), (Some(1_000_000), 1_000)] {
            assert_eq!(Pace::new(rate).batch(1_000), expect, "{rate:?}");
        }
    }
}
