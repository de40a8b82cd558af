//! Variables: what a whole dashboard is filtered by. A variable is a dimension, by its name, and the values chosen of it.

use form_urlencoded::{Serializer, parse as pairs};
use spate_shared::catalog::StreamInfo;
use spate_shared::schema::Role;
use spate_worker::protocol::FieldFilter;

/// What the name of a variable begins with in an address.
pub(crate) const PREFIX: &str = "var-";
/// Most dimensions offered where a dashboard does not say which.
const MOST_OFFERED: usize = 6;

/// Takes one more value, as an address has it; an empty one and Grafana's `$__all` stand for all.
pub(crate) fn add(chosen: &mut Vec<FieldFilter>, field: &str, value: &str) {
    let known = chosen.iter().position(|filter| filter.field == field);
    let at = known.unwrap_or_else(|| {
        chosen.push(FieldFilter { field: field.to_owned(), values: Vec::new() });
        chosen.len() - 1
    });
    let values = &mut chosen[at].values;
    if !matches!(value, "" | "$__all") && !values.iter().any(|other| other == value) {
        values.push(value.to_owned());
    }
}

/// What is chosen of a variable instead of what was before; no values stand for all.
pub(crate) fn set(chosen: &mut Vec<FieldFilter>, filter: FieldFilter) {
    match chosen.iter_mut().find(|other| other.field == filter.field) {
        Some(other) => *other = filter,
        None => chosen.push(filter),
    }
}

/// What is filtered by: a dashboard's own values where nobody chose others.
pub(crate) fn effective(own: &[FieldFilter], chosen: &[FieldFilter]) -> Vec<FieldFilter> {
    let mut all = own.to_vec();
    for filter in chosen {
        set(&mut all, filter.clone());
    }
    all
}

/// The dimensions that are offered: those that a dashboard names, or else those of the streams, and any that is chosen.
pub(crate) fn offered<'s>(
    own: &[FieldFilter],
    chosen: &[FieldFilter],
    streams: impl IntoIterator<Item = &'s StreamInfo>,
) -> Vec<String> {
    let mut names: Vec<String> = own.iter().map(|filter| filter.field.clone()).collect();
    let of_streams = streams.into_iter().flat_map(|stream| {
        stream.schema.with_role(Role::Dimension).map(|place| &stream.schema.fields[place].name)
    });
    let of_streams = of_streams.filter(|_| own.is_empty());
    for name in of_streams {
        if names.len() < MOST_OFFERED && !names.contains(name) {
            names.push(name.clone());
        }
    }
    for filter in chosen {
        if !names.contains(&filter.field) {
            names.push(filter.field.clone());
        }
    }
    names
}

/// A query string with these variables and no others.
pub(crate) fn written(query: &str, chosen: &[FieldFilter]) -> String {
    let mut text = Serializer::new(String::new());
    text.extend_pairs(
        pairs(query.trim_start_matches('?').as_bytes()).filter(|(name, _)| !name.starts_with(PREFIX)),
    );
    for FieldFilter { field, values } in chosen {
        let name = format!("{PREFIX}{field}");
        if values.is_empty() {
            text.append_pair(&name, "$__all");
        }
        for value in values {
            text.append_pair(&name, value);
        }
    }
    let text = text.finish();
    if text.is_empty() { text } else { format!("?{text}") }
}

/// What is chosen of a variable, in a few words.
pub(crate) fn summary(values: &[String]) -> String {
    match values {
        [] => "all".to_owned(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} +{}", rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog_dashboard::tests::stream;

    fn filter(field: &str, values: &[&str]) -> FieldFilter {
        FieldFilter {
            field: field.to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        }
    }

    #[test]
    fn an_address_reads_back_as_it_is_written() {
        let chosen = [filter("host", &["a", "b & c"]), filter("zone", &[])];
        let query = written("?var-old=1&theme=dark", &chosen);
        assert_eq!(query, "?theme=dark&var-host=a&var-host=b+%26+c&var-zone=%24__all");
        let mut read = Vec::new();
        for (name, value) in pairs(query.trim_start_matches('?').as_bytes()) {
            if let Some(field) = name.strip_prefix(PREFIX) {
                add(&mut read, field, &value);
            }
        }
        assert_eq!(read, chosen);
        assert_eq!(written("?var-host=a", &[]), "");
    }

    #[test]
    fn what_is_chosen_goes_before_what_the_dashboard_says() {
        let own = [filter("host", &["a"]), filter("zone", &["x"])];
        let chosen = [filter("host", &[]), filter("rack", &["1"])];
        assert_eq!(
            effective(&own, &chosen),
            [filter("host", &[]), filter("zone", &["x"]), filter("rack", &["1"])]
        );
    }

    #[test]
    fn dimensions_are_offered_unless_the_dashboard_says_which() {
        let streams = [stream("a", &["x"]), stream("b", &["y"])];
        assert_eq!(offered(&[], &[], &streams), ["host"]);
        assert_eq!(offered(&[], &[filter("rack", &["1"])], &streams), ["host", "rack"]);
        assert_eq!(offered(&[filter("zone", &[])], &[], &streams), ["zone"]);
    }

    #[test]
    fn a_few_words_say_what_is_chosen() {
        let check = |values: &[&str], expect| assert_eq!(summary(&filter("", values).values), expect);
        check(&[], "all");
        check(&["a"], "a");
        check(&["a", "b", "c"], "a +2");
    }
}
