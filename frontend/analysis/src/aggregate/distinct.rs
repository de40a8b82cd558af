//! A mergeable count of distinct labels.
//!
//! # Source
//! P. Flajolet et al., "`HyperLogLog`: the analysis of a near-optimal cardinality estimation algorithm", 2007; small
//! counts are exact, as S. Heule et al. proposed in 2013.

use serde::{Deserialize, Serialize};

/// Index bits: 2^12 registers, a standard error of 1.6 %.
const INDEX_BITS: u32 = 12;
const REGISTERS: usize = 1 << INDEX_BITS;
/// Up to this many labels are kept as they are.
const MAX_EXACT: usize = 256;

/// Distinct labels by their hashes: exact up to 256, beyond that with a standard error of 1.6 %.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Distinct {
    /// Sorted hashes.
    Exact(Vec<u64>),
    /// Longest run of zeros by register.
    Registers(Vec<u8>),
}

impl Default for Distinct {
    fn default() -> Self {
        Self::Exact(Vec::new())
    }
}

/// A label's hash, the same on every machine: FNV-1a, then the finalizer of `MurmurHash3`.
pub fn hash(text: &str) -> u64 {
    let fnv = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (fnv ^ fnv >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let mixed = (mixed ^ mixed >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    mixed ^ mixed >> 33
}

impl Distinct {
    /// Adds a label's [`hash`].
    pub fn add(&mut self, hash: u64) {
        match self {
            Self::Exact(hashes) => {
                let Err(at) = hashes.binary_search(&hash) else { return };
                hashes.insert(at, hash);
                if hashes.len() > MAX_EXACT {
                    let mut registers = vec![0; REGISTERS];
                    for hash in &*hashes {
                        note(&mut registers, *hash);
                    }
                    *self = Self::Registers(registers);
                }
            }
            Self::Registers(registers) => note(registers, hash),
        }
    }

    /// Adds what another holds.
    pub fn merge(&mut self, other: &Self) {
        match other {
            Self::Exact(hashes) => hashes.iter().for_each(|hash| self.add(*hash)),
            Self::Registers(theirs) => {
                let mut merged = theirs.clone();
                match self {
                    Self::Exact(hashes) => hashes.iter().for_each(|hash| note(&mut merged, *hash)),
                    Self::Registers(mine) => {
                        merged.iter_mut().zip(mine).for_each(|(run, mine)| *run = (*run).max(*mine));
                    }
                }
                *self = Self::Registers(merged);
            }
        }
    }

    /// How many.
    pub fn count(&self) -> u64 {
        let registers = match self {
            Self::Exact(hashes) => return hashes.len() as u64,
            Self::Registers(registers) => registers,
        };
        let m = REGISTERS as f64;
        let harmonic: f64 = registers.iter().map(|run| libm::exp2(-f64::from(*run))).sum();
        let estimate = 0.7213 / (1.0 + 1.079 / m) * m * m / harmonic;
        let empty: u32 = registers.iter().map(|run| u32::from(*run == 0)).sum();
        let counted =
            if estimate <= 2.5 * m && empty > 0 { m * libm::log(m / f64::from(empty)) } else { estimate };
        libm::round(counted) as u64
    }
}

fn note(registers: &mut [u8], hash: u64) {
    let register = (hash >> (64 - INDEX_BITS)) as usize;
    let run = (hash << INDEX_BITS | 1 << (INDEX_BITS - 1)).leading_zeros() as u8 + 1;
    registers[register] = registers[register].max(run);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: std::ops::Range<u32>) -> Distinct {
        let mut distinct = Distinct::default();
        numbers.for_each(|number| distinct.add(hash(&number.to_string())));
        distinct
    }

    #[test]
    fn small_counts_are_exact_and_large_ones_within_five_standard_errors() {
        for count in [0, 1, 256, 257, 5_000, 20_000, 200_000] {
            let got = of(0..count).count() as f64;
            let allowed = if count <= 256 { 0.0 } else { 0.08 * f64::from(count) };
            assert!((got - f64::from(count)).abs() <= allowed, "{got} for {count}");
        }
    }

    #[test]
    fn merged_sketches_equal_one_that_saw_everything() {
        for (cut, end) in [(10, 200), (10, 5_000), (2_000, 2_100), (2_000, 5_000)] {
            let mut merged = of(0..cut);
            merged.merge(&of(cut / 2..end));
            assert_eq!(merged, of(0..end), "{cut} of {end}");
        }
    }
}
