//! `window.spate`: what scripts and tests can ask the page.

use js_sys::{Function, JSON, Object, Promise, Reflect};
use leptos::prelude::window;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

/// Requests for stats that wait for the worker.
#[derive(Clone, Debug, Default)]
pub(crate) struct StatsRequests(Rc<RefCell<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    next: u32,
    resolvers: BTreeMap<u32, Function>,
}

impl StatsRequests {
    /// Puts `stats()` on `window.spate`; each call asks once.
    pub(crate) fn install(&self, ask: impl Fn(u32) + 'static) {
        let requests = self.clone();
        let stats = Closure::<dyn FnMut() -> Promise>::new(move || {
            Promise::new(&mut |resolve, _| ask(requests.add(resolve)))
        });
        let spate = Object::new();
        // Setting a member of a plain object, or a new one of the window, does not fail.
        Reflect::set(&spate, &"stats".into(), &stats.into_js_value()).unwrap_or_default();
        Reflect::set(&window(), &"spate".into(), &spate).unwrap_or_default();
    }

    fn add(&self, resolve: Function) -> u32 {
        let mut waiting = self.0.borrow_mut();
        let request = waiting.next;
        waiting.next = request.wrapping_add(1);
        waiting.resolvers.insert(request, resolve);
        request
    }

    /// Answers a request with a JSON object.
    pub(crate) fn answer(&self, request: u32, json: &str) {
        let resolve = self.0.borrow_mut().resolvers.remove(&request);
        if let Some(resolve) = resolve {
            let stats = JSON::parse(json).unwrap_or(JsValue::NULL);
            // A promise's resolver does not throw.
            resolve.call1(&JsValue::UNDEFINED, &stats).unwrap_or_default();
        }
    }
}
