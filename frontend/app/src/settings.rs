//! A panel's settings while they are changed: what is typed, and what of it is wrong.

mod values;
mod window;

use std::collections::BTreeMap;

use spate_chart::options::{OptionKind, OptionSpec, OptionValue, Options};
use spate_chart::panel::{PanelKind, kind};
use spate_shared::catalog::StreamInfo;
use spate_shared::schema::Role;
use spate_worker::panel::takes_query;
use spate_worker::protocol::FieldFilter;
use spate_worker::query_form::{QueryAnswer, QueryPart, QueryParts, QueryQuestion};
use spate_worker::tables::Line;

use crate::document::{PanelDocument, Place};

pub(crate) use window::WindowText;

/// A panel that is being changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Draft {
    /// The panel; its options and its query are as they were.
    pub(crate) panel: PanelDocument,
    /// What was typed, by option; options that are not here are at their default.
    typed: BTreeMap<String, String>,
    /// Whether it shows results of windows instead of values as they are.
    pub(crate) has_windows: bool,
    /// The parts of its query; `None` until the worker told them.
    pub(crate) parts: Option<QueryParts>,
}

/// What the worker said of a query that is being typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct QueryCheck {
    /// Number of the latest question.
    pub(crate) latest: u32,
    /// The latest answer; perhaps of an earlier question.
    pub(crate) answer: Option<QueryAnswer>,
}

impl QueryCheck {
    /// What is wrong with a part, and what would be right.
    pub(crate) fn problem(&self, part: QueryPart) -> Option<String> {
        let problems = &self.answer.as_ref()?.problems;
        problems.iter().find(|(of, _)| *of == part).map(|(_, why)| why.clone())
    }

    /// The answer to the latest question.
    pub(crate) fn current(&self) -> Option<&QueryAnswer> {
        self.answer.as_ref().filter(|answer| answer.request == self.latest)
    }
}

impl Draft {
    /// A panel of a document, to be changed.
    pub(crate) fn of(panel: PanelDocument) -> Self {
        let typed = panel.options.0.iter().map(|(name, value)| (name.clone(), text_of(value))).collect();
        Self { typed, has_windows: panel.query.is_some(), parts: None, panel }
    }

    /// The panel is like this now: what was typed stays when it says the same.
    pub(crate) fn follow(&mut self, panel: PanelDocument, check: &QueryCheck) {
        if self.document(check).as_ref() == Some(&panel) {
            self.panel = panel;
        } else {
            *self = Self::of(panel);
        }
    }

