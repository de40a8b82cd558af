//! A relay's address: the dashboard's URL, and the endpoints beneath it.

use std::str::FromStr;

use tokio_tungstenite::tungstenite::http::Uri;

const API: &str = "/api/v1/";

/// The base of a relay's endpoints: authority and path, without scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    base: String,
}

impl Address {
    /// Where the WebSocket is.
    pub(crate) fn socket(&self) -> String {
        format!("ws://{}{API}ws", self.base)
    }

    /// Where events of a stream are posted.
    pub(crate) fn events(&self, stream: &str) -> String {
        format!("http://{}{API}streams/{}/events", self.base, percent_encoded(stream))
    }
}

/// Takes `http://host:port/`, `ws://host:port/api/v1/ws` or `host:port`.
impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || format!("expected the dashboard's URL, such as http://localhost:8080/, got {text:?}");
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let uri = with_scheme.parse::<Uri>().map_err(|_| form())?;
        match uri.scheme_str() {
            Some("http" | "ws") => {}
            Some("https" | "wss") => {
                return Err(format!(
                    "TLS is not built into this binary; use http:// to the relay or a local tunnel: {text:?}"
                ));
            }
            _ => return Err(form()),
        }
        let authority = uri.authority().filter(|authority| !authority.host().is_empty()).ok_or_else(form)?;
        let path = uri.path();
        let path = path.find(API).map_or(path, |at| &path[..at]);
        Ok(Self { base: format!("{authority}{}", path.trim_end_matches('/')) })
    }
}

/// A stream's name has letters, digits, `_`, `-` and `.`; the letters may be beyond ASCII.
fn percent_encoded(name: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    name.bytes().map(encoded).collect()
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn every_way_to_name_a_relay_gives_the_same_endpoints() {
        for text in [
            "http://localhost:8080/",
            "http://localhost:8080",
            "localhost:8080",
            "ws://localhost:8080/",
            "ws://localhost:8080/api/v1/ws",
            "http://localhost:8080/?from=now-5m",
        ] {
            let address = text.parse::<Address>().expect(text);
            assert_eq!(address.socket(), "ws://localhost:8080/api/v1/ws", "{text}");
        }
        let below = "http://portal/spate/".parse::<Address>().unwrap();
        assert_eq!(below.events("Umsätze"), "http://portal/spate/api/v1/streams/Ums%C3%A4tze/events");
    }

    #[test]
    fn what_is_no_relay_is_refused_with_what_to_do() {
        for text in ["", "http://", "ftp://host/", "https://host/", "http://a b/"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
