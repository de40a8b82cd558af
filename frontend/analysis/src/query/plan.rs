//! A query held against a schema: every name resolved, every fault found.

use spate_shared::batch::Batch;
use spate_shared::schema::Schema;
use spate_shared::time::Nanos;

use super::cells::Cell;
use super::{QueryError, QuerySpec};
use crate::aggregate::{self, Call, Parts, Takes, Value, hash};
use crate::expression::{Expression, Kind, Lanes, Scope, Values};
use crate::step::Lookup;
use crate::window::{Shared, Window};

/// The windows of a query, which share their panes.
pub(super) fn shared(first: Window, also: &[Window]) -> Result<Shared, QueryError> {
    let mut each = Vec::with_capacity(1 + also.len());
    for window in std::iter::once(&first).chain(also) {
        each.push(match window {
            Window::Tumbling(tumbling) => (*tumbling).into(),
            Window::Hopping(hopping) => *hopping,
            Window::Session(_) => {
                let why = format!(
                    "{window}: only tumbling and hopping windows share panes: ask for sessions alone"
                );
                return Err(QueryError::Also(why));
            }
        });
    }
    Shared::new(each).map_err(|error| QueryError::Also(error.to_string()))
}

/// A query that can run.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    scope: Scope,
    derived: Vec<Derived>,
    filters: Vec<Expression>,
    /// The field of ids, and how far apart two of one may be.
    dedup: Option<(usize, Nanos)>,
    by: Vec<usize>,
    inputs: Vec<Input>,
    columns: Vec<Column>,
}

/// A field that accumulators are fed from.
#[derive(Debug, Clone)]
struct Input {
    field: usize,
    is_label: bool,
    /// Each word of a text counts by itself.
    by_word: bool,
    parts: Parts,
}

/// How a field that is not in the stream comes about.
#[derive(Debug, Clone)]
pub(super) enum Derived {
    Expression(Expression),
    /// From the table's row whose key is the field's value.
    Lookup(usize, Lookup),
}

/// One column of the results.
#[derive(Debug, Clone)]
struct Column {
    call: Call,
    inputs: [Option<usize>; 2],
    unit: Option<String>,
}

/// A batch, ready to be aggregated.
pub(super) struct Prepared<'a> {
    /// Which events each filter let through.
    pub(super) passes: Vec<Lanes<'a>>,
    /// Which events have a number that is not finite; `None` when none has.
    pub(super) rejects: Option<Vec<bool>>,
    /// Ids, and how far apart two of one may be.
    pub(super) ids: Option<(Lanes<'a>, Nanos)>,
    /// The values to group by.
    pub(super) by: Vec<Lanes<'a>>,
    inputs: Vec<Fed<'a>>,
}

struct Fed<'a> {
    lanes: Lanes<'a>,
    /// Of the dictionary's texts, for labels.
    hashes: Vec<u64>,
    /// The words of the dictionary's texts and their hashes, when each counts by itself.
    words: Vec<Vec<(String, u64)>>,
    parts: Parts,
}

impl Plan {
    pub(super) fn new(spec: &QuerySpec, schema: &Schema) -> Result<Self, QueryError> {
        let durations = [Some(spec.watermark), Some(spec.lateness), spec.ahead, spec.idle];
        if durations.into_iter().flatten().any(|duration| duration < 0) {
            return Err(QueryError::Bound("watermark, lateness, ahead and idle must be at least 0"));
        }
        if spec.max_groups == 0 || spec.max_groups > 10_000_000 {
            return Err(QueryError::Bound("max_groups must be 1 to 10000000"));
        }
        if let Some(got) = spec.time.as_ref().filter(|name| **name != schema.time.name) {
            return Err(QueryError::Time { is: schema.time.name.clone(), got: got.clone() });
        }
        let mut plan = Self {
            scope: Scope::new(schema),
            derived: Vec::new(),
            filters: Vec::new(),
            dedup: None,
            by: Vec::new(),
            inputs: Vec::new(),
            columns: Vec::new(),
        };
        spec.steps.iter().try_for_each(|step| plan.add_step(step, &spec.tables))?;
        spec.derive.iter().try_for_each(|text| plan.add_derived(text))?;
        if let Some(text) = &spec.filter {
            plan.add_filter(text)?;
        }
        if let Some(dedup) = &spec.dedup {
            plan.dedup = Some((plan.find("dedup", &dedup.field)?.0, dedup.within));
        }
        for name in &spec.by {
            let (field, _) = plan.find("by", name)?;
            plan.by.push(field);
        }
        if spec.agg.is_empty() {
            return Err(QueryError::NoAggregates);
        }
        spec.agg.iter().try_for_each(|call| plan.add_column(call))?;
        Ok(plan)
    }

