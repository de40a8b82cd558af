//! Tokens into a typed tree.

use super::function::{self, Function};
use super::lexer::{Fault, Token, tokens};
use super::{Kind, Scope};

/// Deepest nesting.
const MAX_DEPTH: usize = 64;

/// A typed expression.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Number(f64),
    Flag(bool),
    Text(String),
    Field(usize, Kind),
    Negate(Box<Node>),
    Not(Box<Node>),
    Both(Box<Node>, Box<Node>),
    Either(Box<Node>, Box<Node>),
    Arithmetic(fn(f64, f64) -> f64, Box<Node>, Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    Call(&'static Function, Kind, Vec<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Node {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Number(_) | Self::Negate(_) | Self::Arithmetic(..) => Kind::Number,
            Self::Flag(_) | Self::Not(_) | Self::Both(..) | Self::Either(..) | Self::Compare(..) => {
                Kind::Flag
            }
            Self::Text(_) => Kind::Text,
            Self::Field(_, kind) | Self::Call(_, kind, _) => *kind,
        }
    }
}

pub(super) fn parse(text: &str, scope: &Scope) -> Result<Node, Fault> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, scope, depth: 0 };
    let root = parser.either()?;
    match parser.peek() {
        (_, Token::End) => Ok(root),
        (at, token) => {
            Err(Fault::new(*at, format!("expected an operator or the end, got {}", token.quoted())))
        }
    }
}

