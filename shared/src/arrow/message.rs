//! What stands before a body: schema, dictionary batch and record batch, as `FlatBuffers`.
//!
//! # Source
//! The tables are those of Arrow's `Message.fbs` and `Schema.fbs`, fields in their order there.

use super::body::Body;
use super::flat::{Flat, Link, Slot};
use crate::schema::{Field, FieldType, Schema};

/// `MetadataVersion.V5`.
const VERSION: Slot = Slot::I16(4);

// Members of the union `MessageHeader`.
const HEADER_SCHEMA: u8 = 1;
const HEADER_DICTIONARY: u8 = 2;
const HEADER_BATCH: u8 = 3;

// Members of the union `Type`.
const TYPE_INT: u8 = 2;
const TYPE_FLOAT: u8 = 3;
const TYPE_TEXT: u8 = 5;
const TYPE_BOOL: u8 = 6;
const TYPE_TIMESTAMP: u8 = 10;

const DOUBLE: Slot = Slot::I16(2);
const NANOSECOND: Slot = Slot::I16(3);
const YES: Slot = Slot::U8(1);

/// A message, and the link to its header.
fn message(header: u8, body_bytes: usize) -> (Flat, Link) {
    let (mut flat, root) = Flat::new();
    let links = flat.table(root, &[VERSION, Slot::U8(header), Slot::Link, Slot::I64(body_bytes as i64)]);
    (flat, links[0])
}

/// The schema message: the time first, then every field.
pub(super) fn schema(schema: &Schema) -> Vec<u8> {
    let (mut flat, header) = message(HEADER_SCHEMA, 0);
    let fields = flat.table(header, &[Slot::Absent, Slot::Link])[0];
    let links = flat.tables(fields, 1 + schema.fields.len());
    let time = Place { link: links[0], name: &schema.time.name, nullable: false };
    field(&mut flat, time, FieldType::Timestamp, None, &[("role", "time")]);
    for (index, (link, of)) in links[1..].iter().zip(&schema.fields).enumerate() {
        let place = Place { link: *link, name: &of.name, nullable: true };
        let dictionary = (of.ty == FieldType::Category).then_some(index as i64);
        field(&mut flat, place, of.ty, dictionary, &notes(of));
    }
    flat.finish()
}

/// What Arrow has no place for: custom metadata of the field.
fn notes(field: &Field) -> Vec<(&'static str, &str)> {
    let role = match field.role {
        crate::schema::Role::Measure => "measure",
        crate::schema::Role::Dimension => "dimension",
        crate::schema::Role::Text => "text",
    };
    std::iter::once(("role", role)).chain(field.unit.as_deref().map(|unit| ("unit", unit))).collect()
}

#[derive(Clone, Copy)]
struct Place<'a> {
    link: Link,
    name: &'a str,
    nullable: bool,
}

fn field(flat: &mut Flat, place: Place<'_>, ty: FieldType, dictionary: Option<i64>, notes: &[(&str, &str)]) {
    let tag = match ty {
        FieldType::F64 => TYPE_FLOAT,
        FieldType::I64 => TYPE_INT,
        FieldType::Bool => TYPE_BOOL,
        FieldType::Category | FieldType::Text => TYPE_TEXT,
        FieldType::Timestamp => TYPE_TIMESTAMP,
    };
    let link_if = |wanted| if wanted { Slot::Link } else { Slot::Absent };
    let slots = [
        Slot::Link,
        Slot::U8(u8::from(place.nullable)),
        Slot::U8(tag),
        Slot::Link,
        link_if(dictionary.is_some()),
        Slot::Link,
        Slot::Link,
    ];
    let links = flat.table(place.link, &slots);
    flat.text(links[0], place.name);
    let type_slots: &[Slot] = match ty {
        FieldType::F64 => &[DOUBLE],
        FieldType::I64 => &[Slot::I32(64), YES],
        FieldType::Timestamp => &[NANOSECOND, Slot::Link],
        FieldType::Bool | FieldType::Category | FieldType::Text => &[],
    };
    if let [zone] = flat.table(links[1], type_slots)[..] {
        flat.text(zone, "UTC");
    }
    if let Some(id) = dictionary {
        // Codes are unsigned in a batch and below 2^31, since a batch has at most 2^16 of them.
        let index = flat.table(links[2], &[Slot::I64(id), Slot::Link])[0];
        let _ = flat.table(index, &[Slot::I32(32), YES]);
    }
    let [.., children, metadata] = links[..] else { return };
    let _ = flat.tables(children, 0);
    for (link, (key, value)) in flat.tables(metadata, notes.len()).into_iter().zip(notes) {
        let pair = flat.table(link, &[Slot::Link, Slot::Link]);
        flat.text(pair[0], key);
        flat.text(pair[1], value);
    }
}

/// The message of a dictionary that takes the place of the one with the same number.
pub(super) fn dictionary(id: i64, rows: usize, body: &Body) -> Vec<u8> {
    let (mut flat, header) = message(HEADER_DICTIONARY, body.bytes.len());
    let data = flat.table(header, &[Slot::I64(id), Slot::Link])[0];
    record_batch(&mut flat, data, rows, body);
    flat.finish()
}

/// The message of a batch of events.
pub(super) fn batch(rows: usize, body: &Body) -> Vec<u8> {
    let (mut flat, header) = message(HEADER_BATCH, body.bytes.len());
    record_batch(&mut flat, header, rows, body);
    flat.finish()
}

fn record_batch(flat: &mut Flat, from: Link, rows: usize, body: &Body) {
    let links = flat.table(from, &[Slot::I64(rows as i64), Slot::Link, Slot::Link]);
    flat.pairs(links[0], &body.nodes);
    flat.pairs(links[1], &body.buffers);
}
