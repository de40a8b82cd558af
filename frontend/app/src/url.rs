//! The page's query string as settings; a bad value is reported and the rest is applied.

use form_urlencoded::{Serializer, parse as pairs};
use spate_chart::zone::Zone;
use spate_shared::catalog::check_stream_name;
use spate_shared::time::{Nanos, parse_duration};
use spate_worker::protocol::FieldFilter;
use spate_worker::view::{Span, View};

use crate::shelf;
use crate::theme::ThemeChoice;
use crate::time::text::{RangeError, view_of};
use crate::time::zones::ZoneChoice;
use crate::variables;

/// What the query string asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// `recording=nyc_taxi`: a bundled recording instead of the relay.
    pub(crate) recording: Option<String>,
    /// `relay=ws://host:port/api/v1/ws`: a relay elsewhere.
    pub(crate) relay: Option<String>,
    /// `theme=light|dark|auto`.
    pub(crate) theme: Option<ThemeChoice>,
    /// `width=6h`, the short form of `from=now-6h`; `None` and `width=auto` let the worker choose.
    pub(crate) width: Option<Nanos>,
    /// `from=now-6h`: where the range begins, as people write it.
    pub(crate) from: Option<String>,
    /// `to=now`: where it ends.
    pub(crate) to: Option<String>,
    /// `tz=utc|browser|Europe/Berlin`.
    pub(crate) zone: ZoneChoice,
    /// `kiosk`: the dashboard alone.
    pub(crate) kiosk: bool,
    /// `dashboard=ad-spend`: the dashboard of that name.
    pub(crate) dashboard: Option<String>,
    /// `viewPanel=3`: one panel alone, by its id in the dashboard.
    pub(crate) alone: Option<u32>,
    /// `var-host=a`: only events with these values of a dimension.
    pub(crate) variables: Vec<FieldFilter>,
    /// `canvas=main`: draw on the main thread, as browsers without OffscreenCanvas must.
    pub(crate) draws_on_main: bool,
}

/// A parameter that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadParameter {
    /// Its name.
    pub(crate) name: String,
    /// What is wrong and what to write instead, with the value.
    pub(crate) reason: String,
}

/// Reads a query string, with or without its `?`. Parameters of other pages and tools are left alone.
pub(crate) fn parse(query: &str) -> (Settings, Vec<BadParameter>) {
    let mut settings = Settings::default();
    let mut bad = Vec::new();
    for (name, value) in pairs(query.trim_start_matches('?').as_bytes()) {
        if let Err(reason) = settings.set(&name, &value) {
            bad.push(BadParameter { name: name.into_owned(), reason });
        }
    }
    (settings, bad)
}

impl Settings {
    /// Which event time to show; a time without an offset is on the zone's clock.
    ///
    /// # Errors
    /// What is wrong with `from` or `to`.
    pub(crate) fn view(&self, zone: &Zone) -> Result<View, BadParameter> {
        if self.from.is_none() && self.to.is_none() {
            let last = |width| Span::Last { width, behind: 0 };
            return Ok(View::Follow(self.width.map_or(Span::Auto, last)));
        }
        let (from, to) = (self.from.as_deref().unwrap_or("now-6h"), self.to.as_deref().unwrap_or("now"));
        view_of(from, to, zone)
            .map_err(|RangeError { end, reason }| BadParameter { name: end.to_owned(), reason })
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "recording" => self.recording = Some(recording(value)?),
            "relay" => self.relay = Some(relay(value)?),
            "theme" => self.theme = Some(theme(value)?),
            "from" => self.from = Some(value.to_owned()),
            "to" => self.to = Some(value.to_owned()),
            "tz" => self.zone = ZoneChoice::from_name(value),
            "kiosk" => self.kiosk = kiosk(value)?,
            // Streams push; there is nothing to refresh.
            "refresh" => refresh(value)?,
            "width" => self.width = width(value)?,
            "dashboard" => self.dashboard = Some(dashboard(value)?),
            "viewPanel" => self.alone = panel(value)?,
            "canvas" => self.draws_on_main = draws_on_main(value)?,
            _ => {
                if let Some(field) = name.strip_prefix(variables::PREFIX).filter(|field| !field.is_empty()) {
                    variables::add(&mut self.variables, field, value);
                }
            }
        }
        Ok(())
    }
}

fn recording(value: &str) -> Result<String, String> {
    let name = value.strip_suffix(".spate").unwrap_or(value);
    let is_name = check_stream_name(name).is_ok() && !name.starts_with('.');
    let refused = || format!("expected the name of a bundled recording, such as nyc_taxi, got {value:?}");
    is_name.then(|| name.to_owned()).ok_or_else(refused)
}

