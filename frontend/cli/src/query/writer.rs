//! Results as CSV, JSON lines or a table.

use std::io::Write;

use clap::ValueEnum;
use serde_json::{Map, Value as Json, json};
use spate_analysis::aggregate::{Bucket, Value};
use spate_analysis::query::{QuerySpec, Status, Was, WindowResult};
use spate_shared::time;

use crate::failure::Failure;
use crate::output::Table;

/// Rows of a table that are aligned with each other.
const PAGE_ROWS: usize = 1_000;

/// How results are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum QueryFormat {
    /// Comma-separated values with a header row
    #[default]
    Csv,
    /// One JSON object a line
    Json,
    /// Aligned columns, for people
    Table,
}

/// Writes results to standard output.
pub(crate) struct Writer<W: Write> {
    sink: Sink<W>,
    names: Vec<String>,
    tells_status: bool,
}

enum Sink<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Json(W),
    Table(W, Vec<Vec<String>>),
}

impl<W: Write> Writer<W> {
    /// A text for the results of `spec`.
    pub(crate) fn new(out: W, format: QueryFormat, spec: &QuerySpec, tells_status: bool) -> Self {
        let aggregates = spec.agg.iter().map(ToString::to_string);
        let places = ["window_start", "window_end"].map(str::to_owned);
        let status = ["status", "was"].map(str::to_owned).into_iter().filter(|_| tells_status);
        let names: Vec<String> =
            places.into_iter().chain(spec.by.iter().cloned()).chain(aggregates).chain(status).collect();
        let sink = match format {
            QueryFormat::Csv => Sink::Csv(Box::new(csv::Writer::from_writer(out))),
            QueryFormat::Json => Sink::Json(out),
            QueryFormat::Table => Sink::Table(out, Vec::new()),
        };
        Self { sink, names, tells_status }
    }

    /// Writes what comes before the first result.
    ///
    /// # Errors
    /// What standard output gives.
    pub(crate) fn begin(&mut self) -> Result<(), Failure> {
        let Sink::Csv(csv) = &mut self.sink else { return Ok(()) };
        csv.write_record(&self.names).map_err(|error| Failure::from(std::io::Error::from(error)))
    }

    /// Writes a result.
    ///
    /// # Errors
    /// What standard output gives.
    pub(crate) fn write(&mut self, result: &WindowResult) -> Result<(), Failure> {
        match &mut self.sink {
            Sink::Csv(csv) => {
                let record = csv.write_record(cells(result, self.tells_status));
                record.map_err(|error| Failure::from(std::io::Error::from(error)))
            }
            Sink::Json(out) => Ok(writeln!(out, "{}", object(result, &self.names, self.tells_status))?),
            Sink::Table(_, rows) => {
                rows.push(cells(result, self.tells_status).collect());
                if rows.len() == PAGE_ROWS { self.end_page() } else { Ok(()) }
            }
        }
    }

    fn end_page(&mut self) -> Result<(), Failure> {
        let Sink::Table(out, rows) = &mut self.sink else { return Ok(()) };
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let mut table = Table::new(&names);
        rows.drain(..).for_each(|row| table.row(row));
        Ok(write!(out, "{}", table.render())?)
    }

    /// Writes what is still held.
    ///
    /// # Errors
    /// What standard output gives.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        match &mut self.sink {
            Sink::Csv(csv) => Ok(csv.flush()?),
            Sink::Json(out) => Ok(out.flush()?),
            Sink::Table(..) => Ok(()),
        }
    }

    /// Ends the text.
    ///
    /// # Errors
    /// What standard output gives.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        if matches!(&self.sink, Sink::Table(_, rows) if !rows.is_empty()) {
            self.end_page()?;
        }
        self.flush()
    }
}

fn cells(result: &WindowResult, tells_status: bool) -> impl Iterator<Item = String> + '_ {
    let places = [result.interval.start, result.interval.end].map(time::format);
    let group = result.group.iter().map(|value| value.clone().unwrap_or_default());
    let (status, was) = status(&result.status);
    let was = if was.is_empty() { String::new() } else { Json::from(was).to_string() };
    let told = [status.to_owned(), was].into_iter().filter(move |_| tells_status);
    places.into_iter().chain(group).chain(result.values.iter().map(text)).chain(told)
}

fn object(result: &WindowResult, names: &[String], tells_status: bool) -> Json {
    let places = [result.interval.start, result.interval.end].map(|time| Json::from(time::format(time)));
    let group = result.group.iter().map(|value| Json::from(value.clone()));
    let (status, was) = status(&result.status);
    let told = [Json::from(status), Json::from(was)].into_iter().filter(|_| tells_status);
    let values = places.into_iter().chain(group).chain(result.values.iter().map(json)).chain(told);
    Json::Object(names.iter().cloned().zip(values).collect::<Map<_, _>>())
}

fn status(status: &Status) -> (&'static str, Vec<Json>) {
    let was = |was: &Was| {
        let values: Vec<Json> = was.values.iter().map(json).collect();
        json!({"window_start": time::format(was.interval.start), "window_end": time::format(was.interval.end), "values": values})
    };
    match status {
        Status::Provisional => ("provisional", Vec::new()),
        Status::Final => ("final", Vec::new()),
        Status::Revised(before) => ("revised", before.iter().map(was).collect()),
    }
}

/// The shortest text that reads back as the number; powers of ten only where digits alone would be long.
fn number(number: f64) -> String {
    let magnitude = number.abs();
    if magnitude == 0.0 || (1e-5..1e16).contains(&magnitude) || !number.is_finite() {
        number.to_string()
    } else {
        format!("{number:e}")
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Missing => String::new(),
        Value::Count(count) => count.to_string(),
        Value::Number(value) => number(*value),
        Value::Labels(labels) => {
            labels.iter().map(|(label, count)| format!("{label}={count}")).collect::<Vec<_>>().join(" ")
        }
        Value::Buckets(buckets) => {
            let bucket = |b: &Bucket| format!("{}..{}={}", number(b.from), number(b.to), b.count);
            buckets.iter().map(bucket).collect::<Vec<_>>().join(" ")
        }
    }
}

/// Missing and infinite are `null`: JSON has no number for them.
fn json(value: &Value) -> Json {
    match value {
        Value::Missing => Json::Null,
        Value::Count(count) => Json::from(*count),
        Value::Number(value) => Json::from(*value),
        Value::Buckets(buckets) => {
            let bucket = |b: &Bucket| json!({"from": b.from, "to": b.to, "count": b.count});
            Json::from(buckets.iter().map(bucket).collect::<Vec<_>>())
        }
        Value::Labels(labels) => Json::from(
            labels.iter().map(|(label, count)| json!({"value": label, "count": count})).collect::<Vec<_>>(),
        ),
    }
}