    pub(super) fn compile(&self, place: &'static str, text: &str) -> Result<Expression, QueryError> {
        Expression::compile(text, &self.scope).map_err(|error| QueryError::Expression { place, error })
    }

    pub(super) fn find(&self, place: &str, name: &str) -> Result<(usize, Kind), QueryError> {
        self.scope.find(name).ok_or_else(|| QueryError::Field {
            place: place.to_owned(),
            name: name.to_owned(),
            choices: self.scope.names(),
        })
    }

    pub(super) fn add_filter(&mut self, text: &str) -> Result<(), QueryError> {
        let filter = self.compile("where", text)?;
        if filter.kind() != Kind::Flag {
            return Err(QueryError::Filter(filter.kind().name()));
        }
        self.filters.push(filter);
        Ok(())
    }

    fn add_derived(&mut self, text: &str) -> Result<(), QueryError> {
        let (name, body) = text.split_once('=').ok_or_else(|| QueryError::Derive(text.to_owned()))?;
        let name = name.trim().trim_matches('`');
        if name.is_empty() || body.starts_with('=') {
            return Err(QueryError::Derive(text.to_owned()));
        }
        self.define(name, body.trim())
    }

    /// Adds a field under a name that is free.
    pub(super) fn define(&mut self, name: &str, body: &str) -> Result<(), QueryError> {
        self.must_be_free(name)?;
        let expression = self.compile("derive", body)?;
        self.push_derived(name, expression.kind(), None, Derived::Expression(expression));
        Ok(())
    }

    pub(super) fn must_be_free(&self, name: &str) -> Result<(), QueryError> {
        if self.scope.find(name).is_some() { Err(QueryError::Taken(name.to_owned())) } else { Ok(()) }
    }

    pub(super) fn rename(&mut self, field: usize, name: &str) {
        self.scope.rename(field, name.to_owned());
    }

    pub(super) fn unit_of(&self, field: &str) -> Option<String> {
        self.scope.unit(self.scope.find(field)?.0).map(str::to_owned)
    }

    pub(super) fn push_derived(&mut self, name: &str, kind: Kind, unit: Option<String>, derived: Derived) {
        self.scope.add(name.to_owned(), kind, unit);
        self.derived.push(derived);
    }

    fn add_column(&mut self, call: &Call) -> Result<(), QueryError> {
        let is_label = call.aggregate().takes == Takes::Label;
        let parts = (call.aggregate().parts)(call.number());
        let (mut inputs, mut unit) = ([None; 2], None);
        for (input, name) in inputs.iter_mut().zip(call.fields()) {
            let (field, kind) = self.find(&format!("agg: {call}"), name)?;
            if !is_label && matches!(kind, Kind::Text | Kind::Words) {
                let (call, field) = (call.to_string(), name.clone());
                return Err(QueryError::NotANumber { call, field, got: kind.name() });
            }
            *input = Some(self.add_input((field, kind), is_label, parts));
            if call.aggregate().has_unit {
                unit = self.scope.unit(field).map(str::to_owned);
            }
        }
        self.columns.push(Column { call: call.clone(), inputs, unit });
        Ok(())
    }

    fn add_input(&mut self, (field, kind): (usize, Kind), is_label: bool, parts: Parts) -> usize {
        let known = self.inputs.iter().position(|input| input.field == field && input.is_label == is_label);
        let at = known.unwrap_or_else(|| {
            self.inputs.push(Input { field, is_label, by_word: is_label && kind == Kind::Words, parts });
            self.inputs.len() - 1
        });
        self.inputs[at].parts = self.inputs[at].parts.or(parts);
        at
    }

    /// The unit of an aggregate's values.
    pub(super) fn unit(&self, column: usize) -> Option<&str> {
        self.columns.get(column)?.unit.as_deref()
    }

    /// How many accumulators a cell has, and what each keeps.
    pub(super) fn parts(&self) -> impl ExactSizeIterator<Item = Parts> {
        self.inputs.iter().map(|input| input.parts)
    }

