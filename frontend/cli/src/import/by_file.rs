//! What tells files apart by their names.

/// The words of a stem with where each begins.
type Words<'a> = Vec<(usize, &'a str)>;

/// The part of each stem that is left when the words all of them begin and end with are taken away.
///
/// Words are separated by `_` and `-`; at least one word is left. A single stem is its own part.
pub(crate) fn distinct_parts(stems: &[String]) -> Vec<String> {
    if stems.len() < 2 {
        return stems.to_vec();
    }
    let all: Vec<Words<'_>> = stems.iter().map(|stem| words(stem)).collect();
    let shortest = all.iter().map(Vec::len).min().unwrap_or(0);
    let mut front = 0;
    while front + 1 < shortest && is_shared(&all, |words| words[front].1) {
        front += 1;
    }
    let mut back = 0;
    while front + back + 1 < shortest && is_shared(&all, |words| words[words.len() - 1 - back].1) {
        back += 1;
    }
    let part = |(stem, words): (&String, &Words<'_>)| {
        let (last_at, last) = words[words.len() - 1 - back];
        stem[words[front].0..last_at + last.len()].to_owned()
    };
    stems.iter().zip(&all).map(part).collect()
}

fn is_shared<'a>(all: &[Words<'a>], word: impl Fn(&Words<'a>) -> &'a str) -> bool {
    all.windows(2).all(|pair| word(&pair[0]) == word(&pair[1]))
}

fn words(stem: &str) -> Words<'_> {
    let mut at = 0;
    let mut place = |word: &str| {
        let begins = at;
        at += word.len() + 1;
        begins
    };
    stem.split(['_', '-']).map(|word| (place(word), word)).collect()
}

#[cfg(test)]
mod tests {
    use super::distinct_parts;

    fn check(stems: &[&str], expect: &[&str]) {
        let stems: Vec<String> = stems.iter().map(|&stem| stem.to_owned()).collect();
        assert_eq!(distinct_parts(&stems), expect);
    }

    #[test]
    fn shared_words_at_both_ends_go_and_the_rest_stays_as_written() {
        check(&["Twitter_volume_KO", "Twitter_volume_CVS"], &["KO", "CVS"]);
        check(&["a-3_cpc_results", "a-4_cpm_results"], &["3_cpc", "4_cpm"]);
        check(&["exchange-3_cpm", "exchange-4_cpm"], &["3", "4"]);
    }

    #[test]
    fn a_word_is_never_cut_and_one_is_always_left() {
        check(&["sensor10", "sensor12"], &["sensor10", "sensor12"]);
        check(&["same", "same"], &["same", "same"]);
        check(&["day", "day_2"], &["day", "day_2"]);
        check(&["a_b"], &["a_b"]);
    }
}
