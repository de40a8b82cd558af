//! `spate forecast`: where a series is going.

use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};
use spate_analysis::Engine;
use spate_analysis::engine::Budget;
use spate_analysis::forecast::{COVERAGE, FARTHEST, Forecaster, MODELS, MOST_HORIZONS, Record, Step};
use spate_shared::time::{self, Nanos};

use crate::failure::Failure;
use crate::output::{OutputFormat, Table, counted, short};
use crate::series::{Feed, SeriesArgs};
use crate::stopped;

/// Say where a series is going, and how such forecasts turned out.
///
/// Six small models forecast side by side, are mixed by how small their errors were of late, and get an interval that
/// is to hold nine of ten values. All of it is learned value by value, so a forecast rests on nothing after the value it
/// starts from; each was held against what came, which is what the last columns tell.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    series: SeriesArgs,
    /// How many events ahead
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=i64::from(FARTHEST)))]
    horizon: u32,
    /// Start from the last value before this time instead of the input's last
    #[arg(long, value_name = "TIME", value_parser = time::parse)]
    at: Option<Nanos>,
    /// Go on from where this file says an earlier run for the same series and horizon over the same input stopped, if it
    /// exists, and write it at the end: only what has come since is read into the models
    #[arg(long, value_name = "FILE", conflicts_with = "at")]
    checkpoint: Option<PathBuf>,
    /// How to write the forecast
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

const EXAMPLES: &str = "\
Columns:
  ahead, time           events from the last value, and when that is expected
  forecast              the value expected
  lower, upper          the interval that is to hold 90 % of values
  half                  the interval that is to hold 50 % of values
  matured               forecasts this far ahead, so far, whose time has come
  coverage              the part of their values that fell inside lower to upper
  vs last, vs day       their mean absolute error, in times of that of the last value and of the value a day before

Examples:
  spate forecast recordings/nyc_taxi.spate --horizon 48
  spate forecast recordings/nyc_taxi.spate --at '2014-11-02 01:00' --format json
  spate forecast load.csv --measure cpu --by host --group web-1 --checkpoint cpu.state";

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let before = args.resume()?;
    let goes_on = before.is_some();
    let engine = before.unwrap_or_else(|| Engine::holding(NOTHING));
    let mut feed = Feed::open(&args.series, &[], None, engine)?;
    if !goes_on {
        feed.engine.forecast(feed.stream, &feed.which.clone(), &horizons(args.horizon));
    }
    let at = args.at.unwrap_or(Nanos::MAX);
    while let Some(batch) = feed.next_batch()? {
        let before = batch.times.iter().take_while(|time| **time < at).count();
        feed.push(&batch.slice(0..before));
        if before < batch.len() {
            break;
        }
    }
    feed.stop();
    feed.check_one()?;
    let stream = feed.engine.stream(feed.stream);
    let series = stream.series().iter().find(|series| feed.which.holds(series));
    let series = series.and_then(|series| Some((series, series.forecaster()?)));
    let none = || Failure::Data(format!("there is no value to start from: {:?}", args.series.input));
    let (series, forecaster) = series.ok_or_else(none)?;
    let latest = forecaster.latest().ok_or_else(none)?;
    let name = [stream.name(), &feed.which.measure, series.group()].map(str::to_owned);
    let mut out = std::io::stdout().lock();
    match args.format {
        OutputFormat::Json => writeln!(out, "{}", as_json(&name, latest, forecaster))?,
        OutputFormat::Table => write!(out, "{}", as_text(&name, latest, forecaster))?,
    }
    args.stop(&feed.engine)
}

/// Forecasts need no event twice.
const NOTHING: Budget = Budget { points_bytes: 0, events_bytes: 0 };

/// Where an earlier run stopped.
#[derive(serde::Serialize, serde::Deserialize)]
struct Stopped {
    /// What it did, in words.
    of: String,
    /// A checkpoint of the whole engine.
    engine: Vec<u8>,
}

impl Args {
    /// What its runs have in common.
    fn of(&self) -> String {
        let SeriesArgs { measure, by, group, stream, .. } = &self.series;
        let [measure, group, stream] =
            [measure, group, stream].map(|name| name.as_deref().unwrap_or("any").to_owned());
        format!("{} ahead for {measure} of {group} by {:?} in {stream}", self.horizon, by.join(","))
    }

