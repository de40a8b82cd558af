//! The columnar batch: varint zig-zag delta times, then one typed column per field, 8-aligned.

use super::bytes::{Reader, pad8, put_varint, unzigzag, zigzag};
use crate::batch::{Batch, Bitmap, Column, Texts, Values};
use crate::schema::FieldType;

/// Most events in one batch.
pub const MAX_ROWS: usize = 65_536;

/// Why bytes are not a frame. `at_byte` counts from the start of the frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The bytes end inside something.
    #[error("frame ends inside {what} at byte {at_byte}")]
    Truncated {
        /// What was being read.
        what: &'static str,
        /// Where.
        at_byte: usize,
    },
    /// Bytes that cannot be what they should be.
    #[error("frame has an invalid {what} at byte {at_byte}")]
    Invalid {
        /// What was being read.
        what: &'static str,
        /// Where.
        at_byte: usize,
    },
    /// The first byte names no frame kind.
    #[error("frame kind {0} is not known: this is not spate.v1, or a newer one; reload the client")]
    UnknownKind(u8),
    /// The batch layout has another version.
    #[error("data frame version {0} is not known, this build reads 1 and 2: update the reader")]
    UnknownVersion(u8),
    /// More events than a batch may have.
    #[error("data frame claims {0} events, the most is 65536")]
    TooManyRows(u64),
    /// A control message that does not parse.
    #[error("control message does not parse: {0}")]
    Control(String),
}

/// Type tag of a column on the wire; documented in `docs/protocol.md`.
fn tag(ty: FieldType) -> u8 {
    match ty {
        FieldType::F64 => 1,
        FieldType::I64 => 2,
        FieldType::Bool => 3,
        FieldType::Category => 4,
        FieldType::Text => 5,
        FieldType::Timestamp => 6,
    }
}

fn type_of_tag(tag: u8) -> Option<FieldType> {
    use FieldType::{Bool, Category, F64, I64, Text, Timestamp};
    [F64, I64, Bool, Category, Text, Timestamp].get(usize::from(tag.checked_sub(1)?)).copied()
}

const HAS_VALIDITY: u8 = 1;

/// Appends the body of a batch; `start` of the frame sets the alignment.
pub(super) fn encode_batch(out: &mut Vec<u8>, start: usize, batch: &Batch) {
    let length_at = out.len();
    out.extend_from_slice(&[0; 4]);
    put_deltas(out, &batch.times);
    let times_len = (out.len() - length_at - 4) as u32;
    out[length_at..length_at + 4].copy_from_slice(&times_len.to_le_bytes());
    for column in &batch.columns {
        encode_column(out, start, column);
    }
}

fn encode_column(out: &mut Vec<u8>, start: usize, column: &Column) {
    pad8(out, start);
    out.push(tag(column.values.ty()));
    out.push(if column.validity.is_some() { HAS_VALIDITY } else { 0 });
    out.extend_from_slice(&[0; 2]);
    let length_at = out.len();
    out.extend_from_slice(&[0; 4]);
    encode_values(out, &column.values);
    let values_len = (out.len() - length_at - 4) as u32;
    out[length_at..length_at + 4].copy_from_slice(&values_len.to_le_bytes());
    if let Some(validity) = &column.validity {
        out.extend_from_slice(validity.as_bytes());
    }
}

