//! Files for the user.

use wasm_bindgen::JsCast as _;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::page::document;

/// Offers bytes as a download.
pub(crate) fn download(name: &str, media_type: &str, bytes: &[u8]) {
    if let Some(blob) = blob(media_type, bytes) {
        download_blob(name, &blob);
    }
}

/// Offers a blob as a download.
pub(crate) fn download_blob(name: &str, blob: &Blob) {
    let Ok(url) = Url::create_object_url_with_blob(blob) else { return };
    let link = document().and_then(|document| document.create_element("a").ok());
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    // An address that was never given out need not be taken back.
    Url::revoke_object_url(&url).unwrap_or_default();
}

fn blob(media_type: &str, bytes: &[u8]) -> Option<Blob> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()
}
