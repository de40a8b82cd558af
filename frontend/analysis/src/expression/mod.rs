//! Expressions over a stream's fields: `latency_ms / 1000 > 2 and host != 'test'`.
//!
//! Typed when compiled: numbers, flags (true, false) and text do not mix. Evaluated a column at a time.
//!
//! Contract: an operation on a missing value is missing, and so is a number that is not finite, such as `1 / 0`.
//! `and` and `or` know their result when one side settles it. A filter lets through what is true, not what is missing.
//!
//! | | |
//! |---|---|
//! | numbers | `1`, `2.5e3`; `+ - * / %`; `< <= > >= = !=` |
//! | text | `'a'` or `"a"`; compared like numbers, letter by letter |
//! | flags | `true`, `false`, `and`, `or`, `not` |
//! | fields | by name; in back quotes when the name is not one word: `` `bytes out` `` |
//! | functions | see [`FUNCTIONS`] |

mod function;
mod lanes;
mod lexer;
mod parser;

use spate_shared::batch::Batch;
use spate_shared::schema::{FieldType, Schema};

pub use function::{FUNCTIONS, Function};
pub use lanes::{Lanes, Values};
use parser::Node;

/// What an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Finite numbers.
    Number,
    /// True or false.
    Flag,
    /// Text.
    Text,
    /// The words of a text, in order, with a space between; what tells values apart takes each by itself.
    Words,
}

impl Kind {
    /// Name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Flag => "true or false",
            Self::Text => "text",
            Self::Words => "words",
        }
    }
}

impl From<FieldType> for Kind {
    fn from(ty: FieldType) -> Self {
        match ty {
            FieldType::F64 | FieldType::I64 | FieldType::Timestamp => Self::Number,
            FieldType::Bool => Self::Flag,
            FieldType::Category | FieldType::Text => Self::Text,
        }
    }
}

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {reason}: '{text}'")]
pub struct ExpressionError {
    /// Where, in characters from 1.
    pub column: usize,
    /// What is wrong and what would be right.
    pub reason: String,
    /// The whole expression.
    pub text: String,
}

/// The fields an expression may name: a schema's, then those derived before it.
#[derive(Debug, Clone)]
pub struct Scope {
    fields: Vec<Known>,
    of_schema: usize,
}

#[derive(Debug, Clone)]
struct Known {
    name: String,
    kind: Kind,
    unit: Option<String>,
}

impl Scope {
    /// The fields of a schema.
    pub fn new(schema: &Schema) -> Self {
        let fields = schema.fields.iter().map(|field| Known {
            name: field.name.clone(),
            kind: Kind::from(field.ty),
            unit: field.unit.clone(),
        });
        Self { fields: fields.collect(), of_schema: schema.fields.len() }
    }

    /// Adds a derived field; one of the same name before it is no longer found.
    pub fn add(&mut self, name: String, kind: Kind, unit: Option<String>) {
        self.fields.push(Known { name, kind, unit });
    }

    /// Gives a field another name.
    pub fn rename(&mut self, field: usize, name: String) {
        self.fields[field].name = name;
    }

    /// A field's place and kind.
    pub fn find(&self, name: &str) -> Option<(usize, Kind)> {
        let index = self.fields.iter().rposition(|field| field.name == name)?;
        Some((index, self.fields[index].kind))
    }

    /// The unit of a field's values.
    pub fn unit(&self, field: usize) -> Option<&str> {
        self.fields[field].unit.as_deref()
    }

    /// All names, for messages.
    pub fn names(&self) -> String {
        let mut names: Vec<&str> = Vec::with_capacity(self.fields.len());
        for field in &self.fields {
            if !names.contains(&field.name.as_str()) {
                names.push(&field.name);
            }
        }
        names.join(", ")
    }

    /// The values of a field. `derived` are those that were added, in order.
    pub fn lanes<'a>(&self, field: usize, batch: &'a Batch, derived: &[Lanes<'a>]) -> Lanes<'a> {
        match field.checked_sub(self.of_schema) {
            Some(index) => derived[index].clone(),
            None => Lanes::of_column(batch.columns.get(field), self.fields[field].kind, batch.len()),
        }
    }
}

/// A compiled expression.
///
/// ```
/// use spate_analysis::expression::{Expression, Scope, Values};
/// use spate_shared::batch::{Batch, Column, Values as Held};
/// use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
///
/// let time = TimeField { name: "time".into(), source: TimeSource::Event };
/// let scope = Scope::new(&Schema::new(time, vec![Field::new("v", FieldType::F64)]));
/// let double = Expression::compile("v * 2", &scope).unwrap();
/// let v = Column { values: Held::F64(vec![1.0, 4.0]), validity: None };
/// let batch = Batch { times: vec![0, 1], columns: vec![v] };
/// assert_eq!(double.evaluate(&scope, &batch, &[]).values, Values::Numbers(vec![2.0, 8.0].into()));
/// assert!(Expression::compile("w > 0", &scope).unwrap_err().to_string().contains("choose one of v"));
/// ```
#[derive(Debug, Clone)]
pub struct Expression {
    root: Node,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`ExpressionError`] with the column at fault.
    pub fn compile(text: &str, scope: &Scope) -> Result<Self, ExpressionError> {
        let root = parser::parse(text, scope).map_err(|fault| ExpressionError {
            column: text[..fault.at].chars().count() + 1,
            reason: fault.reason,
            text: text.to_owned(),
        })?;
        Ok(Self { root })
    }

    /// What it gives.
    pub fn kind(&self) -> Kind {
        self.root.kind()
    }

    /// Its value for every event of a batch. `derived` are the fields added to the scope, in order.
    pub fn evaluate<'a>(&self, scope: &Scope, batch: &'a Batch, derived: &[Lanes<'a>]) -> Lanes<'a> {
        self.root.evaluate(scope, batch, derived)
    }
}

#[cfg(test)]
mod tests;
