//! A panel's query as a form has it: parts of text, and what is wrong with each.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::{Deserialize, Serialize};
use spate_analysis::aggregate::{Call, CallError};
use spate_analysis::query::{DEFAULT_MAX_GROUPS, Emit, QueryError, QuerySpec, WindowQuery};
use spate_analysis::stream::Stream;
use spate_analysis::window::{Tumbling, Window};
use spate_shared::time::{self, Nanos};

/// The parts of a query, as they are typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryParts {
    /// The windows: `hopping 10m/1m`.
    pub window: String,
    /// Aggregates, separated by commas.
    pub aggregates: String,
    /// Fields to group by.
    pub by: Vec<String>,
    /// Computed fields, `name = expression`, one a line.
    pub derive: String,
    /// Which events count; empty for all.
    pub filter: String,
    /// How far out of order events may be; empty for not at all.
    pub watermark: String,
    /// How long a window takes late events; empty for not at all.
    pub lateness: String,
}

/// Which part of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum QueryPart {
    /// The windows.
    Window,
    /// The aggregates.
    Aggregates,
    /// The fields to group by.
    By,
    /// The computed fields.
    Derive,
    /// Which events count.
    Filter,
    /// How far out of order events may be.
    Watermark,
    /// How long a window takes late events.
    Lateness,
    /// What no form shows: steps, tables, bounds.
    Rest,
}

/// Is this a query of that stream?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryQuestion {
    /// Comes back with the answer.
    pub request: u32,
    /// The stream.
    pub stream: String,
    /// The measure that a new query is about; empty for none.
    pub measure: String,
    /// JSON of the query that is changed; empty for a new one.
    pub query: String,
    /// What is changed; nothing when `None`.
    pub parts: Option<QueryParts>,
}

/// What a form shows of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryAnswer {
    /// The question's.
    pub request: u32,
    /// The query's parts, as they were asked about or as they are.
    pub parts: QueryParts,
    /// What is wrong, and what would be right.
    pub problems: Vec<(QueryPart, String)>,
    /// JSON of the query; `None` while something is wrong.
    pub query: Option<String>,
}

/// Whether a panel can draw what an aggregate of a name gives: numbers, not lists.
pub const fn is_drawn(aggregate: &str) -> bool {
    !matches!(aggregate.as_bytes(), b"histogram" | b"topN")
}

/// Holds a query against the stream, which is `None` before its first event: then fields are not looked for.
pub fn check(question: &QueryQuestion, stream: Option<&Stream>) -> QueryAnswer {
    let mut problems = Vec::new();
    let mut spec = match serde_json::from_str(&question.query) {
        _ if question.query.is_empty() => first(&question.measure, stream),
        Ok(spec) => spec,
        Err(error) => {
            problems
                .push((QueryPart::Rest, format!("the query is written anew, since it was none: {error}")));
            first(&question.measure, stream)
        }
    };
    let parts = question.parts.clone().unwrap_or_else(|| QueryParts::of(&spec));
    if question.parts.is_some() {
        problems = parts.read_into(&mut spec);
    }
    if let (true, Some(stream)) = (problems.is_empty(), stream) {
        let fault = WindowQuery::new(&spec, stream.schema(), Emit::Changes).err();
        problems.extend(fault.map(|fault| (part_of(&fault), fault.to_string())));
    }
    let query = problems.is_empty().then(|| serde_json::to_string(&spec).ok()).flatten();
    QueryAnswer { request: question.request, parts, problems, query }
}

