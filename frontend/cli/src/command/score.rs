//! `spate score`: what a detector says of every row.

use std::collections::HashMap;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::{Value, json};
use spate_analysis::detector::{DETECTORS, Detector, Input as Observed, Reason, Settings, Verdict};

use crate::chosen;
use crate::failure::Failure;
use crate::import::Rejections;
use crate::input::{Input, InputFormat};
use crate::measured::{Fields, Measured, Row};
use crate::progress::Progress;
use crate::scoped::Pair;
use crate::stopped;

/// Say how unusual each value of CSV, NDJSON or JSON is.
///
/// Writes one row for each row read, in order, and as soon as it is read. A row's verdict depends on nothing after it.
/// Rows without a usable time and value keep their place with an empty verdict, as do those a detector learns from
/// before its first score; unusable ones are listed on standard error with line, field and reason.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// File to read; - is standard input
    input: String,
    /// Field that holds the event time
    #[arg(long, value_name = "FIELD")]
    time: String,
    /// Field that holds the measure; several with commas between, for detectors that look at several
    #[arg(long, value_name = "FIELD[,FIELD]", value_delimiter = ',', required = true)]
    value: Vec<String>,
    /// Field that tells series apart; each has a detector of its own
    #[arg(long, value_name = "FIELD")]
    by: Option<String>,
    /// Detector, see spate detectors
    #[arg(long, value_name = "NAME", default_value = DETECTORS[0].name)]
    detector: String,
    /// Set a parameter of the detector
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<Pair>,
    /// Go on from where this file says an earlier run of the same detector over the same input stopped, if it exists, and
    /// write it at the end
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Format of the input [default: by extension, else by the first byte]
    #[arg(long, value_name = "FORMAT")]
    input_format: Option<InputFormat>,
    /// How to write rows; json is one object a line
    #[arg(long, value_enum, default_value_t)]
    format: RowFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum RowFormat {
    /// With a header row
    #[default]
    Csv,
    /// One JSON object a line
    Json,
}

const EXAMPLES: &str = "\
Columns:
  time, value           as they were read; of several measures the first
  score                 0 to 1: the part of values less unusual than this one
  evidence              what the detector compares with its alert level
  alert                 1 when the evidence reaches the level, else 0
  lower, upper          the band expected to hold 95 % of values
  reason                of an alert, in words
  decision              with isolation-forest: scikit-learn's decision_function
  and with --by, last, the field that tells series apart

Examples:
  spate score taxi.csv --time timestamp --value value
  spate score load.csv --time t --value cpu --by host --param level=0.2
  spate score load.csv --time t --value p,q,r --detector isolation-forest --param model=forest.json
  spate score load.csv --time t --value cpu --checkpoint load.state >> scores.csv
  tail -f app.ndjson | spate score - --time ts --value latency --format json";

const COLUMNS: [&str; 8] = ["time", "value", "score", "evidence", "alert", "lower", "upper", "reason"];

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let settings = chosen::settings(&args.detector, &args.param)?;
    let order = chosen::order(&settings, &args.value)?;
    let input = Input::open(&args.input, args.input_format)?;
    let of = format!(
        "{} {} of {} by {}",
        args.detector,
        settings.words(),
        args.value.join(","),
        args.by.as_deref().unwrap_or("nothing")
    );
    let fields = Fields { time: args.time.clone(), values: args.value.clone(), by: args.by.clone() };
    let mut measured = Measured::new(input, fields);
    let with_decision = settings.kind().texts.iter().any(|text| text.is_file);
    let mut detectors = Detectors { settings, order, row: Vec::new(), by_series: HashMap::new() };
    let mut to_skip = match &args.checkpoint {
        Some(path) => detectors.resume(path, &of)?,
        None => 0,
    };
    let goes_on = to_skip > 0;
    let mut taken = to_skip;
    let mut rejections = Rejections::new(Progress::hidden());
    let mut printer = Printer::new(BufWriter::new(std::io::stdout().lock()), args.format, with_decision);
    let mut is_first = true;
    while let Some(rows) = measured.next_rows()? {
        if std::mem::take(&mut is_first) && !goes_on {
            printer.header(args.by.as_deref())?;
        }
        let skipped = to_skip.min(rows.len() as u64);
        to_skip -= skipped;
        for row in rows.into_iter().skip(skipped as usize) {
            taken += 1;
            if let Err(rejection) = &row.event {
                rejections.add(&args.input, std::slice::from_ref(rejection));
            }
            printer.row(&row, &detectors.verdict(&row), args.by.as_deref())?;
        }
        printer.flush()?;
    }
    rejections.finish();
    if to_skip > 0 {
        return Err(stopped::shorter(&args.input));
    }
    args.checkpoint.as_deref().map_or(Ok(()), |path| detectors.stop(path, of, taken))
}

