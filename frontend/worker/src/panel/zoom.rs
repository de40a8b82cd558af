//! Which part of its values a panel shows.

use spate_chart::options::OptionValue;

use super::Panel;

impl Panel {
    /// Shows the values of a part of the last drawing's height only.
    pub fn zoom_values(&mut self, from_px: f32, to_px: f32) {
        let Some(layout) = self.layout() else { return };
        let value = |y_px: f32| layout.value_from_px(f64::from(y_px));
        let (a, b) = (value(from_px), value(to_px));
        self.show_values(a.min(b), a.max(b));
    }

    /// Shows this part of the last drawing's height, around its middle.
    pub fn scale_values(&mut self, part: f64) {
        let Some((low, high)) = self.layout().map(|layout| layout.value_range) else { return };
        let (middle, half) = (f64::midpoint(low, high), (high - low) / 2.0 * part);
        self.show_values(middle - half, middle + half);
    }

    fn show_values(&mut self, low: f64, high: f64) {
        if low.is_finite() && high.is_finite() && low < high {
            self.options.0.insert("y_min".to_owned(), OptionValue::Number(low));
            self.options.0.insert("y_max".to_owned(), OptionValue::Number(high));
        }
    }

    /// Shows all values again.
    pub fn reset_values(&mut self) {
        self.options.0.remove("y_min");
        self.options.0.remove("y_max");
    }

    pub(super) fn shows_part_of_values(&self) -> bool {
        self.options.0.contains_key("y_min")
    }
}
