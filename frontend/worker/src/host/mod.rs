//! The browser's side of the worker: sockets, timers, canvases and messages around the [`Runtime`].
//!
//! The only room, beside `canvas`, that knows web-sys. It decides nothing: it turns browser events into wakes and does
//! what the effects say.

mod panels;
mod socket;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use spate_chart::panel::{Surface, kind};
use spate_shared::time::Nanos;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, OffscreenCanvas, Response};

use crate::protocol::{Command, Generation, Update, decode, encode};
use crate::runtime::{Effect, Runtime, Wake};
use panels::Canvases;
use socket::Socket;

/// Milliseconds between paintings when the page draws them: each is a message, and messages must not pile up.
const PAGE_FRAME_MILLIS: i32 = 100;

/// The worker, once it runs.
struct Host {
    scope: DedicatedWorkerGlobalScope,
    runtime: RefCell<Runtime>,
    canvases: RefCell<Canvases>,
    socket: RefCell<Option<Socket>>,
    /// The callback that animation frames share.
    on_frame: RefCell<Option<Closure<dyn FnMut()>>>,
    /// Whether some panel's scenes are sent to the page.
    page_draws: Cell<bool>,
}

/// Starts the worker: call once, in a worker.
///
/// # Errors
/// When this is not a dedicated worker.
pub fn run() -> Result<(), JsValue> {
    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = js_sys::global().dyn_into()?;
    let host = Rc::new(Host {
        scope,
        runtime: RefCell::new(Runtime::default()),
        canvases: RefCell::new(Canvases::default()),
        socket: RefCell::new(None),
        on_frame: RefCell::new(None),
        page_draws: Cell::new(false),
    });
    let for_frames = host.clone();
    *host.on_frame.borrow_mut() = Some(Closure::new(move || for_frames.wake(Wake::Frame)));
    let for_messages = host.clone();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        for_messages.message(&event.data());
    });
    host.scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // Lives as long as the worker does.
    on_message.forget();
    host.perform(Runtime::start());
    Ok(())
}

impl Host {
    fn message(self: &Rc<Self>, data: &JsValue) {
        let parts: Array = Array::from(data);
        let Some(command) = parts.get(0).dyn_ref::<Uint8Array>().and_then(|b| decode::<Command>(&b.to_vec()))
        else {
            // Page and worker of different builds: the page notices by the build in `Ready` and reloads.
            return;
        };
        if let Command::AddPanel { panel, spec } = &command {
            match parts.get(1).dyn_into::<OffscreenCanvas>() {
                Ok(canvas) => self.canvases.borrow_mut().add(*panel, canvas),
                Err(_) if has_canvas(&spec.kind) => self.page_draws.set(true),
                Err(_) => {}
            }
        }
        self.wake(Wake::Command(command));
    }

    fn wake(self: &Rc<Self>, wake: Wake) {
        let started = self.millis();
        let effects = self.runtime.borrow_mut().wake(now(), wake);
        self.runtime.borrow_mut().worked(self.millis() - started);
        self.perform(effects);
    }

    fn perform(self: &Rc<Self>, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Post(update) => self.post(&update),
                Effect::Connect(generation, url) => self.connect(generation, &url),
                Effect::Disconnect => *self.socket.borrow_mut() = None,
                Effect::Send(message) => {
                    if let Some(socket) = &*self.socket.borrow() {
                        socket.send(&message.encode());
                    }
                }
                Effect::Fetch(generation, url) => self.fetch(generation, url),
                Effect::RetryIn(generation, millis) => self.later(millis as i32, Wake::Retry(generation)),
                Effect::TickIn(millis) => self.later(millis as i32, Wake::Tick),
                Effect::RequestFrame => self.request_frame(),
                Effect::Paint(panel) => self.paint(panel),
                Effect::Hover => {
                    let hovered = self.runtime.borrow().hovered();
                    self.post(&hovered);
                }
                Effect::Forget(panel) => self.canvases.borrow_mut().remove(panel),
            }
        }
    }

    fn post(&self, update: &Update) {
        let bytes = Uint8Array::from(encode(update).as_slice());
        // Posting bytes to the page that started us cannot fail.
        let _ = self.scope.post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
    }

    fn paint(&self, panel: u32) {
        let started = self.millis();
        let scene = self.runtime.borrow_mut().paint(panel);
        let Some(scene) = scene else { return };
        if !self.canvases.borrow_mut().show(panel, &scene) {
            self.post(&Update::Scene { panel, scene: scene.clone() });
        }
        self.runtime.borrow_mut().painted(now(), panel, scene, self.millis() - started);
    }

    fn millis(&self) -> f64 {
        self.scope.performance().map_or(0.0, |performance| performance.now())
    }

    fn connect(self: &Rc<Self>, generation: Generation, url: &str) {
        let host = Rc::clone(self);
        let socket = Socket::open(url, generation, move |wake| host.wake(wake));
        match socket {
            Ok(socket) => *self.socket.borrow_mut() = Some(socket),
            Err(reason) => self.later(0, Wake::Closed(generation, 4400, reason)),
        }
    }

    fn fetch(self: &Rc<Self>, generation: Generation, url: String) {
        let host = Rc::clone(self);
        wasm_bindgen_futures::spawn_local(async move {
            let result = get(&host.scope, &url).await;
            host.wake(Wake::Fetched(generation, result));
        });
    }

    fn request_frame(self: &Rc<Self>) {
        if self.page_draws.get() {
            return self.later(PAGE_FRAME_MILLIS, Wake::Frame);
        }
        let on_frame = self.on_frame.borrow();
        let requested = on_frame
            .as_ref()
            .is_some_and(|frame| self.scope.request_animation_frame(frame.as_ref().unchecked_ref()).is_ok());
        if !requested {
            self.later(PAGE_FRAME_MILLIS, Wake::Frame);
        }
    }

    fn later(self: &Rc<Self>, millis: i32, wake: Wake) {
        let host = Rc::clone(self);
        let callback = Closure::once_into_js(move || host.wake(wake));
        // A worker's timers are always there.
        let _ = self
            .scope
            .set_timeout_with_callback_and_timeout_and_arguments_0(callback.unchecked_ref(), millis);
    }
}

/// Whether panels of a kind are drawn.
fn has_canvas(id: &str) -> bool {
    kind(id).is_none_or(|kind| kind.surface == Surface::Canvas)
}

/// Processing time, nanoseconds since 1970.
fn now() -> Nanos {
    (js_sys::Date::now() * 1e6) as Nanos
}

/// A file of the page's own, by a path relative to the worker's.
async fn get(scope: &DedicatedWorkerGlobalScope, path: &str) -> Result<Vec<u8>, String> {
    let text = |error: JsValue| format!("{error:?}");
    let response: Response = JsFuture::from(scope.fetch_with_str(path)).await.map_err(text)?.unchecked_into();
    if !response.ok() {
        return Err(format!("{path} answers {} {}", response.status(), response.status_text()));
    }
    let buffer = JsFuture::from(response.array_buffer().map_err(text)?).await.map_err(text)?;
    Ok(Uint8Array::new(&buffer).to_vec())
}
