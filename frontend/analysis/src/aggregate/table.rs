//! The table of aggregates.

use super::{Accumulator, Aggregate, Parts, Takes, Value, Window};

const PLAIN: Parts = Parts { squares: false, edges: false, quantiles: false, distinct: false, top: None };

/// All aggregates.
pub const AGGREGATES: &[Aggregate] = &[
    Aggregate {
        name: "count",
        takes: Takes::NumberOrNothing,
        doc: "How many events; of a field, how many values are present.",
        has_unit: false,
        parts: |_| PLAIN,
        value: |window| Value::Count(window.values.map_or(window.events, |values| values.count)),
    },
    Aggregate {
        name: "sum",
        takes: Takes::Number,
        doc: "Sum, compensated for rounding; infinite beyond 1.8e308.",
        has_unit: true,
        parts: |_| PLAIN,
        value: |window| number(window, |values| (values.count > 0).then(|| values.sum())),
    },
    Aggregate {
        name: "mean",
        takes: Takes::Number,
        doc: "Arithmetic mean; it does not overflow.",
        has_unit: true,
        parts: |_| PLAIN,
        value: |window| number(window, Accumulator::mean),
    },
    Aggregate {
        name: "min",
        takes: Takes::Number,
        doc: "Least value.",
        has_unit: true,
        parts: |_| PLAIN,
        value: |window| number(window, |values| (values.count > 0).then_some(values.min)),
    },
    Aggregate {
        name: "max",
        takes: Takes::Number,
        doc: "Greatest value.",
        has_unit: true,
        parts: |_| PLAIN,
        value: |window| number(window, |values| (values.count > 0).then_some(values.max)),
    },
    Aggregate {
        name: "first",
        takes: Takes::Number,
        doc: "Value with the earliest time; of several, the one that came first.",
        has_unit: true,
        parts: |_| Parts { edges: true, ..PLAIN },
        value: |window| number(window, Accumulator::first),
    },
    Aggregate {
        name: "last",
        takes: Takes::Number,
        doc: "Value with the latest time; of several, the one that came last.",
        has_unit: true,
        parts: |_| Parts { edges: true, ..PLAIN },
        value: |window| number(window, Accumulator::last),
    },
    Aggregate {
        name: "stddev",
        takes: Takes::Number,
        doc: "Sample standard deviation; needs two values.",
        has_unit: true,
        parts: |_| Parts { squares: true, ..PLAIN },
        value: |window| number(window, |values| values.variance().map(libm::sqrt)),
    },
    Aggregate {
        name: "variance",
        takes: Takes::Number,
        doc: "Sample variance; needs two values.",
        has_unit: false,
        parts: |_| Parts { squares: true, ..PLAIN },
        value: |window| number(window, Accumulator::variance),
    },
    Aggregate {
        name: "rate",
        takes: Takes::NumberOrNothing,
        doc: "Events per second of the window; of a field, its sum per second.",
        has_unit: false,
        parts: |_| PLAIN,
        value: |window| {
            let total = window.values.map_or(window.events as f64, Accumulator::sum);
            Value::Number(total / window.seconds)
        },
    },
    Aggregate {
        name: "ratio",
        takes: Takes::TwoNumbers,
        doc: "Sum of the first field over the sum of the second.",
        has_unit: false,
        parts: |_| PLAIN,
        value: |window| {
            let sums = window.values.zip(window.others).map(|(over, under)| (over.sum(), under.sum()));
            Value::from(sums.filter(|(_, under)| *under != 0.0).map(|(over, under)| over / under))
        },
    },
    Aggregate {
        name: "pN",
        takes: Takes::Number,
        doc: "Value that N percent do not exceed, such as p50 or p99.9, to within 0.8 % of it.",
        has_unit: true,
        parts: |_| Parts { quantiles: true, ..PLAIN },
        value: |window| number(window, |values| values.quantile(window.number / 100.0)),
    },
    Aggregate {
        name: "histogram",
        takes: Takes::Number,
        doc: "How many values in each range; four ranges make a power of two, so those of two windows compare.",
        has_unit: false,
        parts: |_| Parts { quantiles: true, ..PLAIN },
        value: |window| Value::Buckets(window.values.map(Accumulator::buckets).unwrap_or_default()),
    },
    Aggregate {
        name: "distinct",
        takes: Takes::Label,
        doc: "How many different values: exact up to 256, then with a standard error of 1.6 %.",
        has_unit: false,
        parts: |_| Parts { distinct: true, ..PLAIN },
        value: |window| Value::Count(window.values.map_or(0, Accumulator::distinct)),
    },
    Aggregate {
        name: "topN",
        takes: Takes::Label,
        doc: "The N most frequent values and their counts: exact up to 16 N values, then at most a little high.",
        has_unit: false,
        parts: |most| Parts { top: Some(most as u16), ..PLAIN },
        value: |window| {
            Value::Labels(window.values.map(|values| values.top(window.number as usize)).unwrap_or_default())
        },
    },
];

fn number(window: &Window<'_>, value: impl Fn(&Accumulator) -> Option<f64>) -> Value {
    Value::from(window.values.and_then(value))
}
