//! One value per event of a batch.

use std::borrow::Cow;

use spate_shared::batch::{Batch, Column, Values as Held};
use spate_shared::time::{self, SECOND};

use super::parser::{Comparison, Node};
use super::{Kind, Scope};

/// Values of one kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Values<'a> {
    /// Numbers.
    Numbers(Cow<'a, [f64]>),
    /// Flags.
    Flags(Vec<bool>),
    /// Event `i` has the text `dictionary[codes[i]]`.
    Texts {
        /// Texts, not always distinct.
        dictionary: Vec<Cow<'a, str>>,
        /// One index per event.
        codes: Cow<'a, [u32]>,
    },
}

/// Values, and which of them are there.
#[derive(Debug, Clone, PartialEq)]
pub struct Lanes<'a> {
    /// One value per event; those that are missing mean nothing.
    pub values: Values<'a>,
    /// Which are present; `None` when all are.
    pub present: Option<Vec<bool>>,
}

impl<'a> Lanes<'a> {
    /// A batch's column as numbers, flags or texts; timestamps are seconds since 1970. All missing when the batch
    /// does not have the column, or has it with values of another kind.
    pub(super) fn of_column(column: Option<&'a Column>, kind: Kind, len: usize) -> Self {
        let Some(column) = column else { return Self::missing(kind, len) };
        let values = match &column.values {
            Held::F64(numbers) => Values::Numbers(Cow::Borrowed(numbers)),
            Held::I64(numbers) => Values::Numbers(numbers.iter().map(|number| *number as f64).collect()),
            Held::Timestamp(times) => {
                Values::Numbers(times.iter().map(|time| *time as f64 / SECOND as f64).collect())
            }
            Held::Bool(bits) => Values::Flags((0..len).map(|row| bits.get(row)).collect()),
            Held::Category { dictionary, codes } => Values::Texts {
                dictionary: dictionary.iter().map(|text| Cow::Borrowed(text.as_str())).collect(),
                codes: Cow::Borrowed(codes),
            },
            Held::Text(texts) => Values::Texts {
                dictionary: texts.iter().map(Cow::Borrowed).collect(),
                codes: (0..texts.len() as u32).collect(),
            },
        };
        let present = column.validity.as_ref().map(|bits| (0..len).map(|row| bits.get(row)).collect());
        let lanes = Self { values, present };
        if lanes.kind() == kind && lanes.len() == len { lanes } else { Self::missing(kind, len) }
    }

    /// No value for any event.
    pub(crate) fn missing(kind: Kind, len: usize) -> Self {
        let values = match kind {
            Kind::Number => Values::Numbers(vec![0.0; len].into()),
            Kind::Flag => Values::Flags(vec![false; len]),
            Kind::Text | Kind::Words => {
                Values::Texts { dictionary: vec!["".into()], codes: vec![0; len].into() }
            }
        };
        Self { values, present: Some(vec![false; len]) }
    }

    fn kind(&self) -> Kind {
        match self.values {
            Values::Numbers(_) => Kind::Number,
            Values::Flags(_) => Kind::Flag,
            Values::Texts { .. } => Kind::Text,
        }
    }

    /// How many events.
    pub(crate) fn len(&self) -> usize {
        match &self.values {
            Values::Numbers(numbers) => numbers.len(),
            Values::Flags(flags) => flags.len(),
            Values::Texts { codes, .. } => codes.len(),
        }
    }

    /// Whether event `row` has a value.
    #[inline]
    pub fn is_present(&self, row: usize) -> bool {
        self.present.as_ref().is_none_or(|present| present[row])
    }

    /// Event `row` as a number; `None` when it is missing or another kind.
    #[inline]
    pub fn number(&self, row: usize) -> Option<f64> {
        match &self.values {
            Values::Numbers(numbers) if self.is_present(row) => Some(numbers[row]),
            _ => None,
        }
    }

    /// Whether event `row` is present and true.
    pub fn is_true(&self, row: usize) -> bool {
        matches!(&self.values, Values::Flags(flags) if flags[row]) && self.is_present(row)
    }

