//! The functions of expressions.

use super::Kind;
use super::lanes::{Lanes, Values};

/// One function.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub form: &'static str,
    /// One line for help.
    pub doc: &'static str,
    /// What it gives for arguments of these kinds; `None` when they are not the right ones.
    pub(super) kind: fn(&[Kind]) -> Option<Kind>,
    pub(super) evaluate: for<'a> fn(&[Lanes<'a>]) -> Lanes<'a>,
}

/// All functions.
pub const FUNCTIONS: &[Function] = &[
    number("abs", "abs(x)", "Without its sign.", |lanes| lanes[0].map_numbers(f64::abs)),
    number("floor", "floor(x)", "The whole number below.", |lanes| lanes[0].map_numbers(libm::floor)),
    number("ceil", "ceil(x)", "The whole number above.", |lanes| lanes[0].map_numbers(libm::ceil)),
    number("round", "round(x)", "The nearest whole number, halves away from zero.", |lanes| {
        lanes[0].map_numbers(libm::round)
    }),
    number("sqrt", "sqrt(x)", "Square root; missing below zero.", |lanes| lanes[0].map_numbers(libm::sqrt)),
    number("log", "log(x)", "Natural logarithm; missing at zero and below.", |lanes| {
        lanes[0].map_numbers(libm::log)
    }),
    number("exp", "exp(x)", "e to the power of x.", |lanes| lanes[0].map_numbers(libm::exp)),
    Function {
        name: "pow",
        form: "pow(x, y)",
        doc: "x to the power of y.",
        kind: |kinds| (kinds == [Kind::Number; 2]).then_some(Kind::Number),
        evaluate: |lanes| lanes[0].with_numbers(&lanes[1], libm::pow),
    },
    Function {
        name: "clamp",
        form: "clamp(x, low, high)",
        doc: "x, or the bound that it is beyond.",
        kind: |kinds| (kinds == [Kind::Number; 3]).then_some(Kind::Number),
        evaluate: |lanes| lanes[0].with_numbers(&lanes[1], f64::max).with_numbers(&lanes[2], f64::min),
    },
    Function {
        name: "valid",
        form: "valid(x, low, high)",
        doc: "x, or missing when it is below low or above high.",
        kind: |kinds| (kinds == [Kind::Number; 3]).then_some(Kind::Number),
        evaluate: |lanes| {
            let above = lanes[0].with_numbers(&lanes[1], |x, low| if x >= low { x } else { f64::NAN });
            above.with_numbers(&lanes[2], |x, high| if x <= high { x } else { f64::NAN })
        },
    },
    Function {
        name: "number",
        form: "number(text)",
        doc: "The number that the text is; missing when it is none.",
        kind: |kinds| (kinds == [Kind::Text]).then_some(Kind::Number),
        evaluate: |lanes| lanes[0].parse_numbers(),
    },
    Function {
        name: "text",
        form: "text(x)",
        doc: "A number or a flag as text.",
        kind: |kinds| (kinds.len() == 1).then_some(Kind::Text),
        evaluate: |lanes| lanes[0].clone().into_labels(),
    },
    Function {
        name: "flag",
        form: "flag(x)",
        doc: "True for true, yes, on and numbers but 0; false for false, no, off and 0; missing for other texts.",
        kind: |kinds| (kinds.len() == 1 && kinds[0] != Kind::Words).then_some(Kind::Flag),
        evaluate: |lanes| lanes[0].parse_flags(),
    },
    Function {
        name: "time",
        form: "time(text)",
        doc: "The time that the text is, in seconds since 1970; missing when it is none.",
        kind: |kinds| (kinds == [Kind::Text]).then_some(Kind::Number),
        evaluate: |lanes| lanes[0].parse_times(),
    },
    Function {
        name: "words",
        form: "words(text)",
        doc: "The words of the text in lower case, for distinct and topN, which take each by itself.",
        kind: |kinds| (kinds == [Kind::Text]).then_some(Kind::Words),
        evaluate: |lanes| lanes[0].map_texts(|text| words(text).into()),
    },
    Function {
        name: "coalesce",
        form: "coalesce(a, b)",
        doc: "a, or b where a is missing; both of one kind.",
        kind: |kinds| matches!(kinds, [a, b] if a == b).then(|| kinds[0]),
        evaluate: |lanes| {
            let takes: Vec<bool> = (0..lanes[0].len()).map(|row| lanes[0].is_present(row)).collect();
            Lanes::choose(&takes, &lanes[0], &lanes[1])
        },
    },
    Function {
        name: "if",
        form: "if(flag, a, b)",
        doc: "a where the flag is true, else b; both of one kind.",
        kind: |kinds| matches!(kinds, [Kind::Flag, a, b] if a == b).then(|| kinds[1]),
        evaluate: |lanes| {
            let takes: Vec<bool> = (0..lanes[0].len()).map(|row| lanes[0].is_true(row)).collect();
            Lanes::choose(&takes, &lanes[1], &lanes[2])
        },
    },
    Function {
        name: "is_missing",
        form: "is_missing(x)",
        doc: "Whether there is no value.",
        kind: |kinds| (kinds.len() == 1).then_some(Kind::Flag),
        evaluate: |lanes| {
            let flags = (0..lanes[0].len()).map(|row| !lanes[0].is_present(row)).collect();
            Lanes { values: Values::Flags(flags), present: None }
        },
    },
    Function {
        name: "lower",
        form: "lower(text)",
        doc: "The text in lower case.",
        kind: |kinds| (kinds == [Kind::Text]).then_some(Kind::Text),
        evaluate: |lanes| lanes[0].map_texts(|text| text.to_lowercase().into()),
    },
    texts("contains", "contains(text, part)", "Whether the part is in the text.", |lanes| {
        lanes[0].compare_texts(&lanes[1], |text, part| text.contains(part))
    }),
    texts("starts_with", "starts_with(text, part)", "Whether the text begins with the part.", |lanes| {
        lanes[0].compare_texts(&lanes[1], |text, part| text.starts_with(part))
    }),
    texts("ends_with", "ends_with(text, part)", "Whether the text ends with the part.", |lanes| {
        lanes[0].compare_texts(&lanes[1], |text, part| text.ends_with(part))
    }),
];

/// Runs of letters, digits and what holds words together, in lower case.
fn words(text: &str) -> String {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '#' | '@' | '\'' | '-');
    let words = text.split(|letter| !is_part(letter)).map(|word| word.trim_matches(['\'', '-']));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").to_lowercase()
}

type Evaluate = for<'a> fn(&[Lanes<'a>]) -> Lanes<'a>;

const fn number(name: &'static str, form: &'static str, doc: &'static str, evaluate: Evaluate) -> Function {
    Function {
        name,
        form,
        doc,
        kind: |kinds| matches!(kinds, [Kind::Number]).then_some(Kind::Number),
        evaluate,
    }
}

const fn texts(name: &'static str, form: &'static str, doc: &'static str, evaluate: Evaluate) -> Function {
    let kind = |kinds: &[Kind]| matches!(kinds, [Kind::Text, Kind::Text]).then_some(Kind::Flag);
    Function { name, form, doc, kind, evaluate }
}

pub(super) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

pub(super) fn names() -> String {
    FUNCTIONS.iter().map(|function| function.name).collect::<Vec<_>>().join(", ")
}
