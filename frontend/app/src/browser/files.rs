//! Files that the user drops or picks.

use js_sys::{Function, Reflect};
use leptos::prelude::window;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, Event, File, FileList, HtmlInputElement, Response};

use super::observe::Listener;
use super::text_of;

/// Largest file opened; the browser holds it in memory.
const MAX_BYTES: f64 = 512.0 * 1_024.0 * 1_024.0;

/// A file's name and content, or why it could not be read.
pub(crate) type Read = Result<(String, Vec<u8>), String>;

/// What is dragged over the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drag {
    /// Files are over the page.
    Over,
    /// They left, or were dropped.
    Gone,
}

/// What `style/start.js` calls the file that was dropped before the program ran.
const EARLY_FILE: &str = "spateEarlyFile";

/// Watches drags over the whole page, and reads the first file that is dropped, or was before the program ran.
pub(crate) fn watch_drops(
    on_drag: impl Fn(Drag) + Copy + 'static,
    on_read: impl Fn(Read) + Copy + 'static,
) -> [Listener; 3] {
    let page = window();
    let over = Listener::new(&page, "dragover", move |event| {
        if has_files(&event) {
            event.prevent_default();
            on_drag(Drag::Over);
        }
    });
    let leave = Listener::new(&page, "dragleave", move |event| {
        let left_the_page =
            event.dyn_ref::<DragEvent>().is_some_and(|event| event.related_target().is_none());
        if left_the_page {
            on_drag(Drag::Gone);
        }
    });
    let dropped = Listener::new(&page, "drop", move |event| {
        if has_files(&event) {
            event.prevent_default();
            on_drag(Drag::Gone);
            let transfer = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer);
            read_first(transfer.and_then(|transfer| transfer.files()), on_read);
        }
    });
    if let Some(file) = early_file() {
        spawn_local(async move { on_read(read(file).await) });
    }
    [over, leave, dropped]
}

/// The file dropped on the first paint, once; from now on the program listens itself.
fn early_file() -> Option<File> {
    let take: Function = Reflect::get(&window(), &EARLY_FILE.into()).ok()?.dyn_into().ok()?;
    take.call0(&JsValue::UNDEFINED).ok()?.dyn_into().ok()
}

fn has_files(event: &Event) -> bool {
    let transfer = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer);
    transfer.is_some_and(|transfer| transfer.types().iter().any(|kind| kind == "Files"))
}

/// Reads the file picked in an input, and forgets it so that it can be picked again.
pub(crate) fn read_picked(input: &HtmlInputElement, on_read: impl Fn(Read) + 'static) {
    read_first(input.files(), on_read);
    input.set_value("");
}

/// Reads the file that an input's change event is about as text; nothing when it cannot be read.
pub(crate) fn picked_text(event: &Event, on_text: impl Fn(String) + 'static) {
    let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    read_first(input.and_then(|input| input.files()), move |read| {
        if let Ok((_, bytes)) = read {
            on_text(String::from_utf8_lossy(&bytes).into_owned());
        }
    });
}

/// Reads a file that the server keeps, by its address from the page's own folder.
pub(crate) fn read_address(name: String, address: String, on_read: impl FnOnce(Read) + 'static) {
    spawn_local(async move { on_read(fetch(name, &address).await) });
}

async fn fetch(name: String, address: &str) -> Read {
    let failed = |error: JsValue| format!("{address} cannot be fetched: {}", text_of(&error));
    let response: Response =
        JsFuture::from(window().fetch_with_str(address)).await.map_err(failed)?.unchecked_into();
    if !response.ok() {
        return Err(format!("{address} answers {} {}", response.status(), response.status_text()));
    }
    let buffer = JsFuture::from(response.array_buffer().map_err(failed)?).await.map_err(failed)?;
    Ok((name, js_sys::Uint8Array::new(&buffer).to_vec()))
}

fn read_first(files: Option<FileList>, on_read: impl Fn(Read) + 'static) {
    if let Some(file) = files.and_then(|files| files.get(0)) {
        spawn_local(async move { on_read(read(file).await) });
    }
}

async fn read(file: File) -> Read {
    let name = file.name();
    if file.size() > MAX_BYTES {
        return Err(format!(
            "{name:?} is larger than 512 MiB: import it with `spate import` and serve it with the relay"
        ));
    }
    let buffer = JsFuture::from(file.array_buffer()).await;
    let buffer = buffer.map_err(|error| format!("the browser cannot read {name:?}: {}", text_of(&error)))?;
    Ok((name, js_sys::Uint8Array::new(&buffer).to_vec()))
}