/// A new query: the mean of a measure, or how many events there are, in windows that suit the stream's pace.
fn first(measure: &str, stream: Option<&Stream>) -> QuerySpec {
    let window = stream.map_or_else(|| Tumbling::aligned(time::MINUTE), |stream| stream.config().window);
    let call = if measure.is_empty() { "count".to_owned() } else { format!("mean({measure})") };
    QuerySpec {
        time: None,
        by: Vec::new(),
        window: Window::Tumbling(window),
        also: Vec::new(),
        agg: call.parse().ok().into_iter().collect(),
        steps: Vec::new(),
        tables: BTreeMap::new(),
        derive: Vec::new(),
        filter: None,
        dedup: None,
        watermark: 0,
        lateness: 0,
        ahead: None,
        idle: None,
        max_groups: DEFAULT_MAX_GROUPS,
    }
}

impl QueryParts {
    fn of(spec: &QuerySpec) -> Self {
        let calls: Vec<_> = spec.agg.iter().map(ToString::to_string).collect();
        let duration = |nanos: Nanos| if nanos == 0 { String::new() } else { time::format_duration(nanos) };
        Self {
            window: spec.window.to_string(),
            aggregates: calls.join(", "),
            by: spec.by.clone(),
            derive: spec.derive.join("\n"),
            filter: spec.filter.clone().unwrap_or_default(),
            watermark: duration(spec.watermark),
            lateness: duration(spec.lateness),
        }
    }

    /// Changes a query, and says what cannot be read.
    fn read_into(&self, spec: &mut QuerySpec) -> Vec<(QueryPart, String)> {
        let mut problems = Vec::new();
        let mut fault =
            |part, result: Result<(), String>| problems.extend(result.err().map(|why| (part, why)));
        fault(QueryPart::Window, set(&mut spec.window, self.window.parse::<Window>()));
        fault(QueryPart::Aggregates, set(&mut spec.agg, calls(&self.aggregates)));
        fault(QueryPart::Watermark, set(&mut spec.watermark, duration(&self.watermark)));
        fault(QueryPart::Lateness, set(&mut spec.lateness, duration(&self.lateness)));
        spec.by.clone_from(&self.by);
        spec.derive = lines(&self.derive);
        spec.filter = Some(self.filter.trim().to_owned()).filter(|filter| !filter.is_empty());
        problems
    }
}

fn set<T, E: Display>(to: &mut T, read: Result<T, E>) -> Result<(), String> {
    read.map(|value| *to = value).map_err(|error| error.to_string())
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn duration(text: &str) -> Result<Nanos, time::TimeError> {
    if text.trim().is_empty() { Ok(0) } else { time::parse_duration(text.trim()) }
}

/// Aggregates separated by commas; those within brackets belong to them.
fn calls(text: &str) -> Result<Vec<Call>, String> {
    let mut depth = 0_i32;
    let separates = |letter: char| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        letter == ',' && depth <= 0
    };
    let calls = text.split(separates).map(str::trim).filter(|call| !call.is_empty());
    let call = |text: &str| {
        let call: Call = text.parse().map_err(|error: CallError| error.to_string())?;
        if is_drawn(call.aggregate().name) {
            return Ok(call);
        }
        Err(format!(
            "{call} gives a list, and a panel draws numbers: choose another, such as p95 or distinct"
        ))
    };
    calls.map(call).collect()
}

