//! Text into tokens.

/// What is wrong, and at which byte.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) reason: String,
}

impl Fault {
    pub(super) fn new(at: usize, reason: impl Into<String>) -> Self {
        Self { at, reason: reason.into() }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    /// A field, a function or a word of the language.
    Word(String),
    /// A field in back quotes.
    Field(String),
    Symbol(&'static str),
    End,
}

impl Token {
    pub(super) fn quoted(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => format!("'{text}'"),
            Self::Word(word) | Self::Field(word) => format!("\"{word}\""),
            Self::Symbol(symbol) => format!("\"{symbol}\""),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Longer symbols first.
const SYMBOLS: [&str; 15] = ["==", "!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ","];

/// Tokens with the byte each begins at; the last is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Fault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (token, length) = match first {
            _ if first.is_whitespace() => {
                at += first.len_utf8();
                continue;
            }
            '\'' | '"' | '`' => quoted(rest, at, first)?,
            '0'..='9' | '.' => number(rest, at)?,
            _ if first.is_alphabetic() || first == '_' => {
                let length =
                    rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(rest.len());
                (Token::Word(rest[..length].to_owned()), length)
            }
            _ => match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
                Some(symbol) => (Token::Symbol(symbol), symbol.len()),
                None => return Err(Fault::new(at, format!("{first:?} means nothing here"))),
            },
        };
        tokens.push((at, token));
        at += length;
    }
    tokens.push((text.len(), Token::End));
    Ok(tokens)
}

fn quoted(rest: &str, at: usize, quote: char) -> Result<(Token, usize), Fault> {
    let inside = &rest[1..];
    let Some(length) = inside.find(quote) else {
        return Err(Fault::new(at, format!("the {quote} is never closed")));
    };
    let inside = inside[..length].to_owned();
    Ok((if quote == '`' { Token::Field(inside) } else { Token::Text(inside) }, length + 2))
}

fn number(rest: &str, at: usize) -> Result<(Token, usize), Fault> {
    let mut length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    if let Some(exponent) = rest[length..].strip_prefix(['e', 'E']) {
        let sign = usize::from(exponent.starts_with(['+', '-']));
        let digits = exponent[sign..].find(|c: char| !c.is_ascii_digit()).unwrap_or(exponent.len() - sign);
        length += 1 + sign + digits;
    }
    let number = rest[..length].parse::<f64>().ok().filter(|number| number.is_finite());
    let number = number.ok_or_else(|| Fault::new(at, format!("not a number: {:?}", &rest[..length])))?;
    Ok((Token::Number(number), length))
}