    /// What kind it is; none when this version does not know it.
    pub(crate) fn kind(&self) -> Option<&'static PanelKind> {
        kind(&self.panel.kind)
    }

    /// Whether its kind can show results of windows.
    pub(crate) fn takes_query(&self) -> bool {
        takes_query(&self.panel.kind)
    }

    /// Another kind, of what is shown now as far as it can be.
    pub(crate) fn set_kind(&mut self, kind: String, streams: &[StreamInfo]) {
        self.panel.kind = kind;
        self.fit(streams);
    }

    /// Another stream; what was said of the other's fields goes.
    pub(crate) fn set_stream(&mut self, stream: String, streams: &[StreamInfo]) {
        self.panel.stream = stream;
        self.panel.filter.clear();
        self.panel.query = None;
        self.parts = None;
        self.fit(streams);
    }

    /// Chooses what its kind needs and nobody chose.
    fn fit(&mut self, streams: &[StreamInfo]) {
        let known = self.streams(streams);
        if !known.contains(&self.panel.stream) {
            self.panel.stream = known.into_iter().next().unwrap_or_default();
        }
        let fields = self.fields(streams);
        if !fields.contains(&self.panel.measure) {
            self.panel.measure = fields.into_iter().next().unwrap_or_default();
        }
    }

    /// The streams it can show; an empty name stands for all of them.
    pub(crate) fn streams(&self, streams: &[StreamInfo]) -> Vec<String> {
        let all = matches!(&*self.panel.kind, "swimlanes" | "alerts").then(String::new);
        let one = (self.panel.kind != "alerts").then(|| streams.iter().map(|stream| stream.name.clone()));
        all.into_iter().chain(one.into_iter().flatten()).collect()
    }

    /// The fields of its stream that it can show; an empty name stands for all of them.
    pub(crate) fn fields(&self, streams: &[StreamInfo]) -> Vec<String> {
        let all = matches!(&*self.panel.kind, "swimlanes" | "alerts" | "table" | "event_log");
        let mut fields: Vec<String> = all.then(String::new).into_iter().collect();
        fields.extend(self.named(streams, Role::Measure));
        if self.panel.kind == "state_timeline" {
            fields.extend(self.named(streams, Role::Dimension));
            fields.extend(self.named(streams, Role::Text));
        }
        fields
    }

    /// What its stream's events can be grouped and chosen by.
    pub(crate) fn dimensions(&self, streams: &[StreamInfo]) -> Vec<String> {
        self.named(streams, Role::Dimension)
    }

    /// Names of the measures of its stream.
    pub(crate) fn measures(&self, streams: &[StreamInfo]) -> Vec<String> {
        self.named(streams, Role::Measure)
    }

    fn named(&self, streams: &[StreamInfo], role: Role) -> Vec<String> {
        let Some(stream) = streams.iter().find(|stream| stream.name == self.panel.stream) else {
            return Vec::new();
        };
        let name = |index: usize| stream.schema.fields[index].name.clone();
        stream.schema.with_role(role).map(name).collect()
    }

    /// What was typed for an option; empty for its default.
    pub(crate) fn text(&self, option: &OptionSpec) -> String {
        self.typed.get(option.name).cloned().unwrap_or_default()
    }

    /// Whether an option is on.
    pub(crate) fn flag(&self, option: &OptionSpec) -> bool {
        let OptionKind::Flag { default } = option.kind else { return false };
        self.typed.get(option.name).map_or(default, |text| text == "true")
    }

    /// Types something for an option.
    pub(crate) fn type_in(&mut self, option: &OptionSpec, text: String) {
        self.typed.insert(option.name.to_owned(), text);
    }

    /// Why what was typed for an option does not suit it.
    pub(crate) fn complaint(&self, option: &OptionSpec) -> Option<String> {
        value(option, &self.text(option)).err()
    }

    /// The values of a dimension whose events are shown, as people type them; empty for all.
    pub(crate) fn chosen(&self, dimension: &str) -> String {
        let filter = self.panel.filter.iter().find(|filter| filter.field == dimension);
        filter.map(|filter| values::write(&filter.values)).unwrap_or_default()
    }

    /// Shows events with these values of a dimension only.
    pub(crate) fn choose(&mut self, dimension: &str, text: &str) {
        let values = values::read(text);
        self.panel.filter.retain(|filter| filter.field != dimension);
        if !values.is_empty() {
            self.panel.filter.push(FieldFilter { field: dimension.to_owned(), values });
        }
    }

    /// What to ask the worker about its query; nothing when it has none.
    pub(crate) fn question(&self) -> Option<QueryQuestion> {
        (self.has_windows && self.takes_query()).then(|| QueryQuestion {
            request: 0,
            stream: self.panel.stream.clone(),
            measure: self.panel.measure.clone(),
            query: self.panel.query.as_ref().map(ToString::to_string).unwrap_or_default(),
            parts: self.parts.clone(),
        })
    }

    /// The panel as it was changed; nothing while something is wrong, or not known to be right.
    pub(crate) fn document(&self, check: &QueryCheck) -> Option<PanelDocument> {
        let specs = self.kind()?.options;
        let mut options = BTreeMap::new();
        for spec in specs {
            let value = value(spec, &self.text(spec)).ok()?;
            options.extend(value.map(|value| (spec.name.to_owned(), value)));
        }
        let query = match self.question() {
            Some(_) => Some(serde_json::from_str(check.current()?.query.as_ref()?).ok()?),
            None => None,
        };
        Some(PanelDocument { query, options: Options(options), ..self.panel.clone() })
    }

    /// The panel as one more, in a place that suits its kind.
    pub(crate) fn document_beside(&self, check: &QueryCheck) -> Option<PanelDocument> {
        let panel = self.document(check)?;
        let place = if panel.kind == "stat" { Place { w: 6, h: 3, ..panel.place } } else { panel.place };
        Some(PanelDocument { place: place.suiting(&panel.kind), ..panel })
    }
}

