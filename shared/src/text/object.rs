//! One JSON object into cells, without a tree in between: that is most of what ingest costs.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, IntoDeserializer as _, MapAccess, SeqAccess, Visitor,
};
use serde_json::Value;

use super::Cell;
use super::names::Names;

/// The field at fault, if it is one, and the reason.
pub(super) type Fault = (Option<String>, String);

/// The cells of a JSON text that is one object, or what is wrong with them. A fault leaves no name behind.
///
/// # Errors
/// The text is not JSON.
pub(super) fn read(text: &[u8], names: &mut Names) -> serde_json::Result<Result<Vec<Cell>, Fault>> {
    let mut parser = serde_json::Deserializer::from_slice(text);
    let cells = gather(names, |row| parser.deserialize_any(Top(row)))?;
    parser.end()?;
    Ok(cells)
}

/// The cells of an object that was parsed already.
pub(super) fn from_value(object: &Value, names: &mut Names) -> Result<Vec<Cell>, Fault> {
    let cells = gather(names, |row| object.into_deserializer().deserialize_any(Top(row)));
    cells.unwrap_or_else(|error: serde_json::Error| Err((None, error.to_string())))
}

fn gather<E>(
    names: &mut Names,
    parse: impl FnOnce(&mut Building<'_>) -> Result<(), E>,
) -> Result<Result<Vec<Cell>, Fault>, E> {
    let known = names.len();
    let mut row = Building { cells: Vec::with_capacity(known), names, fault: None };
    parse(&mut row)?;
    let Building { cells, names, fault } = row;
    if let Some(fault) = fault {
        names.truncate(known);
        return Ok(Err(fault));
    }
    Ok(Ok(cells.into_iter().map(|cell| cell.unwrap_or(Cell::Missing)).collect()))
}

/// A row under construction. After a fault the rest is only looked at for being JSON.
struct Building<'a> {
    /// `None` where the object has said nothing yet.
    cells: Vec<Option<Cell>>,
    names: &'a mut Names,
    fault: Option<Fault>,
}

impl Building<'_> {
    fn put(&mut self, name: &str, cell: Cell) {
        let Some(index) = self.names.index_of(name) else {
            return self.fail(name, format!("a stream has at most {} fields", super::MAX_FIELDS));
        };
        if self.cells.len() <= index {
            self.cells.resize(index + 1, None);
        }
        if self.cells[index].replace(cell).is_some() {
            self.fail(name, "the event names this field twice; rename one".to_owned());
        }
    }

    fn fail(&mut self, name: &str, reason: String) {
        self.fault.get_or_insert_with(|| (Some(name.to_owned()), reason));
    }
}

/// Whatever stands where an event should.
struct Top<'a, 'n>(&'a mut Building<'n>);

/// A value under a name.
struct Under<'a, 'n> {
    row: &'a mut Building<'n>,
    name: Cow<'a, str>,
}

impl<'de> DeserializeSeed<'de> for Under<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// A key, borrowed where the text holds it as it is.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

fn fields<'de, A: MapAccess<'de>>(row: &mut Building<'_>, prefix: &str, mut map: A) -> Result<(), A::Error> {
    while let Some(key) = map.next_key_seed(Key)? {
        if row.fault.is_some() {
            map.next_value::<IgnoredAny>()?;
            continue;
        }
        let name = if prefix.is_empty() { key } else { Cow::Owned(format!("{prefix}.{key}")) };
        map.next_value_seed(Under { row, name })?;
    }
    Ok(())
}

fn skip<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

macro_rules! scalars {
    ($self:ident, $value:ident, $then:expr; $($visit:ident($ty:ty) => $cell:expr),* $(,)?) => {
        $(fn $visit<E: Error>($self, $value: $ty) -> Result<(), E> {
            let cell = $cell;
            $then($self, cell);
            Ok(())
        })*
    };
}

impl<'de> Visitor<'de> for Under<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    scalars! { self, value, |this: Self, cell| this.row.put(&this.name, cell);
        visit_bool(bool) => Cell::Bool(value),
        visit_i64(i64) => Cell::Int(value),
        visit_u64(u64) => i64::try_from(value).map_or(Cell::Float(value as f64), Cell::Int),
        visit_f64(f64) => Cell::Float(value),
        visit_str(&str) => Cell::Text(value.to_owned()),
        visit_string(String) => Cell::Text(value),
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.row.put(&self.name, Cell::Missing);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        fields(self.row, &self.name, map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        self.row.fail(&self.name, "arrays are not taken; send one event per element".to_owned());
        skip(seq)
    }
}

impl<'de> Visitor<'de> for Top<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    scalars! { self, _value, |this: Self, fault| this.0.fault = Some(fault);
        visit_bool(bool) => no_object(),
        visit_i64(i64) => no_object(),
        visit_u64(u64) => no_object(),
        visit_f64(f64) => no_object(),
        visit_str(&str) => no_object(),
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.fault = Some(no_object());
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        fields(self.0, "", map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        self.0.fault = Some(no_object());
        skip(seq)
    }
}

fn no_object() -> Fault {
    (None, "not an object; expected {\"field\": value, ..}".to_owned())
}
