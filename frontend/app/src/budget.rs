//! What the worker's own account says of its speed, for people: from events to pixels, and where the time goes.

use serde_json::Value;
use spate_worker::protocol::PanelId;

/// What a frame may take at 60 a second.
const FRAME_MILLIS: f64 = 1_000.0 / 60.0;

/// The account at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Account {
    /// One per panel that painted.
    pub(crate) panels: Vec<PanelTimes>,
    worked_millis: f64,
    painting_millis: f64,
    /// From sealing at the relay to here, less how far the relay's clock is ahead.
    pub(crate) delay_millis: f64,
    /// When it was taken, in milliseconds.
    at_millis: f64,
}

/// Milliseconds of a panel, p50 and p99.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct PanelTimes {
    /// Which.
    pub(crate) id: PanelId,
    /// From the arrival of events to the painting that shows them; `None` where nothing arrived.
    pub(crate) latency: Option<(f64, f64)>,
    /// Painting alone.
    pub(crate) paint: (f64, f64),
}

/// Parts of the time between two accounts, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Shares {
    /// Decoding, windows, scores, queries.
    pub(crate) engine: f64,
    /// Drawing.
    pub(crate) painting: f64,
}

impl Account {
    /// The account in the worker's words; what is missing there is 0.
    pub(crate) fn read(json: &str, at_millis: f64) -> Self {
        let value: Value = serde_json::from_str(json).unwrap_or_default();
        let number = |of: &Value, name: &str| of[name].as_f64().unwrap_or_default();
        let mut panels = Vec::new();
        for panel in value["panels"].as_array().into_iter().flatten() {
            if panel["painted"].as_u64().is_some_and(|painted| painted > 0) {
                let pair = |name: &str| {
                    (number(panel, &format!("{name}_ms_p50")), number(panel, &format!("{name}_ms_p99")))
                };
                let id = panel["id"].as_u64().unwrap_or_default() as PanelId;
                let latency = Some(pair("latency")).filter(|latency| latency.1 > 0.0);
                panels.push(PanelTimes { id, latency, paint: pair("paint") });
            }
        }
        Self {
            panels,
            worked_millis: number(&value, "worked_ms"),
            painting_millis: number(&value, "painting_ms"),
            delay_millis: number(&value, "delay_ms"),
            at_millis,
        }
    }

    /// Where the time since an earlier account went.
    pub(crate) fn since(&self, before: &Self) -> Shares {
        let part = |now: f64, then: f64| {
            ((now - then) / (self.at_millis - before.at_millis).max(1.0)).clamp(0.0, 1.0)
        };
        Shares {
            engine: part(self.worked_millis, before.worked_millis),
            painting: part(self.painting_millis, before.painting_millis),
        }
    }
}

/// A duration against what a frame may take, as the length of a bar in percent.
pub(crate) fn bar(millis: f64) -> f64 {
    (100.0 * millis / FRAME_MILLIS).clamp(0.0, 100.0)
}

/// `12.3 ms`, with one digit after the point below 100.
pub(crate) fn millis(millis: f64) -> String {
    if millis.abs() < 100.0 { format!("{millis:.1} ms") } else { format!("{millis:.0} ms") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"worked_ms": 150, "painting_ms": 40, "delay_ms": -3.5, "panels": [
        {"id": 4, "painted": 9, "paint_ms_p50": 1.5, "paint_ms_p99": 4, "latency_ms_p50": 9, "latency_ms_p99": 17},
        {"id": 5, "painted": 2, "paint_ms_p50": 1, "paint_ms_p99": 2, "latency_ms_p50": 0, "latency_ms_p99": 0},
        {"id": 6, "painted": 0}
    ]}"#;

    #[test]
    fn panels_that_painted_have_times_and_others_none() {
        let account = Account::read(JSON, 0.0);
        let expect = [
            PanelTimes { id: 4, latency: Some((9.0, 17.0)), paint: (1.5, 4.0) },
            PanelTimes { id: 5, latency: None, paint: (1.0, 2.0) },
        ];
        assert_eq!((account.panels.as_slice(), account.delay_millis), (&expect[..], -3.5));
        assert_eq!(Account::read("nonsense", 0.0), Account::default());
    }

    #[test]
    fn shares_are_of_the_time_since_the_account_before() {
        let before =
            Account { worked_millis: 50.0, painting_millis: 40.0, at_millis: 1_000.0, ..Account::default() };
        let shares = Account::read(JSON, 2_000.0).since(&before);
        assert!((shares.engine - 0.1).abs() < 1e-9 && shares.painting.abs() < 1e-9, "{shares:?}");
    }

    #[test]
    fn bars_end_where_a_frame_does() {
        assert_eq!((bar(0.0), bar(FRAME_MILLIS / 2.0), bar(90.0)), (0.0, 50.0, 100.0));
        assert_eq!((millis(1.25), millis(1_234.5)), ("1.2 ms".to_owned(), "1234 ms".to_owned()));
    }
}