/// One detector for each series.
struct Detectors {
    settings: Settings,
    /// Where each measure that it looks at is among those read.
    order: Vec<usize>,
    row: Vec<f64>,
    by_series: HashMap<String, Box<dyn Detector>>,
}

/// Where an earlier run stopped.
#[derive(serde::Serialize, serde::Deserialize)]
struct Stopped {
    /// What it did, in words.
    of: String,
    /// How many rows of the input it took, unusable ones included.
    rows: u64,
    /// What each series' detector has learned.
    detectors: Vec<(String, Vec<u8>)>,
}

impl Detectors {
    /// Goes on from an earlier run; gives how many rows it took, none when there was none.
    fn resume(&mut self, path: &Path, of: &str) -> Result<u64, Failure> {
        let Some(stopped) = stopped::read::<Stopped>(path)? else { return Ok(0) };
        stopped::check_same(path, &stopped.of, of)?;
        for (series, snapshot) in stopped.detectors {
            let mut detector = self.settings.build();
            let restored = detector.restore(&snapshot);
            restored.map_err(|error| Failure::Data(format!("{error}: {:?}", path.display())))?;
            self.by_series.insert(series, detector);
        }
        Ok(stopped.rows)
    }

    /// Leaves what was learned for the next run.
    fn stop(&self, path: &Path, of: String, rows: u64) -> Result<(), Failure> {
        let learned = self.by_series.iter().map(|(series, detector)| (series.clone(), detector.snapshot()));
        let mut detectors: Vec<_> = learned.collect();
        detectors.sort_unstable();
        stopped::write(path, &Stopped { of, rows, detectors })
    }

    fn verdict(&mut self, row: &Row) -> Verdict {
        let Ok(Some((time, values))) = &row.event else { return Verdict::NONE };
        self.row.clear();
        self.row.extend(self.order.iter().map(|at| values[*at]));
        let build = || self.settings.build();
        let detector = self.by_series.entry(row.by.to_string()).or_insert_with(build);
        detector.observe(Observed { time: *time, values: &self.row, learns: true })
    }
}

struct Printer<W: Write> {
    out: Out<W>,
    with_decision: bool,
}

enum Out<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Json(W),
}

impl<W: Write> Printer<W> {
    fn new(out: W, format: RowFormat, with_decision: bool) -> Self {
        let out = match format {
            RowFormat::Csv => Out::Csv(Box::new(csv::Writer::from_writer(out))),
            RowFormat::Json => Out::Json(out),
        };
        Self { out, with_decision }
    }

    fn header(&mut self, by: Option<&str>) -> std::io::Result<()> {
        let decision = self.with_decision.then_some("decision");
        match &mut self.out {
            Out::Csv(out) => Ok(out.write_record(COLUMNS.into_iter().chain(decision).chain(by))?),
            Out::Json(_) => Ok(()),
        }
    }

    fn row(&mut self, row: &Row, verdict: &Verdict, by: Option<&str>) -> std::io::Result<()> {
        let decision =
            if let Reason::Isolated { decision, .. } = verdict.reason { Some(decision) } else { None };
        match &mut self.out {
            Out::Csv(out) => {
                let decision = decision.map(|decision| decision.to_string()).unwrap_or_default();
                let decision = self.with_decision.then_some(decision);
                let by = by.map(|_| row.by.to_string());
                Ok(out.write_record(cells(row, verdict).into_iter().chain(decision).chain(by))?)
            }
            Out::Json(out) => {
                let mut object = object(row, verdict, by);
                if self.with_decision {
                    object["decision"] = json!(decision);
                }
                writeln!(out, "{object}")
            }
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match &mut self.out {
            Out::Csv(out) => out.flush(),
            Out::Json(out) => out.flush(),
        }
    }
}

fn cells(row: &Row, verdict: &Verdict) -> [String; COLUMNS.len()] {
    let mut cells: [String; COLUMNS.len()] = Default::default();
    (cells[0], cells[1]) = (row.time.to_string(), row.value.to_string());
    if !verdict.score.is_nan() {
        cells[2] = verdict.score.to_string();
        cells[3] = verdict.evidence.to_string();
        cells[4] = u8::from(verdict.alert).to_string();
        cells[5] = verdict.lower.to_string();
        cells[6] = verdict.upper.to_string();
    }
    if verdict.alert {
        cells[7] = verdict.reason.words();
    }
    cells
}

fn object(row: &Row, verdict: &Verdict, by: Option<&str>) -> Value {
    let alert = (!verdict.score.is_nan()).then(|| u8::from(verdict.alert));
    let reason = verdict.alert.then(|| verdict.reason.words());
    // Numbers that are not finite become null.
    let mut object = json!({"time": row.time.to_string(), "value": row.value.number().ok(), "score": verdict.score,
        "evidence": verdict.evidence, "alert": alert, "lower": verdict.lower, "upper": verdict.upper, "reason": reason});
    if let Some(by) = by {
        object[by] = row.by.to_string().into();
    }
    object
}
