//! Lines as pixel columns, and pixel columns as pixels.
//!
//! A crate of its own because every frame runs these loops: in the browser it is compiled for speed, where everything
//! around it is compiled for size.

mod color;
pub mod columns;
pub mod map;
pub mod raster;
pub mod strip;

pub use color::Color;

/// The smaller of two; `f32::min` is a call in WebAssembly, because of what it does with NaN.
fn lesser(a: f32, b: f32) -> f32 {
    if b < a { b } else { a }
}

/// The larger of two.
fn greater(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}
