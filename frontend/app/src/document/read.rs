//! JSON into a dashboard. What cannot be used is said with its path, and the rest is applied.

use serde_json::{Map, Value};
use spate_chart::options::{OptionValue, Options};
use spate_chart::panel::kind;
use spate_worker::protocol::FieldFilter;

use super::{Document, PanelDocument, Place, VERSION, settle};

/// Most panels of a dashboard.
const MOST_PANELS: usize = 500;

/// Why a text is no dashboard at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DocumentError(pub(crate) String);

/// Reads a dashboard, with what could not be used in it, one sentence each.
///
/// # Errors
/// When the text is not a JSON object with a list of panels.
pub(crate) fn read(text: &str) -> Result<(Document, Vec<String>), DocumentError> {
    let value = serde_json::from_str(text).map_err(|error| DocumentError(format!("not JSON: {error}")))?;
    let Value::Object(fields) = value else {
        return Err(DocumentError("expected a JSON object with \"panels\"".to_owned()));
    };
    let mut reader = Reader { fields, path: String::new(), complaints: Vec::new() };
    let Some(Value::Array(listed)) = reader.take("panels", "a list", Value::is_array) else {
        let found = reader.complaints.pop();
        return Err(DocumentError(found.unwrap_or_else(|| "panels: missing; expected a list".to_owned())));
    };
    let version = reader.number("version").unwrap_or(VERSION);
    if version > VERSION {
        reader.complaints.push(format!(
            "version: it was written by a newer Spate ({version}, this one knows {VERSION}); what is not known here is kept"
        ));
    }
    let time = reader.object("time").map(|fields| {
        let end = |name| fields.get(name).and_then(Value::as_str).unwrap_or("now").to_owned();
        (end("from"), end("to"))
    });
    let (title, recording) = (reader.text("title"), reader.text("recording"));
    let variables = read_filter(&mut reader, "variables");
    let Reader { fields: rest, mut complaints, .. } = reader;
    let mut document = Document { version, title, time, recording, variables, rest, panels: Vec::new() };
    if listed.len() > MOST_PANELS {
        complaints.push(format!("panels: at most {MOST_PANELS} are shown, there are {}", listed.len()));
    }
    for (index, value) in listed.into_iter().take(MOST_PANELS).enumerate() {
        let path = format!("panels[{index}]");
        let Value::Object(fields) = value else {
            complaints.push(format!("{path}: expected an object"));
            continue;
        };
        let mut reader = Reader { fields, path: format!("{path}."), complaints: Vec::new() };
        let mut panel = read_panel(&mut reader);
        complaints.append(&mut reader.complaints);
        panel.rest = reader.fields;
        if panel.id == 0 || document.panel(panel.id).is_some() {
            panel.id = document.free_id();
        }
        document.panels.push(panel);
    }
    settle(&mut document.panels, None);
    Ok((document, complaints))
}

fn read_panel(reader: &mut Reader) -> PanelDocument {
    let id = reader.number("id").and_then(|id| u32::try_from(id).ok()).unwrap_or(0);
    let kind_name = reader.text("kind");
    if kind_name.is_empty() {
        reader.complaints.push(format!("{}kind: missing; expected a kind of panel", reader.path));
    }
    PanelDocument {
        id,
        title: reader.text("title"),
        stream: reader.text("stream"),
        measure: reader.text("measure"),
        query: reader.object("query").map(Value::Object),
        filter: read_filter(reader, "filter"),
        options: read_options(reader, &kind_name),
        place: read_place(reader),
        kind: kind_name,
        rest: Map::new(),
    }
}

fn read_place(reader: &mut Reader) -> Place {
    let layout = reader.object("layout").unwrap_or_default();
    let mut place = Place { x: 0, y: 0, w: 12, h: 7 };
    for (name, side) in place.sides_mut() {
        let Some(value) = layout.get(name) else { continue };
        match value.as_u64().and_then(|side| u32::try_from(side).ok()) {
            Some(value) => *side = value,
            None => reader.complain(&format!("layout.{name}"), "a whole number", value),
        }
    }
    place
}

fn read_filter(reader: &mut Reader, name: &str) -> Vec<FieldFilter> {
    let mut filter = Vec::new();
    for (field, value) in reader.object(name).unwrap_or_default() {
        let texts = value.as_array().map(|values| values.iter().map(Value::as_str));
        match texts.and_then(|texts| texts.map(|text| text.map(str::to_owned)).collect()) {
            Some(values) => filter.push(FieldFilter { field, values }),
            None => reader.complain(&format!("{name}.{field}"), "a list of texts", &value),
        }
    }
    filter
}

/// Options that are not of the kind's table are kept: another version may know them.
fn read_options(reader: &mut Reader, kind_name: &str) -> Options {
    let mut options = Options::default();
    let specs = kind(kind_name).map(|kind| kind.options).unwrap_or_default();
    for (name, value) in reader.object("options").unwrap_or_default() {
        let read = match &value {
            Value::Bool(flag) => OptionValue::Flag(*flag),
            Value::Number(number) => OptionValue::Number(number.as_f64().unwrap_or_default()),
            Value::String(text) => OptionValue::Text(text.clone()),
            _ => {
                reader.complain(&format!("options.{name}"), "true, a number or a text", &value);
                continue;
            }
        };
        let complaint = specs.iter().find(|spec| spec.name == name).and_then(|spec| spec.complaint(&read));
        if let Some(complaint) = complaint {
            reader.complaints.push(format!("{}options: {complaint}", reader.path));
        }
        options.0.insert(name, read);
    }
    options
}

