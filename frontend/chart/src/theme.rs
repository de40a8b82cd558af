//! Every colour and every size in CSS pixels. No other module names a colour.
//!
//! Series colours follow Okabe and Ito's colour-blind-safe set, moved in lightness until each stands out from its
//! background by at least 3:1 (WCAG 2.2, 1.4.11).

use crate::Color;
use crate::data::Severity;

/// First index of colours that are not of series but of levels: normal, minor, major and critical.
pub const FIRST_LEVEL: usize = 250;

/// Sizes in CSS pixels; multiply by the device scale.
pub mod css_px {
    /// Axis label text.
    pub const LABEL: f64 = 11.0;
    /// Stroke of a series line.
    pub const LINE: f64 = 1.5;
    /// Radius of a single point with nothing to join.
    pub const DOT_RADIUS: f64 = 2.0;
    /// Height of the anomaly ribbon.
    pub const RIBBON: f64 = 6.0;
    /// Half the height of an anomaly mark.
    pub const MARK: f64 = 4.5;
    /// Thresholds, notes and other words on the plot.
    pub const NOTE: f64 = 10.5;
}

/// Colours of one look of the dashboard.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Name used in URLs and settings.
    pub name: &'static str,
    /// Canvas background, opaque.
    pub background: Color,
    /// Grid hairlines.
    pub grid: Color,
    /// Axis labels.
    pub axis_text: Color,
    /// Headline text, such as the value of a stat tile.
    pub text: Color,
    /// Series colours, repeated when there are more series.
    pub series: [Color; 8],
    /// Alpha of the expected band in its series' colour.
    pub band_alpha: f64,
    /// Alpha of the area under a sparkline.
    pub area_alpha: f64,
    /// Alpha of final windows' bars in their series' colour.
    pub window_alpha: f64,
    /// Tint of a known gap.
    pub gap: Color,
    /// Hatching of a known gap.
    pub gap_hatch: Color,
    /// Anomaly marks.
    pub anomaly: Color,
    /// Ring around marks, which keeps them apart from the line beneath.
    pub halo: Color,
    /// Anomaly ribbon from an ordinary value (first) to a 1-in-10,000 one (last).
    pub ribbon: [Color; 5],
    /// Watermark line.
    pub watermark: Color,
    /// A state that needs attention.
    pub bad: Color,
    /// Colour of a state that is none of the levels.
    pub normal: Color,
    /// Thresholds and what lies beyond them: minor, major, critical.
    pub levels: [Color; 3],
    /// Cells of swimlanes: severity below 25, 50, 75, and from there.
    pub severity: [Color; 4],
    /// Cells of heat maps from few (first) to many (last).
    pub ramp: [Color; 5],
    /// Annotations.
    pub note: Color,
    /// Alpha of the tint under annotated intervals.
    pub note_alpha: f64,
    /// What a gauge's value runs on.
    pub track: Color,
}

impl Theme {
    /// Takes another colour for what a token of `style/tokens.css` names, such as `series-0`; charts have no others.
    pub fn set(&mut self, token: &str, color: Color) {
        match token {
            "surface" => (self.background, self.halo) = (color, color),
            "text" => self.text = color,
            "text-muted" => self.axis_text = color,
            "line" => (self.grid, self.track) = (color, color),
            "bad" => self.bad = color,
            "anomaly" => self.anomaly = color,
            _ => {
                let place = token.strip_prefix("series-").and_then(|place| place.parse::<usize>().ok());
                if let Some(series) = place.and_then(|place| self.series.get_mut(place)) {
                    *series = color;
                }
            }
        }
    }

