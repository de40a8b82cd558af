//! Lines as pixel columns, and pixel columns as pixels.
//!
//! A crate of its own because every frame runs these loops: in the browser it is compiled for speed, where everything
//! around it is compiled for size.

mod color;
pub mod columns;
pub mod raster;

pub use color::Color;