    /// Event `row` as text, whatever its kind; `None` when it is missing.
    pub fn label(&self, row: usize) -> Option<Cow<'_, str>> {
        if !self.is_present(row) {
            return None;
        }
        Some(match &self.values {
            Values::Numbers(numbers) => numbers[row].to_string().into(),
            Values::Flags(flags) => (if flags[row] { "true" } else { "false" }).into(),
            Values::Texts { dictionary, codes } => dictionary[codes[row] as usize].as_ref().into(),
        })
    }

    /// Whatever the kind, as texts.
    #[must_use]
    pub fn into_labels(self) -> Self {
        let texts =
            (0..self.len()).map(|row| self.label(row).map_or_else(String::new, Cow::into_owned).into());
        let dictionary: Vec<Cow<'a, str>> = texts.collect();
        let codes = (0..dictionary.len() as u32).collect();
        Self { values: Values::Texts { dictionary, codes }, present: self.present }
    }

    /// Flags as 0 and 1; other kinds as they are.
    #[must_use]
    pub fn into_numbers(self) -> Self {
        match self.values {
            Values::Flags(flags) => {
                let numbers = flags.iter().map(|flag| f64::from(u8::from(*flag))).collect();
                Self { values: Values::Numbers(numbers), present: self.present }
            }
            _ => self,
        }
    }

    fn text(&self, row: usize) -> &str {
        match &self.values {
            Values::Texts { dictionary, codes } => &dictionary[codes[row] as usize],
            _ => "",
        }
    }

    fn numbers(&self) -> &[f64] {
        match &self.values {
            Values::Numbers(numbers) => numbers,
            _ => &[],
        }
    }

    fn finite(numbers: Vec<f64>, mut present: Option<Vec<bool>>) -> Self {
        if numbers.iter().any(|number| !number.is_finite()) {
            let present = present.get_or_insert_with(|| vec![true; numbers.len()]);
            present.iter_mut().zip(&numbers).for_each(|(present, number)| *present &= number.is_finite());
        }
        Self { values: Values::Numbers(numbers.into()), present }
    }

    pub(super) fn map_numbers(&self, compute: fn(f64) -> f64) -> Self {
        Self::finite(self.numbers().iter().copied().map(compute).collect(), self.present.clone())
    }

    pub(super) fn with_numbers(&self, other: &Self, compute: fn(f64, f64) -> f64) -> Self {
        let numbers = self.numbers().iter().zip(other.numbers()).map(|(a, b)| compute(*a, *b)).collect();
        Self::finite(numbers, self.both_present(other))
    }

    pub(super) fn parse_numbers(&self) -> Self {
        self.by_text(|text| text.parse().unwrap_or(f64::NAN))
    }

    /// Times in seconds since 1970; missing where the text is none.
    pub(super) fn parse_times(&self) -> Self {
        self.by_text(|text| time::parse(text).map_or(f64::NAN, |time| time as f64 / SECOND as f64))
    }

    fn by_text(&self, compute: fn(&str) -> f64) -> Self {
        let Values::Texts { dictionary, codes } = &self.values else { return self.clone() };
        let computed: Vec<f64> = dictionary.iter().map(|text| compute(text.trim())).collect();
        Self::finite(codes.iter().map(|code| computed[*code as usize]).collect(), self.present.clone())
    }

    /// True and false as they are written, and numbers but 0; missing where the text is neither.
    pub(super) fn parse_flags(&self) -> Self {
        let numbers = match &self.values {
            Values::Flags(_) => return self.clone(),
            Values::Numbers(_) => self.clone(),
            Values::Texts { .. } => self.by_text(|text| match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => 1.0,
                "false" | "no" | "off" | "0" => 0.0,
                _ => f64::NAN,
            }),
        };
        let flags = numbers.numbers().iter().map(|number| *number != 0.0).collect();
        Self { values: Values::Flags(flags), present: numbers.present }
    }

    pub(super) fn map_texts(&self, change: fn(&str) -> Cow<'a, str>) -> Self {
        let Values::Texts { dictionary, codes } = &self.values else { return self.clone() };
        let dictionary = dictionary.iter().map(|text| change(text)).collect();
        Self { values: Values::Texts { dictionary, codes: codes.clone() }, present: self.present.clone() }
    }

    pub(super) fn compare_texts(&self, other: &Self, compare: fn(&str, &str) -> bool) -> Self {
        let flags = (0..self.len()).map(|row| compare(self.text(row), other.text(row))).collect();
        Self { values: Values::Flags(flags), present: self.both_present(other) }
    }

    fn both_present(&self, other: &Self) -> Option<Vec<bool>> {
        match (&self.present, &other.present) {
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (Some(a), Some(b)) => Some(a.iter().zip(b).map(|(a, b)| *a && *b).collect()),
        }
    }

    /// `one` where `takes`, else `other`; both of one kind.
    pub(super) fn choose(takes: &[bool], one: &Self, other: &Self) -> Self {
        let present = takes
            .iter()
            .enumerate()
            .map(|(row, takes)| if *takes { one.is_present(row) } else { other.is_present(row) });
        let present = (one.present.is_some() || other.present.is_some()).then(|| present.collect());
        let values = match (&one.values, &other.values) {
            (Values::Numbers(a), Values::Numbers(b)) => Values::Numbers(
                takes
                    .iter()
                    .zip(a.iter().zip(b.iter()))
                    .map(|(t, (a, b))| if *t { *a } else { *b })
                    .collect(),
            ),
            (Values::Flags(a), Values::Flags(b)) => Values::Flags(
                takes.iter().zip(a.iter().zip(b)).map(|(t, (a, b))| if *t { *a } else { *b }).collect(),
            ),
            (
                Values::Texts { dictionary, codes },
                Values::Texts { dictionary: other_dictionary, codes: other_codes },
            ) => {
                let shift = dictionary.len() as u32;
                let pairs = takes.iter().zip(codes.iter().zip(other_codes.iter()));
                let codes = pairs.map(|(takes, (a, b))| if *takes { *a } else { *b + shift }).collect();
                let dictionary = dictionary.iter().chain(other_dictionary).cloned().collect();
                Values::Texts { dictionary, codes }
            }
            (values, _) => values.clone(),
        };
        Self { values, present }
    }

    /// `and` when `settles` is false, `or` when it is true: one side with that value settles the result.
    fn join_flags(&self, other: &Self, settles: bool) -> Self {
        let (Values::Flags(a), Values::Flags(b)) = (&self.values, &other.values) else { return self.clone() };
        let known = |lanes: &Self, flags: &[bool], row: usize| lanes.is_present(row).then(|| flags[row]);
        let joined = (0..a.len()).map(|row| match (known(self, a, row), known(other, b, row)) {
            (Some(a), _) if a == settles => Some(settles),
            (_, Some(b)) if b == settles => Some(settles),
            (Some(_), Some(_)) => Some(!settles),
            _ => None,
        });
        let joined: Vec<Option<bool>> = joined.collect();
        let present = joined.contains(&None).then(|| joined.iter().map(Option::is_some).collect());
        Self { values: Values::Flags(joined.iter().map(|flag| *flag == Some(true)).collect()), present }
    }

    fn compare(&self, other: &Self, comparison: Comparison) -> Self {
        let flags = match (&self.values, &other.values) {
            (Values::Numbers(a), Values::Numbers(b)) => compare(a.iter().zip(b.iter()), comparison),
            (Values::Flags(a), Values::Flags(b)) => compare(a.iter().zip(b.iter()), comparison),
            _ => {
                let texts: Vec<(&str, &str)> =
                    (0..self.len()).map(|row| (self.text(row), other.text(row))).collect();
                compare(texts.iter().map(|(a, b)| (a, b)), comparison)
            }
        };
        Self { values: Values::Flags(flags), present: self.both_present(other) }
    }
}

