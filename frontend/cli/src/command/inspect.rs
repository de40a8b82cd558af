//! `spate inspect`: what a recording holds.

use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};
use spate_shared::recording::Recording;
use spate_shared::time;

use crate::failure::Failure;
use crate::inspect::{Report, StreamReport};
use crate::output::{OutputFormat, Table, count, counted};
use crate::progress::Progress;

/// Say what a recording holds and whether it is whole.
///
/// A recording that was cut off, or is still being written, is read up to the cut, and the cut is said.
/// Every frame's checksum is verified in any case.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The recording
    #[arg(value_name = "FILE.spate")]
    file: PathBuf,
    /// Fail when it was cut, or anything in it contradicts its catalog or index
    #[arg(long)]
    verify: bool,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let name = args.file.to_string_lossy();
    let bytes = std::fs::read(&args.file).map_err(|error| Failure::file("read", &name, &error))?;
    let length = bytes.len() as u64;
    let recording = Recording::open(bytes).map_err(|error| Failure::Data(format!("{error}: {name:?}")))?;
    let progress = Progress::bytes(Some(length));
    let report = Report::of(&recording, |bytes| progress.advance(bytes));
    progress.finish();
    let mut out = std::io::stdout().lock();
    match args.format {
        OutputFormat::Json => writeln!(out, "{}", as_json(&recording, &report, length))?,
        OutputFormat::Table => write!(out, "{}", as_text(&recording, &report, length))?,
    }
    out.flush()?;
    if args.verify && (recording.cut().is_some() || !report.faults.is_empty()) {
        let faults = counted(report.faults.len() as u64, "fault");
        let cut = recording.cut().map(|cut| format!(", {cut}")).unwrap_or_default();
        return Err(Failure::Data(format!("the recording is not whole: {faults}{cut}: {name:?}")));
    }
    Ok(())
}

fn as_json(recording: &Recording<Vec<u8>>, report: &Report, length: u64) -> Value {
    let span = |span: Option<(i64, i64)>| match span {
        Some((from, to)) => json!({"from": time::format(from), "to": time::format(to)}),
        None => Value::Null,
    };
    let stream = |stream: &StreamReport| {
        let absent: Vec<Value> = stream
            .schema
            .fields
            .iter()
            .zip(&stream.absent)
            .map(|(field, absent)| json!({"field": field.name, "missing": absent}))
            .collect();
        json!({
            "name": stream.name, "id": stream.id, "epoch": stream.epoch, "resets": stream.resets,
            "schema": stream.schema, "values": absent,
            "oldest": stream.offsets.map(|(oldest, _)| oldest), "head": stream.offsets.map(|(_, head)| head),
            "event_time": span(stream.span), "batches": stream.batches, "events": stream.events,
            "bytes": stream.bytes, "gaps": stream.gaps, "missing": stream.missing,
            "duplicates": stream.duplicates, "backward": stream.backward,
        })
    };
    let cut = recording
        .cut()
        .map(|cut| json!({"at_byte": cut.at_byte, "bytes_lost": cut.bytes_lost, "reason": cut.reason}));
    json!({
        "metadata": recording.metadata(), "bytes": length, "events": recording.events(),
        "arrival": span(report.arrivals), "index_points": recording.index().len(), "cut": cut,
        "faults": report.faults, "streams": report.streams.iter().map(stream).collect::<Vec<_>>(),
    })
}

fn as_text(recording: &Recording<Vec<u8>>, report: &Report, length: u64) -> String {
    let metadata = recording.metadata();
    let mut facts = Table::default();
    let labelled = [("title", &metadata.title), ("source", &metadata.source), ("licence", &metadata.licence)];
    for (label, text) in labelled.into_iter().filter(|(_, text)| !text.is_empty()) {
        facts.row([label.to_owned(), text.clone()]);
    }
    facts.row(["size".to_owned(), counted(length, "byte")]);
    facts.row(["events".to_owned(), count(recording.events())]);
    facts.row(["index".to_owned(), counted(recording.index().len() as u64, "point")]);
    if let Some(cut) = recording.cut() {
        facts.row(["CUT".to_owned(), cut.to_string()]);
    }
    let mut text = facts.render();
    for stream in &report.streams {
        text.push('\n');
        text.push_str(&stream_text(stream));
    }
    if !report.faults.is_empty() {
        let mut faults = Table::new(&["byte", "fault"]);
        for fault in &report.faults {
            faults.row([fault.byte.to_string(), fault.what.clone()]);
        }
        text.push('\n');
        text.push_str(&faults.render());
    }
    text
}

fn stream_text(stream: &StreamReport) -> String {
    let mut facts = Table::default();
    let mut fact = |label: &str, value: String| facts.row([label.to_owned(), value]);
    fact("stream", stream.name.clone());
    fact("events", format!("{} in {}", count(stream.events), batches(stream.batches)));
    if let Some((from, to)) = stream.span {
        let field = &stream.schema.time.name;
        fact("event time", format!("{} to {} ({field:?})", time::format(from), time::format(to)));
    }
    if let Some((oldest, head)) = stream.offsets {
        fact("offsets", format!("{oldest} to {head}, epoch {}", stream.epoch));
    }
    if stream.events > 0 {
        fact("bytes/event", format!("{:.1}", stream.bytes as f64 / stream.events as f64));
    }
    let oddities = [
        (stream.resets, "resets", "epochs begun anew"),
        (stream.gaps, "gaps", "holes in the offsets"),
        (stream.missing, "missing", "events in those holes"),
        (stream.duplicates, "duplicates", "events recorded twice"),
        (stream.backward, "backward", "events earlier than the one before"),
    ];
    for (number, label, what) in oddities.into_iter().filter(|(number, ..)| *number > 0) {
        fact(label, format!("{} {what}", count(number)));
    }
    let mut fields = Table::new(&["  field", "type", "role", "unit", "missing"]);
    for (field, absent) in stream.schema.fields.iter().zip(&stream.absent) {
        let role = serde_json::to_value(field.role).ok().and_then(|role| role.as_str().map(str::to_owned));
        fields.row([
            format!("  {}", field.name),
            field.ty.name().to_owned(),
            role.unwrap_or_default(),
            field.unit.clone().unwrap_or_default(),
            count(*absent),
        ]);
    }
    facts.render() + &fields.render()
}

fn batches(number: u64) -> String {
    if number == 1 { "1 batch".to_owned() } else { format!("{} batches", count(number)) }
}
