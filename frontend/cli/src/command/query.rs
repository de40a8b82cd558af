//! `spate query`: event-time windows over a recording or a text.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use spate_analysis::aggregate::{AGGREGATES, Call};
use spate_analysis::expression::FUNCTIONS;
use spate_analysis::query::{
    DEFAULT_MAX_GROUPS, Dedup, Emit, Outcome, QueryCounts, QuerySpec, QueryState, ResumeError, WindowQuery,
};
use spate_analysis::step::{STEPS, Step};
use spate_analysis::window::{WINDOWS, Window};
use spate_shared::batch::Batch;
use spate_shared::schema::Schema;
use spate_shared::time::{self, Nanos};

use crate::failure::Failure;
use crate::input::InputFormat;
use crate::output::count;
use crate::progress::Progress;
use crate::query::{Fields, QueryFormat, Source, Writer};
use crate::stopped;

/// Event-time windows over a recording, CSV, NDJSON or JSON.
///
/// One row for each window and group, in order of the window's end, its start and the group: once the watermark (the
/// latest event time less --watermark) has passed the window's end and --lateness, no event can change it.
/// Reads and writes as it goes, in memory that does not grow with the input, except a recording, which is read whole.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = after_help())]
pub(crate) struct Args {
    /// A .spate recording, CSV, NDJSON or JSON; - is standard input
    input: String,
    /// Field that holds the event time [default: the recording's, else found by name]
    #[arg(long, value_name = "FIELD")]
    time: Option<String>,
    /// Fields to group by
    #[arg(long, value_name = "FIELD,..", value_delimiter = ',')]
    by: Vec<String>,
    /// Windows, such as 'tumbling 1m', 'hopping 10m/1m' or 'session 30s'; tumbling and hopping ones may be given again and
    /// cost little more, as all share their panes
    #[arg(long, value_name = "WINDOW", required_unless_present = "spec")]
    window: Vec<Window>,
    /// Aggregates, such as 'count,mean(v),p95(v)': each a column of the result
    #[arg(long, value_name = "AGG,..", required_unless_present = "spec")]
    agg: Option<Calls>,
    /// Do this to events first, such as 'valid v 0..100 clamp'; may be given again, and is done in this order
    #[arg(long, value_name = "STEP")]
    step: Vec<Step>,
    /// A table that lookup steps name: CSV with a header, or JSON; may be given again
    #[arg(long, value_name = "NAME=FILE", value_parser = table_of)]
    table: Vec<(String, PathBuf)>,
    /// Take only events for which this is true, such as 'v > 0'
    #[arg(long = "where", value_name = "EXPR")]
    filter: Option<String>,
    /// Compute a field for every event, such as 'w = v * 2'; may be given again
    #[arg(long, value_name = "NAME = EXPR")]
    derive: Vec<String>,
    /// Take events with one id once, such as 'order within 10m'
    #[arg(long, value_name = "FIELD within DURATION")]
    dedup: Option<Dedup>,
    /// How far behind the latest event another may be without being out of order
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = time::parse_duration)]
    watermark: Nanos,
    /// How long after the watermark a window still takes events
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = time::parse_duration)]
    lateness: Nanos,
    /// How far after the latest event another may be; beyond, it is rejected, unless ten in a row are
    #[arg(long, value_name = "DURATION", value_parser = time::parse_duration)]
    ahead: Option<Nanos>,
    /// Most groups with an open window; events of further ones are shed, counted and named
    #[arg(long, value_name = "N", default_value_t = DEFAULT_MAX_GROUPS)]
    max_groups: usize,
    /// The query as JSON, as a panel has it, instead of the options above
    #[arg(long, value_name = "FILE.json", conflicts_with_all = ["time", "by", "window", "agg", "step", "filter", "derive", "dedup", "watermark", "lateness", "ahead", "max_groups"])]
    spec: Option<PathBuf>,
    /// Write every change: final results at the watermark, then revised ones and what they were
    #[arg(long)]
    changes: bool,
    /// At the end of the input leave windows open and write them as provisional
    #[arg(long, requires = "changes")]
    keep_open: bool,
    /// Go on from where this file says an earlier run of the same query over the same input stopped, if it exists, with
    /// no header and at the end of the file of --late; at the end leave windows open and write it
    #[arg(long, value_name = "FILE", conflicts_with = "keep_open")]
    checkpoint: Option<PathBuf>,
    /// Write events that are too late for every window to a file, as NDJSON
    #[arg(long, value_name = "FILE.ndjson")]
    late: Option<PathBuf>,
    /// Stream of the recording, when it has several
    #[arg(long, value_name = "NAME")]
    stream: Option<String>,
    /// Format of the input [default: by extension, else by the first byte]
    #[arg(long, value_name = "FORMAT")]
    input_format: Option<InputFormat>,
    /// How to write the results
    #[arg(long, value_enum, default_value_t)]
    format: QueryFormat,
}

