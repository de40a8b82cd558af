//! Series in a folder: labelled ones, CSV files and a JSON file that says where their anomalies are; or whatever is there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use spate_analysis::evaluation::Labelled;
use spate_shared::recording::Recording;
use spate_shared::schema::Role;
use spate_shared::time::{self, Nanos};
use spate_shared::wire::ServerFrame;

use crate::failure::Failure;
use crate::input::Input;
use crate::measured::{Fields, Measured};

/// Windows of a file: the times of their first and last rows.
type Windows = Vec<(String, String)>;

/// Reads the series that `labels` names, by name; their files lie under `folder`.
///
/// # Errors
/// [`Failure::Data`] naming the file and what is wrong with it.
pub(crate) fn read(
    folder: &Path,
    labels: &Path,
    fields: &Fields,
) -> Result<Vec<(String, Labelled)>, Failure> {
    let name = labels.to_string_lossy();
    let text = std::fs::read(labels).map_err(|error| Failure::file("read", &name, &error))?;
    let windows: BTreeMap<String, Windows> = serde_json::from_slice(&text).map_err(|error| {
        let shape = "expected {\"file.csv\": [[first time, last time], ...], ...}";
        Failure::Data(format!("{shape}: {error}: {name:?}"))
    })?;
    if windows.values().all(Vec::is_empty) {
        return Err(Failure::Data(format!("no window is labelled, so there is nothing to find: {name:?}")));
    }
    let series = windows.into_iter().map(|(file, windows)| {
        let path = folder.join(&file);
        Ok((file, series(&path.to_string_lossy(), &windows, fields)?))
    });
    series.collect()
}

/// Event time and value of each event of a series.
pub(crate) type Events = Vec<(Nanos, f64)>;

/// Every series in a folder and those in it, by name: of recordings all measures and groups, of CSV files the fields.
///
/// # Errors
/// [`Failure::Data`] naming the file and what is wrong with it.
pub(crate) fn every_series(folder: &Path, fields: &Fields) -> Result<BTreeMap<String, Events>, Failure> {
    let mut series = BTreeMap::new();
    for path in files(folder)? {
        let name = path.to_string_lossy().into_owned();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("spate") => recorded(&name, &mut series)?,
            Some("csv") => {
                let events =
                    rows(&name, fields)?.into_iter().filter(|(_, value)| value.is_finite()).collect();
                series.insert(name, events);
            }
            _ => {}
        }
    }
    if series.is_empty() {
        return Err(Failure::Data(format!(
            "no .csv or .spate file lies in it: {:?}",
            folder.to_string_lossy()
        )));
    }
    Ok(series)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let name = folder.to_string_lossy();
    let entries = std::fs::read_dir(folder).map_err(|error| Failure::file("read", &name, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| Failure::file("read", &name, &error))?.path();
        if path.is_dir() { files.extend(self::files(&path)?) } else { files.push(path) }
    }
    files.sort();
    Ok(files)
}

fn recorded(path: &str, all: &mut BTreeMap<String, Events>) -> Result<(), Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file("read", path, &error))?;
    let wrong = |error: &dyn std::fmt::Display| Failure::Data(format!("{error}: {path:?}"));
    let recording = Recording::open(bytes).map_err(|error| wrong(&error))?;
    for entry in recording.entries() {
        let ServerFrame::Data(frame) = entry.decode().map_err(|error| wrong(&error))? else { continue };
        let info = recording.streams().iter().find(|info| info.id == frame.header.stream);
        let Some(schema) = info.map(|info| &info.schema) else { continue };
        for (row, time) in frame.batch.times.iter().enumerate() {
            let text = |at: usize| frame.batch.columns.get(at)?.text(row);
            let group: Vec<&str> = schema.with_role(Role::Dimension).filter_map(text).collect();
            for at in schema.with_role(Role::Measure) {
                let value = frame.batch.columns.get(at).and_then(|column| column.number(row));
                if let Some(value) = value.filter(|value| value.is_finite()) {
                    let name = format!("{path} {} {}", schema.fields[at].name, group.join(" · "));
                    all.entry(name).or_default().push((*time, value));
                }
            }
        }
    }
    Ok(())
}

/// Time and value of each row; NaN where there is none.
fn rows(path: &str, fields: &Fields) -> Result<Events, Failure> {
    let mut measured = Measured::new(Input::open(path, None)?, fields.clone());
    let mut events = Vec::new();
    while let Some(rows) = measured.next_rows()? {
        for row in rows {
            // A row without a time has no place among the others; one without a value has.
            let time = row.time.time().map_err(|reason| Failure::Data(format!("{reason}: {path:?}")))?;
            events.push((time, row.event.ok().flatten().map_or(f64::NAN, |(_, values)| values[0])));
        }
    }
    Ok(events)
}

fn series(path: &str, windows: &Windows, fields: &Fields) -> Result<Labelled, Failure> {
    let instant = |text: &str| -> Result<Nanos, Failure> {
        time::parse(text).map_err(|error| Failure::Data(format!("a labelled window: {error}: {path:?}")))
    };
    let bounds = windows.iter().map(|(first, last)| Ok((instant(first)?, instant(last)?)));
    let bounds = bounds.collect::<Result<Vec<_>, Failure>>()?;
    let (times, values) = rows(path, fields)?.into_iter().unzip();
    Labelled::new(times, values, &bounds).map_err(|(first, last)| {
        let (first, last) = (time::format(first), time::format(last));
        Failure::Data(format!("no row lies in the labelled window {first} to {last}: {path:?}"))
    })
}