struct Parser<'a> {
    tokens: Vec<(usize, Token)>,
    next: usize,
    scope: &'a Scope,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &(usize, Token) {
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn take(&mut self) -> (usize, Token) {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    fn takes_word(&mut self, word: &str) -> Option<usize> {
        let (at, token) = self.peek();
        let found = matches!(token, Token::Word(held) if held == word).then_some(*at);
        self.next += usize::from(found.is_some());
        found
    }

    fn takes_symbol(&mut self, symbols: &[&'static str]) -> Option<(usize, &'static str)> {
        let (at, Token::Symbol(symbol)) = self.peek() else { return None };
        let found = symbols.contains(symbol).then_some((*at, *symbol));
        self.next += usize::from(found.is_some());
        found
    }

    fn either(&mut self) -> Result<Node, Fault> {
        let mut left = self.both()?;
        while let Some(at) = self.takes_word("or") {
            let right = self.both()?;
            expect(at, "or", Kind::Flag, &[&left, &right])?;
            left = Node::Either(Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Node, Fault> {
        let mut left = self.not()?;
        while let Some(at) = self.takes_word("and") {
            let right = self.not()?;
            expect(at, "and", Kind::Flag, &[&left, &right])?;
            left = Node::Both(Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Node, Fault> {
        let Some(at) = self.takes_word("not") else { return self.comparison() };
        let inner = self.deeper(at, Self::not)?;
        expect(at, "not", Kind::Flag, &[&inner])?;
        Ok(Node::Not(Box::new(inner)))
    }

    fn comparison(&mut self) -> Result<Node, Fault> {
        let left = self.sum()?;
        let Some((at, symbol)) = self.takes_symbol(&["==", "=", "!=", "<=", ">=", "<", ">"]) else {
            return Ok(left);
        };
        let right = self.sum()?;
        expect(at, symbol, left.kind(), &[&right])?;
        let comparison = match symbol {
            "=" | "==" => Comparison::Equal,
            "!=" => Comparison::Unequal,
            "<" => Comparison::Less,
            "<=" => Comparison::AtMost,
            ">" => Comparison::More,
            _ => Comparison::AtLeast,
        };
        Ok(Node::Compare(comparison, Box::new(left), Box::new(right)))
    }

    fn sum(&mut self) -> Result<Node, Fault> {
        let mut left = self.product()?;
        while let Some((at, symbol)) = self.takes_symbol(&["+", "-"]) {
            let right = self.product()?;
            expect(at, symbol, Kind::Number, &[&left, &right])?;
            let compute: fn(f64, f64) -> f64 = if symbol == "+" { |a, b| a + b } else { |a, b| a - b };
            left = Node::Arithmetic(compute, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Node, Fault> {
        let mut left = self.unary()?;
        while let Some((at, symbol)) = self.takes_symbol(&["*", "/", "%"]) {
            let right = self.unary()?;
            expect(at, symbol, Kind::Number, &[&left, &right])?;
            let compute: fn(f64, f64) -> f64 = match symbol {
                "*" => |a, b| a * b,
                "/" => |a, b| a / b,
                _ => |a, b| a % b,
            };
            left = Node::Arithmetic(compute, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Node, Fault> {
        let Some((at, symbol)) = self.takes_symbol(&["-"]) else { return self.primary() };
        let inner = self.deeper(at, Self::unary)?;
        expect(at, symbol, Kind::Number, &[&inner])?;
        Ok(Node::Negate(Box::new(inner)))
    }

    fn primary(&mut self) -> Result<Node, Fault> {
        let (at, token) = self.take();
        match token {
            Token::Number(number) => Ok(Node::Number(number)),
            Token::Text(text) => Ok(Node::Text(text)),
            Token::Word(word) if word == "true" || word == "false" => Ok(Node::Flag(word == "true")),
            Token::Word(word) if self.takes_symbol(&["("]).is_some() => self.call(at, &word),
            Token::Word(name) | Token::Field(name) => {
                let names = || format!("no field is called {name:?}: choose one of {}", self.scope.names());
                let (index, kind) = self.scope.find(&name).ok_or_else(|| Fault::new(at, names()))?;
                Ok(Node::Field(index, kind))
            }
            Token::Symbol("(") => {
                let inner = self.deeper(at, Self::either)?;
                self.close(at)?;
                Ok(inner)
            }
            token => Err(Fault::new(at, format!("expected a value or a field, got {}", token.quoted()))),
        }
    }

    fn call(&mut self, at: usize, name: &str) -> Result<Node, Fault> {
        let function = function::find(name).ok_or_else(|| {
            let names = function::names();
            Fault::new(at, format!("no function is called {name:?}: choose one of {names}"))
        })?;
        let mut arguments = Vec::new();
        if self.takes_symbol(&[")"]).is_none() {
            loop {
                arguments.push(self.deeper(at, Self::either)?);
                if self.takes_symbol(&[","]).is_none() {
                    break;
                }
            }
            self.close(at)?;
        }
        let kinds: Vec<Kind> = arguments.iter().map(Node::kind).collect();
        match (function.kind)(&kinds) {
            Some(kind) => Ok(Node::Call(function, kind, arguments)),
            None => Err(Fault::new(at, format!("it is written {}: {}", function.form, function.doc))),
        }
    }

    fn close(&mut self, opened_at: usize) -> Result<(), Fault> {
        if self.takes_symbol(&[")"]).is_some() {
            return Ok(());
        }
        let (at, token) = self.peek();
        Err(match token {
            Token::End => Fault::new(opened_at, "the bracket is never closed"),
            token => Fault::new(*at, format!("expected \")\", got {}", token.quoted())),
        })
    }

    fn deeper(&mut self, at: usize, inner: fn(&mut Self) -> Result<Node, Fault>) -> Result<Node, Fault> {
        if self.depth == MAX_DEPTH {
            return Err(Fault::new(
                at,
                format!("nested deeper than {MAX_DEPTH}; derive a field for a part of it"),
            ));
        }
        self.depth += 1;
        let node = inner(self);
        self.depth -= 1;
        node
    }
}

fn expect(at: usize, symbol: &str, kind: Kind, sides: &[&Node]) -> Result<(), Fault> {
    match sides.iter().find(|side| side.kind() != kind) {
        None => Ok(()),
        Some(side) => {
            let (kind, got) = (kind.name(), side.kind().name());
            Err(Fault::new(at, format!("\"{symbol}\" needs {kind} here, got {got}")))
        }
    }
}
