//! Several values in one field of a form: separated by commas, in double quotes where a value has one itself.

/// The values of a text: `a, "b, c"`.
pub(super) fn read(text: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut value = String::new();
    let (mut is_quoted, mut was_quoted) = (false, false);
    let mut letters = text.chars().peekable();
    let mut take = |value: &mut String, was_quoted: &mut bool| {
        let text = if *was_quoted { value.as_str() } else { value.trim() };
        if *was_quoted || !text.is_empty() {
            values.push(text.to_owned());
        }
        value.clear();
        *was_quoted = false;
    };
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                value.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            '"' if value.trim().is_empty() && !was_quoted => {
                (is_quoted, was_quoted) = (true, true);
                value.clear();
            }
            ',' if !is_quoted => take(&mut value, &mut was_quoted),
            // Between a closing quote and the comma there is only room.
            letter if was_quoted && !is_quoted && letter.is_whitespace() => {}
            letter => value.push(letter),
        }
    }
    take(&mut value, &mut was_quoted);
    values
}

/// The values as a text that reads back as them.
pub(super) fn write(values: &[String]) -> String {
    let one = |value: &String| {
        let is_plain = !value.is_empty() && value.trim() == value && !value.contains([',', '"']);
        if is_plain { value.clone() } else { format!("\"{}\"", value.replace('"', "\"\"")) }
    };
    values.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expect: &[&str]) {
        assert_eq!(read(text), expect, "{text}");
    }

    #[test]
    fn values_are_separated_by_commas_and_may_have_some_in_quotes() {
        check(" a ,b,", &["a", "b"]);
        check("\"Bonn, Germany\", Rome", &["Bonn, Germany", "Rome"]);
        check("\"say \"\"hi\"\"\"", &["say \"hi\""]);
        check("5\" pipe", &["5\" pipe"]);
        check("\"\", \" a\"", &["", " a"]);
        check("\"open, end", &["open, end"]);
        check(" , ", &[]);
    }

    proptest! {
        #[test]
        fn whatever_the_values_are_they_read_back(values in prop::collection::vec("[ab,\" ]{0,6}", 0..4)) {
            prop_assert_eq!(read(&write(&values)), values);
        }
    }
}
