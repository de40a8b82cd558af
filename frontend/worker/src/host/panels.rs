//! The panels' canvases.

use std::collections::BTreeMap;

use js_sys::{Object, Reflect};
use spate_chart::scene::Scene;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, OffscreenCanvas};

use crate::canvas::replay;
use crate::protocol::PanelId;

/// Canvases by panel.
#[derive(Default)]
pub(super) struct Canvases {
    held: BTreeMap<PanelId, Held>,
}

struct Held {
    canvas: OffscreenCanvas,
    context: CanvasRenderingContext2d,
}

impl Canvases {
    /// Takes over a panel's canvas. Without a 2D context the page draws it.
    pub(super) fn add(&mut self, panel: PanelId, canvas: OffscreenCanvas) {
        let options = Object::new();
        // Charts cover their whole canvas: without alpha the compositor has less to do.
        let _ = Reflect::set(&options, &JsValue::from_str("alpha"), &JsValue::FALSE);
        if let Ok(Some(context)) = canvas.get_context_with_context_options("2d", &options) {
            // The offscreen context has the same methods, called by name.
            let context = context.unchecked_into();
            self.held.insert(panel, Held { canvas, context });
        }
    }

    /// Lets a panel's canvas go.
    pub(super) fn remove(&mut self, panel: PanelId) {
        self.held.remove(&panel);
    }

    /// Shows a scene; false when the panel has no canvas here.
    pub(super) fn show(&mut self, panel: PanelId, scene: &Scene) -> bool {
        let Some(Held { canvas, context }) = self.held.get(&panel) else { return false };
        let (width_px, height_px) = (scene.list.width_px, scene.list.height_px);
        if (canvas.width(), canvas.height()) != (width_px, height_px) {
            canvas.set_width(width_px);
            canvas.set_height(height_px);
        }
        replay(context, scene);
        true
    }
}
