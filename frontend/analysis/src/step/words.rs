//! The words of a step's text.

/// Words between white space; what is in back quotes is one word. `None` when a quote is never closed.
pub(super) fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let mut is_quoted = false;
        let ends = |letter: char| {
            is_quoted ^= letter == '`';
            letter.is_whitespace() && !is_quoted
        };
        let end = rest.find(ends).unwrap_or(rest.len());
        if rest[..end].matches('`').count() % 2 == 1 {
            return None;
        }
        words.push(rest[..end].to_owned());
        rest = rest[end..].trim_start();
    }
    Some(words)
}

/// A name without its back quotes.
pub(super) fn name(word: impl AsRef<str>) -> String {
    word.as_ref().trim_matches('`').to_owned()
}

/// `LOW..HIGH` with at least one of them, in order.
pub(super) fn range(word: &str) -> Option<(Option<f64>, Option<f64>)> {
    let (low, high) = word.split_once("..")?;
    let bound = |text: &str| match text {
        "" => Some(None),
        text => text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Some),
    };
    let (low, high) = (bound(low)?, bound(high)?);
    let is_range = match (low, high) {
        (Some(low), Some(high)) => low <= high,
        (None, None) => false,
        _ => true,
    };
    is_range.then_some((low, high))
}
