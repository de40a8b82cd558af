//! A query held against a schema: every name resolved, every fault found.

use spate_shared::batch::Batch;
use spate_shared::schema::Schema;
use spate_shared::time::Nanos;

use super::QuerySpec;
use super::cells::Cell;
use crate::aggregate::{Call, Parts, Takes, Value, Window, hash};
use crate::expression::{Expression, ExpressionError, Kind, Lanes, Scope, Values};
use crate::window::Interval;

/// Why a query cannot be answered from a stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The named time is not the stream's.
    #[error("time: the stream's event time is {is:?}, got {got:?}")]
    Time {
        /// The stream's.
        is: String,
        /// The query's.
        got: String,
    },
    /// A field is not in the stream.
    #[error("{place}: no field is called {name:?}: choose one of {choices}")]
    Field {
        /// Which part of the query.
        place: String,
        /// The name.
        name: String,
        /// The fields there are.
        choices: String,
    },
    /// A field holds what the aggregate cannot use.
    #[error("agg: {call}: {field:?} is {got}, not a number; distinct and topN take any field")]
    NotANumber {
        /// The aggregate.
        call: String,
        /// The field.
        field: String,
        /// What it holds.
        got: &'static str,
    },
    /// Nothing to compute.
    #[error("agg: name at least one aggregate, such as count or mean(v)")]
    NoAggregates,
    /// A derived field is not written `name = expression`.
    #[error("derive: expected NAME = EXPRESSION, got {0:?}")]
    Derive(String),
    /// A derived field has a name that is taken.
    #[error("derive: there is a field {0:?} already: choose another name")]
    Taken(String),
    /// The filter is not true or false.
    #[error("where: expected true or false, such as v > 0, got {0}")]
    Filter(&'static str),
    /// An expression is wrong.
    #[error("{place}: {error}")]
    Expression {
        /// Which part of the query.
        place: &'static str,
        /// What is wrong, and where.
        error: ExpressionError,
    },
    /// A duration below 0, or no room for groups.
    #[error("{0}")]
    Bound(&'static str),
}

/// A query that can run.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    scope: Scope,
    derived: Vec<Expression>,
    filter: Option<Expression>,
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
    parts: Parts,
}

/// One column of the results.
#[derive(Debug, Clone)]
struct Column {
    call: Call,
    inputs: [Option<usize>; 2],
}

/// A batch, ready to be aggregated.
pub(super) struct Prepared<'a> {
    /// Which events the filter let through; `None` when there is no filter.
    pub(super) passes: Option<Lanes<'a>>,
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
            filter: None,
            dedup: None,
            by: Vec::new(),
            inputs: Vec::new(),
            columns: Vec::new(),
        };
        spec.derive.iter().try_for_each(|text| plan.add_derived(text))?;
        if let Some(text) = &spec.filter {
            let filter = plan.compile("where", text)?;
            if filter.kind() != Kind::Flag {
                return Err(QueryError::Filter(filter.kind().name()));
            }
            plan.filter = Some(filter);
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

    fn compile(&self, place: &'static str, text: &str) -> Result<Expression, QueryError> {
        Expression::compile(text, &self.scope).map_err(|error| QueryError::Expression { place, error })
    }

    fn find(&self, place: &str, name: &str) -> Result<(usize, Kind), QueryError> {
        self.scope.find(name).ok_or_else(|| QueryError::Field {
            place: place.to_owned(),
            name: name.to_owned(),
            choices: self.scope.names(),
        })
    }

    fn add_derived(&mut self, text: &str) -> Result<(), QueryError> {
        let (name, body) = text.split_once('=').ok_or_else(|| QueryError::Derive(text.to_owned()))?;
        let name = name.trim().trim_matches('`');
        if name.is_empty() || body.starts_with('=') {
            return Err(QueryError::Derive(text.to_owned()));
        }
        if self.scope.find(name).is_some() {
            return Err(QueryError::Taken(name.to_owned()));
        }
        let expression = self.compile("derive", body.trim())?;
        self.scope.add(name.to_owned(), expression.kind());
        self.derived.push(expression);
        Ok(())
    }

    fn add_column(&mut self, call: &Call) -> Result<(), QueryError> {
        let is_label = call.aggregate().takes == Takes::Label;
        let parts = (call.aggregate().parts)(call.number());
        let mut inputs = [None; 2];
        for (input, name) in inputs.iter_mut().zip(call.fields()) {
            let (field, kind) = self.find(&format!("agg: {call}"), name)?;
            if !is_label && kind == Kind::Text {
                let (call, field) = (call.to_string(), name.clone());
                return Err(QueryError::NotANumber { call, field, got: kind.name() });
            }
            *input = Some(self.add_input(field, is_label, parts));
        }
        self.columns.push(Column { call: call.clone(), inputs });
        Ok(())
    }

    fn add_input(&mut self, field: usize, is_label: bool, parts: Parts) -> usize {
        let known = self.inputs.iter().position(|input| input.field == field && input.is_label == is_label);
        let at = known.unwrap_or_else(|| {
            self.inputs.push(Input { field, is_label, parts });
            self.inputs.len() - 1
        });
        self.inputs[at].parts = self.inputs[at].parts.or(parts);
        at
    }

    /// How many accumulators a cell has, and what each keeps.
    pub(super) fn parts(&self) -> impl ExactSizeIterator<Item = Parts> {
        self.inputs.iter().map(|input| input.parts)
    }

    /// Computes everything that is computed a column at a time.
    pub(super) fn prepare<'a>(&self, batch: &'a Batch) -> Prepared<'a> {
        let mut derived: Vec<Lanes<'a>> = Vec::with_capacity(self.derived.len());
        for expression in &self.derived {
            let lanes = expression.evaluate(&self.scope, batch, &derived);
            derived.push(lanes);
        }
        let lanes = |field: usize| self.scope.lanes(field, batch, &derived);
        let inputs: Vec<Fed<'a>> =
            self.inputs.iter().map(|input| Fed::new(lanes(input.field), input)).collect();
        Prepared {
            passes: self.filter.as_ref().map(|filter| filter.evaluate(&self.scope, batch, &derived)),
            rejects: rejects(&inputs, batch.len()),
            ids: self.dedup.map(|(field, within)| (lanes(field), within)),
            by: self.by.iter().map(|field| lanes(*field)).collect(),
            inputs,
        }
    }

    /// What the columns say of a window.
    pub(super) fn values(&self, interval: Interval, cell: Cell<'_>) -> Vec<Value> {
        let value = |column: &Column| {
            let [values, others] = column.inputs.map(|input| input.map(|input| &cell.accumulators[input]));
            let (number, seconds) = (column.call.number(), interval.seconds());
            (column.call.aggregate().value)(&Window { events: cell.events, values, others, seconds, number })
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
        let hashes = match &lanes.values {
            Values::Texts { dictionary, .. } if input.parts.distinct => {
                dictionary.iter().map(|text| hash(text)).collect()
            }
            Values::Texts { dictionary, .. } => vec![0; dictionary.len()],
            _ => Vec::new(),
        };
        Self { lanes, hashes, parts: input.parts }
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
                    accumulator.add_label(&dictionary[code], input.hashes[code], input.parts);
                }
                Values::Flags(_) => {}
            }
        }
    }
}
