//! Numbers as people read them: SI or IEC prefixes, units and as many digits as matter.

use crate::unit::Family;
pub use crate::unit::Unit;

/// `value` to three significant digits with its unit, such as `12.3 k`, `1.5 GiB`, `250 ms` or `$1.2 M`.
///
/// A value that is not finite is a dash: it is missing.
pub fn value(value: f64, unit: &Unit) -> String {
    let base = value * unit.factor;
    if !base.is_finite() {
        return "–".to_owned();
    }
    let (mut divisor, mut sign) = unit.step(base.abs());
    let mut scaled = round_to_three_digits(base / divisor);
    // 999.9 rounds up to 1,000: the next prefix reads better.
    if scaled.abs() * divisor > base.abs() {
        (divisor, sign) = unit.step(scaled.abs() * divisor);
        scaled = round_to_three_digits(base / divisor);
    }
    let decimals = match scaled.abs() {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    let number = if is_extreme(scaled) {
        format!("{scaled:.2e}")
    } else if is_change(base, sign, unit) {
        format!("{base:.2}")
    } else if scaled != 0.0 && scaled.abs() < 0.1 {
        trimmed(format!("{scaled:.6}"))
    } else {
        trimmed(format!("{scaled:.decimals$}"))
    };
    unit.beside(&number, sign, true)
}

/// `value` with every digit it holds and its unit, without a prefix: what tables show and exports keep.
pub fn exact(value: f64, unit: &Unit) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let number = if is_extreme(value) { format!("{value:e}") } else { value.to_string() };
    unit.beside_own(&number)
}

/// Whether an amount of money has a part that two digits say.
fn is_change(base: f64, sign: &str, unit: &Unit) -> bool {
    matches!(unit.family, Family::Currency(_)) && sign.is_empty() && base.abs() >= 0.01 && base.fract() != 0.0
}

/// One label of an axis whose ticks share no step, without a named unit.
pub(crate) fn axis_value(tick: f64, unit: &Unit) -> String {
    let base = tick * unit.factor;
    let (divisor, sign) = unit.step(base.abs());
    let scaled = base / divisor;
    let number = if is_extreme(scaled) { trimmed_exponent(scaled) } else { trimmed(format!("{scaled:.4}")) };
    unit.beside(&number, sign, false)
}

/// Labels of axis ticks `step` apart: one prefix for all, as many decimals as the step needs, no named unit.
pub fn axis_labels(ticks: &[f64], step: f64, unit: &Unit) -> Vec<String> {
    let magnitude = ticks.iter().fold(0.0_f64, |most, tick| most.max(tick.abs())) * unit.factor;
    let (divisor, sign) = unit.step(magnitude);
    let scaled_step = step * unit.factor / divisor;
    let decimals = (0..7_usize).find(|&decimals| is_whole(scaled_step, decimals)).unwrap_or(7);
    let extreme = is_extreme(magnitude / divisor) || is_extreme(scaled_step);
    let label = |tick: &f64| match tick * unit.factor / divisor {
        0.0 if unit.has_bare_zero() => "0".to_owned(),
        scaled if extreme => unit.beside(&trimmed_exponent(scaled), "", false),
        scaled => unit.beside(&format!("{scaled:.decimals$}"), sign, false),
    };
    ticks.iter().map(label).collect()
}

/// A whole number as counts are shown: `12,345`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(",")
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
        check(7.5, "min", "7.5 min");
        check(36.0, "h", "36 h");
        check(1_500.0, "ms", "1.5 s");
        check(0.25, "ratio", "25 %");
        check(3.0, "MiB", "3 MiB");
        check(2_048.0, "bytes/s", "2 KiB/s");
        check(0.0, "s", "0 s");
    }

    #[test]
    fn symbols_take_prefixes_and_money_its_sign() {
        check(1_250.0, "W", "1.25 kW");
        check(0.004, "A", "4 mA");
        check(3.0, "kWh", "3 kWh");
        check(9_600.0, "bps", "9.6 kbit/s");
        check(12.5, "USD", "$12.50");
        check(-12.0, "$", "-$12");
        check(1_234_567.0, "EUR", "€1.23 M");
        check(12_300.0, "CHF", "12.3 k CHF");
        check(0.0, "W", "0 W");
    }

    #[test]
    fn counts_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn missing_and_enormous_values_stay_readable() {
        check(f64::NAN, "", "–");
        check(1e300, "", "1.00e288 T");
        check(f64::MAX, "bytes", "1.60e293 PiB");
    }

    #[test]
    fn axis_labels_share_a_prefix_and_their_decimals() {
        assert_eq!(axis_labels(&[0.0, 500.0, 1_000.0], 500.0, &Unit::NONE), ["0", "0.5 k", "1.0 k"]);
        assert_eq!(axis_labels(&[0.5, 0.75], 0.25, &Unit::NONE), ["0.50", "0.75"]);
        assert_eq!(axis_labels(&[0.0, 50.0], 50.0, &Unit::PERCENT), ["0 %", "50 %"]);
        assert_eq!(axis_labels(&[1e-7], 1e-7, &Unit::NONE), ["1e-7"]);
        assert_eq!(axis_labels(&[0.0, 500.0], 500.0, &Unit::parse(Some("USD"))), ["$0", "$500"]);
        assert_eq!(axis_labels(&[0.0, 0.5], 0.5, &Unit::parse(Some("ratio"))), ["0 %", "50 %"]);
        assert_eq!(axis_value(10_000.0, &Unit::parse(Some("W"))), "10 kW");
    }

    #[test]
    fn changes_carry_their_sign() {
        assert_eq!(relative_change(0.051), "+5.1 %");
        assert_eq!(relative_change(-0.5), "−50 %");
        assert_eq!(relative_change(123.0), "> +999 %");
    }
}
