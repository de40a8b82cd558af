//! `spate evaluate`: how good detectors are on labelled series.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use serde_json::{Value, json};
use spate_analysis::detector::{DETECTORS, Rows, Settings};
use spate_analysis::evaluation::nab::{Corpus, PROFILES};
use spate_analysis::evaluation::{Labelled, average_precision};
use spate_analysis::inject::{FAULTS, FaultSpec};

use crate::chosen;
use crate::corpus;
use crate::failure::Failure;
use crate::measured::Fields;
use crate::output::{OutputFormat, Table, count, counted};
use crate::progress::Progress;
use crate::scoped::Pair;
use crate::trial::Trial;

/// Say how good detectors are on labelled series.
///
/// Alerts are judged by the scoring rule of the Numenta Anomaly Benchmark: 100 is perfect, 0 is silence. One
/// configuration serves every series and nothing is known of a series but its past. "best" is at the level that is
/// best for all series together, found afterwards, as the public board quotes it; "shipped" is at the detector's own
/// level. The last line, an alert every 400 rows that looks at nothing, is what any score is to be held against.
///
/// With --inject faults are put into every .csv and .spate file of the folder instead, from a seed, and detectors are
/// held against those: what of each kind they find, how soon, and how often they alert where nothing was changed.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = after_help())]
pub(crate) struct Args {
    /// Folder of the series
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// JSON file: for each series, the first and last time of each window with an anomaly
    #[arg(long, value_name = "windows.json", required_unless_present = "inject")]
    labels: Option<PathBuf>,
    /// Kinds of faults to put in, or all
    #[arg(long, value_name = "KIND,..", value_delimiter = ',', conflicts_with = "labels")]
    inject: Vec<String>,
    /// Part of events that are to lie in faults, up to 0.5
    #[arg(long, value_name = "PART", default_value_t = 0.05, requires = "inject")]
    part: f64,
    /// What the faults are drawn from; the same seed gives the same faults
    #[arg(long, value_name = "N", default_value_t = 1, requires = "inject")]
    seed: u64,
    /// Field that holds the event time
    #[arg(long, value_name = "FIELD", default_value = "timestamp")]
    time: String,
    /// Field that holds the measure
    #[arg(long, value_name = "FIELD", default_value = "value")]
    value: String,
    /// Only these detectors [default: all]
    #[arg(long, value_name = "NAME")]
    detector: Vec<String>,
    /// Set a parameter of the one detector given
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<Pair>,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

fn after_help() -> String {
    let kinds = FAULTS.iter().map(|kind| format!("  {:<22}{}\n", kind.name, kind.doc));
    format!("{EXAMPLES}\n\nFaults:\n{}", kinds.collect::<String>())
}

const EXAMPLES: &str = "\
Columns:
  best, shipped         score at the best level, and at the level the detector ships with
  low FP, low FN        where false alerts, or missed windows, cost twice
  precision             average precision of the continuous score over all rows
  ns/event, bytes       time per event on this machine, and the most memory a series took

Columns with --inject:
  spike, dip, ...       part of the faults of a kind that were found: an alert while one lasts, or 24 events after
  all, precision        the same of all faults; part of the alerts that found one
  false/day, /10k       alerts in no fault, for each day of event time, and for each 10,000 events outside faults
  delay                 mean events from a fault's first to the alert
  ranking               average precision of the continuous score over all events

Examples:
  spate evaluate --labels nab/windows.json nab
  spate evaluate --labels nab/windows.json nab --detector record-light --param level=0.1
  spate evaluate --inject all recordings
  spate evaluate --inject spike,dropout --part 0.3 --seed 7 recordings --detector robust-z";

/// Rows between the alerts of the clock that looks at nothing.
const CLOCK_ROWS: usize = 400;

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let chosen = match &args.detector[..] {
        [] if args.param.is_empty() => {
            // What needs a model cannot be judged without one.
            DETECTORS.iter().map(Settings::new).filter(|settings| settings.check().is_ok()).collect()
        }
        [one] => vec![chosen::settings(one, &args.param)?],
        names if args.param.is_empty() => {
            names.iter().map(|name| chosen::settings(name, &[])).collect::<Result<_, _>>()?
        }
        _ => return Err(Failure::Usage("--param needs exactly one --detector".to_owned())),
    };
    let fields = Fields { time: args.time.clone(), values: vec![args.value.clone()], by: None };
    let Some(labels) = &args.labels else { return with_faults(args, &chosen, &fields) };
    let series = corpus::read(&args.folder, labels, &fields)?;
    let progress = Progress::spinner();
    let mut lines = Vec::new();
    for settings in &chosen {
        progress.message(settings.kind().name.to_owned());
        lines.push(Line::of_detector(settings, &series));
    }
    lines.push(Line::of_clock(&series));
    progress.finish();
    let mut out = std::io::stdout().lock();
    match args.format {
        OutputFormat::Json => writeln!(out, "{}", as_json(&series, &lines))?,
        OutputFormat::Table => write!(out, "{}", as_text(&series, &lines))?,
    }
    Ok(())
}