    fn resume(&self) -> Result<Option<Engine>, Failure> {
        let Some(path) = &self.checkpoint else { return Ok(None) };
        let Some(stopped) = stopped::read::<Stopped>(path)? else { return Ok(None) };
        stopped::check_same(path, &stopped.of, &self.of())?;
        let engine = Engine::resume(&stopped.engine);
        engine.map(Some).map_err(|error| Failure::Data(format!("{error}: {:?}", path.display())))
    }

    fn stop(&self, engine: &Engine) -> Result<(), Failure> {
        let Some(path) = &self.checkpoint else { return Ok(()) };
        stopped::write(path, &Stopped { of: self.of(), engine: engine.checkpoint() })
    }
}

/// Every event up to the farthest, or as many of them as can be, evenly.
fn horizons(farthest: u32) -> Vec<u32> {
    let steps = farthest.min(MOST_HORIZONS as u32);
    (1..=steps).map(|step| step * farthest / steps).collect()
}

/// The mean absolute error of the mix in times of a model's.
fn against(record: &Record, model: &str) -> f64 {
    let errors = MODELS.iter().zip(record.model_errors);
    errors.filter(|(known, _)| known.name == model).map(|(_, error)| record.error / error).sum()
}

fn lines(forecaster: &Forecaster) -> impl Iterator<Item = (Step, Record)> {
    forecaster.steps().zip(forecaster.records())
}

fn as_text(
    [stream, measure, group]: &[String; 3],
    (time, value): (Nanos, f64),
    forecaster: &Forecaster,
) -> String {
    let header =
        ["ahead", "time", "forecast", "lower", "upper", "half", "matured", "coverage", "vs last", "vs day"];
    let mut table = Table::new(&header);
    for (step, record) in lines(forecaster) {
        let half = format!("{} to {}", short(step.inner.0), short(step.inner.1));
        table.row([
            step.horizon.to_string(),
            time::format(step.time),
            short(step.value),
            short(step.lower),
            short(step.upper),
            if step.inner.0.is_nan() { "-".to_owned() } else { half },
            record.matured.to_string(),
            short(record.coverage),
            short(against(&record, "last value")),
            short(against(&record, "a day before")),
        ]);
    }
    let group = if group.is_empty() { String::new() } else { format!(" · {group}") };
    let from = format!("{stream} · {measure}{group}, from {} at {}", short(value), time::format(time));
    let matured = forecaster.records().map(|record| record.matured).sum();
    let inside: f64 = forecaster
        .records()
        .filter(|record| record.matured > 0)
        .map(|record| record.coverage * record.matured as f64)
        .sum();
    let so_far = if matured == 0 {
        "no interval yet: too few values came".to_owned()
    } else {
        let part = inside / matured as f64 * 100.0;
        format!(
            "{part:.1} % of {} were inside their interval of {} %",
            counted(matured, "value"),
            COVERAGE * 100.0
        )
    };
    format!("{from}; {so_far}\n\n{}", table.render())
}

fn as_json(
    [stream, measure, group]: &[String; 3],
    (time, value): (Nanos, f64),
    forecaster: &Forecaster,
) -> Value {
    // Numbers that are not known become null.
    let step = |(step, record): (Step, Record)| {
        json!({"ahead": step.horizon, "time": time::format(step.time), "forecast": step.value, "lower": step.lower,
            "upper": step.upper, "half": [step.inner.0, step.inner.1], "matured": record.matured,
            "coverage": record.coverage, "error": record.error,
            "vs_last": against(&record, "last value"), "vs_day": against(&record, "a day before")})
    };
    json!({"stream": stream, "measure": measure, "group": group, "from": {"time": time::format(time), "value": value},
        "interval": COVERAGE, "steps": lines(forecaster).map(step).collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn horizons_reach_to_the_farthest_and_are_no_more_than_can_be() {
        assert_eq!((horizons(1), horizons(3)), (vec![1], vec![1, 2, 3]));
        for farthest in [32, 33, 100, 1_000] {
            let all = horizons(farthest);
            assert_eq!((all.len(), all.last()), (MOST_HORIZONS, Some(&farthest)));
            assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{all:?}");
        }
    }
}
