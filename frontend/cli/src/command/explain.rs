//! `spate explain`: what a verdict rests on, and that it comes out the same again.

use std::io::Write;
use std::path::PathBuf;

use serde_json::json;
use spate_analysis::Engine;
use spate_analysis::decision::Decision;
use spate_analysis::detector::{DETECTORS, Settings};
use spate_analysis::engine::Budget;
use spate_analysis::pace;
use spate_analysis::stream::StreamConfig;
use spate_analysis::tuning::Choice;
use spate_shared::batch::Batch;
use spate_shared::time::{self, Nanos};

use crate::chosen;
use crate::failure::Failure;
use crate::output::{OutputFormat, Table};
use crate::scoped::Pair;
use crate::series::{Feed, SeriesArgs};

/// Show what a verdict rests on, and make it once more.
///
/// With --at the verdict on the earliest event of the series at or after a time, alert or not. The engine that the
/// dashboard runs takes the input event by event up to there; then the verdict is made a second time from the events
/// it holds. With --record a record that the dashboard saved, or --format json wrote, is made again from the
/// same events. Equal digests say that every number of the record is the same, to the bit.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    series: SeriesArgs,
    /// Event time
    #[arg(long, value_name = "TIME", value_parser = time::parse, required_unless_present = "record")]
    at: Option<Nanos>,
    /// A record to make again
    #[arg(long, value_name = "FILE.json", conflicts_with_all = ["at", "measure", "group", "sensitivity", "with"])]
    record: Option<PathBuf>,
    /// Detector, see spate detectors
    #[arg(long, value_name = "NAME", default_value = DETECTORS[0].name)]
    detector: String,
    /// Set a parameter of the detector
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<Pair>,
    /// How readily it alerts: 2 is twice as readily
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    sensitivity: f64,
    /// Further measures that the detector looks at
    #[arg(long, value_name = "FIELD,..", value_delimiter = ',')]
    with: Vec<String>,
    /// How to write the record; json is what --record reads
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// A verdict may rest on any of them.
const ALL_EVENTS: Budget = Budget { points_bytes: 0, events_bytes: usize::MAX };

const EXAMPLES: &str = "\
Examples:
  spate explain recordings/nyc_taxi.spate --at '2014-11-02 01:00'
  spate explain load.csv --measure cpu --by host --group web-1 --at 2024-05-01T10:00:00Z --detector robust-z
  spate explain recordings/nyc_taxi.spate --record alert.json

Exit codes: 0 the verdict came out the same; 1 it did not, or there is none; 2 usage";

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let settings = chosen::settings(&args.detector, &args.param)?;
    let (feed, decision) = match (&args.record, args.at) {
        (Some(path), _) => recorded(args, path)?,
        (None, Some(at)) => judged(args, at, &settings)?,
        (None, None) => return Err(Failure::Usage("give --at or --record".to_owned())),
    };
    let again = feed.engine.recompute(&decision, &[&settings]);
    let again = again.map_err(|error| Failure::Data(format!("{error}: {:?}", args.series.input)))?;
    let is_whole = decision.computed_digest() == decision.digest;
    let is_same = is_whole && again.digest == decision.digest;
    let mut out = std::io::stdout().lock();
    match args.format {
        OutputFormat::Json => {
            let mut record = json!(decision);
            record["recomputed"] = json!(again.digest);
            writeln!(out, "{record}")?;
        }
        OutputFormat::Table => write!(out, "{}", as_text(&decision, &again))?,
    }
    if is_same {
        return Ok(());
    }
    let why = if is_whole {
        differences(&decision, &again)
    } else {
        "it was altered: its digest is not that of what it says".to_owned()
    };
    Err(Failure::Data(format!("the decision did not come out the same: {why}")))
}

