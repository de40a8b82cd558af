//! Colours as eight-bit red, green, blue and alpha.

use serde::{Deserialize, Serialize};

/// A colour, not premultiplied, packed as `0xRRGGBBAA`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Color(pub u32);

impl Color {
    /// Fully transparent: drawing with it draws nothing.
    pub const NONE: Self = Self(0);

    /// An opaque colour from `0xRRGGBB`.
    pub const fn rgb(hex: u32) -> Self {
        Self(hex << 8 | 0xff)
    }

    /// Red, green, blue and alpha, in that order.
    pub const fn channels(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    /// The same colour with its alpha set to `alpha` in `0.0..=1.0`.
    #[must_use]
    pub fn with_alpha(self, alpha: f64) -> Self {
        let byte = (alpha.clamp(0.0, 1.0) * 255.0).round() as u32;
        Self(self.0 & 0xffff_ff00 | byte)
    }

    /// The colour `fraction` of the way from `self` to `other`, channel by channel.
    #[must_use]
    pub fn mix(self, other: Self, fraction: f64) -> Self {
        let fraction = fraction.clamp(0.0, 1.0);
        let (from, to) = (self.channels(), other.channels());
        let mut mixed = [0; 4];
        for (out, (from, to)) in mixed.iter_mut().zip(from.into_iter().zip(to)) {
            let (from, to) = (f64::from(from), f64::from(to));
            *out = ((to - from) * fraction + from).round() as u8;
        }
        Self(u32::from_be_bytes(mixed))
    }

    /// The colour as a canvas or CSS string, `#rrggbbaa`.
    pub fn css(self) -> String {
        format!("#{:08x}", self.0)
    }

    /// Whether drawing with this colour changes anything.
    pub const fn is_visible(self) -> bool {
        self.0 & 0xff != 0
    }

    /// WCAG 2 contrast ratio of two opaque colours, 1 to 21.
    ///
    /// # Source
    /// <https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { libm::pow((value + 0.055) / 1.055, 2.4) }
        };
        let [red, green, blue, _] = self.channels();
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_on_white_has_the_largest_contrast() {
        assert!((Color::rgb(0).contrast(Color::rgb(0xff_ffff)) - 21.0).abs() < 1e-9);
    }

    #[test]
    fn css_names_all_four_channels() {
        assert_eq!(Color::rgb(0x0a_0b0c).with_alpha(0.5).css(), "#0a0b0c80");
    }

    #[test]
    fn mixing_half_way_meets_in_the_middle() {
        assert_eq!(Color::rgb(0).mix(Color::rgb(0x10_2030), 0.5), Color::rgb(0x08_1018));
    }
}
