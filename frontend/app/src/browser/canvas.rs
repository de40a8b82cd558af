//! Panels' canvases: handed to the worker, or drawn on here where the browser cannot.

use spate_chart::scene::Scene;
use spate_worker::protocol::PanelId;
use std::collections::BTreeMap;
use wasm_bindgen::JsCast as _;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, OffscreenCanvas};

use super::has_member;
use super::observe::SizePx;

/// Whether a canvas can be handed to a worker.
pub(crate) fn can_transfer() -> bool {
    has_member("HTMLCanvasElement", "transferControlToOffscreen")
}

/// Hands a canvas over; possible once per canvas, `None` when it was done before.
pub(crate) fn transfer(canvas: &HtmlCanvasElement) -> Option<OffscreenCanvas> {
    canvas.transfer_control_to_offscreen().ok()
}

/// The canvases that are drawn on the main thread, by panel.
#[derive(Debug, Default)]
pub(crate) struct MainCanvases(BTreeMap<PanelId, (HtmlCanvasElement, CanvasRenderingContext2d)>);

impl MainCanvases {
    /// Draws a panel here from now on.
    pub(crate) fn add(&mut self, panel: PanelId, canvas: &HtmlCanvasElement) {
        let context = canvas.get_context("2d").ok().flatten();
        if let Some(context) = context.and_then(|context| context.dyn_into().ok()) {
            self.0.insert(panel, (canvas.clone(), context));
        }
    }

    /// Draws a panel no more.
    pub(crate) fn remove(&mut self, panel: PanelId) {
        self.0.remove(&panel);
    }

    /// Gives a panel's canvas another size; what was on it is gone until the next scene.
    pub(crate) fn resize(&self, panel: PanelId, size: SizePx) {
        if let Some((canvas, _)) = self.0.get(&panel) {
            canvas.set_width(size.width_px);
            canvas.set_height(size.height_px);
        }
    }

    /// Draws a panel.
    pub(crate) fn replay(&self, panel: PanelId, scene: &Scene) {
        if let Some((_, context)) = self.0.get(&panel) {
            replay(context, scene);
        }
    }
}

/// Draws a scene on a canvas of its size.
pub(crate) fn draw(context: &CanvasRenderingContext2d, scene: &Scene) {
    replay(context, scene);
}

#[cfg(target_arch = "wasm32")]
use spate_worker::canvas::replay;

/// Natively there is no canvas to draw on.
#[cfg(not(target_arch = "wasm32"))]
fn replay(_: &CanvasRenderingContext2d, _: &Scene) {}