/// Takes known fields out of an object; what stays is unknown, or cannot be used.
struct Reader {
    fields: Map<String, Value>,
    path: String,
    complaints: Vec<String>,
}

impl Reader {
    fn take(&mut self, name: &str, expected: &str, fits: fn(&Value) -> bool) -> Option<Value> {
        let value = self.fields.get(name)?;
        if fits(value) {
            return self.fields.shift_remove(name);
        }
        if !value.is_null() {
            let value = value.clone();
            self.complain(name, expected, &value);
        }
        None
    }

    fn text(&mut self, name: &str) -> String {
        match self.take(name, "a text", Value::is_string) {
            Some(Value::String(text)) => text,
            _ => String::new(),
        }
    }

    fn number(&mut self, name: &str) -> Option<u64> {
        self.take(name, "a whole number", Value::is_u64)?.as_u64()
    }

    fn object(&mut self, name: &str) -> Option<Map<String, Value>> {
        match self.take(name, "an object", Value::is_object) {
            Some(Value::Object(fields)) => Some(fields),
            _ => None,
        }
    }

    fn complain(&mut self, name: &str, expected: &str, value: &Value) {
        let got: String = value.to_string().chars().take(60).collect();
        self.complaints.push(format!("{}{name}: expected {expected}, got {got}", self.path));
    }
}

#[cfg(test)]
mod tests {
    use super::super::write;
    use super::*;

    fn complaints(text: &str) -> Vec<String> {
        read(text).map(|(_, complaints)| complaints).unwrap_or_default()
    }

    #[test]
    fn the_bundled_dashboards_are_read_whole() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../recordings/dashboards");
        let mut titles = Vec::new();
        for entry in std::fs::read_dir(folder).expect("the folder of dashboards") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let text = std::fs::read_to_string(&path).expect("a text");
                let (document, complaints) = read(&text).expect("a dashboard");
                assert!(complaints.is_empty(), "{}: {complaints:?}", path.display());
                assert!(!document.panels.is_empty(), "{}", path.display());
                titles.push(document.title);
            }
        }
        assert!(titles.len() >= 3 && titles.iter().all(|title| !title.is_empty()), "{titles:?}");
    }

    #[test]
    fn what_is_not_known_is_kept_and_written_again() {
        let text = r#"{
            "version": 7, "title": "T", "colour": {"a": [1, null]},
            "panels": [{"kind": "hologram", "spin": true, "options": {"depth": 3, "line_width": 2.5},
                "filter": {"host": ["a", "b"]}}]
        }"#;
        let (document, complaints) = read(text).unwrap_or_default();
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        assert!(complaints[0].contains("newer"), "{complaints:?}");
        let written = write(&document);
        for part in ["\"version\": 7", "\"colour\"", "\"spin\": true", "\"hologram\"", "\"depth\": 3,"] {
            assert!(written.contains(part), "{part} in {written}");
        }
        assert_eq!(read(&written).map(|(again, _)| again), Ok(document));
    }

    #[test]
    fn odd_values_are_named_with_their_path_and_the_rest_is_applied() {
        let text = r#"{"title": 5, "panels": [
            {"kind": "time_series", "stream": "s", "layout": {"w": "wide"}, "options": {"line_width": "thick"}},
            "panel", {"kind": "top", "filter": {"host": "a"}}, {}
        ]}"#;
        let found = complaints(text);
        for part in [
            "title: expected a text, got 5",
            "panels[0].layout.w: expected a whole number, got \"wide\"",
            "line_width",
            "panels[1]",
            "panels[2].filter.host",
            "panels[3].kind",
        ] {
            assert!(found.iter().any(|complaint| complaint.contains(part)), "{part} in {found:?}");
        }
        let (document, _) = read(text).unwrap_or_default();
        assert_eq!((document.panels.len(), &*document.panels[0].stream), (3, "s"));
        assert!(write(&document).contains("\"title\": 5"), "what cannot be used is not lost");
    }

    #[test]
    fn panels_without_an_id_or_with_the_same_get_their_own() {
        let text = r#"{"panels": [{"id": 4}, {"id": 4}, {}, {"id": -1}]}"#;
        let mut ids: Vec<_> = read(text).unwrap_or_default().0.panels.iter().map(|panel| panel.id).collect();
        ids.sort_unstable();
        assert_eq!(ids, [4, 5, 6, 7]);
    }

    #[test]
    fn what_is_no_dashboard_is_refused_with_the_reason() {
        for (text, part) in [
            ("", "not JSON"),
            ("{\"panels\": [}", "line 1 column 13"),
            ("[]", "object"),
            ("null", "object"),
            ("{}", "panels: missing"),
            ("{\"panels\": {\"a\": 1}}", "panels: expected a list, got {\"a\":1}"),
        ] {
            let reason = read(text).map_err(|error| error.0).err().unwrap_or_default();
            assert!(reason.contains(part), "{text}: {reason}");
        }
        assert_eq!(read("{\"panels\": []}").map(|(document, _)| document.panels), Ok(Vec::new()));
    }
}