    /// Computes everything that is computed a column at a time.
    pub(super) fn prepare<'a>(&self, batch: &'a Batch) -> Prepared<'a> {
        let mut derived: Vec<Lanes<'a>> = Vec::with_capacity(self.derived.len());
        for of in &self.derived {
            let lanes = match of {
                Derived::Expression(expression) => expression.evaluate(&self.scope, batch, &derived),
                Derived::Lookup(key, lookup) => lookup.evaluate(self.scope.lanes(*key, batch, &derived)),
            };
            derived.push(lanes);
        }
        let lanes = |field: usize| self.scope.lanes(field, batch, &derived);
        let inputs: Vec<Fed<'a>> =
            self.inputs.iter().map(|input| Fed::new(lanes(input.field), input)).collect();
        Prepared {
            passes: self.filters.iter().map(|filter| filter.evaluate(&self.scope, batch, &derived)).collect(),
            rejects: rejects(&inputs, batch.len()),
            ids: self.dedup.map(|(field, within)| (lanes(field), within)),
            by: self.by.iter().map(|field| lanes(*field)).collect(),
            inputs,
        }
    }

    /// What the columns say of a window of so many seconds.
    pub(super) fn values(&self, seconds: f64, cell: Cell<'_>) -> Vec<Value> {
        let value = |column: &Column| {
            let of = |input: Option<usize>| input.map(|input| &cell.accumulators[input]);
            let ([values, others], number) = (column.inputs, column.call.number());
            (column.call.aggregate().value)(&aggregate::Window {
                events: cell.events,
                values: of(values),
                others: of(others),
                seconds,
                number,
            })
        };
        self.columns.iter().map(value).collect()
    }
}

impl<'a> Fed<'a> {
    fn new(lanes: Lanes<'a>, input: &Input) -> Self {
        let lanes = match (input.is_label, &lanes.values) {
            (true, Values::Numbers(_) | Values::Flags(_)) => lanes.into_labels(),
            (false, Values::Flags(_)) => lanes.into_numbers(),
            _ => lanes,
        };
        let words = match &lanes.values {
            Values::Texts { dictionary, .. } if input.by_word => {
                let words =
                    |text: &str| text.split_whitespace().map(|word| (word.to_owned(), hash(word))).collect();
                dictionary.iter().map(|text| words(text)).collect()
            }
            _ => Vec::new(),
        };
        let hashes = match &lanes.values {
            Values::Texts { dictionary, .. } if input.parts.distinct => {
                dictionary.iter().map(|text| hash(text)).collect()
            }
            Values::Texts { dictionary, .. } => vec![0; dictionary.len()],
            _ => Vec::new(),
        };
        Self { lanes, hashes, words, parts: input.parts }
    }
}

fn rejects(inputs: &[Fed<'_>], len: usize) -> Option<Vec<bool>> {
    let mut rejects: Option<Vec<bool>> = None;
    for input in inputs {
        let Values::Numbers(numbers) = &input.lanes.values else { continue };
        // A missing slot holds a finite number, or one that does not count.
        if numbers.iter().all(|number| number.is_finite()) {
            continue;
        }
        let rejects = rejects.get_or_insert_with(|| vec![false; len]);
        for (row, (reject, number)) in rejects.iter_mut().zip(numbers.iter()).enumerate() {
            *reject |= !number.is_finite() && input.lanes.is_present(row);
        }
    }
    rejects
}

impl Prepared<'_> {
    /// Whether every event is let through and none is looked up by its id.
    pub(super) fn is_plain(&self) -> bool {
        self.passes.is_empty() && self.rejects.is_none() && self.ids.is_none()
    }

    /// Adds an event's values to the accumulators of its cell.
    #[inline]
    pub(super) fn add(&self, row: usize, time: Nanos, accumulators: &mut [crate::aggregate::Accumulator]) {
        for (input, accumulator) in self.inputs.iter().zip(accumulators) {
            if !input.lanes.is_present(row) {
                continue;
            }
            match &input.lanes.values {
                Values::Numbers(numbers) => accumulator.add(time, numbers[row], input.parts),
                Values::Texts { dictionary, codes } => {
                    let code = codes[row] as usize;
                    if let Some(words) = input.words.get(code) {
                        for (word, hash) in words {
                            accumulator.add_label(word, *hash, input.parts);
                        }
                        continue;
                    }
                    accumulator.add_label(&dictionary[code], input.hashes[code], input.parts);
                }
                Values::Flags(_) => {}
            }
        }
    }
}