/// Faults put in on purpose instead of labels.
fn with_faults(args: &Args, chosen: &[Settings], fields: &Fields) -> Result<(), Failure> {
    let is_all = |kind: &String| kind == "all";
    let kinds = if args.inject.iter().any(is_all) { Vec::new() } else { args.inject.clone() };
    let spec = FaultSpec { seed: args.seed, kinds, part: args.part, ..FaultSpec::default() };
    spec.check().map_err(|error| Failure::Usage(format!("--inject: {error}")))?;
    let series = corpus::every_series(&args.folder, fields)?;
    let progress = Progress::spinner();
    let mut trial = Trial::new(&spec, chosen);
    for (name, events) in &series {
        progress.message(name.clone());
        trial.run(events);
    }
    progress.finish();
    let mut out = std::io::stdout().lock();
    match args.format {
        OutputFormat::Json => writeln!(out, "{}", trial.as_json())?,
        OutputFormat::Table => write!(out, "{}", trial.as_text())?,
    }
    Ok(())
}

/// One line of the result.
struct Line {
    name: String,
    alerts: u64,
    /// The best level under the first profile.
    best_level: f64,
    /// Best and shipped score under each profile.
    scores: [[f64; 2]; PROFILES.len()],
    /// What only a detector has.
    cost: Option<Cost>,
}

struct Cost {
    precision: f64,
    nanos_per_event: f64,
    bytes: usize,
}

impl Line {
    fn of_detector(settings: &Settings, series: &[(String, Labelled)]) -> Self {
        let level = settings.get(&settings.kind().parameters[0]);
        let (mut corpus, mut ranked, mut alerts) = (Corpus::default(), Vec::new(), 0);
        let (mut nanos, mut events, mut bytes) = (0.0, 0.0, 0);
        for (_, series) in series {
            let mut verdicts = Vec::with_capacity(series.times.len());
            let mut detector = settings.build();
            let begun = Instant::now();
            detector.score(Rows::of(&series.times, &series.values), &mut verdicts);
            nanos += begun.elapsed().as_secs_f64() * 1e9;
            events += series.times.len() as f64;
            bytes = bytes.max(detector.state_bytes());
            alerts += verdicts.iter().filter(|verdict| verdict.alert).count() as u64;
            let evidence: Vec<f64> = verdicts.iter().map(|verdict| verdict.evidence).collect();
            corpus.add(series, &evidence);
            let scored = verdicts.iter().enumerate();
            ranked.extend(scored.map(|(row, verdict)| (verdict.score, series.is_anomalous(row))));
        }
        let cost = Cost { precision: average_precision(ranked), nanos_per_event: nanos / events, bytes };
        Self::of(settings.kind().name.to_owned(), &corpus, level, alerts, Some(cost))
    }