    /// Dark ink on white.
    pub const LIGHT: Self = Self {
        name: "light",
        background: Color::rgb(0xff_ffff),
        grid: Color::rgb(0xe8_ebf0),
        axis_text: Color::rgb(0x5f_6b7a),
        text: Color::rgb(0x17_1c24),
        series: [
            Color::rgb(0x00_72b2),
            Color::rgb(0xd5_5e00),
            Color::rgb(0x00_875f),
            Color::rgb(0xb2_4c8a),
            Color::rgb(0xa8_7200),
            Color::rgb(0x2b_8cc4),
            Color::rgb(0x7d_7400),
            Color::rgb(0x5b_6470),
        ],
        band_alpha: 0.13,
        area_alpha: 0.10,
        window_alpha: 0.55,
        gap: Color(0x8a94_a31a),
        gap_hatch: Color(0x8a94_a34d),
        anomaly: Color::rgb(0xc8_1e3a),
        halo: Color::rgb(0xff_ffff),
        ribbon: [
            Color::rgb(0xf1_f3f6),
            Color::rgb(0xfb_dcb8),
            Color::rgb(0xf4_9b4f),
            Color::rgb(0xd9_4a2b),
            Color::rgb(0x9c_1239),
        ],
        watermark: Color::rgb(0x8a_94a3),
        bad: Color::rgb(0xc8_1e3a),
        normal: Color::rgb(0x00_7a55),
        levels: [Color::rgb(0xa8_7200), Color::rgb(0xd0_5300), Color::rgb(0xb0_1240)],
        severity: [
            Color::rgb(0xdf_e5ec),
            Color::rgb(0xf4_b25e),
            Color::rgb(0xd9_4a2b),
            Color::rgb(0x9c_1239),
        ],
        ramp: [
            Color::rgb(0xe6_f0f9),
            Color::rgb(0xb3_d3ec),
            Color::rgb(0x66_a8d9),
            Color::rgb(0x1f_74b4),
            Color::rgb(0x08_3a6e),
        ],
        note: Color::rgb(0x6b_4fbb),
        note_alpha: 0.08,
        track: Color::rgb(0xe8_ebf0),
    };

    /// Light ink on near-black.
    pub const DARK: Self = Self {
        name: "dark",
        background: Color::rgb(0x12_161d),
        grid: Color::rgb(0x23_2a34),
        axis_text: Color::rgb(0x93_9fae),
        text: Color::rgb(0xe8_ecf2),
        series: [
            Color::rgb(0x56_a4ee),
            Color::rgb(0xf0_834c),
            Color::rgb(0x2f_bf91),
            Color::rgb(0xd9_8bc0),
            Color::rgb(0xe6_ad3a),
            Color::rgb(0x86_d0f5),
            Color::rgb(0xe9_de6c),
            Color::rgb(0xa9_b4c2),
        ],
        band_alpha: 0.16,
        area_alpha: 0.14,
        window_alpha: 0.6,
        gap: Color(0x939f_ae1a),
        gap_hatch: Color(0x939f_ae40),
        anomaly: Color::rgb(0xff_6577),
        halo: Color::rgb(0x12_161d),
        ribbon: [
            Color::rgb(0x1b_212a),
            Color::rgb(0x4a_2d2b),
            Color::rgb(0x9c_4630),
            Color::rgb(0xee_7d3f),
            Color::rgb(0xff_d38a),
        ],
        watermark: Color::rgb(0x6d_7989),
        bad: Color::rgb(0xff_6577),
        normal: Color::rgb(0x3f_cf9f),
        levels: [Color::rgb(0xe6_ad3a), Color::rgb(0xf0_834c), Color::rgb(0xff_6577)],
        severity: [
            Color::rgb(0x27_3140),
            Color::rgb(0x8f_4a2c),
            Color::rgb(0xee_7d3f),
            Color::rgb(0xff_d38a),
        ],
        ramp: [
            Color::rgb(0x17_2738),
            Color::rgb(0x1d_4d7c),
            Color::rgb(0x30_80c8),
            Color::rgb(0x7c_baf2),
            Color::rgb(0xd8_ecff),
        ],
        note: Color::rgb(0xb3_9ef0),
        note_alpha: 0.12,
        track: Color::rgb(0x23_2a34),
    };