/// An aggregate as a query calls it: of a measure, and of another one where it takes two.
pub(crate) fn call(line: &Line, measure: &str, measures: &[String]) -> String {
    let name = if line.name == "pN" { "p95" } else { line.name };
    let other = measures.iter().find(|other| *other != measure).map_or(measure, String::as_str);
    match line.form {
        "(a)" => format!("{name}({measure})"),
        "(a, b)" => format!("{name}({measure}, {other})"),
        _ => name.to_owned(),
    }
}

/// A value as people type it.
fn text_of(value: &OptionValue) -> String {
    match value {
        OptionValue::Text(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What was typed as a value; `None` for the default.
fn value(option: &OptionSpec, typed: &str) -> Result<Option<OptionValue>, String> {
    let text = typed.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let value = match option.kind {
        OptionKind::Flag { .. } => text.parse().ok().map(OptionValue::Flag),
        OptionKind::Number { .. } => text.parse().ok().map(OptionValue::Number),
        OptionKind::Choice { .. } | OptionKind::Text { .. } => None,
    };
    let value = value.unwrap_or_else(|| OptionValue::Text(typed.trim_end().to_owned()));
    match option.complaint(&value) {
        Some(why) => Err(why),
        None => Ok(Some(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog_dashboard::tests::stream;
    use spate_chart::panel::PANELS;
    use spate_worker::tables::AGGREGATE_LINES;

    fn draft(kind: &str) -> Draft {
        let (kind, stream, measure) = (kind.to_owned(), "a".to_owned(), "x".to_owned());
        Draft::of(PanelDocument { kind, stream, measure, ..PanelDocument::default() })
    }

    fn option(kind_id: &str, name: &str) -> &'static OptionSpec {
        let kind = kind(kind_id).expect("in the table");
        kind.options.iter().find(|option| option.name == name).expect("in the table")
    }

    #[test]
    fn what_is_not_touched_stays_at_its_default() {
        for kind in PANELS {
            let draft = draft(kind.id);
            assert_eq!(draft.document(&QueryCheck::default()), Some(draft.panel.clone()), "{}", kind.id);
        }
    }

    #[test]
    fn a_wrong_option_is_told_and_keeps_the_panel_as_it_is() {
        let mut draft = draft("heatmap");
        let rows = option("heatmap", "rows");
        draft.type_in(rows, "500".to_owned());
        assert_eq!(
            draft.complaint(rows).as_deref(),
            Some("option rows takes a number from 2 to 100, not 500")
        );
        assert_eq!(draft.document(&QueryCheck::default()), None);
        draft.type_in(rows, "many".to_owned());
        assert!(draft.complaint(rows).is_some_and(|why| why.contains("takes a number")));
        draft.type_in(rows, " 40 ".to_owned());
        let panel = draft.document(&QueryCheck::default()).expect("right");
        assert_eq!(panel.options.0["rows"], OptionValue::Number(40.0));
        assert_eq!(Draft::of(panel).text(rows), "40");
    }

    #[test]
    fn options_of_another_kind_are_left_behind() {
        let mut draft = draft("heatmap");
        draft.type_in(option("heatmap", "rows"), "40".to_owned());
        draft.set_kind("histogram".to_owned(), &[stream("a", &["x"])]);
        assert_eq!(
            draft.document(&QueryCheck::default()).map(|panel| panel.options),
            Some(Options::default())
        );
    }

    #[test]
    fn a_kind_gets_what_it_needs_and_nobody_chose() {
        let streams = [stream("a", &["x", "y"]), stream("b", &["z"])];
        let mut draft = draft("alerts");
        let mut check = |kind: &str, expect| {
            draft.set_kind(kind.to_owned(), &streams);
            assert_eq!((&*draft.panel.stream, &*draft.panel.measure), expect, "{kind}");
        };
        check("alerts", ("", ""));
        check("swimlanes", ("", ""));
        check("gauge", ("a", "x"));
        check("table", ("a", "x"));
        draft.set_stream("b".to_owned(), &streams);
        assert_eq!((&*draft.panel.stream, &*draft.panel.measure), ("b", ""));
        draft.set_kind("state_timeline".to_owned(), &streams);
        assert_eq!((draft.fields(&streams), &*draft.panel.measure), (vec!["z".into(), "host".into()], "z"));
    }

    #[test]
    fn a_query_counts_only_once_the_worker_answered_the_latest_question() {
        let mut draft = draft("time_series");
        draft.has_windows = true;
        assert!(
            draft.question().is_some_and(|question| question.query.is_empty() && question.measure == "x")
        );
        let answer = QueryAnswer {
            request: 1,
            parts: QueryParts::default(),
            problems: Vec::new(),
            query: Some(r#"{"agg":["count"]}"#.to_owned()),
        };
        let check = |latest| QueryCheck { latest, answer: Some(answer.clone()) };
        assert_eq!(draft.document(&check(2)), None);
        let panel = draft.document(&check(1)).expect("right");
        assert_eq!(panel.query.as_ref().map(ToString::to_string).as_deref(), Some(r#"{"agg":["count"]}"#));
        assert!(Draft::of(panel).has_windows);
        draft.parts = Some(QueryParts::default());
        draft.follow(draft.document(&check(1)).expect("right"), &check(1));
        assert!(draft.parts.is_some(), "what is typed stays");
        draft.follow(PanelDocument::default(), &check(1));
        assert_eq!(draft, Draft::of(PanelDocument::default()));
        let mut draft = self::draft("time_series");
        draft.has_windows = true;
        draft.set_kind("heatmap".to_owned(), &[stream("a", &["x"])]);
        assert_eq!(draft.document(&check(2)).map(|panel| panel.query), Some(None));
    }

    #[test]
    fn every_aggregate_of_the_table_is_called_as_it_takes_fields() {
        let measures = ["x", "y"].map(str::to_owned);
        let calls = AGGREGATE_LINES.map(|line| call(&line, "x", &measures));
        for expect in ["count", "mean(x)", "p95(x)", "ratio(x, y)", "distinct(x)"] {
            assert!(calls.iter().any(|call| call == expect), "{expect} in {calls:?}");
        }
    }

    #[test]
    fn values_of_a_dimension_are_a_filter() {
        let mut draft = draft("heatmap");
        draft.choose("host", " a ,b,");
        let filter = [FieldFilter { field: "host".into(), values: vec!["a".into(), "b".into()] }];
        assert_eq!((draft.chosen("host").as_str(), draft.panel.filter.as_slice()), ("a, b", &filter[..]));
        draft.choose("host", " ");
        assert_eq!(draft.panel.filter, []);
    }

    #[test]
    fn one_more_panel_is_as_large_as_its_kind_needs() {
        let mut draft = draft("stat");
        draft.panel.place = Place { x: 3, y: 0, w: 6, h: 3 };
        let size = |draft: &Draft| {
            let place = draft.document_beside(&QueryCheck::default()).expect("right").place;
            (place.w, place.h)
        };
        assert_eq!(size(&draft), (6, 3));
        draft.set_kind("heatmap".to_owned(), &[stream("a", &["x"])]);
        assert_eq!(size(&draft), (9, 6));
    }
}
