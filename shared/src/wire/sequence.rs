//! Sequences of control messages, read without trusting the length they claim.

use std::{fmt, marker::PhantomData};

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

/// Reads a sequence whose memory grows with the elements that are really there.
///
/// Serde's own `Vec` reserves up to 1 MiB for a claimed length, which a message of a few bytes can ask for.
pub(crate) fn sequence<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_seq(Elements(PhantomData))
}

/// [`sequence`], or nothing.
pub(crate) fn optional_sequence<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Whole<T>(Vec<T>);
    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Whole<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            sequence(deserializer).map(Self)
        }
    }
    Ok(Option::<Whole<T>>::deserialize(deserializer)?.map(|whole| whole.0))
}

struct Elements<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<T>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = sequence.next_element()? {
            elements.push(element);
        }
        Ok(elements)
    }
}
