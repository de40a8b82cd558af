//! How wide text is, without a font: the advance widths that sans-serif system faces share closely.
//!
//! Helvetica, Arial, Liberation Sans and their like agree on these; other faces differ by a few per cent, which the
//! margins around labels absorb.

/// Advance of the characters from space to `~`, in thousandths of the font size.
const ADVANCES: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
/// Advance of everything else.
const OTHER: u16 = 600;

/// Width of `text` in device pixels at a font size of `size_px`.
pub(crate) fn width_px(text: &str, size_px: f64) -> f64 {
    let advance = |character: char| {
        let index = (character as usize).checked_sub(' ' as usize);
        f64::from(index.and_then(|index| ADVANCES.get(index)).copied().unwrap_or(OTHER))
    };
    text.chars().map(advance).sum::<f64>() * size_px / 1000.0
}

/// `text`, cut with an ellipsis where it is wider than `limit_px`.
pub(crate) fn shortened(text: &str, size_px: f64, limit_px: f64) -> String {
    if width_px(text, size_px) <= limit_px {
        return text.to_owned();
    }
    let mut short = String::new();
    for character in text.chars() {
        short.push(character);
        if width_px(&short, size_px) + width_px("…", size_px) > limit_px {
            short.pop();
            break;
        }
    }
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_too_wide_ends_in_an_ellipsis() {
        assert_eq!(shortened("taxi rides", 10.0, 99.0), "taxi rides");
        assert_eq!(shortened("taxi rides", 10.0, 26.0), "taxi…");
        assert_eq!(shortened("taxi", 10.0, 0.0), "…");
    }

    #[test]
    fn widths_add_up_by_character() {
        assert_eq!(width_px("1.5 k", 10.0), 5.56 + 2.78 + 5.56 + 2.78 + 5.0);
        assert_eq!(width_px("", 10.0), 0.0);
        assert_eq!(width_px("µ", 10.0), 6.0);
    }
}
