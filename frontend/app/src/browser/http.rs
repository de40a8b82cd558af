//! Small texts from the server that serves the page, and to it.

use leptos::prelude::window;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

use super::text_of;

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status: 200, 404, 412, ...
    pub(crate) status: u16,
    /// The version of what was asked for; empty when the server named none.
    pub(crate) etag: String,
    /// The body.
    pub(crate) text: String,
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Question {
    /// `GET`, `PUT`, `DELETE`.
    pub(crate) method: &'static str,
    /// Where, from the page's own folder.
    pub(crate) address: String,
    /// A condition: the header's name and value.
    pub(crate) when: Option<(&'static str, String)>,
    /// JSON to send.
    pub(crate) body: Option<String>,
}

/// Asks; the answer, or the browser's reason why there is none, goes to `then`.
pub(crate) fn ask(question: Question, then: Box<dyn FnOnce(Result<Answer, String>)>) {
    spawn_local(async move { then(fetch(question).await.map_err(|error| text_of(&error))) });
}

async fn fetch(question: Question) -> Result<Answer, JsValue> {
    let options = RequestInit::new();
    options.set_method(question.method);
    let headers = Headers::new()?;
    if let Some((name, value)) = &question.when {
        headers.set(name, value)?;
    }
    if let Some(body) = &question.body {
        headers.set("content-type", "application/json")?;
        options.set_body(&body.into());
    }
    options.set_headers(&headers);
    let response = window().fetch_with_str_and_init(&question.address, &options);
    let response: Response = JsFuture::from(response).await?.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    let etag = response.headers().get("etag")?.unwrap_or_default();
    Ok(Answer { status: response.status(), etag, text })
}
