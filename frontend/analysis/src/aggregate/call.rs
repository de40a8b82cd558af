//! An aggregate with its fields, as a query names it: `p95(latency)`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{AGGREGATES, Aggregate, Takes};

/// Most labels that `topN` gives.
const MAX_TOP: f64 = 1_000.0;

/// One column of results.
///
/// ```
/// use spate_analysis::aggregate::Call;
/// let call: Call = "p99.9(latency)".parse().unwrap();
/// assert_eq!((call.aggregate().name, call.number(), call.fields()), ("pN", 99.9, &["latency".to_owned()][..]));
/// assert!("p101(latency)".parse::<Call>().is_err());
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Call {
    text: String,
    aggregate: &'static Aggregate,
    number: f64,
    fields: Vec<String>,
}

/// Why a text calls no aggregate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No such name.
    #[error("no aggregate is called {name:?}: choose one of {}", names())]
    Name {
        /// What was asked for.
        name: String,
    },
    /// The wrong fields.
    #[error("{name} takes {takes}: {text:?}")]
    Fields {
        /// The aggregate.
        name: &'static str,
        /// What would be right.
        takes: &'static str,
        /// The whole call.
        text: String,
    },
    /// The number in the name is out of range.
    #[error("{name} takes a number from {range}: {text:?}")]
    Number {
        /// The aggregate.
        name: &'static str,
        /// What would be right.
        range: &'static str,
        /// The whole call.
        text: String,
    },
}

fn names() -> String {
    AGGREGATES.iter().map(|aggregate| aggregate.name).collect::<Vec<_>>().join(", ")
}

impl Call {
    /// What is called.
    pub fn aggregate(&self) -> &'static Aggregate {
        self.aggregate
    }

    /// The number in its name, 0 without one.
    pub fn number(&self) -> f64 {
        self.number
    }

    /// The fields it is given, as many as it takes.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }
}

impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Call {
    type Err = CallError;

    fn from_str(text: &str) -> Result<Self, CallError> {
        let text = text.trim();
        let (name, inside) = match text.split_once('(') {
            Some((name, rest)) => (name.trim(), rest.trim_end().strip_suffix(')')),
            None => (text, Some("")),
        };
        let (aggregate, number) = find(name).ok_or_else(|| CallError::Name { name: name.to_owned() })?;
        let fields: Option<Vec<String>> = inside.map(|inside| {
            inside.split(',').map(|field| field.trim().to_owned()).filter(|field| !field.is_empty()).collect()
        });
        let (counts, takes) = match aggregate.takes {
            Takes::NumberOrNothing => (0..=1, "one field or none, such as count or count(v)"),
            Takes::Number => (1..=1, "one number field in brackets"),
            Takes::TwoNumbers => (2..=2, "two number fields in brackets, such as ratio(errors, requests)"),
            Takes::Label => (1..=1, "one field in brackets"),
        };
        let name = aggregate.name;
        let fields = fields.filter(|fields| counts.contains(&fields.len()));
        let fields = fields.ok_or_else(|| CallError::Fields { name, takes, text: text.to_owned() })?;
        let range = match name {
            "pN" if !(0.0..=100.0).contains(&number) => Some("0 to 100"),
            "topN" if !(1.0..=MAX_TOP).contains(&number) || number.fract() != 0.0 => Some("1 to 1000"),
            _ => None,
        };
        match range {
            Some(range) => Err(CallError::Number { name, range, text: text.to_owned() }),
            None => Ok(Self { text: text.to_owned(), aggregate, number, fields }),
        }
    }
}

/// The aggregate of a name, and the number in it.
fn find(name: &str) -> Option<(&'static Aggregate, f64)> {
    if let Some(aggregate) = AGGREGATES.iter().find(|aggregate| aggregate.name == name) {
        return (!aggregate.name.ends_with('N')).then_some((aggregate, 0.0));
    }
    AGGREGATES.iter().find_map(|aggregate| {
        let digits = name.strip_prefix(aggregate.name.strip_suffix('N')?)?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let number = digits.parse().ok().filter(|_| is_number)?;
        Some((aggregate, number))
    })
}

impl TryFrom<String> for Call {
    type Error = CallError;

    fn try_from(text: String) -> Result<Self, CallError> {
        text.parse()
    }
}

impl From<Call> for String {
    fn from(call: Call) -> Self {
        call.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_calls_no_aggregate_is_refused_with_what_would_be_right() {
        for (text, says) in [
            ("median(v)", "choose one of count, sum"),
            ("pN(v)", "choose one of"),
            ("mean", "one number field"),
            ("mean(v", "one number field"),
            ("mean(a, b)", "one number field"),
            ("ratio(a)", "two number fields"),
            ("count(a, b)", "or none"),
            ("p101(v)", "0 to 100"),
            ("top0(v)", "1 to 1000"),
            ("p1e1(v)", "no aggregate"),
        ] {
            let message = text.parse::<Call>().expect_err(text).to_string();
            assert!(message.contains(says), "{text}: {message}");
        }
    }
}
