//! Room 6: panel data + size in device pixels + theme -> display list and pixels, or table rows.
//!
//! Nothing here reads a clock, a file, a socket or a browser: the same input gives the same bytes natively and in
//! wasm. Transcendental functions come from `libm`; `sqrt`, `floor` and `round` are exact everywhere.
//!
//! [`panel::draw`] turns a [`data::PanelData`] into a [`scene::Drawn`]. A replayer (room 7) clears the canvas with
//! the list's background, puts the image when there is one, then runs the ops in order.

mod area;
mod axes;
pub mod data;
pub mod display_list;
pub mod format;
pub mod layout;
pub mod options;
pub mod panel;
mod recorder;
pub mod sample;
pub mod scale;
pub mod scene;
mod text;
pub mod theme;
pub mod ticks;
mod under;
pub mod unit;
pub mod zone;

pub use spate_pixels::{Color, columns, raster};
