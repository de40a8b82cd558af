//! Light, dark, or as the system says.

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
