//! The list of bundled recordings, `recordings/index.json`.

use js_sys::{Array, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// One bundled recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recording {
    /// `nyc_taxi` for `recordings/nyc_taxi.spate`.
    pub(crate) name: String,
    /// What it shows; empty when the list does not say.
    pub(crate) title: String,
}

/// The bundled recordings; none when the page comes without them.
pub(crate) async fn list() -> Vec<Recording> {
    fetch()
        .await
        .map(|entries| entries.iter().filter_map(|entry| recording(&entry)).collect())
        .unwrap_or_default()
}

async fn fetch() -> Result<Array, JsValue> {
    let response: Response =
        JsFuture::from(window().fetch_with_str("recordings/index.json")).await?.dyn_into()?;
    if !response.ok() {
        return Ok(Array::new());
    }
    let json = JsFuture::from(response.json()?).await?;
    let listed = Reflect::get(&json, &"recordings".into()).unwrap_or(JsValue::UNDEFINED);
    Ok(json.dyn_into::<Array>().or_else(|_| listed.dyn_into()).unwrap_or_default())
}

/// An entry is an object with a `name` and perhaps a `title`, or a name alone.
fn recording(entry: &JsValue) -> Option<Recording> {
    let text = |key: &str| Reflect::get(entry, &key.into()).ok().and_then(|value| value.as_string());
    let name = entry.as_string().or_else(|| text("name"))?;
    Some(Recording { name, title: text("title").unwrap_or_default() })
}