    fn of_clock(series: &[(String, Labelled)]) -> Self {
        let (mut corpus, mut alerts) = (Corpus::default(), 0);
        for (_, series) in series {
            let is_alert = |row: usize| row > 0 && row.is_multiple_of(CLOCK_ROWS);
            let evidence: Vec<f64> =
                (0..series.times.len()).map(|row| f64::from(u8::from(is_alert(row)))).collect();
            alerts += evidence.iter().filter(|evidence| **evidence > 0.0).count() as u64;
            corpus.add(series, &evidence);
        }
        Self::of(format!("(a clock, every {CLOCK_ROWS} rows)"), &corpus, 1.0, alerts, None)
    }

    fn of(name: String, corpus: &Corpus, level: f64, alerts: u64, cost: Option<Cost>) -> Self {
        let scores = PROFILES.map(|profile| [corpus.optimum(&profile).score, corpus.score(level, &profile)]);
        Self { name, alerts, best_level: corpus.optimum(&PROFILES[0]).level, scores, cost }
    }
}

fn as_text(series: &[(String, Labelled)], lines: &[Line]) -> String {
    let mut header = vec!["detector".to_owned()];
    for profile in PROFILES {
        header.extend(["best", "shipped"].map(|at| format!("{} {at}", profile.name)));
    }
    header.extend(["best level", "alerts", "precision", "ns/event", "bytes"].map(str::to_owned));
    let mut table = Table::new(&header.iter().map(String::as_str).collect::<Vec<_>>());
    for line in lines {
        let mut cells = vec![line.name.clone()];
        cells.extend(line.scores.as_flattened().iter().map(|score| format!("{score:.1}")));
        cells.push(format!("{:.4}", line.best_level));
        cells.push(count(line.alerts));
        match &line.cost {
            Some(cost) => cells.extend([
                format!("{:.3}", cost.precision),
                format!("{:.0}", cost.nanos_per_event),
                count(cost.bytes as u64),
            ]),
            None => cells.extend(["-"; 3].map(str::to_owned)),
        }
        table.row(cells);
    }
    let [rows, windows, anomalous] = sizes(series);
    let part = anomalous as f64 / rows as f64;
    format!(
        "{} series, {}, {}; {:.1} % of rows lie in windows, a precision of {part:.3} by chance\n\n{}",
        count(series.len() as u64),
        counted(rows, "row"),
        counted(windows, "window"),
        part * 100.0,
        table.render()
    )
}

fn as_json(series: &[(String, Labelled)], lines: &[Line]) -> Value {
    let line = |line: &Line| {
        let scores: serde_json::Map<String, Value> = PROFILES
            .iter()
            .zip(line.scores)
            .map(|(profile, [best, shipped])| {
                (profile.name.to_owned(), json!({"best": best, "shipped": shipped}))
            })
            .collect();
        let cost = line.cost.as_ref();
        json!({"name": line.name, "nab": scores, "best_level": line.best_level, "alerts": line.alerts,
            "average_precision": cost.map(|cost| cost.precision),
            "ns_per_event": cost.map(|cost| cost.nanos_per_event), "bytes": cost.map(|cost| cost.bytes)})
    };
    let [rows, windows, anomalous] = sizes(series);
    json!({"series": series.len(), "rows": rows, "windows": windows, "rows_in_windows": anomalous,
        "detectors": lines.iter().map(line).collect::<Vec<_>>()})
}

/// Rows, windows, and rows in windows.
fn sizes(series: &[(String, Labelled)]) -> [u64; 3] {
    let mut sizes = [0; 3];
    for (_, series) in series {
        sizes[0] += series.times.len() as u64;
        sizes[1] += series.windows.len() as u64;
        sizes[2] += (0..series.times.len()).filter(|row| series.is_anomalous(*row)).count() as u64;
    }
    sizes
}
