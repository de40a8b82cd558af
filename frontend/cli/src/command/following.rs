//! What the commands that follow streams share: where to begin.

use std::str::FromStr;

use spate_shared::wire::Start;

/// `live`, `earliest` or `last:N`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct From(pub(super) Start);

impl FromStr for From {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_prefix("last:").map(str::parse::<u64>);
        match (text, number) {
            ("live", _) => Ok(Self(Start::Live)),
            ("earliest", _) => Ok(Self(Start::Earliest)),
            (_, Some(Ok(number))) => Ok(Self(Start::Last(number))),
            _ => Err(format!("expected live, earliest or last:N, got {text:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_live_earliest_or_a_number_of_events() {
        assert_eq!("live".parse(), Ok(From(Start::Live)));
        assert_eq!("last:7".parse(), Ok(From(Start::Last(7))));
        for bad in ["", "now", "last", "last:-1", "last:x"] {
            assert!(bad.parse::<From>().is_err(), "{bad}");
        }
    }
}
