//! One series of an input, analysed by the engine as the dashboard analyses it.

use spate_analysis::pace::Pace;
use spate_analysis::stream::{Series, StreamConfig};
use spate_analysis::tuning::Which;
use spate_analysis::{Engine, StreamId};
use spate_shared::batch::Batch;
use spate_shared::schema::{Role, Schema};
use spate_shared::time::Nanos;

use crate::failure::Failure;
use crate::input::{InputFormat, stem};
use crate::progress::Progress;
use crate::query::{Fields, Source};
use crate::stopped;

/// Events waited for until it is known how often they come.
const MOST_EARLY_EVENTS: usize = 4_096;
/// Recorded events came before any clock of today.
const NOW: Nanos = Nanos::MAX;

/// Which series of which input.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct SeriesArgs {
    /// A .spate recording, CSV, NDJSON or JSON; - is standard input
    pub(crate) input: String,
    /// The measure [default: the recording's, when it has one]
    #[arg(long, value_name = "FIELD")]
    pub(crate) measure: Option<String>,
    /// Field that holds the event time [default: the recording's, else found by name]
    #[arg(long, value_name = "FIELD")]
    pub(crate) time: Option<String>,
    /// Fields of a text that tell series apart
    #[arg(long, value_name = "FIELD,..", value_delimiter = ',')]
    pub(crate) by: Vec<String>,
    /// The series, when there are several: its dimension values, joined by " · " as a legend shows them
    #[arg(long, value_name = "VALUES")]
    pub(crate) group: Option<String>,
    /// Stream of the recording, when it has several
    #[arg(long, value_name = "NAME")]
    pub(crate) stream: Option<String>,
    /// Format of the input [default: by extension, else by the first byte]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) input_format: Option<InputFormat>,
}

/// A series, an engine that analyses it, and the events that the engine has not had.
pub(crate) struct Feed {
    args: SeriesArgs,
    /// The measure first, then further ones that a detector looks at.
    measures: Vec<String>,
    source: Source,
    progress: Progress,
    /// Read while the pace was not known, in reverse.
    early: Vec<Batch>,
    /// Events that the engine had in an earlier run.
    to_skip: u64,
    pub(crate) engine: Engine,
    pub(crate) stream: StreamId,
    pub(crate) which: Which,
}

impl Feed {
    /// Opens the input, and a stream of it in an engine, unless that had a part of it in an earlier run. It is analysed as
    /// `config` says, else as suits its pace. `with` are further measures.
    ///
    /// # Errors
    /// [`Failure`] naming what there is instead.
    pub(crate) fn open(
        args: &SeriesArgs,
        with: &[String],
        config: Option<StreamConfig>,
        mut engine: Engine,
    ) -> Result<Self, Failure> {
        let mut measures: Vec<String> = args.measure.iter().chain(with).cloned().collect();
        let fields = Fields::new(args.time.as_deref(), &measures, &args.by);
        let (mut source, progress) =
            Source::open(&args.input, args.input_format, args.stream.as_deref(), fields)?;
        if args.measure.is_none() {
            measures.insert(0, only_measure(&source, &args.input)?);
        }
        let (mut early, mut pace, mut events) = (Vec::new(), Pace::default(), 0);
        while !pace.is_settled() && events <= MOST_EARLY_EVENTS && source.read_on()? {
            pace.observe(&with_roles(source.schema(), &measures, &args.by), source.batch());
            events += source.batch().len();
            early.push(source.batch().clone());
        }
        early.reverse();
        let schema = with_roles(source.schema(), &measures, &args.by);
        for name in measures.iter().chain(&args.by) {
            if schema.index_of(name).is_none() {
                let names: Vec<&str> = schema.fields.iter().map(|field| field.name.as_str()).collect();
                let names = names.join(", ");
                return Err(Failure::Usage(format!("{} has no field {name:?}; it has {names}", args.input)));
            }
        }
        let name = source.stream().map_or_else(|| stem(&args.input), str::to_owned);
        let before = engine.streams().next().map(|(stream, _)| stream);
        let stream =
            before.unwrap_or_else(|| engine.open(&name, schema, config.unwrap_or_else(|| pace.config())));
        let to_skip = engine.events(stream).numbers().end;
        let which = Which { measure: measures[0].clone(), group: args.group.clone() };
        Ok(Self { args: args.clone(), measures, source, progress, early, to_skip, engine, stream, which })
    }

