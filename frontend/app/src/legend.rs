//! Which series a panel draws, after a click in its legend.

/// Names of the series not drawn after one was clicked: a click isolates it, or shows all again when it already was
/// alone; a click that toggles hides or shows it.
pub(crate) fn clicked(all: &[String], hidden: &[String], name: &str, toggles: bool) -> Vec<String> {
    let is_hidden = |name: &str| hidden.iter().any(|hidden| hidden == name);
    let others = || all.iter().filter(|other| *other != name);
    match toggles {
        true if is_hidden(name) => hidden.iter().filter(|hidden| *hidden != name).cloned().collect(),
        true if others().all(|other| is_hidden(other)) => Vec::new(),
        true => hidden.iter().cloned().chain([name.to_owned()]).collect(),
        false if !is_hidden(name) && others().all(|other| is_hidden(other)) => Vec::new(),
        false => others().cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hidden: &[&str], name: &str, toggles: bool, expect: &[&str]) {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(clicked(&owned(&["a", "b", "c"]), &owned(hidden), name, toggles), owned(expect));
    }

    #[test]
    fn click_isolates_and_a_second_one_shows_all() {
        check(&[], "b", false, &["a", "c"]);
        check(&["a", "c"], "b", false, &[]);
        check(&["a", "c"], "a", false, &["b", "c"]);
    }

    #[test]
    fn toggling_hides_and_shows_but_never_hides_the_last() {
        check(&[], "b", true, &["b"]);
        check(&["b"], "b", true, &[]);
        check(&["a", "c"], "b", true, &[]);
    }
}
