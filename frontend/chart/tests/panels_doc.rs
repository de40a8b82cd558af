//! `docs/panels.md` says what `PANELS` says.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

use std::fmt::Write as _;

use spate_chart::options::{OptionKind, OptionSpec, TextForm};
use spate_chart::panel::{PANELS, Surface};

/// The generated part of the page, between its markers.
fn tables() -> String {
    let mut page = String::new();
    for kind in PANELS {
        let surface = match kind.surface {
            Surface::Canvas => "drawn on a canvas by the worker",
            Surface::Rows => "rows laid out by the page, a window at a time",
            Surface::Alerts => "rows laid out by the page",
        };
        writeln!(
            page,
            "\n## {} (`{}`)\n\n{} Needs {}; {surface}.\n",
            kind.title, kind.id, kind.doc, kind.needs
        )
        .unwrap();
        if !kind.options.is_empty() {
            writeln!(page, "| option | values | default | meaning |\n|---|---|---|---|").unwrap();
        }
        for option in kind.options {
            let (values, default) = values(option);
            writeln!(page, "| `{}` | {values} | {default} | {} |", option.name, option.doc).unwrap();
        }
    }
    page
}

fn values(option: &OptionSpec) -> (String, String) {
    match option.kind {
        OptionKind::Flag { default } => ("`true`, `false`".to_owned(), format!("`{default}`")),
        OptionKind::Number { default, min, max } => {
            let values = if max.abs() >= 1e300 { "a number".to_owned() } else { format!("{min} to {max}") };
            (values, default.map_or_else(|| "automatic".to_owned(), |default| format!("`{default}`")))
        }
        OptionKind::Choice { default, choices } => {
            let words: Vec<_> = choices.iter().map(|choice| format!("`{choice}`")).collect();
            (words.join(", "), format!("`{default}`"))
        }
        OptionKind::Text { form } => {
            let values = match form {
                TextForm::Line => "a text".to_owned(),
                TextForm::Names => format!("names, such as `{}`", form.example()),
                TextForm::Thresholds | TextForm::Notes => format!("lines, such as `{}`", form.example()),
            };
            (values, "none".to_owned())
        }
    }
}

/// `UPDATE_DOCS=1 cargo test -p spate-chart --test panels_doc` writes the page.
#[test]
fn the_page_about_panels_says_what_the_table_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/panels.md");
    let page = std::fs::read_to_string(path).unwrap();
    let marker = "<!-- from PANELS; the test panels_doc holds it to them -->\n";
    let (head, _) = page.split_once(marker).expect("the marker");
    let wanted = format!("{head}{marker}{}", tables());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &wanted).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), wanted, "run with UPDATE_DOCS=1");
}
