//! A dashboard into JSON: always the same bytes for the same dashboard, parts that say nothing left out.

use serde_json::{Map, Value, json};
use spate_chart::options::OptionValue;
use spate_worker::protocol::FieldFilter;

use super::{Document, PanelDocument, VERSION};

/// Largest whole number that every reader of JSON takes as it is.
const MOST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// The dashboard as a file: fields in the order of the schema, then those that are not known.
pub(crate) fn write(document: &Document) -> String {
    let mut fields = Map::new();
    put(&mut fields, "version", document.version.max(VERSION).into());
    put_text(&mut fields, "title", &document.title);
    put_text(&mut fields, "recording", &document.recording);
    if let Some((from, to)) = &document.time {
        put(&mut fields, "time", json!({ "from": from, "to": to }));
    }
    put_filter(&mut fields, "variables", &document.variables);
    put(&mut fields, "panels", Value::Array(document.panels.iter().map(panel).collect()));
    keep(&mut fields, &document.rest);
    // Maps of texts and numbers cannot fail to be written.
    serde_json::to_string_pretty(&Value::Object(fields)).unwrap_or_default() + "\n"
}

fn panel(panel: &PanelDocument) -> Value {
    let mut fields = Map::new();
    put(&mut fields, "id", panel.id.into());
    put_text(&mut fields, "kind", &panel.kind);
    put_text(&mut fields, "title", &panel.title);
    put_text(&mut fields, "stream", &panel.stream);
    put_text(&mut fields, "measure", &panel.measure);
    if let Some(query) = &panel.query {
        put(&mut fields, "query", query.clone());
    }
    put_filter(&mut fields, "filter", &panel.filter);
    let mut options = Map::new();
    for (name, value) in &panel.options.0 {
        put(&mut options, name, option(value));
    }
    put_map(&mut fields, "options", options);
    let mut layout = Map::new();
    for (name, side) in panel.place.sides() {
        put(&mut layout, name, side.into());
    }
    put_map(&mut fields, "layout", layout);
    keep(&mut fields, &panel.rest);
    Value::Object(fields)
}

fn option(value: &OptionValue) -> Value {
    match value {
        OptionValue::Flag(value) => (*value).into(),
        OptionValue::Number(value) if value.fract() == 0.0 && value.abs() < MOST_WHOLE => {
            (*value as i64).into()
        }
        OptionValue::Number(value) => (*value).into(),
        OptionValue::Text(value) => Value::String(value.clone()),
    }
}

fn put(fields: &mut Map<String, Value>, name: &str, value: Value) {
    fields.insert(name.to_owned(), value);
}

fn put_text(fields: &mut Map<String, Value>, name: &str, text: &str) {
    if !text.is_empty() {
        put(fields, name, Value::String(text.to_owned()));
    }
}

fn put_filter(fields: &mut Map<String, Value>, name: &str, filter: &[FieldFilter]) {
    let mut map = Map::new();
    for FieldFilter { field, values } in filter {
        let values = values.iter().map(|value| Value::String(value.clone()));
        put(&mut map, field, Value::Array(values.collect()));
    }
    put_map(fields, name, map);
}

fn put_map(fields: &mut Map<String, Value>, name: &str, map: Map<String, Value>) {
    if !map.is_empty() {
        put(fields, name, Value::Object(map));
    }
}

/// What is not known, where nothing known has its name.
fn keep(fields: &mut Map<String, Value>, rest: &Map<String, Value>) {
    for (name, value) in rest {
        if !fields.contains_key(name) {
            put(fields, name, value.clone());
        }
    }
}
