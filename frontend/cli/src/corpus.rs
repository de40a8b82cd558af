//! Labelled series in a folder: CSV files, and a JSON file that says where their anomalies are.

use std::collections::BTreeMap;
use std::path::Path;

use spate_analysis::evaluation::Labelled;
use spate_shared::time::{self, Nanos};

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

fn series(path: &str, windows: &Windows, fields: &Fields) -> Result<Labelled, Failure> {
    let instant = |text: &str| -> Result<Nanos, Failure> {
        time::parse(text).map_err(|error| Failure::Data(format!("a labelled window: {error}: {path:?}")))
    };
    let bounds = windows.iter().map(|(first, last)| Ok((instant(first)?, instant(last)?)));
    let bounds = bounds.collect::<Result<Vec<_>, Failure>>()?;
    let mut measured = Measured::new(Input::open(path, None)?, fields.clone());
    let (mut times, mut values) = (Vec::new(), Vec::new());
    while let Some(rows) = measured.next_rows()? {
        for row in rows {
            // A row without a time has no place among the windows; one without a value has.
            let time = row.time.time().map_err(|reason| Failure::Data(format!("{reason}: {path:?}")))?;
            times.push(time);
            values.push(row.event.ok().flatten().map_or(f64::NAN, |(_, values)| values[0]));
        }
    }
    Labelled::new(times, values, &bounds).map_err(|(first, last)| {
        let (first, last) = (time::format(first), time::format(last));
        Failure::Data(format!("no row lies in the labelled window {first} to {last}: {path:?}"))
    })
}
