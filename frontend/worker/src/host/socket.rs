//! One WebSocket; dropping it closes it silently.

use js_sys::{ArrayBuffer, Uint8Array};
use spate_shared::wire::SUBPROTOCOL;
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

use crate::protocol::Generation;
use crate::runtime::Wake;

/// An open or opening socket.
pub(super) struct Socket {
    inner: WebSocket,
    _on_open: Closure<dyn FnMut()>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
}

impl Socket {
    /// Opens a socket that wakes the worker.
    ///
    /// # Errors
    /// What the browser says of an address it will not connect to.
    pub(super) fn open(
        url: &str,
        generation: Generation,
        wake: impl Fn(Wake) + Clone + 'static,
    ) -> Result<Self, String> {
        let socket = WebSocket::new_with_str(url, SUBPROTOCOL).map_err(|_| {
            format!("{url:?} is not a WebSocket address; it looks like ws://host:port/api/v1/ws")
        })?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let on_open = Closure::<dyn FnMut()>::new({
            let wake = wake.clone();
            move || wake(Wake::Opened(generation))
        });
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new({
            let wake = wake.clone();
            move |event: MessageEvent| {
                if let Ok(buffer) = event.data().dyn_into::<ArrayBuffer>() {
                    wake(Wake::Received(generation, Uint8Array::new(&buffer).to_vec()));
                }
            }
        });
        let on_close = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| {
            wake(Wake::Closed(generation, event.code(), event.reason()));
        });
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Ok(Self { inner: socket, _on_open: on_open, _on_message: on_message, _on_close: on_close })
    }

    /// Sends a frame. On a socket that is closing it goes nowhere; the close wakes the worker anyway.
    pub(super) fn send(&self, frame: &[u8]) {
        let _ = self.inner.send_with_u8_array(frame);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.inner.set_onopen(None);
        self.inner.set_onmessage(None);
        self.inner.set_onclose(None);
        let _ = self.inner.close();
    }
}