fn compare<'v, T: PartialOrd + 'v>(
    pairs: impl Iterator<Item = (&'v T, &'v T)>,
    comparison: Comparison,
) -> Vec<bool> {
    match comparison {
        Comparison::Equal => pairs.map(|(a, b)| a == b).collect(),
        Comparison::Unequal => pairs.map(|(a, b)| a != b).collect(),
        Comparison::Less => pairs.map(|(a, b)| a < b).collect(),
        Comparison::AtMost => pairs.map(|(a, b)| a <= b).collect(),
        Comparison::More => pairs.map(|(a, b)| a > b).collect(),
        Comparison::AtLeast => pairs.map(|(a, b)| a >= b).collect(),
    }
}

impl Node {
    pub(super) fn evaluate<'a>(&self, scope: &Scope, batch: &'a Batch, derived: &[Lanes<'a>]) -> Lanes<'a> {
        let of = |node: &Self| node.evaluate(scope, batch, derived);
        let constant = |values| Lanes { values, present: None };
        let len = batch.len();
        match self {
            Self::Number(number) => constant(Values::Numbers(vec![*number; len].into())),
            Self::Flag(flag) => constant(Values::Flags(vec![*flag; len])),
            Self::Text(text) => {
                constant(Values::Texts { dictionary: vec![text.clone().into()], codes: vec![0; len].into() })
            }
            Self::Field(field, _) => scope.lanes(*field, batch, derived),
            Self::Negate(inner) => of(inner).map_numbers(|number| -number),
            Self::Not(inner) => match of(inner) {
                Lanes { values: Values::Flags(flags), present } => {
                    Lanes { values: Values::Flags(flags.iter().map(|flag| !flag).collect()), present }
                }
                other => other,
            },
            Self::Both(a, b) => of(a).join_flags(&of(b), false),
            Self::Either(a, b) => of(a).join_flags(&of(b), true),
            Self::Arithmetic(compute, a, b) => of(a).with_numbers(&of(b), *compute),
            Self::Compare(comparison, a, b) => of(a).compare(&of(b), *comparison),
            Self::Call(function, _, arguments) => {
                (function.evaluate)(&arguments.iter().map(of).collect::<Vec<_>>())
            }
        }
    }
}
