//! Units that values are converted between.

/// A unit: a value times `factor`, plus `offset`, is in the first unit of its quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// Names, the first of which charts show.
    pub names: &'static [&'static str],
    /// What it measures.
    pub quantity: &'static str,
    /// How many of the quantity's first unit it is.
    pub factor: f64,
    /// Where its zero is, in the quantity's first unit.
    pub offset: f64,
}

const fn unit(names: &'static [&'static str], quantity: &'static str, factor: f64) -> Unit {
    Unit { names, quantity, factor, offset: 0.0 }
}

/// All units, each quantity's first unit first.
pub const UNITS: &[Unit] = &[
    unit(&["s", "second", "seconds"], "time", 1.0),
    unit(&["ms"], "time", 1e-3),
    unit(&["us", "µs"], "time", 1e-6),
    unit(&["ns"], "time", 1e-9),
    unit(&["min"], "time", 60.0),
    unit(&["h"], "time", 3_600.0),
    unit(&["d"], "time", 86_400.0),
    unit(&["bytes", "byte", "B"], "data", 1.0),
    unit(&["kB"], "data", 1e3),
    unit(&["MB"], "data", 1e6),
    unit(&["GB"], "data", 1e9),
    unit(&["TB"], "data", 1e12),
    unit(&["KiB"], "data", 1_024.0),
    unit(&["MiB"], "data", 1_048_576.0),
    unit(&["GiB"], "data", 1_073_741_824.0),
    unit(&["TiB"], "data", 1_099_511_627_776.0),
    unit(&["bit", "bits"], "data", 0.125),
    unit(&["ratio"], "part", 1.0),
    unit(&["percent", "%"], "part", 1e-2),
    Unit { names: &["C", "°C", "celsius"], quantity: "temperature", factor: 1.0, offset: 0.0 },
    Unit { names: &["K", "kelvin"], quantity: "temperature", factor: 1.0, offset: -273.15 },
    Unit {
        names: &["F", "°F", "fahrenheit"],
        quantity: "temperature",
        factor: 5.0 / 9.0,
        offset: -160.0 / 9.0,
    },
    unit(&["m"], "length", 1.0),
    unit(&["mm"], "length", 1e-3),
    unit(&["cm"], "length", 1e-2),
    unit(&["km"], "length", 1e3),
    unit(&["mi"], "length", 1_609.344),
    unit(&["ft"], "length", 0.3048),
    unit(&["kg"], "mass", 1.0),
    unit(&["g"], "mass", 1e-3),
    unit(&["t"], "mass", 1e3),
    unit(&["lb"], "mass", 0.453_592_37),
    unit(&["m/s"], "speed", 1.0),
    unit(&["km/h"], "speed", 1.0 / 3.6),
    unit(&["mph"], "speed", 0.447_04),
    unit(&["W"], "power", 1.0),
    unit(&["mW"], "power", 1e-3),
    unit(&["kW"], "power", 1e3),
    unit(&["MW"], "power", 1e6),
];

/// How a value in one unit becomes one in another: times the first, plus the second.
///
/// # Errors
/// What is wrong, with the valid choices.
pub(crate) fn conversion(from: &str, to: &str) -> Result<(f64, f64), String> {
    let (from, to) = (find(from)?, find(to)?);
    if from.quantity != to.quantity {
        let choices = UNITS.iter().filter(|unit| unit.quantity == from.quantity).map(|unit| unit.names[0]);
        return Err(format!(
            "{} is {}, {} is {}: choose one of {}",
            from.names[0],
            from.quantity,
            to.names[0],
            to.quantity,
            choices.collect::<Vec<_>>().join(", ")
        ));
    }
    Ok((from.factor / to.factor, (from.offset - to.offset) / to.factor))
}

fn find(name: &str) -> Result<&'static Unit, String> {
    let choices = || UNITS.iter().map(|unit| unit.names[0]).collect::<Vec<_>>().join(", ");
    let found = UNITS.iter().find(|unit| unit.names.contains(&name));
    found.ok_or_else(|| format!("no unit is called {name:?}: choose one of {}", choices()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_out_as_the_definitions_say() {
        for (value, from, to, expected) in [
            (250.0, "ms", "s", 0.25),
            (2.0, "h", "min", 120.0),
            (3.0, "MiB", "bytes", 3_145_728.0),
            (8.0, "bits", "B", 1.0),
            (50.0, "%", "ratio", 0.5),
            (0.0, "C", "K", 273.15),
            (212.0, "F", "°C", 100.0),
            (0.0, "K", "F", -459.67),
            (90.0, "km/h", "m/s", 25.0),
        ] {
            let (factor, offset) = conversion(from, to).expect("units");
            let got = value * factor + offset;
            assert!((got - expected).abs() < 1e-9, "{value} {from} is {got} {to}");
        }
    }

    #[test]
    fn unknown_and_unlike_units_are_refused_with_the_choices() {
        assert!(conversion("ms", "fortnight").expect_err("unknown").contains("choose one of s, ms"));
        let unlike = conversion("ms", "bytes").expect_err("unlike");
        assert!(unlike.contains("ms is time, bytes is data: choose one of s, ms"), "{unlike}");
    }
}
