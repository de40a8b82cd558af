//! What was measured beside what was wanted.

/// Figures and the most they may be.
#[derive(Default)]
pub(crate) struct Targets {
    rows: Vec<(String, f64, f64)>,
}

impl Targets {
    pub(crate) fn at_most(&mut self, what: String, measured: f64, most: f64) {
        self.rows.push((what, measured, most));
    }

    /// Prints all; whether all were met.
    pub(crate) fn print(&self) -> bool {
        println!("\n{:<48} {:>8} {:>8}", "target", "measured", "at most");
        for (what, measured, most) in &self.rows {
            let missed = if measured <= most { "" } else { "  missed" };
            println!("{what:<48} {measured:>8.3} {most:>8.3}{missed}");
        }
        self.rows.iter().all(|(_, measured, most)| measured <= most)
    }
}
