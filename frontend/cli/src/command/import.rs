//! `spate import`: CSV, NDJSON and JSON to a recording.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use serde_json::json;
use spate_shared::recording::{Metadata, Summary, Writer};
use spate_shared::schema::Schema;
use spate_shared::text::Intake;
use spate_shared::time;

use crate::failure::Failure;
use crate::import::{Feed, Merge, Merged, PartialFile, Rejections, StreamOut, distinct_parts};
use crate::input::{Input, InputFormat, stem};
use crate::output::{OutputFormat, Table, count, counted};
use crate::progress::Progress;
use crate::scoped::{Pair, Scoped, StreamName};

/// Turn CSV, NDJSON or JSON into a recording.
///
/// Each input is a stream named for its file, unless --stream says otherwise. Inputs are merged in event-time order;
/// a recording replays at the pace of its event times. Rows that cannot be taken are listed on standard error with
/// line, field and reason.
///
/// Options shown as [FILE:]... can be narrowed to one input: FILE is its name without folder and extension.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Files to read; - is standard input
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<String>,
    /// The recording to write; one that exists is replaced once the new one is whole
    #[arg(short, long, value_name = "OUT.spate")]
    output: PathBuf,
    /// Name of the stream
    #[arg(long, value_name = "[FILE:]NAME")]
    stream: Vec<Scoped<StreamName>>,
    /// Field that holds the event time [default: found by name, then by look]
    #[arg(long, value_name = "FIELD", conflicts_with = "schema")]
    time: Option<String>,
    /// Schema to hold rows to, as JSON; without one it is inferred
    #[arg(long, value_name = "FILE.json")]
    schema: Option<PathBuf>,
    /// Put all inputs in one stream, with a category field of what tells the files' names apart
    #[arg(long, value_name = "FIELD")]
    by_file: Option<String>,
    /// Call a field something else
    #[arg(long, value_name = "[FILE:]OLD=NEW")]
    rename: Vec<Scoped<Pair>>,
    /// Add a category field with one value
    #[arg(long, value_name = "[FILE:]FIELD=VALUE")]
    set: Vec<Scoped<Pair>>,
    /// Unit of a field, such as ms, bytes or percent
    #[arg(long, value_name = "FIELD=UNIT")]
    unit: Vec<Pair>,
    /// Make one event of events that different inputs have at one time, unless a value contradicts
    #[arg(long)]
    join: bool,
    /// Title, for people
    #[arg(long, default_value = "", hide_default_value = true)]
    title: String,
    /// Where the events come from
    #[arg(long, default_value = "", hide_default_value = true)]
    source: String,
    /// Under which licence
    #[arg(long, default_value = "", hide_default_value = true)]
    licence: String,
    /// Format of the inputs [default: by extension, else by the first byte]
    #[arg(long, value_name = "FORMAT")]
    input_format: Option<InputFormat>,
    /// Events in a batch, the smallest step of playback and seeking
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1024))]
    batch_rows: u16,
    /// Fail when any row is rejected
    #[arg(long)]
    strict: bool,
    /// How to write the summary
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

const EXAMPLES: &str = "\
Examples:
  spate import taxi.csv -o taxi.spate --rename value=passengers
  spate import Twitter_volume_*.csv -o tweets.spate --stream tweets --by-file company
  spate import speed.csv load.csv -o road.spate --stream speed:road_speed --unit speed=km/h
  kubectl logs app | spate import - -o app.spate --time ts

Exit codes: 0 rows were taken; 1 none was, or --strict and one was not; 2 usage";

pub(crate) fn run(args: Args) -> Result<(), Failure> {
    let inputs = args.inputs.iter().map(|name| Input::open(name, args.input_format));
    let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
    let progress = Progress::bytes(inputs.iter().map(|input| input.bytes).sum());
    let (feeds, streams) = plan(&args, inputs, &progress)?;
    let output = args.output.to_string_lossy().into_owned();
    let unwritable = |error: std::io::Error| Failure::file("write", &output, &error);
    let (partial, file) = PartialFile::create(&args.output)?;
    let metadata = Metadata { title: args.title, source: args.source, licence: args.licence };
    let merge = Merge {
        writer: Writer::new(BufWriter::new(file), &metadata).map_err(unwritable)?,
        feeds,
        streams,
        rejections: Rejections::new(progress.clone()),
        batch_rows: usize::from(args.batch_rows),
        joins: args.join,
        output: output.clone(),
    };
    let merged = merge.run()?;
    check_names(&merged, &args.unit)?;
    let (events, rejected) =
        (merged.streams.iter().map(|stream| stream.events).sum::<u64>(), merged.rejected);
    if events == 0 {
        let inputs = args.inputs.join(", ");
        let why =
            if rejected == 0 { "no rows in it".to_owned() } else { format!("{} rejected", count(rejected)) };
        return Err(Failure::Data(format!("no events taken, {why}; nothing was written: {inputs:?}")));
    }
    if args.strict && rejected > 0 {
        let rejected = counted(rejected, "row");
        return Err(Failure::Data(format!("{rejected} rejected and --strict given; nothing was written")));
    }
    let (_, summary) = merged.writer.finish().map_err(unwritable)?;
    partial.keep()?;
    progress.finish();
    print(args.format, &output, summary, &merged.streams, rejected)
}

