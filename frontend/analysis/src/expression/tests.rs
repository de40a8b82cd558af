use super::*;
use proptest::prelude::*;
use spate_shared::batch::{Column, Values as Held};
use spate_shared::schema::{Field, TimeField, TimeSource};

fn scope() -> Scope {
    let fields = [
        ("a", FieldType::F64),
        ("b", FieldType::I64),
        ("host", FieldType::Category),
        ("bytes out", FieldType::F64),
    ];
    let fields = fields.iter().map(|(name, ty)| Field::new(*name, *ty)).collect();
    Scope::new(&Schema::new(TimeField { name: "t".into(), source: TimeSource::Event }, fields))
}

fn batch(events: &[(Option<f64>, Option<i64>, Option<&str>)]) -> Batch {
    let mut columns = [FieldType::F64, FieldType::I64, FieldType::Category].map(Column::empty);
    for (a, b, host) in events {
        for (column, present) in columns.iter_mut().zip([a.is_some(), b.is_some(), host.is_some()]) {
            if present { column.mark_present() } else { column.push_missing() }
        }
        let [Held::F64(numbers), Held::I64(whole), Held::Category { dictionary, codes }] =
            columns.each_mut().map(|column| &mut column.values)
        else {
            unreachable!()
        };
        numbers.extend(a);
        whole.extend(b);
        codes.extend(host.map(|host| spate_shared::batch::intern(dictionary, host)));
    }
    Batch { times: vec![0; events.len()], columns: columns.into() }
}

fn check(text: &str, event: (Option<f64>, Option<i64>, Option<&str>), expect: Option<&str>) {
    let scope = scope();
    let expression = Expression::compile(text, &scope).unwrap_or_else(|error| panic!("{error}"));
    let batch = batch(&[event]);
    let lanes = expression.evaluate(&scope, &batch, &[]);
    assert_eq!(lanes.label(0).as_deref(), expect, "{text}");
}

#[test]
fn operators_bind_as_on_paper() {
    let event = (Some(2.0), Some(3), Some("web-1"));
    for (text, expect) in [
        ("a + b * 2", "8"),
        ("(a + b) * 2", "10"),
        ("-a - -b", "1"),
        ("7 % b / 2", "0.5"),
        ("not a > b and true", "true"),
        ("true or false and false", "true"),
        ("a < b = true", "true"),
        ("host = 'web-1' and starts_with(host, \"web\")", "true"),
        ("if(a >= 2, lower('UP'), host)", "up"),
        ("round(sqrt(pow(b, 2)) + 0.5)", "4"),
        ("1e3 + 2.5E-1", "1000.25"),
        ("clamp(a, 3, 5) + clamp(b * 3, 3, 5)", "8"),
        ("coalesce(valid(a, 0, 1), 7) + valid(b, 0, 3)", "10"),
        ("text(a) = '2' and number(text(b)) = 3", "true"),
        ("is_missing(number(host))", "true"),
    ] {
        if text == "a < b = true" {
            assert!(Expression::compile(text, &scope()).is_err(), "comparisons do not chain");
        } else {
            check(text, event, Some(expect));
        }
    }
}

#[test]
fn missing_stays_missing_and_what_is_not_finite_becomes_missing() {
    let event = (None, Some(0), None);
    for (text, expect) in [
        ("a + 1", None),
        ("1 / b", None),
        ("log(b)", None),
        ("a > 0", None),
        ("a > 0 and false", Some("false")),
        ("a > 0 and true", None),
        ("a > 0 or true", Some("true")),
        ("coalesce(a, b)", Some("0")),
        ("coalesce(host, 'none')", Some("none")),
        ("is_missing(host)", Some("true")),
        ("`bytes out`", None),
    ] {
        check(text, event, expect);
    }
}

#[test]
fn every_fault_names_its_column_and_what_would_be_right() {
    for (text, column, says) in [
        ("", 1, "expected a value or a field, got the end"),
        ("c > 0", 1, "choose one of a, b, host, bytes out"),
        ("a > 'x'", 3, "\">\" needs a number here, got text"),
        ("a and true", 3, "\"and\" needs true or false here, got a number"),
        ("a > 0)", 6, "expected an operator or the end"),
        ("(a > 0", 1, "never closed"),
        ("host = 'web", 8, "never closed"),
        ("a $ 2", 3, "means nothing"),
        ("é + mad(a)", 1, "no field"),
        ("a + mad(a)", 5, "choose one of abs"),
        ("abs(host)", 1, "it is written abs(x)"),
        ("1.2.3", 1, "not a number"),
        ("a 1", 3, "expected an operator"),
    ] {
        let error = Expression::compile(text, &scope()).expect_err(text);
        assert_eq!(error.column, column, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
    assert!(Expression::compile(&"(".repeat(10_000), &scope()).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_the_compiler_panic(text in "[a-c0-9 .'\"`()<>=!+*/%,é-]{0,40}") {
        let _ = Expression::compile(&text, &scope());
    }
}