fn encode_values(out: &mut Vec<u8>, values: &Values) {
    match values {
        Values::F64(values) => out.extend(values.iter().flat_map(|value| value.to_le_bytes())),
        Values::I64(values) | Values::Timestamp(values) => put_deltas(out, values),
        Values::Bool(bits) => out.extend_from_slice(bits.as_bytes()),
        Values::Category { dictionary, codes } => {
            put_varint(out, dictionary.len() as u64);
            for text in dictionary {
                put_text(out, text);
            }
            if dictionary.len() <= 256 {
                out.extend(codes.iter().map(|code| *code as u8));
            } else {
                out.extend(codes.iter().flat_map(|code| code.to_le_bytes()));
            }
        }
        Values::Text(values) => {
            for text in values.iter() {
                put_text(out, text);
            }
        }
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn put_deltas(out: &mut Vec<u8>, values: &[i64]) {
    let mut previous = 0i64;
    for value in values {
        put_varint(out, zigzag(value.wrapping_sub(previous)));
        previous = *value;
    }
}

/// Reads the body of a batch of `rows` events and `columns` columns.
pub(super) fn decode_batch(reader: &mut Reader<'_>, rows: usize, columns: usize) -> Result<Batch, WireError> {
    let times_len = reader.u32("length of times")? as usize;
    let mut body = reader.part(times_len, "times")?;
    let times = deltas(&mut body, rows, "times")?;
    body.finish("length of times")?;
    // Every column takes at least its 8-byte head, so a claimed count cannot allocate more than was given.
    if columns > reader.remaining() / 8 {
        return Err(WireError::Truncated { what: "columns", at_byte: reader.at() });
    }
    let mut decoded = Vec::with_capacity(columns);
    for _ in 0..columns {
        decoded.push(decode_column(reader, rows)?);
    }
    Ok(Batch { times, columns: decoded })
}

fn decode_column(reader: &mut Reader<'_>, rows: usize) -> Result<Column, WireError> {
    reader.align8()?;
    let at_byte = reader.at();
    let ty =
        type_of_tag(reader.u8("column type")?).ok_or(WireError::Invalid { what: "column type", at_byte })?;
    let flags = reader.u8("column flags")?;
    if flags > HAS_VALIDITY {
        return Err(WireError::Invalid { what: "column flags", at_byte: at_byte + 1 });
    }
    reader.u16("column padding")?;
    let len = reader.u32("column length")? as usize;
    let mut body = reader.part(len, "column values")?;
    let values = decode_values(&mut body, ty, rows)?;
    body.finish("column length")?;
    let validity = if flags == HAS_VALIDITY {
        Bitmap::from_bytes(reader.take(rows.div_ceil(8), "validity bits")?.to_vec(), rows)
    } else {
        None
    };
    Ok(Column { values, validity })
}

fn decode_values(body: &mut Reader<'_>, ty: FieldType, rows: usize) -> Result<Values, WireError> {
    Ok(match ty {
        FieldType::F64 => {
            let (numbers, _) = body.take(rows * 8, "f64 values")?.as_chunks::<8>();
            Values::F64(numbers.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect())
        }
        FieldType::I64 => Values::I64(deltas(body, rows, "i64 values")?),
        FieldType::Timestamp => Values::Timestamp(deltas(body, rows, "timestamp values")?),
        FieldType::Bool => {
            let bytes = body.take(rows.div_ceil(8), "bool values")?.to_vec();
            let invalid = WireError::Invalid { what: "bool values", at_byte: body.at() };
            Values::Bool(Bitmap::from_bytes(bytes, rows).ok_or(invalid)?)
        }
        FieldType::Category => decode_category(body, rows)?,
        FieldType::Text => {
            if rows > body.remaining() {
                return Err(WireError::Truncated { what: "text values", at_byte: body.at() });
            }
            let mut values = Texts::with_capacity(rows);
            for _ in 0..rows {
                values.push(text(body)?);
            }
            Values::Text(values)
        }
    })
}

fn decode_category(body: &mut Reader<'_>, rows: usize) -> Result<Values, WireError> {
    let entries = body.varint("dictionary size")?;
    let entries = usize::try_from(entries).ok().filter(|entries| *entries <= body.remaining());
    let entries = entries.ok_or(WireError::Truncated { what: "dictionary", at_byte: body.at() })?;
    let mut dictionary = Vec::with_capacity(entries);
    for _ in 0..entries {
        dictionary.push(text(body)?.to_owned());
    }
    let at_byte = body.at();
    let codes: Vec<u32> = if entries <= 256 {
        body.take(rows, "category codes")?.iter().map(|code| u32::from(*code)).collect()
    } else {
        let (codes, _) = body.take(rows * 4, "category codes")?.as_chunks::<4>();
        codes.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect()
    };
    if codes.iter().any(|code| *code as usize >= entries) {
        return Err(WireError::Invalid { what: "category code", at_byte });
    }
    Ok(Values::Category { dictionary, codes })
}

fn text<'a>(body: &mut Reader<'a>) -> Result<&'a str, WireError> {
    let len = body.varint("text length")?;
    let at_byte = body.at();
    let bytes = body.take(usize::try_from(len).unwrap_or(usize::MAX), "text")?;
    std::str::from_utf8(bytes).map_err(|_| WireError::Invalid { what: "UTF-8 text", at_byte })
}

fn deltas(reader: &mut Reader<'_>, rows: usize, what: &'static str) -> Result<Vec<i64>, WireError> {
    if rows > reader.remaining() {
        return Err(WireError::Truncated { what, at_byte: reader.at() });
    }
    let mut previous = 0i64;
    let mut values = Vec::with_capacity(rows);
    for _ in 0..rows {
        previous = previous.wrapping_add(unzigzag(reader.varint(what)?));
        values.push(previous);
    }
    Ok(values)
}