    /// The look called `name`; anything but `dark` is light.
    pub fn named(name: &str) -> &'static Self {
        if name == "dark" { &Self::DARK } else { &Self::LIGHT }
    }

    /// Colour of the series at `index`, repeating after eight; from [`FIRST_LEVEL`] on, of what is normal, minor, major
    /// and critical.
    pub const fn series_color(&self, index: usize) -> Color {
        match index.checked_sub(FIRST_LEVEL) {
            None => self.series[index % self.series.len()],
            Some(0) => self.normal,
            Some(level) => self.levels[(level - 1) % self.levels.len()],
        }
    }

    /// Colour of what lies beyond a threshold.
    pub const fn level_color(&self, severity: Severity) -> Color {
        self.levels[severity as usize]
    }

    /// Colour of a swimlane's cell for a severity of 0 to 100, and its step, 0 to 3.
    pub fn severity_color(&self, severity: f64) -> (Color, usize) {
        let step = if severity.is_finite() { (severity / 25.0).clamp(0.0, 3.0) as usize } else { 0 };
        (self.severity[step], step)
    }

    /// Colour of a heat map's cell for a part of the most, 0 to 1.
    pub fn ramp_color(&self, part: f64) -> Color {
        let place = if part.is_finite() { part.clamp(0.0, 1.0) * 4.0 } else { 0.0 };
        let below = (place as usize).min(3);
        self.ramp[below].mix(self.ramp[below + 1], place - below as f64)
    }

    /// Ink that is best read on `color`: the text's or the background's.
    pub fn ink_on(&self, color: Color) -> Color {
        if self.text.contrast(color) >= self.background.contrast(color) { self.text } else { self.background }
    }

    /// Ribbon colour for a rarity in `0.0..=4.0`, `-log10` of the chance of so unusual a value.
    pub fn ribbon_color(&self, rarity: f64) -> Color {
        let rarity = if rarity.is_finite() { rarity.clamp(0.0, 4.0) } else { 0.0 };
        let below = (rarity.floor() as usize).min(3);
        self.ribbon[below].mix(self.ribbon[below + 1], rarity - below as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_and_marks_stand_out_from_the_background_by_3_to_1() {
        for theme in [&Theme::LIGHT, &Theme::DARK] {
            let marks = [theme.anomaly, theme.watermark, theme.bad, theme.note];
            for color in theme.series.into_iter().chain(marks).chain(theme.levels) {
                let contrast = color.contrast(theme.background);
                assert!(contrast >= 3.0, "{} {}: {contrast:.2}", theme.name, color.css());
            }
        }
    }

    #[test]
    fn text_stands_out_from_the_background_by_4_5_to_1() {
        for theme in [&Theme::LIGHT, &Theme::DARK] {
            for color in [theme.text, theme.axis_text] {
                assert!(color.contrast(theme.background) >= 4.5, "{} {}", theme.name, color.css());
            }
        }
    }

    #[test]
    fn ribbon_leaves_the_background_steadily_as_values_get_rarer() {
        for theme in [&Theme::LIGHT, &Theme::DARK] {
            let contrast = |step: u32| theme.ribbon_color(f64::from(step) / 10.0).contrast(theme.background);
            for step in 0..40 {
                assert!(contrast(step + 1) >= contrast(step), "{} at {step}", theme.name);
            }
        }
    }

    #[test]
    fn steps_of_severity_and_heat_leave_the_background_one_by_one() {
        for theme in [&Theme::LIGHT, &Theme::DARK] {
            for steps in [&theme.severity[..], &theme.ramp[..]] {
                let contrasts: Vec<_> = steps.iter().map(|step| step.contrast(theme.background)).collect();
                assert!(contrasts.windows(2).all(|pair| pair[0] * 1.15 < pair[1]), "{contrasts:?}");
            }
            assert!(theme.severity[2..].iter().all(|color| color.contrast(theme.background) >= 3.0));
        }
    }

    #[test]
    fn words_on_any_colour_of_series_heat_or_severity_can_be_read() {
        for theme in [&Theme::LIGHT, &Theme::DARK] {
            for color in theme.series.into_iter().chain(theme.ramp).chain(theme.severity) {
                let contrast = theme.ink_on(color).contrast(color);
                assert!(contrast >= 3.9, "{} {}: {contrast:.2}", theme.name, color.css());
            }
        }
    }

    #[test]
    fn severity_steps_at_25_50_and_75() {
        let step = |severity| Theme::LIGHT.severity_color(severity).1;
        assert_eq!([0.0, 24.9, 25.0, 50.0, 75.0, 100.0, f64::NAN].map(step), [0, 0, 1, 2, 3, 3, 0]);
    }

    #[test]
    fn a_ninth_series_takes_the_first_colour_again() {
        assert_eq!(Theme::LIGHT.series_color(8), Theme::LIGHT.series_color(0));
    }
}