/// Which input goes to which stream, and how its rows are changed on the way.
fn plan(
    args: &Args,
    inputs: Vec<Input>,
    progress: &Progress,
) -> Result<(Vec<Feed>, Vec<StreamOut>), Failure> {
    let stems: Vec<String> = args.inputs.iter().map(|name| stem(name)).collect();
    check_scopes(args, &stems)?;
    let schema = args.schema.as_ref().map(read_schema).transpose()?;
    let parts = distinct_parts(&stems);
    let mut streams: Vec<StreamOut> = Vec::new();
    let mut feeds = Vec::new();
    for (input, (stem, part)) in inputs.into_iter().zip(stems.iter().zip(parts)) {
        let name = stream_name(args, stem)?;
        let known = streams.iter().position(|stream| stream.name == name);
        let stream = known.unwrap_or_else(|| {
            let intake = match (&schema, &args.time) {
                (Some(schema), _) => Intake::with_schema(schema.clone()),
                (None, Some(time)) => Intake::with_time(time.as_str()),
                (None, None) => Intake::inferred(),
            };
            streams.push(StreamOut::new(name, streams.len() as u32, intake, args.unit.clone()));
            streams.len() - 1
        });
        let of_this = |options: &[Scoped<Pair>]| -> Vec<Pair> {
            options.iter().filter(|option| option.covers(stem)).map(|option| option.value.clone()).collect()
        };
        let mut constants = of_this(&args.set);
        constants.extend(args.by_file.iter().map(|field| Pair { name: field.clone(), value: part.clone() }));
        feeds.push(Feed::new(input, stream, of_this(&args.rename), constants, progress));
    }
    Ok((feeds, streams))
}

/// `--stream`, narrowed or not; else one name for all with `--by-file`; else the file's.
fn stream_name(args: &Args, stem: &str) -> Result<String, Failure> {
    let narrowed = args.stream.iter().find(|name| name.file.is_some() && name.covers(stem));
    if let Some(name) = narrowed.or_else(|| args.stream.iter().find(|name| name.file.is_none())) {
        return Ok(name.value.0.clone());
    }
    let name = match (&args.by_file, args.output.file_stem()) {
        (Some(_), Some(output)) => output.to_string_lossy().into_owned(),
        _ => stem.to_owned(),
    };
    let checked = name.parse::<StreamName>();
    checked.map(|name| name.0).map_err(|why| Failure::Usage(format!("{why}; give one with --stream")))
}

/// Every narrowed option names an input.
fn check_scopes(args: &Args, stems: &[String]) -> Result<(), Failure> {
    let pairs = args.rename.iter().chain(&args.set).filter_map(|option| option.file.as_ref());
    let mut files = pairs.chain(args.stream.iter().filter_map(|option| option.file.as_ref()));
    match files.find(|file| !stems.contains(file)) {
        Some(file) => {
            let stems = stems.join(", ");
            Err(Failure::Usage(format!("no input is called {file:?}: FILE: in an option is one of {stems}")))
        }
        None => Ok(()),
    }
}

fn read_schema(path: &PathBuf) -> Result<Schema, Failure> {
    let name = path.to_string_lossy();
    let text = std::fs::read(path).map_err(|error| Failure::file("read", &name, &error))?;
    serde_json::from_slice(&text)
        .map_err(|error| Failure::Data(format!("not a schema: {error}; see docs/protocol.md: {name:?}")))
}

/// Every `--rename` and `--unit` met its field.
fn check_names<W: Write>(merged: &Merged<W>, units: &[Pair]) -> Result<(), Failure> {
    if merged.streams.iter().all(|stream| stream.events == 0) {
        return Ok(());
    }
    let was_used = |rename: &Pair| {
        merged.feeds.iter().flat_map(Feed::renames).any(|(used, renamed)| used == rename && renamed)
    };
    if let Some((rename, _)) =
        merged.feeds.iter().flat_map(Feed::renames).find(|(rename, _)| !was_used(rename))
    {
        return Err(Failure::Usage(format!("--rename: no input has a field {:?}", rename.name)));
    }
    let has = |unit: &&Pair| {
        let schemas = merged.streams.iter().filter_map(|stream| stream.schema.as_ref());
        schemas.into_iter().any(|schema| schema.index_of(&unit.name).is_some())
    };
    match units.iter().find(|unit| !has(unit)) {
        Some(unit) => Err(Failure::Usage(format!("--unit: no stream has a field {:?}", unit.name))),
        None => Ok(()),
    }
}

fn print(
    format: OutputFormat,
    output: &str,
    summary: Summary,
    streams: &[StreamOut],
    rejected: u64,
) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let written = streams.iter().filter_map(|stream| Some((stream, stream.span?, stream.schema.as_ref()?)));
    if format == OutputFormat::Json {
        let stream = |(stream, (from, to), schema): (&StreamOut, (i64, i64), &Schema)| {
            json!({"name": stream.name, "events": stream.events, "from": time::format(from), "to": time::format(to),
                "schema": schema})
        };
        let streams: Vec<_> = written.map(stream).collect();
        let report = json!({"output": output, "bytes": summary.bytes, "events": summary.events,
            "rejected": rejected, "streams": streams});
        return Ok(writeln!(out, "{report}")?);
    }
    let mut table = Table::new(&["stream", "events", "from", "to", "fields"]);
    for (stream, (from, to), schema) in written {
        let fields: Vec<&str> = schema.fields.iter().map(|field| field.name.as_str()).collect();
        let span = [time::format(from), time::format(to)];
        let [from, to] = span;
        table.row([stream.name.clone(), count(stream.events), from, to, fields.join(", ")]);
    }
    write!(out, "{}", table.render())?;
    let (events, bytes) = (counted(summary.events, "event"), counted(summary.bytes, "byte"));
    Ok(writeln!(out, "{output}: {events}, {bytes}, {} rejected", count(rejected))?)
}
