//! `spate tail`: events of a relay as they come.

use std::io::{BufWriter, Write};

use serde_json::json;
use spate_shared::schema::Schema;
use spate_shared::time;
use spate_shared::wire::DataFrame;

use super::following::From;
use crate::failure::Failure;
use crate::link::{Address, Follower, Sink, Until, Wanted, follow, run as run_async};
use crate::output::OutputFormat;
use crate::progress::Progress;

/// Follow streams of a relay.
///
/// Goes on over lost connections without losing or doubling an event. What the relay no longer holds is said on
/// standard error. Ends with Ctrl-C, or after --count events.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The relay: its dashboard's URL
    #[arg(value_name = "URL")]
    address: Address,
    /// Streams to follow [default: all, and those that appear later]
    #[arg(value_name = "STREAM")]
    streams: Vec<String>,
    /// Where to begin: live, earliest or last:N
    #[arg(long, default_value = "live")]
    from: From,
    /// End after this many events
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// How to write events; json is one object a line
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

const EXAMPLES: &str = "\
Examples:
  spate tail localhost:8080
  spate tail http://localhost:8080/ taxi --from last:100
  spate tail localhost:8080 taxi --from earliest --format json --count 1000 | jq .event

With --format json a line is {\"stream\", \"epoch\", \"offset\", \"event\"}.";

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let mut follower = Follower::new(Wanted::from_names(&args.streams), &args.from.0);
    let progress = Progress::hidden();
    let mut printer = Printer { format: args.format, progress };
    let until = Until { duration: None, events: args.count };
    run_async(follow(&args.address, &mut follower, until, &mut printer))
}

struct Printer {
    format: OutputFormat,
    progress: Progress,
}

impl Sink for Printer {
    fn events(&mut self, stream: &str, schema: &Schema, frame: DataFrame) -> Result<(), Failure> {
        let mut out = BufWriter::new(std::io::stdout().lock());
        for row in 0..frame.batch.len() {
            match self.format {
                OutputFormat::Json => {
                    let event = json!({"stream": stream, "epoch": frame.header.epoch,
                        "offset": frame.header.base + row as u64, "event": frame.batch.event_json(schema, row)});
                    writeln!(out, "{event}")?;
                }
                OutputFormat::Table => writeln!(out, "{}", line(stream, schema, &frame, row))?,
            }
        }
        Ok(out.flush()?)
    }

    fn say(&self, line: &str) {
        self.progress.say(line);
    }
}

fn line(stream: &str, schema: &Schema, frame: &DataFrame, row: usize) -> String {
    let mut words = vec![time::format(frame.batch.times[row]), stream.to_owned()];
    for (field, column) in schema.fields.iter().zip(&frame.batch.columns) {
        if column.is_present(row) {
            words.push(format!("{}={}", field.name, column.json(row)));
        }
    }
    words.join("  ")
}