/// Aggregates by the commas that are not in brackets.
#[derive(Debug, Clone)]
struct Calls(Vec<Call>);

impl std::str::FromStr for Calls {
    type Err = spate_analysis::aggregate::CallError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut depth = 0;
        let calls = text.split(|letter| {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            letter == ',' && depth == 0
        });
        calls.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

/// A table's name and file.
fn table_of(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), file.into())),
        _ => Err("expected NAME=FILE, such as hosts=hosts.csv".to_owned()),
    }
}

fn after_help() -> String {
    let windows =
        WINDOWS.iter().map(|kind| format!("  {:<32} {}", format!("{} {}", kind.name, kind.form), kind.doc));
    let aggregates = AGGREGATES.iter().map(|aggregate| format!("  {:<10} {}", aggregate.name, aggregate.doc));
    let steps = STEPS.iter().map(|step| format!("  {} {}\n      {}", step.name, step.form, step.doc));
    let functions = FUNCTIONS.iter().map(|function| format!("  {:<24} {}", function.form, function.doc));
    let heading = |text: &str| std::iter::once(text.to_owned());
    let lines = heading("Windows:")
        .chain(windows)
        .chain(heading("\nAggregates:"))
        .chain(aggregates)
        .chain(heading("\nSteps:"))
        .chain(steps)
        .chain(heading("\nFunctions of expressions:"))
        .chain(functions)
        .chain(heading(EXAMPLES));
    lines.collect::<Vec<_>>().join("\n")
}

const EXAMPLES: &str = "
Examples:
  spate query taxi.spate --window 'tumbling 1h' --agg 'count,mean(passengers)' --format table
  spate query orders.csv --step 'valid euros 0..1e6 drop' --step 'lookup shop in shops by id' --table shops=shops.csv \
      --by region --window 'tumbling 1d' --agg 'sum(euros)'
  spate query access.csv --time ts --by host,status --window 'hopping 10m/1m' --agg 'count,p95(ms)' --where 'ms > 0'
  tail -f app.ndjson | spate query - --window 'session 30s' --by user --agg 'count,distinct(page)' --format json

Exit codes: 0 done; 1 the input has no events or cannot be read; 2 usage";

impl Args {
    fn spec(&self) -> Result<QuerySpec, Failure> {
        let mut spec = self.written_spec()?;
        for (name, path) in &self.table {
            let file = path.to_string_lossy();
            let text = std::fs::read_to_string(path).map_err(|error| Failure::file("read", &file, &error))?;
            spec.tables.insert(name.clone(), text);
        }
        Ok(spec)
    }

    fn written_spec(&self) -> Result<QuerySpec, Failure> {
        if let Some(path) = &self.spec {
            let name = path.to_string_lossy();
            let text = std::fs::read(path).map_err(|error| Failure::file("read", &name, &error))?;
            return serde_json::from_slice(&text)
                .map_err(|error| Failure::Usage(format!("not a query: {error}: {name:?}")));
        }
        let (Some((window, also)), Some(Calls(agg))) = (self.window.split_first(), self.agg.clone()) else {
            return Err(Failure::Usage("give --window and --agg, or --spec".to_owned()));
        };
        Ok(QuerySpec {
            time: self.time.clone(),
            by: self.by.clone(),
            window: *window,
            also: also.to_vec(),
            agg,
            steps: self.step.clone(),
            tables: BTreeMap::new(),
            derive: self.derive.clone(),
            filter: self.filter.clone(),
            dedup: self.dedup.clone(),
            watermark: self.watermark,
            lateness: self.lateness,
            ahead: self.ahead,
            idle: None,
            max_groups: self.max_groups,
        })
    }

    fn start(
        &self,
        spec: &QuerySpec,
        source: &Source,
        stopped: Option<QueryState>,
    ) -> Result<(WindowQuery, Writer<Out>), Failure> {
        let emit = if self.changes { Emit::Changes } else { Emit::Closed };
        let goes_on = stopped.is_some();
        let query = match stopped {
            None => WindowQuery::new(spec, &source.schema(), emit).map_err(ResumeError::from),
            Some(state) => WindowQuery::resume(spec, &source.schema(), emit, state),
        };
        let query = query.map_err(|error| Failure::Usage(error.to_string()))?;
        let out = BufWriter::with_capacity(64 << 10, io::stdout());
        let mut writer = Writer::new(out, self.format, spec, self.changes);
        if !goes_on {
            writer.begin()?;
        }
        Ok((query, writer))
    }

