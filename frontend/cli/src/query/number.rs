//! Numbers and times out of bytes, quickly for the usual forms and correctly for all.

use spate_shared::time::{self, Nanos, SECOND};

/// Powers of ten that a double holds exactly.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A decimal number, to the nearest double; `None` when it is none.
#[inline]
pub(super) fn float(bytes: &[u8]) -> Option<f64> {
    let (negative, digits) = match bytes {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 16 {
        return slow(bytes);
    }
    let (mut mantissa, mut point) = (0u64, None);
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = mantissa * 10 + u64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(at),
            _ => return slow(bytes),
        }
    }
    let decimals = point.map_or(0, |point| digits.len() - 1 - point);
    // Both are whole and below 2^53, so one division rounds once.
    if mantissa >= 1 << 53 || digits.len() == usize::from(point.is_some()) {
        return slow(bytes);
    }
    let number = mantissa as f64 / POWERS[decimals];
    Some(if negative { -number } else { number })
}

#[cold]
fn slow(bytes: &[u8]) -> Option<f64> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

/// Reads times; remembers the day of the last, since the next is most likely of the same.
#[derive(Debug, Default)]
pub(super) struct Times {
    date: [u8; 10],
    midnight: Nanos,
}

impl Times {
    /// The time in any form that [`time::parse`] reads.
    #[inline]
    pub(super) fn parse(&mut self, bytes: &[u8]) -> Option<Nanos> {
        if let Some(whole) = whole(bytes) {
            return time::from_epoch(whole);
        }
        self.civil(bytes).or_else(|| time::parse(std::str::from_utf8(bytes).ok()?).ok())
    }

    /// `2014-07-01T00:00:00Z` or `2014-07-01 00:00:00`, with or without a fraction.
    fn civil(&mut self, bytes: &[u8]) -> Option<Nanos> {
        let (date, rest) = bytes.split_first_chunk::<10>()?;
        let [b'T' | b' ', h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = rest else { return None };
        let two = |tens: &u8, ones: &u8, below: i64| {
            let value = digit(*tens)? * 10 + digit(*ones)?;
            (value < below).then_some(value)
        };
        let seconds = two(h1, h2, 24)? * 3_600 + two(m1, m2, 60)? * 60 + two(s1, s2, 60)?;
        let fraction = match rest.strip_suffix(b"Z").unwrap_or(rest) {
            [] => 0,
            [b'.', digits @ ..] if (1..=9).contains(&digits.len()) => {
                let whole = digits.iter().try_fold(0, |sum, byte| Some(sum * 10 + digit(*byte)?))?;
                whole * 10i64.pow(9 - digits.len() as u32)
            }
            _ => return None,
        };
        if *date != self.date {
            self.midnight = time::parse(std::str::from_utf8(date).ok()?).ok()?;
            self.date = *date;
        }
        self.midnight.checked_add(seconds * SECOND + fraction)
    }
}

fn digit(byte: u8) -> Option<i64> {
    byte.is_ascii_digit().then(|| i64::from(byte - b'0'))
}

/// Up to 18 digits.
#[inline]
fn whole(bytes: &[u8]) -> Option<i64> {
    if bytes.is_empty() || bytes.len() > 18 {
        return None;
    }
    bytes.iter().try_fold(0, |sum, byte| Some(sum * 10 + digit(*byte)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_equal_what_the_standard_library_reads() {
        let mut state = 7u64;
        let mut texts: Vec<String> = [
            "",
            "-",
            ".",
            "-.",
            "1.",
            ".5",
            "-0",
            "1e5",
            "+3",
            "nan",
            "inf",
            "0x1",
            "1_0",
            "9007199254740993",
            "0.1",
            "123456789012345678",
            "1.2.3",
            " 1",
        ]
        .map(str::to_owned)
        .into();
        for _ in 0..2_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            texts.push(format!("{:.*}", (state >> 60) as usize, (state >> 20) as f64 / 1e7 - 500_000.0));
        }
        for text in texts {
            let expected = text.parse::<f64>().ok().map(f64::to_bits);
            assert_eq!(float(text.as_bytes()).map(f64::to_bits), expected, "{text}");
        }
    }

    #[test]
    fn times_equal_what_the_contract_reads() {
        let mut times = Times::default();
        for text in [
            "2014-07-01T00:00:00Z",
            "2014-07-01 23:59:59",
            "2014-07-01T12:30:15.25Z",
            "2014-02-30T00:00:00Z",
            "1969-12-31T23:59:59.999999999Z",
            "2014-07-01T02:00:00+02:00",
            "2014-07-01",
            "1404172800",
            "1404172800123",
            "-5",
            "1404172800.5",
            "2014-07-01T24:00:00Z",
            "2262-04-11T23:47:16.854775807Z",
            "2262-04-11T23:59:59Z",
            "soon",
            "",
        ] {
            assert_eq!(times.parse(text.as_bytes()), time::parse(text).ok(), "{text}");
        }
    }
}