fn dashboard(value: &str) -> Result<String, String> {
    let refused = || format!("expected the name of a dashboard, such as ad-spend, got {value:?}");
    shelf::is_name(value).then(|| value.to_owned()).ok_or_else(refused)
}

fn relay(value: &str) -> Result<String, String> {
    let has_host = ["ws://", "wss://"]
        .iter()
        .any(|scheme| value.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
    let refused =
        || format!("expected a WebSocket address, such as ws://localhost:8080/api/v1/ws, got {value:?}");
    has_host.then(|| value.to_owned()).ok_or_else(refused)
}

fn theme(value: &str) -> Result<ThemeChoice, String> {
    ThemeChoice::from_name(value).ok_or_else(|| format!("expected light, dark or auto, got {value:?}"))
}

fn width(value: &str) -> Result<Option<Nanos>, String> {
    if value == "auto" {
        return Ok(None);
    }
    match parse_duration(value) {
        Ok(nanos) if nanos > 0 => Ok(Some(nanos)),
        Ok(_) => Err(format!("expected more than nothing, such as 6h, got {value:?}")),
        Err(error) => Err(error.to_string()),
    }
}

/// Grafana writes `3` and `panel-3`.
fn panel(value: &str) -> Result<Option<u32>, String> {
    let number = value.strip_prefix("panel-").unwrap_or(value);
    if number.is_empty() {
        return Ok(None);
    }
    number.parse().map(Some).map_err(|_| format!("expected the number of a panel, such as 3, got {value:?}"))
}

/// Grafana writes `kiosk`, `kiosk=true`, `kiosk=1` and `kiosk=tv`.
fn kiosk(value: &str) -> Result<bool, String> {
    match value {
        "" | "1" | "true" | "tv" | "full" => Ok(true),
        "0" | "false" | "off" => Ok(false),
        _ => Err(format!("expected nothing, true or false, got {value:?}")),
    }
}

fn refresh(value: &str) -> Result<(), String> {
    let is_known = matches!(value, "" | "off" | "auto") || parse_duration(value).is_ok();
    is_known.then_some(()).ok_or_else(|| format!("expected off or a duration, such as 5s, got {value:?}"))
}

fn draws_on_main(value: &str) -> Result<bool, String> {
    match value {
        "main" => Ok(true),
        "worker" => Ok(false),
        _ => Err(format!("expected main or worker, got {value:?}")),
    }
}

/// The query string with other values of some parameters, `None` for none. Other parameters stay as they are.
pub(crate) fn with(query: &str, changes: &[(&str, Option<String>)]) -> String {
    let mut written = Serializer::new(String::new());
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    written
        .extend_pairs(pairs(query.trim_start_matches('?').as_bytes()).filter(|(name, _)| !is_changed(name)));
    for (name, value) in changes {
        if let Some(value) = value {
            written.append_pair(name, value);
        }
    }
    let text = written.finish();
    if text.is_empty() { text } else { format!("?{text}") }
}

/// HTML that shows an address in a page of another site.
pub(crate) fn embed_snippet(address: &str) -> String {
    let join = if address.contains('?') { '&' } else { '?' };
    let source = format!("{address}{join}kiosk=1").replace('&', "&amp;").replace('"', "%22");
    format!(
        "<iframe src=\"{source}\" width=\"100%\" height=\"600\" style=\"border:0\" title=\"Spate\"></iframe>"
    )
}

/// The relay that serves the page: `https://host/dir/` gives `wss://host/dir/api/v1/ws`.
pub(crate) fn relay_of_page(base: &str) -> Option<String> {
    let rest = base.strip_prefix("http")?;
    let folder = rest.split(['?', '#']).next()?.rsplit_once('/')?.0;
    folder.contains("://").then(|| format!("ws{folder}/api/v1/ws"))
}

/// A command for the shell that sends a first event to the relay at a WebSocket address.
pub(crate) fn first_event_command(relay: &str) -> String {
    let host =
        relay.strip_prefix("ws").and_then(|rest| rest.strip_suffix("/ws")).unwrap_or("://localhost/api/v1");
    format!(
        "curl http{host}/streams/demo/events \\\n  -H 'content-type: application/x-ndjson' \\\n  -d '{{\"latency_ms\": 12.5}}'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_chart::zone::UTC;
    use spate_shared::time::HOUR;

    #[test]
    fn every_parameter_is_read() {
        let (settings, bad) = parse(
            "?recording=nyc_taxi.spate&theme=dark&width=6h&canvas=main&relay=wss%3A%2F%2Fa.example%2Fapi%2Fv1%2Fws&var-x=1&from=now-1h&to=now&tz=browser&kiosk&refresh=5s&dashboard=ad-spend&viewPanel=panel-3",
        );
        assert_eq!(bad, []);
        assert_eq!(
            settings,
            Settings {
                recording: Some("nyc_taxi".to_owned()),
                relay: Some("wss://a.example/api/v1/ws".to_owned()),
                theme: Some(ThemeChoice::Dark),
                width: Some(6 * HOUR),
                draws_on_main: true,
                from: Some("now-1h".to_owned()),
                to: Some("now".to_owned()),
                zone: ZoneChoice::Browser,
                kiosk: true,
                dashboard: Some("ad-spend".to_owned()),
                alone: Some(3),
                variables: vec![FieldFilter { field: "x".to_owned(), values: vec!["1".to_owned()] }],
            }
        );
        assert_eq!(parse(""), (Settings::default(), Vec::new()));
    }

    #[test]
    fn bad_value_is_reported_with_its_name_and_the_rest_is_applied() {
        for (query, name) in [
            ("recording=../secret", "recording"),
            ("recording=", "recording"),
            ("relay=http://a", "relay"),
            ("relay=ws://", "relay"),
            ("theme=blue", "theme"),
            ("width=wide", "width"),
            ("width=0s", "width"),
            ("canvas=paper", "canvas"),
            ("kiosk=maybe", "kiosk"),
            ("dashboard=../a", "dashboard"),
            ("refresh=often", "refresh"),
            ("viewPanel=first", "viewPanel"),
        ] {
            let (settings, bad) = parse(&format!("{query}&theme=light"));
            assert_eq!(bad.iter().map(|bad| &*bad.name).collect::<Vec<_>>(), [name], "{query}");
            assert_eq!(settings.theme, Some(ThemeChoice::Light), "{query}");
            let value = query.split_once('=').map_or("", |(_, value)| value);
            assert!(bad[0].reason.contains(value), "{}", bad[0].reason);
        }
    }

    #[test]
    fn automatic_width_is_no_width() {
        assert_eq!(parse("width=auto"), (Settings::default(), Vec::new()));
    }

    #[test]
    fn another_value_leaves_other_parameters_alone() {
        let recording = |name: Option<&str>| [("recording", name.map(str::to_owned))];
        assert_eq!(with("?theme=dark&recording=a", &recording(Some("b c"))), "?theme=dark&recording=b+c");
        assert_eq!(with("?recording=a", &recording(None)), "");
        let changes = [("from", Some("now-1h".to_owned())), ("to", Some("now".to_owned())), ("width", None)];
        assert_eq!(with("?width=6h&var-x=1", &changes), "?var-x=1&from=now-1h&to=now");
    }

    #[test]
    fn range_is_read_as_people_write_it() {
        let view = |query: &str| parse(query).0.view(&UTC);
        let last = |width, behind| Ok(View::Follow(Span::Last { width, behind }));
        assert_eq!(view("from=now-6h&to=now"), last(6 * HOUR, 0));
        assert_eq!(view("from=now-6h"), last(6 * HOUR, 0));
        assert_eq!(view("from=now-6h&to=now-2h"), last(4 * HOUR, 2 * HOUR));
        let fixed = View::Fixed { from: 1_500_000_000 * 1_000_000_000, to: 1_500_003_600 * 1_000_000_000 };
        assert_eq!(view("from=1500000000000&to=2017-07-14T03:40:00Z"), Ok(fixed));
        assert_eq!(view("width=6h"), last(6 * HOUR, 0));
        assert_eq!(view("from=soon").map_err(|bad| bad.name), Err("from".to_owned()));
    }

    #[test]
    fn snippet_is_markup_whatever_the_address_holds() {
        let snippet = embed_snippet("https://a.example/?theme=dark&var-x=\"><script>");
        assert!(snippet.contains("theme=dark&amp;var-x=%22"), "{snippet}");
        assert!(snippet.contains("&amp;kiosk=1\""), "{snippet}");
    }

    #[test]
    fn first_event_goes_to_the_relay_that_is_open() {
        let command = first_event_command("wss://a.example/spate/api/v1/ws");
        assert!(command.starts_with("curl https://a.example/spate/api/v1/streams/demo/events "), "{command}");
    }

    #[test]
    fn relay_is_looked_for_beside_the_page() {
        let check = |base, expect: Option<&str>| assert_eq!(relay_of_page(base).as_deref(), expect, "{base}");
        check("http://localhost:8080/", Some("ws://localhost:8080/api/v1/ws"));
        check("https://a.example/spate/index.html?x=/y", Some("wss://a.example/spate/api/v1/ws"));
        check("file:///tmp/index.html", None);
    }
}
