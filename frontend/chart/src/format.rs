//! Numbers as people read them: SI or IEC prefixes, units and as many digits as matter.

/// How a unit's values are scaled and named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A bare number: SI prefixes.
    None,
    /// Bytes: IEC prefixes, 1 KiB = 1,024 B.
    Bytes,
    /// A percentage, already times 100.
    Percent,
    /// Seconds: ns, µs and ms below one.
    Seconds,
    /// Anything else: SI prefixes, then the unit's own name.
    Named(String),
}

impl Unit {
    /// The unit a schema names; an absent or empty name is a bare number.
    pub fn parse(name: Option<&str>) -> Self {
        match name.unwrap_or_default().trim() {
            "" => Self::None,
            "bytes" | "byte" | "B" => Self::Bytes,
            "percent" | "%" => Self::Percent,
            "seconds" | "second" | "s" => Self::Seconds,
            other => Self::Named(other.to_owned()),
        }
    }

    /// What divides a value of about `magnitude`, and what follows it.
    fn prefix(&self, magnitude: f64) -> (f64, &'static str) {
        const SI: [(f64, &str); 5] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")];
        const IEC: [(f64, &str); 6] = [
            (1_125_899_906_842_624.0, "PiB"),
            (1_099_511_627_776.0, "TiB"),
            (1_073_741_824.0, "GiB"),
            (1_048_576.0, "MiB"),
            (1_024.0, "KiB"),
            (1.0, "B"),
        ];
        const TIME: [(f64, &str); 4] = [(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")];
        let table: &[(f64, &str)] = match self {
            Self::Bytes => &IEC,
            Self::Percent => &[(1.0, "%")],
            Self::Seconds if magnitude == 0.0 => &[(1.0, "s")],
            Self::Seconds => &TIME,
            Self::None | Self::Named(_) => &SI,
        };
        let fallback = table[table.len() - 1];
        table.iter().copied().find(|(divisor, _)| magnitude >= *divisor).unwrap_or(fallback)
    }
}

/// `value` to three significant digits with its unit, such as `12.3 k`, `1.5 GiB` or `250 ms`.
///
/// A value that is not finite is a dash: it is missing.
pub fn value(value: f64, unit: &Unit) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let (mut divisor, mut suffix) = unit.prefix(value.abs());
    // 999.9 rounds up to 1,000: the next prefix reads better.
    let rounded = round_to_three_digits(value);
    if rounded.abs() > value.abs() {
        (divisor, suffix) = unit.prefix(rounded.abs());
    }
    let scaled = rounded / divisor;
    let decimals = match scaled.abs() {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    let number = if is_extreme(scaled) {
        format!("{scaled:.2e}")
    } else if scaled != 0.0 && scaled.abs() < 0.1 {
        trimmed(format!("{scaled:.6}"))
    } else {
        trimmed(format!("{scaled:.decimals$}"))
    };
    let name = if let Unit::Named(name) = unit { name.as_str() } else { "" };
    [number.as_str(), suffix, name].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Labels of axis ticks `step` apart: one prefix for all, as many decimals as the step needs, no named unit.
pub fn axis_labels(ticks: &[f64], step: f64, unit: &Unit) -> Vec<String> {
    let magnitude = ticks.iter().fold(0.0_f64, |most, tick| most.max(tick.abs()));
    let (divisor, suffix) = unit.prefix(magnitude);
    let scaled_step = step / divisor;
    let decimals = (0..7_usize).find(|&decimals| is_whole(scaled_step, decimals)).unwrap_or(7);
    let extreme = is_extreme(magnitude / divisor) || is_extreme(scaled_step);
    let label = |tick: &f64| match tick / divisor {
        0.0 if matches!(unit, Unit::None | Unit::Named(_)) => "0".to_owned(),
        scaled if extreme => trimmed_exponent(scaled),
        scaled if suffix.is_empty() => format!("{scaled:.decimals$}"),
        scaled => format!("{scaled:.decimals$} {suffix}"),
    };
    ticks.iter().map(label).collect()
}

/// `delta` as a signed percentage: 0.051 is `+5.1 %`.
pub fn relative_change(delta: f64) -> String {
    let percent = delta * 100.0;
    if percent.abs() >= 1_000.0 {
        return if percent > 0.0 { "> +999 %".to_owned() } else { "< −999 %".to_owned() };
    }
    let sign = if percent < 0.0 { "−" } else { "+" };
    let decimals = usize::from(percent.abs() < 10.0);
    format!("{sign}{:.decimals$} %", percent.abs())
}

fn is_extreme(scaled: f64) -> bool {
    scaled != 0.0 && !(1e-4..1e6).contains(&scaled.abs())
}

fn is_whole(step: f64, decimals: usize) -> bool {
    let shifted = step * libm::pow(10.0, decimals as f64);
    (shifted - shifted.round()).abs() < 1e-6 * shifted.abs().max(1e-3)
}

fn round_to_three_digits(value: f64) -> f64 {
    if value == 0.0 {
        return 0.0;
    }
    let unit = libm::pow(10.0, libm::log10(value.abs()).floor() - 2.0);
    let rounded = (value / unit).round() * unit;
    if rounded.is_finite() { rounded } else { value }
}

fn trimmed(number: String) -> String {
    if !number.contains('.') {
        return number;
    }
    number.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn trimmed_exponent(value: f64) -> String {
    let text = format!("{value:.2e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", trimmed(mantissa.to_owned())),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(number: f64, unit: &str, expected: &str) {
        assert_eq!(value(number, &Unit::parse(Some(unit))), expected);
    }

    #[test]
    fn values_have_three_digits_and_a_prefix() {
        check(12_345.0, "", "12.3 k");
        check(999.96, "", "1 k");
        check(-1_250_000.0, "req/s", "-1.25 M req/s");
        check(0.0, "", "0");
        check(0.012_34, "", "0.0123");
        check(73.967, "°F", "74 °F");
    }

    #[test]
    fn bytes_percent_and_seconds_have_their_own_steps() {
        check(1_536.0, "bytes", "1.5 KiB");
        check(99.5, "percent", "99.5 %");
        check(0.25, "s", "250 ms");
        check(0.000_002, "s", "2 µs");
        check(90.0, "s", "90 s");
        check(0.0, "s", "0 s");
    }

    #[test]
    fn missing_and_enormous_values_stay_readable() {
        check(f64::NAN, "", "–");
        check(1e300, "", "1.00e288 T");
        check(f64::MAX, "bytes", "1.60e293 PiB");
    }

    #[test]
    fn axis_labels_share_a_prefix_and_their_decimals() {
        assert_eq!(axis_labels(&[0.0, 500.0, 1_000.0], 500.0, &Unit::None), ["0", "0.5 k", "1.0 k"]);
        assert_eq!(axis_labels(&[0.5, 0.75], 0.25, &Unit::None), ["0.50", "0.75"]);
        assert_eq!(axis_labels(&[0.0, 50.0], 50.0, &Unit::Percent), ["0 %", "50 %"]);
        assert_eq!(axis_labels(&[1e-7], 1e-7, &Unit::None), ["1e-7"]);
    }

    #[test]
    fn changes_carry_their_sign() {
        assert_eq!(relative_change(0.051), "+5.1 %");
        assert_eq!(relative_change(-0.5), "−50 %");
        assert_eq!(relative_change(123.0), "> +999 %");
    }
}
