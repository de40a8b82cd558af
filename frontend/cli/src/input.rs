//! Text inputs: a file or standard input, its format and its name.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use clap::ValueEnum;
use spate_shared::text::Format;

use crate::failure::Failure;
use crate::progress::Progress;

/// A text format, as an option names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputFormat {
    /// Comma-separated values with a header row
    Csv,
    /// One JSON object a line
    Ndjson,
    /// One JSON array of objects
    Json,
}

impl From<InputFormat> for Format {
    fn from(format: InputFormat) -> Self {
        match format {
            InputFormat::Csv => Self::Csv,
            InputFormat::Ndjson => Self::Ndjson,
            InputFormat::Json => Self::Json,
        }
    }
}

/// An opened input.
pub(crate) struct Input {
    /// As the command line said it; `-` is standard input.
    pub(crate) name: String,
    pub(crate) format: Format,
    /// Its length; `None` when it is not a file.
    pub(crate) bytes: Option<u64>,
    pub(crate) read: Box<dyn BufRead>,
}

impl Input {
    /// Opens a file, or standard input for `-`. The format is the one given, the extension's, or what the first
    /// byte looks like.
    ///
    /// # Errors
    /// [`Failure::Data`] naming the file.
    pub(crate) fn open(name: &str, format: Option<InputFormat>) -> Result<Self, Failure> {
        let (bytes, read): (_, Box<dyn Read>) = if name == "-" {
            (None, Box::new(io::stdin().lock()))
        } else {
            let unreadable = |error: io::Error| Failure::file("read", name, &error);
            let file = File::open(name).map_err(unreadable)?;
            let metadata = file.metadata().map_err(unreadable)?;
            if metadata.is_dir() {
                return Err(Failure::Data(format!("cannot read {name:?}: it is a folder; name its files")));
            }
            (metadata.is_file().then_some(metadata.len()), Box::new(file))
        };
        let mut read = BufReader::with_capacity(64 << 10, read);
        let format = match format.map(Format::from).or_else(|| Format::from_file_name(name)) {
            Some(format) => format,
            None => sniff(read.fill_buf().map_err(|error| Failure::file("read", name, &error))?),
        };
        Ok(Self { name: name.to_owned(), format, bytes, read: Box::new(read) })
    }
}

/// Tells the progress bar what was read.
pub(crate) struct Counted {
    pub(crate) read: Box<dyn BufRead>,
    pub(crate) progress: Progress,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.read.read(buffer)?;
        self.progress.advance(count as u64);
        Ok(count)
    }
}

impl BufRead for Counted {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.read.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.progress.advance(count as u64);
        self.read.consume(count);
    }
}

/// A file's name without folder and extension; `stdin` for standard input.
pub(crate) fn stem(name: &str) -> String {
    if name == "-" {
        return "stdin".to_owned();
    }
    Path::new(name).file_stem().map_or_else(|| name.to_owned(), |stem| stem.to_string_lossy().into_owned())
}

fn sniff(start: &[u8]) -> Format {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    match text.trim_ascii_start().first() {
        Some(b'{') => Format::Ndjson,
        Some(b'[') => Format::Json,
        _ => Format::Csv,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_tells_the_format_of_a_nameless_input() {
        for (text, expect) in [
            ("{\"a\":1}\n", Format::Ndjson),
            ("\u{feff} [{\"a\":1}]", Format::Json),
            ("time,a\n", Format::Csv),
            ("", Format::Csv),
        ] {
            assert_eq!(sniff(text.as_bytes()), expect, "{text}");
        }
    }

    #[test]
    fn a_stem_has_neither_folder_nor_extension() {
        assert_eq!(stem("data/nyc_taxi.csv"), "nyc_taxi");
        assert_eq!(stem("-"), "stdin");
    }
}
