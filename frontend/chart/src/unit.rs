//! Units: what a schema's name for one means, how its values are scaled, and what stands beside the number.

/// A prefix: from which magnitude on it is used, what it divides by, and its sign.
type Step = (f64, f64, &'static str);

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;

/// Bare numbers and units of one's own: nothing below one.
const LARGE: [Step; 5] =
    [(1e12, 1e12, "T"), (1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e3, 1e3, "k"), (0.0, 1.0, "")];
const SI: [Step; 8] = [
    (1e12, 1e12, "T"),
    (1e9, 1e9, "G"),
    (1e6, 1e6, "M"),
    (1e3, 1e3, "k"),
    (1.0, 1.0, ""),
    (1e-3, 1e-3, "m"),
    (1e-6, 1e-6, "µ"),
    (0.0, 1e-9, "n"),
];
const IEC: [Step; 6] = [
    (1_125_899_906_842_624.0, 1_125_899_906_842_624.0, "PiB"),
    (1_099_511_627_776.0, 1_099_511_627_776.0, "TiB"),
    (1_073_741_824.0, 1_073_741_824.0, "GiB"),
    (1_048_576.0, 1_048_576.0, "MiB"),
    (1_024.0, 1_024.0, "KiB"),
    (0.0, 1.0, "B"),
];
/// Two of the larger unit, before it is used: 90 s reads better than 1.5 min.
const TIME: [Step; 7] = [
    (2.0 * DAY, DAY, "d"),
    (2.0 * HOUR, HOUR, "h"),
    (2.0 * MINUTE, MINUTE, "min"),
    (1.0, 1.0, "s"),
    (1e-3, 1e-3, "ms"),
    (1e-6, 1e-6, "µs"),
    (0.0, 1e-9, "ns"),
];

/// How a unit's values are scaled and named.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    pub(crate) family: Family,
    /// What makes a value one of the family's base unit: 60 for minutes.
    pub(crate) factor: f64,
    /// `/s` of a rate, or nothing.
    per: String,
    /// The schema's name for it.
    own: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Bare,
    Bytes,
    Percent,
    Seconds,
    /// The sign, which stands before the number when it is no word.
    Currency(&'static str),
    /// The symbol that prefixes stand before.
    Symbol(&'static str),
    /// A name nobody but the schema knows, shown as it is.
    Named(String),
}

/// Names of units, what they are, and what makes them one of the base unit.
const KNOWN: &[(&[&str], Family, f64)] = &[
    (&["none", "short", "number"], Family::Bare, 1.0),
    (&["bytes", "byte", "B", "decbytes"], Family::Bytes, 1.0),
    (&["kB", "KB"], Family::Bytes, 1e3),
    (&["MB"], Family::Bytes, 1e6),
    (&["GB"], Family::Bytes, 1e9),
    (&["KiB", "kbytes"], Family::Bytes, 1_024.0),
    (&["MiB", "mbytes"], Family::Bytes, 1_048_576.0),
    (&["GiB", "gbytes"], Family::Bytes, 1_073_741_824.0),
    (&["percent", "%", "pct"], Family::Percent, 1.0),
    (&["percentunit", "ratio", "fraction"], Family::Percent, 100.0),
    (&["ns", "nanoseconds"], Family::Seconds, 1e-9),
    (&["us", "µs", "μs", "microseconds"], Family::Seconds, 1e-6),
    (&["ms", "milliseconds"], Family::Seconds, 1e-3),
    (&["s", "sec", "seconds", "second"], Family::Seconds, 1.0),
    (&["min", "minutes", "minute"], Family::Seconds, MINUTE),
    (&["h", "hours", "hour"], Family::Seconds, HOUR),
    (&["d", "days", "day"], Family::Seconds, DAY),
    (&["$", "USD", "dollars", "currencyUSD"], Family::Currency("$"), 1.0),
    (&["€", "EUR", "euros", "currencyEUR"], Family::Currency("€"), 1.0),
    (&["£", "GBP", "pounds", "currencyGBP"], Family::Currency("£"), 1.0),
    (&["¥", "JPY", "yen", "currencyJPY"], Family::Currency("¥"), 1.0),
    (&["₹", "INR", "currencyINR"], Family::Currency("₹"), 1.0),
    (&["CHF"], Family::Currency("CHF"), 1.0),
    (&["CNY"], Family::Currency("CNY"), 1.0),
    (&["SEK"], Family::Currency("SEK"), 1.0),
    (&["bit", "bits", "b"], Family::Symbol("bit"), 1.0),
    (&["bps"], Family::Symbol("bit/s"), 1.0),
    (&["Hz", "hertz"], Family::Symbol("Hz"), 1.0),
    (&["W", "watt", "watts"], Family::Symbol("W"), 1.0),
    (&["Wh"], Family::Symbol("Wh"), 1.0),
    (&["kWh"], Family::Symbol("Wh"), 1e3),
    (&["J", "joule", "joules"], Family::Symbol("J"), 1.0),
    (&["V", "volt", "volts"], Family::Symbol("V"), 1.0),
    (&["A", "ampere", "amperes"], Family::Symbol("A"), 1.0),
    (&["Pa", "pascal"], Family::Symbol("Pa"), 1.0),
    (&["m", "meter", "metre", "meters", "metres"], Family::Symbol("m"), 1.0),
    (&["g", "gram", "grams"], Family::Symbol("g"), 1.0),
    (&["kg"], Family::Symbol("g"), 1e3),
    (&["L", "l", "litre", "liter"], Family::Symbol("L"), 1.0),
];
/// What a rate's name may end with.
const PER: [(&str, &str); 5] = [("/s", "/s"), ("/sec", "/s"), ("/min", "/min"), ("/h", "/h"), ("/d", "/d")];

impl Unit {
    /// A bare number.
    pub const NONE: Self = Self { family: Family::Bare, factor: 1.0, per: String::new(), own: String::new() };
    /// A percentage, already times 100.
    pub const PERCENT: Self =
        Self { family: Family::Percent, factor: 1.0, per: String::new(), own: String::new() };
    /// Bytes.
    pub const BYTES: Self =
        Self { family: Family::Bytes, factor: 1.0, per: String::new(), own: String::new() };

    /// The unit a schema names; an absent or empty name is a bare number, an unknown one is shown as it is.
    pub fn parse(name: Option<&str>) -> Self {
        let name = name.unwrap_or_default().trim();
        if name.is_empty() {
            return Self::NONE;
        }
        let rate = || PER.iter().find_map(|(end, per)| known(name.strip_suffix(end)?.trim_end(), per));
        let (family, factor, per) =
            known(name, "").or_else(rate).unwrap_or_else(|| (Family::Named(name.to_owned()), 1.0, ""));
        Self { family, factor, per: per.to_owned(), own: name.to_owned() }
    }

    /// Whether values run from 0 to 100.
    pub(crate) fn is_percent(&self) -> bool {
        self.family == Family::Percent && self.factor == 1.0
    }

    /// Whether labels of an axis need no word beside zero.
    pub(crate) fn has_bare_zero(&self) -> bool {
        matches!(self.family, Family::Bare | Family::Named(_) | Family::Symbol(_))
    }

    /// What divides a base value of about `magnitude`, and the prefix or unit that then follows.
    pub(crate) fn step(&self, magnitude: f64) -> (f64, &'static str) {
        let table: &[Step] = match self.family {
            Family::Bytes => &IEC,
            Family::Percent => &[(0.0, 1.0, "%")],
            Family::Seconds if magnitude == 0.0 => &[(0.0, 1.0, "s")],
            Family::Seconds => &TIME,
            Family::Symbol(_) if magnitude != 0.0 => &SI,
            Family::Bare | Family::Named(_) | Family::Currency(_) | Family::Symbol(_) => &LARGE,
        };
        let found = table.iter().find(|(from, ..)| magnitude >= *from);
        found.map_or((1.0, ""), |(_, divisor, sign)| (*divisor, *sign))
    }

    /// Number, prefix and unit as they stand together; `name` says whether a named unit is spelled out.
    pub(crate) fn beside(&self, number: &str, sign: &str, name: bool) -> String {
        let per = &self.per;
        match &self.family {
            Family::Currency(symbol) if symbol.chars().count() == 1 => {
                let (minus, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
                spaced(&[&format!("{minus}{symbol}{digits}"), &format!("{sign}{per}")])
            }
            Family::Currency(code) => spaced(&[number, sign, &format!("{code}{per}")]),
            Family::Symbol(symbol) => spaced(&[number, &format!("{sign}{symbol}{per}")]),
            Family::Named(word) if name => spaced(&[number, sign, word]),
            _ => spaced(&[number, &format!("{sign}{per}")]),
        }
    }

    /// A number in the schema's own unit beside the name the schema gave it.
    pub(crate) fn beside_own(&self, number: &str) -> String {
        match &self.family {
            Family::Percent if self.factor == 1.0 => spaced(&[number, &format!("%{}", self.per)]),
            Family::Currency(_) => self.beside(number, "", true),
            _ => spaced(&[number, &self.own]),
        }
    }

    /// What round steps of an axis whose values reach `magnitude` are multiples of.
    pub(crate) fn tick_base(&self, magnitude: f64) -> f64 {
        match self.family {
            Family::Bytes | Family::Seconds => self.step(magnitude * self.factor).0 / self.factor,
            _ => 1.0,
        }
    }
}

/// Family, factor and rate of a name.
fn known<'a>(name: &str, per: &'a str) -> Option<(Family, f64, &'a str)> {
    let (_, family, factor) = KNOWN.iter().find(|(names, ..)| names.contains(&name))?;
    Some((family.clone(), *factor, per))
}

fn spaced(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_known_once() {
        let mut names: Vec<_> = KNOWN.iter().flat_map(|(names, ..)| names.iter()).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn a_unit_that_does_not_parse_keeps_its_name() {
        for name in ["rides", "°F", "req/s", "<b>x</b>", "🚕/h"] {
            assert_eq!(Unit::parse(Some(name)).family, Family::Named(name.to_owned()));
        }
        assert_eq!(Unit::parse(Some("  ")), Unit::NONE);
        assert_eq!(Unit::parse(Some(" bytes ")).family, Family::Bytes);
    }
}
