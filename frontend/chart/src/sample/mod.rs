//! Made-up data of every kind of panel: for previews, snapshot tests and pictures. The same every time.

mod over_time;
mod values;

use spate_shared::order;
use std::collections::BTreeMap;

use crate::data::PanelData;
use crate::options::{OptionValue, Options};
use crate::panel::PANELS;

/// A panel to look at.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Unique: the kind's id, and what is special after a dash.
    pub name: &'static str,
    /// Id of its kind.
    pub kind: &'static str,
    /// What it shows.
    pub data: PanelData,
    /// How.
    pub options: Options,
    /// Size in CSS pixels.
    pub size: (u32, u32),
}

/// Samples of every kind, in the order of [`PANELS`].
pub fn all() -> Vec<Sample> {
    let mut samples: Vec<_> = over_time::samples().into_iter().chain(values::samples()).collect();
    let place = |sample: &Sample| PANELS.iter().position(|kind| kind.id == sample.kind);
    order::sort_by_key(&mut samples, place);
    samples
}

/// Options from names and values.
fn options<const N: usize>(pairs: [(&str, OptionValue); N]) -> Options {
    Options(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<BTreeMap<_, _>>())
}

fn word(text: &str) -> OptionValue {
    OptionValue::Text(text.to_owned())
}

/// Noise between -1 and 1 from a number.
fn noise(seed: usize) -> f64 {
    let mut state = seed as u64 ^ 0x9e37_79b9_7f4a_7c15;
    for _ in 0..3 {
        state = (state ^ (state >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    (state >> 40) as f64 / f64::from(1 << 23) - 1.0
}
