//! `spate record`: live streams to a recording.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;
use spate_shared::catalog::StreamInfo;
use spate_shared::recording::{Metadata, Writer};
use spate_shared::schema::Schema;
use spate_shared::time::{self, Nanos};
use spate_shared::wire::{DataFrame, DataHeader};

use super::following::From;
use crate::failure::Failure;
use crate::link::{Address, Follower, Sink, Until, Wanted, follow, run as run_async};
use crate::output::{OutputFormat, count, counted};
use crate::progress::Progress;

/// Write live streams of a relay to a recording.
///
/// The recording can be opened while it is being written. Ctrl-C or --for finish it with its index.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The relay: its dashboard's URL
    #[arg(value_name = "URL")]
    address: Address,
    /// Streams to record [default: all, and those that appear later]
    #[arg(value_name = "STREAM")]
    streams: Vec<String>,
    /// The recording to write
    #[arg(short, long, value_name = "OUT.spate")]
    output: PathBuf,
    /// End after this long, such as 90s or 1h30m
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    duration: Option<Duration>,
    /// Where to begin: live, earliest or last:N
    #[arg(long, default_value = "live")]
    from: From,
    /// End after this many events
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// Replace a recording that exists
    #[arg(long)]
    force: bool,
    /// Title, for people
    #[arg(long, default_value = "", hide_default_value = true)]
    title: String,
    /// How to write the summary
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

const EXAMPLES: &str = "\
Examples:
  spate record localhost:8080 -o all.spate
  spate record http://localhost:8080/ taxi -o taxi.spate --for 10m --from earliest";

fn duration(text: &str) -> Result<Duration, String> {
    time::parse_duration(text)
        .map(|nanos| Duration::from_nanos(nanos.unsigned_abs()))
        .map_err(|error| error.to_string())
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let name = args.output.to_string_lossy().into_owned();
    let file = create(args, &name)?;
    let source = format!("recorded from {}", args.address.socket());
    let metadata = Metadata { title: args.title.clone(), source, licence: String::new() };
    // Unbuffered: whoever opens the recording while it grows sees every entry that came.
    let writer = Writer::new(file, &metadata);
    let mut recorder = Recorder {
        writer: writer.map_err(|error| Failure::file("write", &name, &error))?,
        name: name.clone(),
        announced: Vec::new(),
        arrival: Nanos::MIN,
        events: 0,
        progress: Progress::spinner(),
    };
    let mut follower = Follower::new(Wanted::from_names(&args.streams), &args.from.0);
    let until = Until { duration: args.duration, events: args.count };
    let ended = run_async(follow(&args.address, &mut follower, until, &mut recorder));
    recorder.progress.finish();
    if recorder.announced.is_empty() {
        // Nothing is in it that could be opened.
        let _ = std::fs::remove_file(&args.output);
        ended?;
        return Err(Failure::Data(format!("no events came, nothing was recorded: {name:?}")));
    }
    let streams = recorder.announced.len();
    let (_, summary) = recorder.writer.finish().map_err(|error| Failure::file("finish", &name, &error))?;
    ended?;
    let mut out = std::io::stdout().lock();
    if args.format == OutputFormat::Json {
        let report =
            json!({"output": name, "bytes": summary.bytes, "events": summary.events, "streams": streams});
        return Ok(writeln!(out, "{report}")?);
    }
    let (events, bytes) = (counted(summary.events, "event"), counted(summary.bytes, "byte"));
    Ok(writeln!(out, "{name}: {events} of {}, {bytes}", counted(streams as u64, "stream"))?)
}

fn create(args: &Args, name: &str) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    options.write(true);
    if args.force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    options.open(&args.output).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::Usage(format!("there is a file already; name another or give --force: {name:?}"))
        }
        _ => Failure::file("write", name, &error),
    })
}

struct Recorder {
    writer: Writer<File>,
    name: String,
    /// Streams of the recording by their number in it, each with the epoch and schema last written.
    announced: Vec<(String, u64, Schema)>,
    arrival: Nanos,
    events: u64,
    progress: Progress,
}

impl Recorder {
    /// The stream's number in the recording, after writing what is new about it.
    fn announce(
        &mut self,
        arrival: Nanos,
        stream: &str,
        epoch: u64,
        base: u64,
        schema: &Schema,
    ) -> std::io::Result<u32> {
        let state = (stream.to_owned(), epoch, schema.clone());
        let known = self.announced.iter().position(|(name, ..)| name == stream);
        let id = match known {
            Some(id) if self.announced[id] == state => return Ok(id as u32),
            Some(id) => {
                self.announced[id] = state;
                id as u32
            }
            None => {
                self.announced.push(state);
                self.announced.len() as u32 - 1
            }
        };
        let name = stream.to_owned();
        let info = StreamInfo { name, id, epoch, oldest: base, head: base, schema: schema.clone() };
        self.writer.catalog(arrival, &[info])?;
        Ok(id)
    }

    fn write(&mut self, stream: &str, schema: &Schema, mut frame: DataFrame) -> std::io::Result<()> {
        // A clock that steps back does not make a recording go backwards.
        self.arrival = self.arrival.max(now());
        let arrival = self.arrival;
        let DataHeader { epoch, base, .. } = frame.header;
        frame.header.stream = self.announce(arrival, stream, epoch, base, schema)?;
        self.writer.data(arrival, &frame)
    }
}

impl Sink for Recorder {
    fn events(&mut self, stream: &str, schema: &Schema, frame: DataFrame) -> Result<(), Failure> {
        self.events += u64::from(frame.header.rows);
        self.write(stream, schema, frame).map_err(|error| Failure::file("write", &self.name, &error))?;
        self.progress.message(format!("{} events", count(self.events)));
        Ok(())
    }

    fn say(&self, line: &str) {
        self.progress.say(line);
    }
}

fn now() -> Nanos {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_nanos()).ok()).unwrap_or(0)
}