    /// Where an earlier run stopped; at the start when there was none.
    fn stopped(&self) -> Result<Stopped, Failure> {
        let left = self.checkpoint.as_deref().map(stopped::read).transpose()?;
        Ok(left.flatten().unwrap_or_default())
    }
}

/// Where an earlier run stopped.
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Stopped {
    /// How many events of the input it took.
    events: u64,
    state: Option<QueryState>,
}

type Out = BufWriter<io::Stdout>;

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let spec = args.spec()?;
    let (mut source, progress) =
        Source::open(&args.input, args.input_format, args.stream.as_deref(), Fields::of(&spec))?;
    let Stopped { mut events, mut state } = args.stopped()?;
    let mut late = args.late.as_ref().map(|path| LateFile::open(path, state.is_some())).transpose()?;
    let mut to_skip = events;
    let mut outcome = Outcome::default();
    let mut running = None;
    while source.read_on()? {
        let (query, writer) = match &mut running {
            Some(running) => running,
            None => running.insert(args.start(&spec, &source, state.take())?),
        };
        let rest;
        let mut batch = source.batch();
        if to_skip > 0 {
            let skipped = to_skip.min(batch.len() as u64);
            to_skip -= skipped;
            rest = batch.slice(skipped as usize..batch.len());
            batch = &rest;
        }
        events += batch.len() as u64;
        query.push(batch, &mut outcome);
        if let Some(late) = &mut late {
            late.write(batch, &source.schema(), &outcome.late)?;
        }
        give(&mut outcome, writer)?;
        if args.input == "-" {
            writer.flush()?;
        }
    }
    let unread = source.finish();
    if to_skip > 0 {
        return Err(stopped::shorter(&args.input));
    }
    let Some((mut query, mut writer)) = running else {
        let why = if unread == 0 {
            "there are no rows in it".to_owned()
        } else {
            format!("{} rejected", count(unread))
        };
        return Err(Failure::Data(format!("no events, {why}: {:?}", args.input)));
    };
    if let Some(path) = &args.checkpoint {
        stopped::write(path, &Stopped { events, state: Some(query.state()) })?;
    } else if args.keep_open {
        outcome.results = query.open();
    } else {
        query.finish(&mut outcome);
    }
    give(&mut outcome, &mut writer)?;
    writer.finish()?;
    late.map_or(Ok(()), LateFile::finish)?;
    progress.finish();
    say(&query, &progress);
    Ok(())
}

fn give(outcome: &mut Outcome, writer: &mut Writer<Out>) -> Result<(), Failure> {
    outcome.late.clear();
    outcome.results.drain(..).try_for_each(|result| writer.write(&result))
}

/// Where the events went, when they did not all go to windows.
fn say(query: &WindowQuery, progress: &Progress) {
    let QueryCounts { filtered, duplicates, between, events } = query.counts();
    let others = [
        (filtered, "not taken by --where or a step"),
        (duplicates, "that came twice"),
        (between, "between windows"),
        (events.late, "late"),
        (events.rejected - events.ahead, "rejected (not a finite number)"),
        (events.ahead, "rejected (later than --ahead)"),
        (events.shed, "shed (--max-groups)"),
    ];
    let others: Vec<String> = others
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{} {what}", count(*number)))
        .collect();
    if !others.is_empty() {
        progress.say(&format!("{} events in windows, {}", count(events.windowed), others.join(", ")));
    }
    let shed: Vec<String> = query
        .shed_groups()
        .names()
        .iter()
        .map(|(group, events)| format!("{group} ({})", count(*events)))
        .collect();
    if !shed.is_empty() {
        progress.say(&format!("shed groups: {}", shed.join(", ")));
    }
}

/// Events that came too late, as NDJSON.
struct LateFile {
    name: String,
    file: BufWriter<File>,
}

impl LateFile {
    /// A new file, or the end of one that an earlier run has begun.
    fn open(path: &PathBuf, goes_on: bool) -> Result<Self, Failure> {
        let name = path.to_string_lossy().into_owned();
        let file =
            if goes_on { File::options().append(true).create(true).open(path) } else { File::create(path) };
        let file = file.map_err(|error| Failure::file("write", &name, &error))?;
        Ok(Self { name, file: BufWriter::new(file) })
    }

    fn write(&mut self, batch: &Batch, schema: &Schema, rows: &[usize]) -> Result<(), Failure> {
        let mut events = rows.iter().map(|row| batch.event_json(schema, *row));
        let written = events.try_for_each(|event| writeln!(self.file, "{event}"));
        written.map_err(|error| Failure::file("write", &self.name, &error))
    }

    fn finish(mut self) -> Result<(), Failure> {
        self.file.flush().map_err(|error| Failure::file("write", &self.name, &error))
    }
}
