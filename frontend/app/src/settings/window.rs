//! A window as a form has it: its kind, its sizes and its offset, each typed by itself.

use spate_worker::tables::{Line, WINDOW_LINES};

/// `hopping 10m/1m + 5s` in parts. The worker says what is wrong with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WindowText {
    /// A kind of the table of windows.
    pub(crate) kind: &'static Line,
    /// One for each of [`WindowText::size_names`].
    pub(crate) sizes: Vec<String>,
    /// How far windows are shifted; empty for not at all.
    pub(crate) offset: String,
}

impl WindowText {
    /// The parts of a window.
    pub(crate) fn read(text: &str) -> Self {
        let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
        let (sizes, offset) = rest.split_once('+').unwrap_or((rest, ""));
        let kind = lines().iter().find(|line| line.name == name).unwrap_or(&lines()[0]);
        let mut sizes: Vec<_> = sizes.split('/').map(|size| size.trim().to_owned()).collect();
        sizes.resize(size_names(kind).len(), String::new());
        Self { kind, sizes, offset: offset.trim().to_owned() }
    }

    /// The window.
    pub(crate) fn write(&self) -> String {
        let sizes = self.sizes.join("/");
        let offset = if self.takes_offset() && !self.offset.trim().is_empty() {
            format!(" + {}", self.offset)
        } else {
            String::new()
        };
        format!("{} {sizes}{offset}", self.kind.name)
    }

    /// Windows of another kind and of the same width; they slide by it until another slide is typed.
    pub(crate) fn set_kind(&mut self, name: &str) {
        if let Some(kind) = lines().iter().find(|line| line.name == name) {
            let width = self.sizes.first().cloned().unwrap_or_default();
            self.sizes = vec![width; size_names(kind).len()];
            self.kind = kind;
        }
    }

    /// What its sizes are called: `width` and `slide`.
    pub(crate) fn size_names(&self) -> Vec<String> {
        size_names(self.kind).into_iter().map(str::to_lowercase).collect()
    }

    /// Whether windows of its kind can be shifted.
    pub(crate) fn takes_offset(&self) -> bool {
        self.kind.form.contains("[+ ")
    }
}

fn lines() -> &'static [Line] {
    &WINDOW_LINES
}

fn size_names(kind: &Line) -> Vec<&'static str> {
    kind.form.split('[').next().unwrap_or_default().trim().split('/').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_read_back_as_they_are_written() {
        for text in ["tumbling 1m", "tumbling 1d + 6h", "hopping 10m/1m", "session 30s", "tumbling "] {
            assert_eq!(WindowText::read(text).write(), text);
        }
    }

    #[test]
    fn sizes_are_asked_for_as_the_kind_says() {
        let names = |text: &str| WindowText::read(text).size_names();
        assert_eq!(names("hopping 10m/1m"), ["width", "slide"]);
        assert_eq!(names("session 30s"), ["gap"]);
        assert!(!WindowText::read("session 30s").takes_offset());
    }

    #[test]
    fn another_kind_keeps_the_width() {
        let mut window = WindowText::read("tumbling 30s");
        window.set_kind("hopping");
        assert_eq!(window.write(), "hopping 30s/30s");
        window.set_kind("session");
        assert_eq!(window.write(), "session 30s");
    }

    #[test]
    fn what_is_typed_half_stays_for_the_worker_to_judge() {
        let mut window = WindowText::read("hopping 10m/1m");
        window.sizes[1] = "soon".to_owned();
        assert_eq!(window.write(), "hopping 10m/soon");
    }
}
