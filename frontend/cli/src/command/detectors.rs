//! `spate detectors`: the table of detectors.

use std::io::Write;

use serde_json::json;
use spate_analysis::detector::{DETECTORS, DetectorKind, Parameter, TextParameter};

use crate::failure::Failure;
use crate::output::{OutputFormat, Table};

/// List the detectors and what can be set.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How to write the list
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match args.format {
        OutputFormat::Json => {
            writeln!(out, "{}", json!(DETECTORS.iter().map(as_json).collect::<Vec<_>>()))?;
        }
        OutputFormat::Table => {
            for (at, kind) in DETECTORS.iter().enumerate() {
                write!(out, "{}{}", if at == 0 { "" } else { "\n" }, as_text(kind, at == 0))?;
            }
        }
    }
    Ok(())
}

fn as_json(kind: &DetectorKind) -> serde_json::Value {
    // JSON has no infinity.
    let number = |number: f64| if number.is_finite() { json!(number) } else { json!(number.to_string()) };
    let parameter = |parameter: &Parameter| {
        json!({"name": parameter.name, "doc": parameter.doc, "default": number(parameter.default),
            "least": number(parameter.least), "most": number(parameter.most), "whole": parameter.is_whole})
    };
    let parameters: Vec<_> = kind.parameters.iter().map(parameter).collect();
    let text = |text: &TextParameter| json!({"name": text.name, "doc": text.doc, "default": text.default, "file": text.is_file});
    let texts: Vec<_> = kind.texts.iter().map(text).collect();
    json!({"name": kind.name, "doc": kind.doc, "most_bytes": kind.most_bytes, "multivariate": kind.is_multivariate,
        "parameters": parameters, "texts": texts})
}

fn as_text(kind: &DetectorKind, is_default: bool) -> String {
    let mut parameters = Table::default();
    for parameter in kind.parameters {
        parameters.row([
            format!("    --param {}={}", parameter.name, parameter.default),
            parameter.expected(),
            parameter.doc.to_owned(),
        ]);
    }
    for text in kind.texts {
        let expected = if text.is_file { "a file" } else { "words" };
        parameters.row([
            format!("    --param {}={}", text.name, text.default),
            expected.to_owned(),
            text.doc.to_owned(),
        ]);
    }
    let default = if is_default { " (default)" } else { "" };
    format!("{}{default}\n    {}\n{}", kind.name, kind.doc, parameters.render())
}
