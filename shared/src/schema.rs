//! The ordered fields of a stream.

use serde::{Deserialize, Serialize};

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// 64-bit floating point.
    F64,
    /// 64-bit signed integer.
    I64,
    /// True or false.
    Bool,
    /// Text from a small set, dictionary-encoded.
    Category,
    /// Free text.
    Text,
    /// Nanoseconds since 1970 UTC.
    Timestamp,
}

impl FieldType {
    /// The role a field of this type has when nothing says otherwise.
    pub fn default_role(self) -> Role {
        match self {
            Self::F64 | Self::I64 => Role::Measure,
            Self::Bool | Self::Category => Role::Dimension,
            Self::Text | Self::Timestamp => Role::Text,
        }
    }

    /// The name used in schemas and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::F64 => "f64",
            Self::I64 => "i64",
            Self::Bool => "bool",
            Self::Category => "category",
            Self::Text => "text",
            Self::Timestamp => "timestamp",
        }
    }
}

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A number that is charted, aggregated and scored.
    Measure,
    /// A value that events are grouped by.
    Dimension,
    /// Shown, never grouped or scored.
    Text,
}

/// One field of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Unique within the schema.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub ty: FieldType,
    /// What it is for.
    pub role: Role,
    /// Unit of a measure, such as `ms`, `bytes` or `percent`.
    #[serde(default)]
    pub unit: Option<String>,
}

impl Field {
    /// A field with its type's default role and no unit.
    pub fn new(name: impl Into<String>, ty: FieldType) -> Self {
        Self { name: name.into(), ty, role: ty.default_role(), unit: None }
    }
}

/// Where an event's time came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeSource {
    /// The event carries it.
    Event,
    /// The relay stamped its arrival, since the events carry none.
    Arrival,
}

/// The time of a stream's events: every event has exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeField {
    /// Its name in the source.
    pub name: String,
    /// Where it came from.
    pub source: TimeSource,
}

/// A stream's time and its other fields, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// Counts up from 1 whenever a field is added or widened.
    pub version: u16,
    /// The event time.
    pub time: TimeField,
    /// All other fields. Fields are only ever appended, so a field's index is stable.
    #[serde(deserialize_with = "crate::wire::sequence")]
    pub fields: Vec<Field>,
}

impl Schema {
    /// Version 1 of a schema.
    pub fn new(time: TimeField, fields: Vec<Field>) -> Self {
        Self { version: 1, time, fields }
    }

    /// Whether this is `older` with fields appended or widened, so that what is known by a field's index stays true.
    pub fn extends(&self, older: &Self) -> bool {
        let stays = |(old, new): (&Field, &Field)| {
            let widened = old.ty == FieldType::I64 && new.ty == FieldType::F64;
            old.name == new.name && old.role == new.role && (old.ty == new.ty || widened)
        };
        self.fields.len() >= older.fields.len() && older.fields.iter().zip(&self.fields).all(stays)
    }

    /// The index of a field by name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// Indices of the fields with a role, in schema order.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = usize> + '_ {
        self.fields.iter().enumerate().filter(move |(_, field)| field.role == role).map(|(index, _)| index)
    }
}
