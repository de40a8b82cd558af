//! Upstream server-sent events: the data of every untyped message is one event, or an array of them.
//!
//! # Source
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation>

use std::time::Duration;

use axum::http::{HeaderValue, Request, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use spate_shared::text::{Format, MAX_LINE_BYTES};
use tokio::time::timeout;

use super::{CONNECT_TIMEOUT, End, Endpoint, Feed, Sink};

/// This long without a byte, the connection is dead; servers send comments more often.
const SILENCE: Duration = Duration::from_mins(2);

/// What to connect to, and where it stood.
pub struct SseFeed {
    endpoint: Endpoint,
    /// The id of the last message taken.
    last_id: Option<String>,
    back_off: Option<Duration>,
}

impl SseFeed {
    /// A feed at `http://host:port/path`, or `https://`.
    pub fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, last_id: None, back_off: None }
    }

    async fn connect(&self) -> Result<hyper::body::Incoming, String> {
        let uri: Uri = self.endpoint.url.parse().map_err(|error| format!("the URL is none: {error}"))?;
        let authority = uri.authority().ok_or("the URL has no host")?;
        let wire = TokioIo::new(self.endpoint.dial().await?);
        let handshake = hyper::client::conn::http1::handshake(wire).await;
        let (mut sender, connection) = handshake.map_err(|error| error.to_string())?;
        // Ends with the body; its error is the body's too.
        tokio::spawn(connection);
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request = Request::get(path)
            .header(header::HOST, authority.as_str())
            .header(header::ACCEPT, "text/event-stream")
            .header(header::CACHE_CONTROL, "no-store");
        if let Some(id) = &self.last_id {
            request = request.header("last-event-id", id);
        }
        let request = request.body(Empty::<Bytes>::new()).map_err(|error| error.to_string())?;
        let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
        if response.status() != StatusCode::OK {
            return Err(format!("the server answered HTTP {}", response.status()));
        }
        let content_type = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        if !content_type.is_some_and(|value| value.starts_with(b"text/event-stream")) {
            return Err("the server gives no text/event-stream".to_owned());
        }
        Ok(response.into_body())
    }
}

impl Feed for SseFeed {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn back_off(&self) -> Option<Duration> {
        self.back_off
    }

    async fn follow(&mut self, sink: &Sink, heard: &mut bool) -> End {
        let mut body = match timeout(CONNECT_TIMEOUT, self.connect()).await {
            Ok(Ok(body)) => body,
            Ok(Err(why)) => return End::Lost(why),
            Err(_) => return End::Lost(format!("no answer in {} s", CONNECT_TIMEOUT.as_secs())),
        };
        sink.found();
        let mut parser = Parser::default();
        loop {
            let bytes = match timeout(SILENCE, body.frame()).await {
                Err(_) => return End::Lost(format!("nothing came for {} s", SILENCE.as_secs())),
                Ok(None) => return End::Lost("the server ended the stream".to_owned()),
                Ok(Some(Err(error))) => return End::Lost(error.to_string()),
                Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
            };
            let messages = match parser.push(&bytes) {
                Ok(messages) => messages,
                Err(TooLong) => return End::Lost(format!("a message is longer than {MAX_LINE_BYTES} bytes")),
            };
            for message in messages {
                *heard = true;
                if sink.take(Format::Json, message.data.into_bytes()).await.is_err() {
                    return End::Closed;
                }
                self.last_id = message.id.or(self.last_id.take());
            }
            self.back_off = parser.retry.or(self.back_off);
        }
    }
}

/// A message without a type.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Message {
    data: String,
    /// The last id said so far.
    id: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
struct TooLong;

/// Bytes into messages.
#[derive(Default)]
struct Parser {
    line: Vec<u8>,
    /// The last byte was a carriage return, so that a newline after it ends nothing.
    after_return: bool,
    data: Option<String>,
    is_typed: bool,
    id: Option<String>,
    retry: Option<Duration>,
}

