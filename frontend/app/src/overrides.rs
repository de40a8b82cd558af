//! Detectors that an address chooses: `detector=STREAM/MEASURE[/GROUP]:NAME[ PARAMETER=VALUE]...`.
//!
//! Besides the detector's parameters there are `sensitivity=2` and `with=MEASURE`, once for each further measure.

use form_urlencoded::{Serializer, parse as pairs};
use spate_worker::protocol::{DetectorChoice, Target};

/// The parameter's name.
pub(crate) const PARAMETER: &str = "detector";

/// A detector for some series.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Override {
    /// Which series.
    pub(crate) target: Target,
    /// With what.
    pub(crate) choice: DetectorChoice,
}

impl Override {
    /// Reads a parameter's value.
    ///
    /// # Errors
    /// What was expected. The worker checks the detector and its parameters.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let expected = || {
            format!("expected STREAM/MEASURE:DETECTOR, such as nyc_taxi/passengers:robust-z, got {text:?}")
        };
        let (target, choice) = text.split_once(':').ok_or_else(expected)?;
        let mut names = target.splitn(3, '/').map(str::to_owned);
        let (stream, measure) = names.next().zip(names.next()).ok_or_else(expected)?;
        let mut words = choice.split_whitespace();
        let detector = words.next().ok_or_else(expected)?.to_owned();
        let mut choice = DetectorChoice { detector, ..DetectorChoice::default() };
        for word in words {
            let (name, value) = word.split_once('=').ok_or_else(expected)?;
            match name {
                "sensitivity" => {
                    choice.sensitivity = value
                        .parse()
                        .map_err(|_| format!("sensitivity: expected a number, such as 2, got {value:?}"))?;
                }
                "with" => choice.with.push(value.to_owned()),
                _ => choice.parameters.push((name.to_owned(), value.to_owned())),
            }
        }
        Ok(Self { target: Target { stream, measure, group: names.next() }, choice })
    }

    /// As a parameter's value; `None` when an address cannot say it: a parameter is too long, such as a whole model, or a name
    /// has what parts are told by.
    fn text(&self) -> Option<String> {
        let Self { target: Target { stream, measure, group }, choice } = self;
        let group = group.as_ref().map(|group| format!("/{group}")).unwrap_or_default();
        let mut text = format!("{stream}/{measure}{group}:{}", choice.detector);
        for (name, value) in &choice.parameters {
            if value.len() > LONGEST || value.contains(char::is_whitespace) {
                return None;
            }
            text = format!("{text} {name}={value}");
        }
        if (choice.sensitivity - 1.0).abs() > f64::EPSILON {
            text = format!("{text} sensitivity={}", choice.sensitivity);
        }
        choice.with.iter().for_each(|measure| text = format!("{text} with={measure}"));
        Self::parse(&text).is_ok_and(|read| read == *self).then_some(text)
    }
}

/// Most bytes of a parameter's value that an address takes.
const LONGEST: usize = 64;

/// All that a query string chooses, and what could not be read.
pub(crate) fn of_query(query: &str) -> (Vec<Override>, Vec<String>) {
    let mut read = (Vec::new(), Vec::new());
    for (_, value) in pairs(query.trim_start_matches('?').as_bytes()).filter(|(name, _)| name == PARAMETER) {
        match Override::parse(&value) {
            Ok(one) => read.0.push(one),
            Err(reason) => read.1.push(reason),
        }
    }
    read
}

/// What to choose so that `named` are in force where `old` were: the measure's, or the detector that ships, for what is not
/// named any more.
/// What a measure is given goes to all its groups, so theirs follow it.
pub(crate) fn changes(old: &[Override], named: &[Override]) -> Vec<Override> {
    let of_all = |one: &Override, other: &Override| {
        let (one, other) = (&one.target, &other.target);
        one.group.is_none() && one.stream == other.stream && one.measure == other.measure
    };
    let mut changes: Vec<_> = named.iter().filter(|one| !old.contains(one)).cloned().collect();
    for gone in old.iter().filter(|old| named.iter().all(|one| one.target != old.target)) {
        let shipped = || Override { choice: DetectorChoice::default(), ..gone.clone() };
        let instead = named.iter().find(|all| of_all(all, gone)).cloned().unwrap_or_else(shipped);
        if !changes.contains(&instead) {
            changes.push(instead);
        }
    }
    let follows = |one: &&Override| !changes.contains(one) && changes.iter().any(|all| of_all(all, one));
    let groups: Vec<_> =
        named.iter().filter(|one| one.target.group.is_some()).filter(follows).cloned().collect();
    changes.extend(groups);
    spate_shared::order::sort_by_key(&mut changes, |one| one.target.group.is_some());
    changes
}

