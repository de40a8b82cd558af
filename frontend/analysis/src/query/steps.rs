//! Steps as fields and filters of a plan: most are expressions under another name.

use std::collections::BTreeMap;

use super::QueryError;
use super::plan::{Derived, Plan};
use crate::expression::Kind;
use crate::step::{Act, Cast, Lookup, Outside, Step, Table, conversion};

impl Plan {
    pub(super) fn add_step(
        &mut self,
        step: &Step,
        tables: &BTreeMap<String, String>,
    ) -> Result<(), QueryError> {
        let place = format!("step '{step}'");
        let fault = |why: String| QueryError::Step { step: step.to_string(), why };
        match step.act() {
            Act::Derive { name, expression } => self.define(name, expression),
            Act::Where(expression) => self.add_filter(expression),
            Act::Rename { field, to } => {
                let (at, _) = self.find(&place, field)?;
                self.must_be_free(to)?;
                self.rename(at, to);
                Ok(())
            }
            Act::Valid { field, low, high, outside } => {
                self.must_be(&place, step, field, Kind::Number)?;
                let low = low.map(|low| format!("`{field}` >= {low:e}"));
                let high = high.map(|high| format!("`{field}` <= {high:e}"));
                let inside = low.into_iter().chain(high).collect::<Vec<_>>().join(" and ");
                self.add_valid(step, field, outside, &inside)
            }
            Act::Convert { field, from, to } => {
                self.must_be(&place, step, field, Kind::Number)?;
                let (factor, offset) = conversion(from, to).map_err(fault)?;
                self.redefine(field, &format!("`{field}` * {factor:e} + {offset:e}"), Some(to.clone()))
            }
            Act::Cast { field, to } => {
                let (_, kind) = self.find(&place, field)?;
                let function = match (to, kind) {
                    (Cast::Number | Cast::Time, Kind::Number) | (Cast::Flag, Kind::Flag) => return Ok(()),
                    (Cast::Number, Kind::Text) => "number",
                    (Cast::Number, Kind::Flag) => {
                        return self.redefine(field, &format!("if(`{field}`, 1, 0)"), None);
                    }
                    (Cast::Text, _) => "text",
                    (Cast::Flag, Kind::Number | Kind::Text) => "flag",
                    (Cast::Time, Kind::Text) => "time",
                    (_, kind) => return Err(fault(format!("{field:?} is {}", kind.name()))),
                };
                self.redefine(field, &format!("{function}(`{field}`)"), None)
            }
            Act::Tokenise { field, name } => {
                self.must_be(&place, step, field, Kind::Text)?;
                self.define(name, &format!("words(`{field}`)"))
            }
            Act::Lookup { field, table, key, take } => {
                let (at, _) = self.find(&place, field)?;
                let choices = || tables.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                let text = tables.get(table);
                let text = text.ok_or_else(|| {
                    fault(format!("no table is called {table:?}: choose one of {}", choices()))
                })?;
                let columns =
                    Table::read(text).and_then(|table| Lookup::columns(&table, key.as_deref(), take));
                for column in columns.map_err(|error| fault(format!("table {table:?}: {error}")))? {
                    self.must_be_free(&column.name)?;
                    let (name, kind) = (column.name.clone(), column.kind);
                    self.push_derived(&name, kind, None, Derived::Lookup(at, column));
                }
                Ok(())
            }
        }
    }

    fn add_valid(
        &mut self,
        step: &Step,
        field: &str,
        outside: &Outside,
        inside: &str,
    ) -> Result<(), QueryError> {
        let Act::Valid { low, high, .. } = step.act() else { return Ok(()) };
        let (low, high) = (low.unwrap_or(f64::MIN), high.unwrap_or(f64::MAX));
        let unit = self.unit_of(field);
        match outside {
            Outside::Drop => self.add_filter(&format!("coalesce({inside}, true)")),
            Outside::Clamp => self.redefine(field, &format!("clamp(`{field}`, {low:e}, {high:e})"), unit),
            Outside::Null => self.redefine(field, &format!("valid(`{field}`, {low:e}, {high:e})"), unit),
            Outside::Flag(name) => self.define(name, inside),
        }
    }

    /// The field from now on is what the expression gives.
    fn redefine(&mut self, field: &str, body: &str, unit: Option<String>) -> Result<(), QueryError> {
        let expression = self.compile("steps", body)?;
        self.push_derived(field, expression.kind(), unit, Derived::Expression(expression));
        Ok(())
    }

    fn must_be(&self, place: &str, step: &Step, field: &str, kind: Kind) -> Result<(), QueryError> {
        let (_, got) = self.find(place, field)?;
        if got == kind {
            return Ok(());
        }
        let cast = if kind == Kind::Number { "number" } else { "text" };
        let why =
            format!("{field:?} is {}, not {}: 'cast {field} to {cast}' before it", got.name(), kind.name());
        Err(QueryError::Step { step: step.to_string(), why })
    }
}
