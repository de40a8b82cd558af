//! Options that may be meant for one input only: `[FILE:]VALUE`, where FILE is a file's name without its extension.

use std::str::FromStr;

/// `[FILE:]VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scoped<T> {
    /// The file's stem; `None` means every input.
    pub(crate) file: Option<String>,
    pub(crate) value: T,
}

impl<T> Scoped<T> {
    pub(crate) fn covers(&self, stem: &str) -> bool {
        self.file.as_deref().is_none_or(|file| file == stem)
    }
}

impl<T: FromStr<Err = String>> FromStr for Scoped<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let scoped = text.split_once(':').filter(|(file, _)| !file.is_empty() && !file.contains('='));
        Ok(match scoped {
            Some((file, value)) => Self { file: Some(file.to_owned()), value: value.parse()? },
            None => Self { file: None, value: text.parse()? },
        })
    }
}

/// `NAME=VALUE`, neither empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl FromStr for Pair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => {
                Ok(Self { name: name.to_owned(), value: value.to_owned() })
            }
            _ => Err(format!("expected NAME=VALUE, got {text:?}")),
        }
    }
}

/// A stream's name, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StreamName(pub(crate) String);

impl FromStr for StreamName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        spate_shared::catalog::check_stream_name(text).map_err(|error| error.to_string())?;
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_before_a_colon_narrows_an_option_to_it() {
        let scoped = "speed_7578:value=speed".parse::<Scoped<Pair>>().unwrap();
        assert_eq!(scoped.file.as_deref(), Some("speed_7578"));
        assert_eq!(scoped.value, Pair { name: "value".into(), value: "speed".into() });
        assert!(scoped.covers("speed_7578") && !scoped.covers("occupancy_6005"));
    }

    #[test]
    fn a_colon_in_a_value_is_not_a_file() {
        let scoped = "host=db:5432".parse::<Scoped<Pair>>().unwrap();
        assert_eq!((scoped.file, scoped.value.value.as_str()), (None, "db:5432"));
    }

    #[test]
    fn half_a_pair_is_refused() {
        for bad in ["", "value", "=new", "old="] {
            assert!(bad.parse::<Scoped<Pair>>().is_err(), "{bad}");
        }
    }
}
