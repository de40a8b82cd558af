//! The worker's binary: Trunk builds it for the browser; elsewhere it has nothing to do.

#[cfg(target_arch = "wasm32")]
fn main() {
    // The page hears of a failure through the worker's error event.
    if let Err(error) = spate_worker::host::run() {
        wasm_bindgen::throw_val(error);
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
