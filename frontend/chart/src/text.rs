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
/// Advance of other letters, of full-width ones, and of marks that join or sit on others.
const OTHER: u16 = 600;
const WIDE: u16 = 1_000;
const NONE: u16 = 0;

/// How much wider than these the faces of common systems are, at most: `DejaVu Sans` on Linux.
const ROOM: f64 = 1.16;

/// Width of `text` in device pixels at a font size of `size_px`.
pub(crate) fn width_px(text: &str, size_px: f64) -> f64 {
    let advance = |character: char| {
        let index = (character as usize).checked_sub(' ' as usize);
        f64::from(index.and_then(|index| ADVANCES.get(index)).copied().unwrap_or_else(|| other(character)))
    };
    text.chars().map(advance).sum::<f64>() * size_px / 1000.0
}

/// The same with room for a wide face: for words beside other words, where no margin absorbs the difference.
pub(crate) fn roomy_px(text: &str, size_px: f64) -> f64 {
    width_px(text, size_px) * ROOM
}

fn other(character: char) -> u16 {
    match character as u32 {
        // Combining marks, joiners, directional marks, variation selectors.
        0x300..0x370 | 0x200b..0x2010 | 0x202a..0x202f | 0x2060..0x2070 | 0xfe00..0xfe10 => NONE,
        // Hangul, kana and ideographs, full-width forms, emoji.
        0x1100..0x1160 | 0x2e80..0xa4d0 | 0xac00..0xd7a4 | 0xf900..0xfb00 | 0xff00..0xff61 | 0x1f000.. => {
            WIDE
        }
        _ => OTHER,
    }
}

/// `text` on one line: line breaks and other controls become spaces, and what would turn the text around it is left out.
pub(crate) fn one_line(text: &str) -> String {
    let is_override = |character: char| matches!(character as u32, 0x202a..0x202f | 0x2066..0x206a);
    text.chars()
        .filter(|character| !is_override(*character))
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect()
}

/// `text` on one line, cut with an ellipsis where it is wider than `limit_px`.
pub(crate) fn shortened(text: &str, size_px: f64, limit_px: f64) -> String {
    let text = one_line(text);
    let limit_px = limit_px / ROOM;
    if width_px(&text, size_px) <= limit_px {
        return text;
    }
    let mut short = String::new();
    let mut free_px = limit_px - width_px("…", size_px);
    for character in text.chars() {
        free_px -= width_px(character.encode_utf8(&mut [0; 4]), size_px);
        if free_px < 0.0 {
            break;
        }
        short.push(character);
    }
    // A joiner at the end would join the ellipsis.
    short.truncate(short.trim_end_matches(|c: char| c.is_whitespace() || c == '\u{200d}').len());
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_too_wide_ends_in_an_ellipsis() {
        assert_eq!(shortened("taxi rides", 10.0, 99.0), "taxi rides");
        assert_eq!(shortened("taxi rides", 10.0, 30.0), "taxi…");
        assert_eq!(shortened("taxi", 10.0, 0.0), "…");
    }

    #[test]
    fn text_of_any_script_stays_one_line_of_text() {
        assert_eq!(shortened("a\nb\u{202e}c", 10.0, 99.0), "a bc");
        assert_eq!(shortened("<b>שלום</b>", 10.0, 99.0), "<b>שלום</b>");
        assert_eq!(shortened("👩\u{200d}🚀👩\u{200d}🚀", 10.0, 22.0), "👩…");
        assert_eq!(width_px("東京", 10.0), 20.0);
    }

    #[test]
    fn widths_add_up_by_character() {
        assert_eq!(width_px("1.5 k", 10.0), 5.56 + 2.78 + 5.56 + 2.78 + 5.0);
        assert_eq!(width_px("", 10.0), 0.0);
        assert_eq!(width_px("µ", 10.0), 6.0);
    }
}
