//! Forms and words about detectors, shadows, forecasts and faults.

use spate_worker::protocol::{DetectStatus, DetectorChoice, DetectorForm};

use crate::format::counted;

/// A detector as it is being filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Draft {
    /// Its name.
    pub(crate) detector: String,
    /// What was typed, by parameter; what is not there, or blank, is at its default.
    pub(crate) typed: Vec<(String, String)>,
    /// How readily it alerts, as typed.
    pub(crate) sensitivity: String,
    /// Further measures.
    pub(crate) with: Vec<String>,
}

impl Draft {
    /// A choice, to be changed.
    pub(crate) fn of(choice: &DetectorChoice, form: Option<&DetectorForm>) -> Self {
        let parameters = form.map(|form| form.parameters.as_slice()).unwrap_or_default();
        let is_told = |(name, text): &&(String, String)| {
            let of = parameters.iter().find(|parameter| parameter.name == *name);
            of.is_some_and(|of| text.parse() != Ok(of.default) && !of.default.is_nan())
        };
        Self {
            detector: choice.detector.clone(),
            typed: choice.parameters.iter().filter(is_told).cloned().collect(),
            sensitivity: choice.sensitivity.to_string(),
            with: choice.with.clone(),
        }
    }

    /// Another detector, with nothing typed.
    pub(crate) fn of_detector(&mut self, name: String) {
        self.detector = name;
        self.typed.clear();
        self.with.clear();
    }

    /// What was typed for a parameter.
    pub(crate) fn text(&self, name: &str) -> String {
        self.typed.iter().find(|(known, _)| known == name).map(|(_, text)| text.clone()).unwrap_or_default()
    }

    /// Types something for a parameter.
    pub(crate) fn type_in(&mut self, name: &str, text: String) {
        self.typed.retain(|(known, _)| known != name);
        self.typed.push((name.to_owned(), text));
    }

    /// Takes a further measure, or not.
    pub(crate) fn take(&mut self, measure: &str, taken: bool) {
        self.with.retain(|known| known != measure);
        self.with.extend(taken.then(|| measure.to_owned()));
    }

    /// The choice.
    ///
    /// # Errors
    /// When the sensitivity is no number; the worker checks the rest.
    pub(crate) fn choice(&self) -> Result<DetectorChoice, String> {
        let is_told = |(_, text): &&(String, String)| !text.trim().is_empty();
        Ok(DetectorChoice {
            detector: self.detector.clone(),
            parameters: self.typed.iter().filter(is_told).cloned().collect(),
            sensitivity: sensitivity(&self.sensitivity)?,
            with: self.with.clone(),
        })
    }
}

/// A sensitivity as typed.
///
/// # Errors
/// When it is no number.
pub(crate) fn sensitivity(text: &str) -> Result<f64, String> {
    text.trim().parse().map_err(|_| format!("a sensitivity is a number, such as 2, not {text:?}"))
}

/// Horizons as typed: `1, 12`; none when blank.
///
/// # Errors
/// When one is no whole number above 0.
pub(crate) fn horizons(text: &str) -> Result<Vec<u32>, String> {
    let words = text.split([',', ' ']).filter(|word| !word.is_empty());
    let horizon = |word: &str| match word.parse() {
        Ok(0) | Err(_) => {
            Err(format!("a horizon is a whole number of events ahead, such as 12, not {word:?}"))
        }
        Ok(events) => Ok(events),
    };
    words.map(horizon).collect()
}

/// What watches, and how it is: `record-light watches 4 series; 12 events to go before the first score`.
pub(crate) fn headline(status: &DetectStatus) -> String {
    let DetectStatus { choice, series, warm_up, frozen, .. } = status;
    let mut parts = vec![format!("{} watches {series} series", choice.detector)];
    if choice.sensitivity.total_cmp(&1.0).is_ne() {
        parts[0] = format!("{}, alerting {}× as readily", parts[0], choice.sensitivity);
    }
    if *warm_up > 0 {
        parts.push(format!("{} to go before the first score", counted(u64::from(*warm_up), "event")));
    }
    if *frozen {
        parts.push("learning is stopped".to_owned());
    }
    parts.join("; ")
}

/// A part as a percentage; a dash when nothing is known.
pub(crate) fn percent(part: Option<f64>) -> String {
    part.map_or_else(|| "–".to_owned(), |part| format!("{:.0} %", part * 100.0))
}

/// A number to one place; a dash when nothing is known.
pub(crate) fn number(number: Option<f64>) -> String {
    number.map_or_else(|| "–".to_owned(), |number| format!("{number:.1}"))
}

/// Bytes in KiB.
pub(crate) fn kib(bytes: u64) -> String {
    format!("{:.1} KiB", bytes as f64 / 1_024.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_worker::protocol::{ParameterForm, Target};

    fn choice() -> DetectorChoice {
        let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        DetectorChoice {
            detector: "robust-z".to_owned(),
            parameters: vec![set("level", "6"), set("window", "300")],
            sensitivity: 2.0,
            with: Vec::new(),
        }
    }

    fn form() -> DetectorForm {
        let number = |name: &str, default| ParameterForm {
            name: name.to_owned(),
            doc: String::new(),
            default,
            least: 0.0,
            most: 1e6,
            is_whole: false,
        };
        DetectorForm {
            name: "robust-z".to_owned(),
            doc: String::new(),
            is_multivariate: false,
            parameters: vec![number("level", 6.0), number("window", 1_000.0)],
            texts: Vec::new(),
        }
    }

    #[test]
    fn draft_shows_what_differs_and_leaves_out_what_is_blank() {
        let mut draft = Draft::of(&choice(), Some(&form()));
        assert_eq!((draft.text("level").as_str(), draft.text("window").as_str()), ("", "300"));
        draft.type_in("window", " ".to_owned());
        draft.type_in("level", "8".to_owned());
        let parameters = draft.choice().map(|choice| choice.parameters);
        assert_eq!(parameters, Ok(vec![("level".to_owned(), "8".to_owned())]));
    }

    #[test]
    fn another_detector_begins_blank() {
        let mut draft = Draft::of(&choice(), Some(&form()));
        draft.take("b", true);
        draft.of_detector("ewma".to_owned());
        assert!(draft.typed.is_empty() && draft.with.is_empty());
        assert_eq!(draft.choice().map(|choice| choice.sensitivity), Ok(2.0));
    }

    #[test]
    fn what_is_typed_badly_is_said() {
        assert_eq!(horizons("1, 12 48"), Ok(vec![1, 12, 48]));
        assert_eq!(horizons(" "), Ok(Vec::new()));
        assert!(horizons("0").is_err() && horizons("soon").is_err() && sensitivity("high").is_err());
    }

    #[test]
    fn headline_says_what_keeps_it_from_scoring() {
        let status = DetectStatus {
            target: Target { stream: "s".to_owned(), measure: "v".to_owned(), group: None },
            series: 4,
            choice: choice(),
            frozen: true,
            warm_up: 1,
            shadow: None,
            faults: None,
            forecasts: Vec::new(),
        };
        assert_eq!(
            headline(&status),
            "robust-z watches 4 series, alerting 2× as readily; 1 event to go before the first score; learning is stopped"
        );
    }

    #[test]
    fn unknown_numbers_are_dashes() {
        assert_eq!([percent(Some(0.514)), percent(None)], ["51 %", "–"]);
        assert_eq!([number(Some(2.06)), number(None), kib(1_536)], ["2.1", "–", "1.5 KiB"]);
    }
}
