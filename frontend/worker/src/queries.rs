//! The queries of panels: asked of the engine once their stream has events, asked again when that may help, and dropped
//! when no panel has them any more. Panels with the same query share its answer.

use std::collections::{BTreeMap, BTreeSet};

use spate_analysis::engine::QueryId;
use spate_analysis::query::{Answer, QuerySpec};
use spate_analysis::{Engine, StreamId};
use spate_shared::schema::Schema;

use crate::protocol::{FieldFilter, PanelSpec};

/// What a panel asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ask {
    /// The stream.
    pub stream: String,
    /// The JSON of a [`QuerySpec`].
    pub query: String,
    /// What its events must suit besides.
    pub filter: Vec<FieldFilter>,
}

impl Ask {
    /// What a panel asks; `None` when it shows values as they are.
    pub fn of(spec: &PanelSpec) -> Option<Self> {
        let PanelSpec { stream, query, filter, .. } = spec;
        query.as_ref().map(|query| Self {
            stream: stream.clone(),
            query: query.clone(),
            filter: filter.clone(),
        })
    }

    fn read(&self, schema: &Schema) -> Result<QuerySpec, String> {
        let mut spec: QuerySpec =
            serde_json::from_str(&self.query).map_err(|error| format!("query: {error}"))?;
        let narrows =
            |filter: &&FieldFilter| !filter.values.is_empty() && schema.index_of(&filter.field).is_some();
        let mut conditions: Vec<String> = self.filter.iter().filter(narrows).map(condition).collect();
        if !conditions.is_empty() {
            conditions.splice(0..0, spec.filter.take());
            let each = conditions.iter().map(|one| format!("({one})"));
            spec.filter = Some(each.collect::<Vec<_>>().join(" and "));
        }
        Ok(spec)
    }
}

/// A filter as an expression.
fn condition(filter: &FieldFilter) -> String {
    let one = |value: &String| {
        let quote = if value.contains('\'') { '"' } else { '\'' };
        format!("text(`{}`) = {quote}{value}{quote}", filter.field)
    };
    filter.values.iter().map(one).collect::<Vec<_>>().join(" or ")
}

/// All queries of panels.
#[derive(Debug, Default)]
pub struct Queries {
    asked: BTreeMap<Ask, Asked>,
}

#[derive(Debug)]
struct Asked {
    schema_version: u16,
    answer: Result<QueryId, String>,
}

impl Queries {
    /// Asks what is wanted and not asked yet, and drops what is no longer wanted.
    pub fn follow<'a>(
        &mut self,
        wanted: impl Iterator<Item = &'a Ask>,
        engine: &mut Engine,
        stream_of: impl Fn(&str) -> Option<StreamId>,
    ) {
        let wanted: BTreeSet<&Ask> = wanted.collect();
        self.asked.retain(|ask, asked| {
            let is_wanted = wanted.contains(ask);
            if let (false, Ok(query)) = (is_wanted, &asked.answer) {
                engine.drop_query(*query);
            }
            is_wanted
        });
        for ask in wanted {
            let Some(stream) = stream_of(&ask.stream) else { continue };
            let schema = engine.stream(stream).schema();
            let schema_version = schema.version;
            let stands = self.asked.get(ask).is_some_and(|asked| match &asked.answer {
                Ok(query) => engine.answer(*query).is_some(),
                Err(_) => asked.schema_version == schema_version,
            });
            if !stands {
                let answer = ask
                    .read(schema)
                    .and_then(|spec| engine.ask(stream, &spec).map_err(|error| format!("query: {error}")));
                self.asked.insert(ask.clone(), Asked { schema_version, answer });
            }
        }
    }

    /// The answer so far, or why there is none; `None` before the stream's first event.
    pub fn answer<'a>(&'a self, engine: &'a Engine, ask: &Ask) -> Option<Result<&'a Answer, &'a str>> {
        match &self.asked.get(ask)?.answer {
            Ok(query) => engine.answer(*query).map(Ok),
            Err(reason) => Some(Err(reason)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_shared::schema::{Field, FieldType, TimeField, TimeSource};

    fn schema() -> Schema {
        let time = TimeField { name: "t".into(), source: TimeSource::Event };
        Schema::new(time, ["host", "up"].map(|name| Field::new(name, FieldType::Category)).into())
    }

    #[test]
    fn filters_narrow_what_the_query_itself_lets_through() {
        let filter = |field: &str, values: &[&str]| FieldFilter {
            field: field.to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        let ask = |query: &str, filter: Vec<FieldFilter>| {
            Ask { stream: "s".into(), query: query.into(), filter }.read(&schema()).expect("a query").filter
        };
        let query = r#"{"window": "tumbling 1m", "agg": ["count"]}"#;
        assert_eq!(ask(query, vec![filter("host", &[]), filter("no such", &["a"])]), None);
        assert_eq!(
            ask(query, vec![filter("host", &["a", "o'b"]), filter("up", &["true"])]).as_deref(),
            Some("(text(`host`) = 'a' or text(`host`) = \"o'b\") and (text(`up`) = 'true')")
        );
        let query = r#"{"window": "tumbling 1m", "agg": ["count"], "where": "v > 0 or v < -1"}"#;
        let both = ask(query, vec![filter("host", &["a"])]);
        assert_eq!(both.as_deref(), Some("(v > 0 or v < -1) and (text(`host`) = 'a')"));
    }

    #[test]
    fn a_query_that_is_none_says_where() {
        let ask =
            Ask { stream: "s".into(), query: "{\n \"window\": \"tumbling 0s\"}".into(), filter: Vec::new() };
        let reason = ask.read(&schema()).expect_err("no query");
        assert!(reason.starts_with("query: ") && reason.contains("line 2"), "{reason}");
    }
}
