//! What making an alert's decision once more says.

use spate_worker::protocol::DecisionAnswer;

/// How it came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The name for styles and tests.
    pub(crate) name: &'static str,
    /// The sentence.
    pub(crate) text: String,
}

/// Whether the digests of the record and of the decision made once more agree.
pub(crate) fn outcome(decision: &DecisionAnswer) -> Outcome {
    let (name, text) = match &decision.recomputed {
        Ok(_) if decision.is_confirmed() => {
            ("same", "Same: computed once more from the events, it has the same digest.".to_owned())
        }
        Ok(digest) => (
            "different",
            format!("Different: the record says {}, computed once more it is {digest}.", decision.digest),
        ),
        Err(reason) => ("unknown", format!("It cannot be computed once more: {reason}")),
    };
    Outcome { name, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(recomputed: Result<&str, &str>, expect: (&str, &str)) {
        let decision = DecisionAnswer {
            lines: Vec::new(),
            json: String::new(),
            digest: "abc".to_owned(),
            recomputed: recomputed.map(str::to_owned).map_err(str::to_owned),
        };
        let Outcome { name, text } = outcome(&decision);
        assert_eq!(name, expect.0);
        assert!(text.contains(expect.1), "{text}");
    }

    #[test]
    fn digests_are_same_different_or_unknown() {
        check(Ok("abc"), ("same", "same digest"));
        check(Ok("abd"), ("different", "abd"));
        check(Err("events were let go"), ("unknown", "events were let go"));
    }
}
