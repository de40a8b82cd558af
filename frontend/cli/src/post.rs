//! Posting events: one request, its answer, and patience with a relay that is full.

use std::time::Duration;

use serde::Deserialize;
use spate_shared::text::{Format, Rejection};
use ureq::Agent;
use ureq::http::StatusCode;

use crate::link::Address;
use crate::progress::Progress;
use crate::rows::Body;

/// Longest wait that a relay may ask for.
const RETRY_AFTER_LIMIT: Duration = Duration::from_mins(1);

/// How often a request whose answer did not come is sent again.
const TRIES: u32 = 5;
/// First wait before that; doubled each time.
const BACK_OFF: Duration = Duration::from_millis(250);

/// What a relay says to a request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Answer {
    pub(crate) accepted: u64,
    /// The first of them.
    pub(crate) rejected: Vec<Rejection>,
    /// How many there were.
    #[serde(default)]
    pub(crate) rejected_total: u64,
}

/// What a relay says to a request it cannot take at all.
#[derive(Debug, Deserialize)]
struct Refusal {
    error: String,
    hint: String,
}

/// Posts to one stream. Its requests are numbered, so that one that is sent again is taken once.
pub(crate) struct Poster {
    agent: Agent,
    url: String,
    content_type: &'static str,
    progress: Progress,
    producer: String,
    /// Number of the last request.
    sequence: u64,
}

impl Poster {
    pub(crate) fn new(address: &Address, stream: &str, format: Format, progress: Progress) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_recv_response(Some(Duration::from_mins(1)))
            .build();
        let content_type = match format {
            Format::Csv => "text/csv",
            Format::Ndjson | Format::Json => "application/x-ndjson",
        };
        let producer = format!("spate-publish-{:016x}", fastrand::u64(..));
        Self {
            agent: config.into(),
            url: address.events(stream),
            content_type,
            progress,
            producer,
            sequence: 0,
        }
    }

    /// Posts until the relay takes or refuses the events.
    ///
    /// # Errors
    /// What went wrong, the relay's URL included.
    pub(crate) fn post(&mut self, body: &Body) -> Result<Answer, String> {
        self.sequence += 1;
        // The first request tells whether a relay is there at all; a later one is worth trying again.
        let mut tries = if self.sequence == 1 { 0 } else { TRIES };
        let mut back_off = BACK_OFF;
        loop {
            let request = self
                .agent
                .post(&self.url)
                .header("Content-Type", self.content_type)
                .header("Spate-Producer", &self.producer)
                .header("Spate-Sequence", self.sequence.to_string());
            let mut response = match request.send(&body.bytes[..]) {
                Ok(response) => response,
                Err(error) if tries > 0 => {
                    self.progress.say(&format!("cannot post: {error}; trying again"));
                    std::thread::sleep(back_off.mul_f64(0.5 + fastrand::f64() / 2.0));
                    (tries, back_off) = (tries - 1, back_off * 2);
                    continue;
                }
                Err(error) => {
                    return Err(format!("cannot post: {error}; is a relay running there? {:?}", self.url));
                }
            };
            let (status, wait) = (response.status(), retry_after(&response));
            let text = response.body_mut().read_to_string().unwrap_or_default();
            match status {
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                    self.progress.say(&format!("the relay is full, waiting {} s", wait.as_secs_f64()));
                    std::thread::sleep(wait);
                }
                StatusCode::PAYLOAD_TOO_LARGE => {
                    return Err(format!(
                        "the relay takes no request of {} bytes; give a smaller --batch",
                        body.bytes.len()
                    ));
                }
                _ => return serde_json::from_str(&text).map_err(|_| unexpected(status, &text, &self.url)),
            }
        }
    }
}

fn unexpected(status: StatusCode, text: &str, url: &str) -> String {
    if let Ok(Refusal { error, hint }) = serde_json::from_str(text) {
        return format!("the relay refused ({status}): {error}; {hint}");
    }
    let text: String = text.chars().take(200).collect();
    format!("the server answered HTTP {status} {text:?}; is it a relay? {url:?}")
}

/// Seconds that the relay asks for; 1 when it does not say.
fn retry_after<B>(response: &ureq::http::Response<B>) -> Duration {
    let header = response.headers().get("Retry-After").and_then(|value| value.to_str().ok());
    let seconds = header.and_then(|text| text.trim().parse::<f64>().ok()).filter(|seconds| *seconds >= 0.0);
    Duration::try_from_secs_f64(seconds.unwrap_or(1.0)).unwrap_or(RETRY_AFTER_LIMIT).min(RETRY_AFTER_LIMIT)
}