/// A query string that chooses this too, in place of what it chose for the same series.
pub(crate) fn with(query: &str, chosen: &Override) -> String {
    let is_of_others = |value: &str| Override::parse(value).is_ok_and(|other| other.target != chosen.target);
    let kept = pairs(query.trim_start_matches('?').as_bytes())
        .filter(|(name, value)| name != PARAMETER || is_of_others(value));
    let mut written = Serializer::new(String::new());
    written.extend_pairs(kept);
    if let Some(text) = chosen.text() {
        written.append_pair(PARAMETER, &text);
    }
    format!("?{}", written.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_no_more_gets_what_ships_and_groups_follow_their_measure() {
        let all = |texts: &[&str]| -> Vec<Override> {
            texts.iter().flat_map(|text| Override::parse(text)).collect()
        };
        let check = |old: &[&str], named: &[&str], expected: &[(Option<&str>, &str)]| {
            let changes = changes(&all(old), &all(named));
            let found: Vec<_> = changes
                .iter()
                .map(|one| (one.target.group.as_deref(), one.choice.detector.as_str()))
                .collect();
            assert_eq!(found, expected, "{old:?} {named:?}");
        };
        check(&["a/b:shift"], &["a/b:shift"], &[]);
        check(&[], &["a/b:shift"], &[(None, "shift")]);
        check(&["a/b:shift"], &["a/b:level"], &[(None, "level")]);
        check(&["a/b:shift"], &[], &[(None, "")]);
        check(&["a/b:shift", "a/b/x:level"], &["a/b/x:level"], &[(None, ""), (Some("x"), "level")]);
        check(&["a/b/x:level"], &["a/b/x:level", "a/b:shift"], &[(None, "shift"), (Some("x"), "level")]);
        check(&["a/b:shift", "a/b/x:level"], &["a/b:shift"], &[(None, "shift")]);
    }

    #[test]
    fn an_address_says_only_what_it_can() {
        let target = Target { stream: "a".into(), measure: "b".into(), group: Some("host:8080".into()) };
        let choice = DetectorChoice { detector: "shift".into(), ..DetectorChoice::default() };
        assert_eq!(Override { target, choice }.text(), None);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = "cpu/load/host a:shift sensitivity=2 with=power with=heat";
        let read = Override::parse(text);
        assert_eq!(read.as_ref().ok().and_then(Override::text).as_deref(), Some(text));
        let target = Target { stream: "cpu".into(), measure: "load".into(), group: Some("host a".into()) };
        assert_eq!(read.map(|one| (one.target, one.choice.with.len())), Ok((target, 2)));
    }

    #[test]
    fn what_cannot_be_read_says_what_was_expected() {
        for (text, says) in
            [("shift", "STREAM/MEASURE"), ("a:shift", "STREAM/MEASURE"), ("a/b:c sensitivity=x", "a number")]
        {
            let reason = Override::parse(text).expect_err(text);
            assert!(reason.contains(says) && reason.contains('"'), "{reason}");
        }
    }

    #[test]
    fn the_choice_for_the_same_series_is_replaced_and_others_stay() {
        let one = |text| Override::parse(text).expect(text);
        let query = with("?theme=dark&detector=a/b:shift&detector=a/c:shift", &one("a/b:level x=3"));
        assert_eq!(query, "?theme=dark&detector=a%2Fc%3Ashift&detector=a%2Fb%3Alevel+x%3D3");
        let (read, bad) = of_query(&query);
        assert_eq!((read.len(), bad.len()), (2, 0));
        let long = "a/b:forest model=".to_owned() + &"x".repeat(100);
        assert_eq!(
            with("?theme=dark", &one(&long)),
            "?theme=dark",
            "a whole model is not put into an address"
        );
    }
}
