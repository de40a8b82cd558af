//! The worker that holds the engine and the canvases.

use js_sys::{Array, Uint8Array};
use spate_worker::protocol::{Command, Update, decode, encode};
use std::cell::RefCell;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{MessageEvent, OffscreenCanvas, Worker, WorkerOptions, WorkerType};

use super::text_of;
use crate::outbox::Outbox;

/// What Trunk writes beside the page to start the worker.
const LOADER: &str = "./spate-worker_loader.js";

/// What the worker's side says.
#[derive(Debug)]
pub(crate) enum FromWorker {
    /// An update.
    Update(Box<Update>),
    /// Bytes of another build's protocol.
    Unreadable,
    /// It could not start, or it crashed.
    Failed,
}

/// A running worker.
#[derive(Debug)]
pub(crate) struct WorkerLink {
    worker: Worker,
    outbox: RefCell<Outbox<Message>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(JsValue)>,
}

#[derive(Debug)]
struct Message {
    bytes: Vec<u8>,
    canvas: Option<OffscreenCanvas>,
}

impl WorkerLink {
    /// Starts the worker.
    ///
    /// # Errors
    /// What the browser says when it cannot start module workers.
    pub(crate) fn start(on_message: impl Fn(FromWorker) + Clone + 'static) -> Result<Self, String> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(LOADER, &options).map_err(|error| text_of(&error))?;
        let on_failure = on_message.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            on_message(received(&event.data()));
        });
        let on_error = Closure::<dyn FnMut(JsValue)>::new(move |_| on_failure(FromWorker::Failed));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self { worker, outbox: RefCell::new(Outbox::new()), _on_message: on_message, _on_error: on_error })
    }

    /// Sends a command, once the worker listens.
    pub(crate) fn send(&self, command: &Command, canvas: Option<OffscreenCanvas>) {
        let message = Message { bytes: encode(command), canvas };
        let now = self.outbox.borrow_mut().push(message);
        if let Some(message) = now {
            self.post(&message);
        }
    }

    /// The worker listens: sends what waited.
    pub(crate) fn open(&self) {
        let waiting = self.outbox.borrow_mut().open();
        for message in &waiting {
            self.post(message);
        }
    }

    fn post(&self, message: &Message) {
        let bytes = Uint8Array::from(message.bytes.as_slice());
        let parts = Array::of1(&bytes);
        let transfer = Array::of1(&bytes.buffer());
        if let Some(canvas) = &message.canvas {
            parts.push(canvas);
            transfer.push(canvas);
        }
        // Fails only for what cannot be transferred; bytes and a fresh OffscreenCanvas always can.
        self.worker.post_message_with_transfer(&parts, &transfer).unwrap_or_default();
    }
}

fn received(data: &JsValue) -> FromWorker {
    let update = data.dyn_ref::<Uint8Array>().and_then(|bytes| decode(&bytes.to_vec()));
    update.map_or(FromWorker::Unreadable, |update| FromWorker::Update(Box::new(update)))
}
