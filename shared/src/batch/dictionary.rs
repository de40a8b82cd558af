//! Dictionaries: the distinct texts of a category column.

use std::collections::HashMap;

/// Finds or adds a dictionary entry. Dictionaries are small: most lookups end at the last code used.
pub fn intern(dictionary: &mut Vec<String>, text: &str) -> u32 {
    let found = dictionary.iter().position(|entry| entry == text);
    found.unwrap_or_else(|| {
        dictionary.push(text.to_owned());
        dictionary.len() - 1
    }) as u32
}

/// More texts than this are hashed with the whole dictionary; fewer are sooner compared with each entry.
const MOST_COMPARED: usize = 16;

/// [`intern`] for distinct texts, in time linear in the dictionary and them.
fn intern_all(dictionary: &mut Vec<String>, texts: &[&str]) -> Vec<u32> {
    if dictionary.is_empty() {
        dictionary.extend(texts.iter().copied().map(str::to_owned));
        return (0..texts.len() as u32).collect();
    }
    if texts.len() <= MOST_COMPARED {
        return texts.iter().map(|text| intern(dictionary, text)).collect();
    }
    let mut codes: HashMap<&str, u32> = HashMap::with_capacity(dictionary.len() + texts.len());
    for (text, code) in dictionary.iter().zip(0..) {
        codes.entry(text).or_insert(code);
    }
    let mut added = Vec::new();
    let interned = texts.iter().map(|text| {
        *codes.entry(text).or_insert_with(|| {
            added.push((*text).to_owned());
            (dictionary.len() + added.len() - 1) as u32
        })
    });
    let interned = interned.collect();
    dictionary.append(&mut added);
    interned
}

/// Appends codes of the dictionary `theirs`, taking over each text at its first use; `None` is a missing value.
pub(super) fn extend_codes(
    dictionary: &mut Vec<String>,
    codes: &mut Vec<u32>,
    theirs: &[String],
    rows: impl Iterator<Item = Option<u32>> + Clone,
) {
    let mut places: Vec<Option<u32>> = vec![None; theirs.len()];
    let mut used = Vec::new();
    for code in rows.clone().flatten() {
        places[code as usize].get_or_insert_with(|| {
            used.push(theirs[code as usize].as_str());
            used.len() as u32 - 1
        });
    }
    let interned = intern_all(dictionary, &used);
    let mine = |code: u32| places[code as usize].map_or(0, |place| interned[place as usize]);
    codes.extend(rows.map(|code| code.map_or(0, mine)));
    if dictionary.is_empty() && !codes.is_empty() {
        // The code beneath a missing value names an entry too.
        dictionary.push(String::new());
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    #[test]
    fn large_dictionaries_merge_as_small_ones_do() {
        let texts = |numbers: Range<u32>| numbers.map(|n| n.to_string()).collect::<Vec<_>>();
        let (mut hashed, mut compared, new) = (texts(0..300), texts(0..300), texts(200..500));
        let codes = intern_all(&mut hashed, &new.iter().map(String::as_str).collect::<Vec<_>>());
        let expected: Vec<u32> = new.iter().map(|text| intern(&mut compared, text)).collect();
        assert_eq!((codes, hashed), (expected, compared));
    }
}