fn part_of(fault: &QueryError) -> QueryPart {
    match fault {
        QueryError::Field { place, .. } if place == "by" => QueryPart::By,
        QueryError::Field { place, .. } if place.starts_with("agg") => QueryPart::Aggregates,
        QueryError::NotANumber { .. } | QueryError::NoAggregates => QueryPart::Aggregates,
        QueryError::Derive(_) | QueryError::Taken(_) => QueryPart::Derive,
        QueryError::Expression { place, .. } if *place == "derive" => QueryPart::Derive,
        QueryError::Expression { place, .. } if *place == "where" => QueryPart::Filter,
        QueryError::Filter(_) => QueryPart::Filter,
        _ => QueryPart::Rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_analysis::Engine;
    use spate_analysis::stream::StreamConfig;
    use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};

    fn ask(query: &str, parts: Option<QueryParts>) -> QueryAnswer {
        let time = TimeField { name: "t".into(), source: TimeSource::Event };
        let fields = vec![Field::new("v", FieldType::F64), Field::new("host", FieldType::Category)];
        let mut engine = Engine::new();
        let stream =
            engine.open("s", Schema::new(time, fields), StreamConfig::new(Tumbling::aligned(time::MINUTE)));
        let question =
            QueryQuestion { request: 7, stream: "s".into(), measure: "v".into(), query: query.into(), parts };
        check(&question, Some(engine.stream(stream)))
    }

    fn check_problem(change: impl FnOnce(&mut QueryParts), part: QueryPart, says: &str) {
        let mut parts = ask("", None).parts;
        change(&mut parts);
        let answer = ask("", Some(parts));
        assert_eq!(answer.query, None);
        let [(found, why)] = &answer.problems[..] else { panic!("{:?}", answer.problems) };
        assert!(*found == part && why.contains(says), "{found:?}: {why}");
    }

    #[test]
    fn a_new_query_is_about_the_measure_and_right_as_it_is() {
        let answer = ask("", None);
        assert_eq!((answer.request, answer.parts.aggregates.as_str()), (7, "mean(v)"));
        assert!(answer.parts.window.starts_with("tumbling "), "{}", answer.parts.window);
        assert!(answer.query.is_some_and(|query| query.contains(r#""agg":["mean(v)"]"#)));
    }

    #[test]
    fn what_the_form_does_not_show_stays_in_the_query() {
        let query = r#"{"window":"session 30s","agg":["count"],"max_groups":9,"lateness":"10s","idle":"2s"}"#;
        let parts = ask(query, None).parts;
        assert_eq!((parts.window.as_str(), parts.lateness.as_str()), ("session 30s", "10s"));
        let changed = QueryParts {
            aggregates: "p95(w),ratio(v, w) , count".into(),
            by: vec!["host".into()],
            derive: "w = v * 2\n\n".into(),
            filter: " v > 0 ".into(),
            ..parts
        };
        let spec: QuerySpec =
            serde_json::from_str(&ask(query, Some(changed)).query.expect("a query")).expect("reads back");
        assert_eq!((spec.max_groups, spec.idle), (9, Some(2 * time::SECOND)));
        assert_eq!(spec.agg.len(), 3);
        assert_eq!((spec.derive, spec.filter.as_deref()), (vec!["w = v * 2".to_owned()], Some("v > 0")));
    }

    #[test]
    fn what_is_wrong_is_said_of_its_part() {
        check_problem(|parts| parts.window = "tumbling soon".into(), QueryPart::Window, "not a duration");
        check_problem(|parts| parts.aggregates = "median(v)".into(), QueryPart::Aggregates, "choose one of");
        check_problem(|parts| parts.aggregates = "mean(host)".into(), QueryPart::Aggregates, "not a number");
        check_problem(|parts| parts.aggregates = "top5(host)".into(), QueryPart::Aggregates, "gives a list");
        check_problem(|parts| parts.aggregates.clear(), QueryPart::Aggregates, "at least one");
        check_problem(|parts| parts.by = vec!["nobody".into()], QueryPart::By, "\"nobody\"");
        check_problem(|parts| parts.derive = "v = 1".into(), QueryPart::Derive, "already");
        check_problem(|parts| parts.filter = "v >".into(), QueryPart::Filter, "where");
        check_problem(|parts| parts.filter = "v + 1".into(), QueryPart::Filter, "true or false");
        check_problem(|parts| parts.watermark = "5".into(), QueryPart::Watermark, "5");
        check_problem(|parts| parts.lateness = "-1s".into(), QueryPart::Lateness, "-1s");
    }

    #[test]
    fn a_query_that_is_none_is_said_and_written_anew() {
        let answer = ask("{", None);
        assert_eq!(answer.problems[0].0, QueryPart::Rest);
        assert_eq!(answer.query, None);
        assert_eq!(ask("{", Some(answer.parts)).problems, []);
    }
}
