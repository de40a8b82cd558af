//! `docs/dashboard.schema.json`, made from the tables; the test holds the file to them.

use serde_json::{Value, json};
use spate_chart::options::{OptionKind, OptionSpec};
use spate_chart::panel::PANELS;

use super::{COLUMNS, VERSION};

/// The JSON Schema of dashboards.
fn schema() -> Value {
    let kinds: Vec<_> = PANELS.iter().map(|kind| kind.id).collect();
    let options: Vec<_> = PANELS
        .iter()
        .map(|kind| {
            let fields = kind.options.iter().map(|spec| (spec.name.to_owned(), option(spec)));
            let fields: serde_json::Map<_, _> = fields.collect();
            json!({
                "if": { "properties": { "kind": { "const": kind.id } }, "required": ["kind"] },
                "then": { "properties": { "options": { "properties": fields } } },
            })
        })
        .collect();
    let text = |doc: &str| json!({ "type": "string", "description": doc });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A Spate dashboard",
        "type": "object",
        "required": ["panels"],
        "properties": {
            "version": { "type": "integer", "minimum": 1, "description": format!("Now {VERSION}; a newer one is read as far as it is known, and nothing is lost.") },
            "title": text("What it is called."),
            "recording": text("The bundled recording it is about."),
            "time": {
                "type": "object",
                "properties": { "from": text("now-6h, now-1d/d, ISO 8601 or epoch milliseconds."), "to": text("The same; now when left out.") },
            },
            "variables": {
                "type": "object",
                "description": "Dimensions that all panels are filtered by, with a control above the board, and their values to begin with; none for all.",
                "additionalProperties": { "type": "array", "items": { "type": "string" } },
            },
            "panels": { "type": "array", "items": { "$ref": "#/$defs/panel" } },
        },
        "$defs": {
            "panel": {
                "type": "object",
                "required": ["kind"],
                "properties": {
                    "id": { "type": "integer", "minimum": 1, "description": "Unique in the document." },
                    "kind": { "type": "string", "description": format!("One of {}; others are kept and shown as unknown.", kinds.join(", ")), "examples": kinds },
                    "title": text("What its header says; left out for the names of what it shows."),
                    "stream": text("The stream; left out for all."),
                    "measure": text("The measure; left out for all."),
                    "query": { "type": "object", "description": "A query of windows, as in docs/windows.md." },
                    "filter": {
                        "type": "object",
                        "description": "Fields, and the values that the events shown have in them.",
                        "additionalProperties": { "type": "array", "items": { "type": "string" } },
                    },
                    "options": { "type": "object" },
                    "layout": {
                        "type": "object",
                        "properties": {
                            "x": { "type": "integer", "minimum": 0, "maximum": COLUMNS - 1 },
                            "y": { "type": "integer", "minimum": 0 },
                            "w": { "type": "integer", "minimum": 1, "maximum": COLUMNS },
                            "h": { "type": "integer", "minimum": 1 },
                        },
                    },
                },
                "allOf": options,
            },
        },
    })
}

fn option(spec: &OptionSpec) -> Value {
    match spec.kind {
        OptionKind::Flag { default } => {
            json!({ "type": "boolean", "default": default, "description": spec.doc })
        }
        OptionKind::Number { default, min, max } => {
            json!({ "type": "number", "minimum": min, "maximum": max, "default": default, "description": spec.doc })
        }
        OptionKind::Choice { default, choices } => {
            json!({ "enum": choices, "default": default, "description": spec.doc })
        }
        OptionKind::Text { .. } => json!({ "type": "string", "description": spec.doc }),
    }
}

/// `SPATE_BLESS=1 cargo test -p spate-app schema` writes the file anew.
#[test]
fn published_schema_is_that_of_the_tables() -> std::io::Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/dashboard.schema.json");
    let expected = serde_json::to_string_pretty(&schema()).map_err(std::io::Error::other)? + "\n";
    if std::env::var_os("SPATE_BLESS").is_some() {
        std::fs::write(path, &expected)?;
    }
    let published = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        published == expected,
        "docs/dashboard.schema.json: run SPATE_BLESS=1 cargo test -p spate-app schema"
    );
    Ok(())
}
