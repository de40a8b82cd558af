//! Light, dark, or as the system says; and what a portal around the page gave other colours.

use spate_chart::Color;

/// The tokens of `style/tokens.css` that charts are drawn with.
const SHARED: [&str; 14] = [
    "surface",
    "text",
    "text-muted",
    "line",
    "bad",
    "anomaly",
    "series-0",
    "series-1",
    "series-2",
    "series-3",
    "series-4",
    "series-5",
    "series-6",
    "series-7",
];

/// What charts are to draw in other colours, given what tokens were given.
pub(crate) fn portal_colors(given: impl Fn(&str) -> Option<String>) -> Vec<(String, Color)> {
    let color = |token: &str| u32::from_str_radix(given(token)?.strip_prefix('#')?, 16).ok();
    let given = |token: &&str| Some(((*token).to_owned(), Color::rgb(color(token)? & 0xff_ffff)));
    SHARED.iter().filter_map(given).collect()
}

/// What the user chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ThemeChoice {
    /// As the system says, also when it changes its mind.
    #[default]
    Auto,
    /// Dark ink on white.
    Light,
    /// Light ink on near-black.
    Dark,
}

impl ThemeChoice {
    /// All choices, in the order the switch shows them.
    pub(crate) const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// The name in URLs and in the browser's storage.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The name for people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Auto => "System theme",
            Self::Light => "Light theme",
            Self::Dark => "Dark theme",
        }
    }

    /// The choice called `name`.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }

    /// Whether the page is dark, given what the system says.
    pub(crate) fn is_dark(self, system_is_dark: bool) -> bool {
        match self {
            Self::Auto => system_is_dark,
            Self::Light => false,
            Self::Dark => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_chart::theme::Theme;

    const TOKENS: &str = include_str!("../../../style/tokens.css");

    /// The value of a custom property in the block that follows `selector`.
    fn token(selector: &str, name: &str) -> String {
        let block =
            TOKENS.split_once(selector).and_then(|(_, rest)| rest.split_once('}')).map(|(block, _)| block);
        let declaration =
            block.and_then(|block| block.split_once(&format!("--{name}:"))).map(|(_, rest)| rest);
        declaration.and_then(|rest| rest.split_once(';')).map_or("", |(value, _)| value.trim()).to_owned()
    }

    #[test]
    fn style_and_charts_have_the_same_colours() {
        for (selector, theme) in [(":root {", Theme::LIGHT), ("[data-theme=\"dark\"] {", Theme::DARK)] {
            let mut expected = vec![
                ("surface".to_owned(), theme.background),
                ("text".to_owned(), theme.text),
                ("text-muted".to_owned(), theme.axis_text),
                ("bad".to_owned(), theme.bad),
                ("anomaly".to_owned(), theme.anomaly),
                ("good".to_owned(), theme.normal),
                ("level-minor".to_owned(), theme.levels[0]),
                ("level-major".to_owned(), theme.levels[1]),
                ("level-critical".to_owned(), theme.levels[2]),
            ];
            expected.extend(
                theme.series.iter().enumerate().map(|(index, color)| (format!("series-{index}"), *color)),
            );
            for (name, color) in expected {
                let css = format!("#{:06x}", color.0 >> 8);
                assert_eq!(token(selector, &name), css, "--{name} of the {} theme", theme.name);
            }
        }
    }

    /// WCAG AA: 4.5 for text, 3 for lines and marks that tell something.
    #[test]
    fn text_and_marks_stand_out_from_what_is_behind_them() {
        let series: Vec<_> = (0..Theme::LIGHT.series.len()).map(|index| format!("series-{index}")).collect();
        let on_surfaces = ["page", "surface", "surface-2"];
        let inks = ["text", "text-muted", "accent", "good", "warn", "bad"].into_iter();
        let text = inks.flat_map(|ink: &str| on_surfaces.map(|behind| (ink, behind, 4.5)));
        let on_soft =
            [("accent", "accent-soft"), ("good", "good-soft"), ("warn", "warn-soft"), ("bad", "bad-soft")];
        let on_soft = on_soft.into_iter().chain([
            ("accent-text", "accent"),
            ("text", "surface-3"),
            ("text", "accent-soft"),
        ]);
        let on_soft = on_soft.map(|(ink, behind)| (ink, behind, 4.5));
        let marks = series.iter().map(String::as_str).chain(["anomaly"]).map(|ink| (ink, "surface", 3.0));
        for (ink, behind, least) in text.chain(on_soft).chain(marks) {
            for selector in [":root {", "[data-theme=\"dark\"] {"] {
                let color = |name| {
                    let hex = token(selector, name);
                    Color::rgb(u32::from_str_radix(hex.trim_start_matches('#'), 16).expect("#rrggbb"))
                };
                let found = color(ink).contrast(color(behind));
                assert!(found >= least, "{selector} --{ink} on --{behind}: {found:.2} is less than {least}");
            }
        }
    }

    #[test]
    fn a_portal_gives_charts_the_colours_it_names() {
        let given = |token: &str| match token {
            "surface" => Some("#102030".to_owned()),
            "series-7" => Some("red".to_owned()),
            _ => None,
        };
        let colors = portal_colors(given);
        assert_eq!(colors, [("surface".to_owned(), Color::rgb(0x10_2030))]);
        let mut theme = Theme::DARK;
        let all: Vec<_> = portal_colors(|_| Some("#010203".to_owned()));
        for (token, color) in &all {
            theme.set(token, *color);
        }
        assert_eq!(
            (all.len(), theme.series, theme.text),
            (14, [Color::rgb(0x01_0203); 8], Color::rgb(0x01_0203))
        );
    }

    #[test]
    fn choices_are_found_by_their_names() {
        for choice in ThemeChoice::ALL {
            assert_eq!(ThemeChoice::from_name(choice.name()), Some(choice));
        }
        assert_eq!(ThemeChoice::from_name("blue"), None);
    }

    #[test]
    fn automatic_follows_the_system() {
        assert!(ThemeChoice::Auto.is_dark(true) && !ThemeChoice::Auto.is_dark(false));
        assert!(ThemeChoice::Dark.is_dark(false) && !ThemeChoice::Light.is_dark(true));
    }
}