    /// The next events, not yet pushed; `None` at the end.
    ///
    /// # Errors
    /// [`Failure::Data`] naming the input.
    pub(crate) fn next_batch(&mut self) -> Result<Option<Batch>, Failure> {
        let batch = loop {
            let Some(batch) = self.read_on()? else { return Ok(None) };
            let skipped = self.to_skip.min(batch.len() as u64);
            self.to_skip -= skipped;
            match skipped as usize {
                0 => break batch,
                all if all == batch.len() => {}
                some => break batch.slice(some..batch.len()),
            }
        };
        let schema = with_roles(self.source.schema(), &self.measures, &self.args.by);
        if schema != *self.engine.stream(self.stream).schema() {
            self.engine.adopt_schema(self.stream, schema);
        }
        Ok(Some(batch))
    }

    fn read_on(&mut self) -> Result<Option<Batch>, Failure> {
        if let Some(batch) = self.early.pop() {
            return Ok(Some(batch));
        }
        if self.source.read_on()? {
            return Ok(Some(self.source.batch().clone()));
        }
        self.source.finish();
        self.progress.finish();
        if self.to_skip > 0 {
            return Err(stopped::shorter(&self.args.input));
        }
        Ok(None)
    }

    /// Lets the engine have events.
    pub(crate) fn push(&mut self, batch: &Batch) {
        self.engine.push(self.stream, batch, NOW);
    }

    /// Number of the event pushed last.
    pub(crate) fn last_number(&self) -> Option<u64> {
        self.engine.events(self.stream).numbers().end.checked_sub(1)
    }

    /// That there is one series, and which.
    ///
    /// # Errors
    /// [`Failure::Usage`] naming the series that there are.
    pub(crate) fn check_one(&self) -> Result<(), Failure> {
        let of_measure = |group: &Option<String>| {
            let which = Which { group: group.clone(), ..self.which.clone() };
            let series = self.engine.stream(self.stream).series().iter();
            series.filter(move |series| which.holds(series)).map(Series::group).collect::<Vec<_>>()
        };
        if of_measure(&self.which.group).len() == 1 {
            return Ok(());
        }
        let groups = of_measure(&None);
        if groups.is_empty() {
            return Err(Failure::Data(format!("there are no values in it: {:?}", self.args.input)));
        }
        Err(Failure::Usage(format!("--group: choose one of {}", groups.join(", "))))
    }

    /// The input has been read as far as was needed.
    pub(crate) fn stop(&self) {
        self.progress.finish();
    }
}

/// The measure of a recording that has one.
fn only_measure(source: &Source, input: &str) -> Result<String, Failure> {
    if source.stream().is_none() {
        return Err(Failure::Usage("--measure: name the field to look at".to_owned()));
    }
    let schema = source.schema();
    let measures: Vec<&str> =
        schema.with_role(Role::Measure).map(|at| schema.fields[at].name.as_str()).collect();
    match measures[..] {
        [one] => Ok(one.to_owned()),
        _ => Err(Failure::Usage(format!("--measure: choose one of {}: {input:?}", measures.join(", ")))),
    }
}

/// The schema with what was told about it.
fn with_roles(mut schema: Schema, measures: &[String], by: &[String]) -> Schema {
    for field in &mut schema.fields {
        if by.contains(&field.name) {
            field.role = Role::Dimension;
        } else if measures.contains(&field.name) {
            field.role = Role::Measure;
        } else if !by.is_empty() && field.role == Role::Dimension {
            field.role = Role::Text;
        }
    }
    schema
}