/// The verdict on the earliest event of the series at or after a time.
fn judged(args: &Args, at: Nanos, settings: &Settings) -> Result<(Feed, Decision), Failure> {
    let mut feed = Feed::open(&args.series, &args.with, None, Engine::holding(ALL_EVENTS))?;
    let measures: Vec<String> = std::iter::once(&feed.which.measure).chain(&args.with).cloned().collect();
    let order = chosen::order(settings, &measures)?;
    if order.first() != Some(&0) {
        let first = &measures[order[0]];
        return Err(Failure::Usage(format!(
            "--measure: the model looks at {first:?} first; give that, and --with"
        )));
    }
    let with = order[1..].iter().map(|at| measures[*at].clone()).collect();
    let choice = Choice { settings: settings.clone(), sensitivity: args.sensitivity, with };
    feed.engine.choose(feed.stream, &feed.which.clone(), &choice);
    let mut nearest = None;
    while let Some(batch) = feed.next_batch()? {
        if is_found(&mut feed, &batch, at, &mut nearest) {
            break;
        }
    }
    feed.stop();
    feed.check_one()?;
    let measure = &feed.which.measure;
    let none = || format!("no value of {measure:?} comes in time at or after {}", time::format(at));
    let decision = nearest.ok_or_else(|| Failure::Data(none()))?;
    if decision.score.is_nan() {
        let why = "the detector has not seen enough before it to judge it";
        return Err(Failure::Data(format!("{}: {why}", time::format(decision.time))));
    }
    Ok((feed, decision))
}

/// Pushes events, and keeps the verdict on the earliest of the series at or after a time; true when none that is earlier
/// can come in time.
fn is_found(feed: &mut Feed, batch: &Batch, at: Nanos, nearest: &mut Option<Decision>) -> bool {
    let mut pushed = 0;
    for row in (0..batch.len()).filter(|row| batch.times[*row] >= at) {
        feed.push(&batch.slice(pushed..row));
        feed.push(&batch.slice(row..row + 1));
        pushed = row + 1;
        let latest = feed.engine.latest_decision(feed.stream, &feed.which);
        let latest = latest.filter(|latest| Some(latest.number) == feed.last_number());
        if let Some(latest) = latest
            && nearest.as_ref().is_none_or(|nearest| latest.time < nearest.time)
        {
            *nearest = Some(latest);
        }
        let stream = feed.engine.stream(feed.stream);
        let too_late = stream.config().window.assign(at).end.saturating_add(stream.config().lateness);
        let is_over = too_late <= stream.watermark().now();
        if nearest.as_ref().is_some_and(|nearest| nearest.time == at || is_over) {
            return true;
        }
    }
    feed.push(&batch.slice(pushed..batch.len()));
    false
}

/// A record, and its events.
fn recorded(args: &Args, path: &PathBuf) -> Result<(Feed, Decision), Failure> {
    let name = path.to_string_lossy();
    let text = std::fs::read(path).map_err(|error| Failure::file("read", &name, &error))?;
    let decision: Decision = serde_json::from_slice(&text)
        .map_err(|error| Failure::Data(format!("no record of a decision: {error}: {name:?}")))?;
    let subject = &decision.subject;
    let config = StreamConfig {
        lateness: subject.lateness,
        out_of_orderness: subject.out_of_orderness,
        ..pace::config(subject.window)
    };
    let series = SeriesArgs { measure: Some(subject.measure.clone()), ..args.series.clone() };
    let mut feed = Feed::open(&series, &decision.basis.with, Some(config), Engine::holding(ALL_EVENTS))?;
    while feed.last_number().is_none_or(|last| last < decision.number) {
        let Some(batch) = feed.next_batch()? else { break };
        feed.push(&batch);
    }
    feed.stop();
    Ok((feed, decision))
}

fn as_text(decision: &Decision, again: &Decision) -> String {
    let mut table = Table::default();
    for (name, value) in decision.lines() {
        table.row([name.to_owned(), value]);
    }
    let same = if again.digest == decision.digest { "the same, to the bit" } else { "another" };
    table.row(["made again".to_owned(), format!("{} ({same})", again.digest)]);
    table.render()
}

/// Which lines are others, and what they are now.
fn differences(decision: &Decision, again: &Decision) -> String {
    let lines = decision.lines().into_iter().zip(again.lines()).filter(|(was, is)| was != is);
    lines.map(|((name, was), (_, is))| format!("{name} was {was}, is {is}")).collect::<Vec<_>>().join("; ")
}