impl Parser {
    fn push(&mut self, bytes: &[u8]) -> Result<Vec<Message>, TooLong> {
        let mut messages = Vec::new();
        for byte in bytes {
            let after_return = std::mem::replace(&mut self.after_return, *byte == b'\r');
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => {
                    let line = std::mem::take(&mut self.line);
                    messages.extend(self.line(&String::from_utf8_lossy(&line)));
                }
                byte => self.line.push(*byte),
            }
            if self.line.len() + self.data.as_ref().map_or(0, String::len) > MAX_LINE_BYTES {
                return Err(TooLong);
            }
        }
        Ok(messages)
    }

    fn line(&mut self, line: &str) -> Option<Message> {
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        if line.is_empty() {
            let is_typed = std::mem::take(&mut self.is_typed);
            let data = self.data.take().filter(|_| !is_typed)?;
            return Some(Message { data, id: self.id.clone() });
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => match &mut self.data {
                Some(data) => data.extend(["\n", value]),
                None => self.data = Some(value.to_owned()),
            },
            "event" => self.is_typed = !matches!(value, "" | "message"),
            // It goes into a header when the feed is lost.
            "id" if value.bytes().all(|byte| (b' '..0x7f).contains(&byte)) => {
                self.id = Some(value.to_owned());
            }
            "retry" => self.retry = value.parse().ok().map(Duration::from_millis).or(self.retry),
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expect: &[(&str, Option<&str>)]) -> Parser {
        for step in [1, 2, 3, text.len().max(1)] {
            let mut parser = Parser::default();
            let messages = text.as_bytes().chunks(step).flat_map(|bytes| parser.push(bytes).unwrap());
            let messages: Vec<_> = messages.map(|message| (message.data, message.id)).collect();
            let expect: Vec<_> =
                expect.iter().map(|(data, id)| ((*data).to_owned(), id.map(str::to_owned))).collect();
            assert_eq!(messages, expect, "in pieces of {step}");
        }
        let mut parser = Parser::default();
        parser.push(text.as_bytes()).unwrap();
        parser
    }

    #[test]
    fn messages_are_read_in_any_pieces_with_any_line_ends() {
        check("data: 1\n\ndata:2\r\n\r\ndata: 3\r\r", &[("1", None), ("2", None), ("3", None)]);
        check(": hello\n\nid: 7\ndata: a\ndata: b\n\ndata: c\n\n", &[("a\nb", Some("7")), ("c", Some("7"))]);
        check("event: gap\ndata: x\n\nevent: message\ndata: y\n\n", &[("y", None)]);
        check("data: unfinished", &[]);
        let parser = check("retry: 1500\nretry: soon\nid: a\0b\n\n", &[]);
        assert_eq!((parser.retry, parser.id), (Some(Duration::from_millis(1_500)), None));
    }

    /// Lines of server-sent events, whole and broken.
    fn lines() -> impl Strategy<Value = Vec<u8>> {
        let line = prop_oneof![
            "(data|id|event|retry|da|)(:| : ?|)[a-z0-9{}\\x00\u{feff}é]{0,6}".prop_map(String::into_bytes),
            proptest::collection::vec(any::<u8>(), 0..8),
        ];
        let end = prop_oneof![Just("\n"), Just("\r\n"), Just("\r"), Just("\n\n"), Just("")];
        let ended = (line, end).prop_map(|(line, end)| [&line, end.as_bytes()].concat());
        proptest::collection::vec(ended, 0..20).prop_map(|lines| lines.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_give_the_same_messages_in_any_pieces(bytes in lines(), cut in 1usize..9) {
            let mut whole = Parser::default();
            let messages = whole.push(&bytes).unwrap();
            let mut pieces = Parser::default();
            let again: Vec<_> = bytes.chunks(cut).flat_map(|piece| pieces.push(piece).unwrap()).collect();
            prop_assert_eq!(&messages, &again);
            prop_assert_eq!(whole.retry, pieces.retry);
            for message in messages {
                // It goes into a header.
                prop_assert!(message.id.is_none_or(|id| id.bytes().all(|byte| (b' '..0x7f).contains(&byte))));
            }
        }
    }

    #[test]
    fn a_message_without_end_is_refused() {
        let mut parser = Parser::default();
        assert_eq!(parser.push(&vec![b'x'; MAX_LINE_BYTES + 1]), Err(TooLong));
        let line = format!("data: {}\n", "x".repeat(600 << 10));
        let mut parser = Parser::default();
        assert_eq!(parser.push(line.repeat(2).as_bytes()), Err(TooLong));
    }
}
