//! Windows of rows for tables and event logs: sorted and searched here, and only what is on screen travels.

use std::cmp::Ordering;
use std::ops::Range as Span;

use serde::{Deserialize, Serialize};
use spate_analysis::retention::Point as Held;
use spate_analysis::stream::{Series, Stream, WindowResult};
use spate_chart::data::{Cell, Column, RowsData};
use spate_chart::format::{self, Unit};
use spate_chart::panel::{event_log, table};
use spate_shared::batch::{Batch, Values};
use spate_shared::order;
use spate_shared::schema::Schema;
use spate_shared::time;

use super::scan::Scan;
use super::{Panel, series};
use crate::export::{Columns, Rows, cell, headings};
use crate::store::Store;
use crate::view::Range;

/// Most rows of a window, whatever is asked.
const MOST_IN_WINDOW: u32 = 500;
/// Most rows that can be scrolled through; older events are counted, not listed.
const MOST_ROWS: usize = 200_000;

/// Which rows a panel shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsRequest {
    /// Index of the first one on screen.
    pub first: u64,
    /// How many; at most 500 are given.
    pub count: u32,
    /// Column to sort by; the order of the kind when `None`.
    pub sort: Option<RowSort>,
    /// Text that some field must contain, whatever its case; empty for all.
    pub search: String,
}

/// An order of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowSort {
    /// The column's name.
    pub column: String,
    /// Greatest first.
    pub descending: bool,
}

/// What an order of rows depends on.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    events: Span<u64>,
    range: Range,
    sort: Option<RowSort>,
    search: String,
}

/// The order of rows, kept while it stands.
#[derive(Debug, Default)]
pub(super) struct Order {
    key: Option<Key>,
    /// Numbers of events, first row first.
    numbers: Vec<u64>,
    /// Events in view, matching or not.
    held: u64,
}

pub(super) fn window(
    panel: &Panel,
    store: &Store,
    range: Range,
    request: &RowsRequest,
    order: &mut Order,
) -> RowsData {
    let Some((_, stream)) = store.stream(&panel.spec.stream) else { return RowsData::default() };
    if panel.spec.kind == table::KIND.id && table::ROWS.choice(panel.options()) == "series" {
        return series_rows(panel, stream, range, request);
    }
    order.follow(panel, stream, range, request);
    let fields = fields(stream.schema(), &table::COLUMNS.names(panel.options()));
    let rows = on_screen(request, order.numbers.len());
    let cells = |number: &u64| {
        let Some((batch, row)) = stream.events().event(*number) else { return Vec::new() };
        let time = [Cell::Time(batch.times[row])];
        time.into_iter().chain(fields.iter().map(|field| cell(batch, row, *field))).collect()
    };
    RowsData {
        columns: headings(stream.schema(), &fields),
        first: rows.start as u64,
        total: order.numbers.len() as u64,
        held: order.held,
        rows: order.numbers[rows].iter().map(cells).collect(),
    }
}

fn on_screen(request: &RowsRequest, total: usize) -> Span<usize> {
    let first = usize::try_from(request.first).unwrap_or(usize::MAX).min(total);
    first..first.saturating_add(request.count.min(MOST_IN_WINDOW) as usize).min(total)
}

/// Places of the named fields, or of all.
fn fields(schema: &Schema, names: &[&str]) -> Vec<usize> {
    if names.is_empty() {
        (0..schema.fields.len()).collect()
    } else {
        names.iter().filter_map(|name| schema.index_of(name)).collect()
    }
}

impl Order {
    fn follow(&mut self, panel: &Panel, stream: &Stream, range: Range, request: &RowsRequest) {
        let key = Key {
            events: stream.events().numbers(),
            range,
            sort: request.sort.clone(),
            search: request.search.clone(),
        };
        if self.key.as_ref() == Some(&key) {
            return;
        }
        let search = Search::new(&request.search, stream.schema().fields.len());
        self.numbers.clear();
        let mut held = 0;
        let scan = Scan::new(stream, range, &panel.spec.filter);
        let left_out = scan.newest(MOST_ROWS, |number, batch, row| {
            held += 1;
            if search.finds(batch, row) {
                self.numbers.push(number);
            }
        });
        self.held = held + left_out;
        self.sort(stream, request.sort.as_ref(), panel);
        self.key = Some(key);
    }

    /// Newest event time first, unless another order is asked for. Rows that are equal stay in order of arrival.
    fn sort(&mut self, stream: &Stream, sort: Option<&RowSort>, panel: &Panel) {
        let events = stream.events();
        let by_time = |number: &u64| events.event(*number).map_or(0, |(batch, row)| batch.times[row]);
        let field = sort.and_then(|sort| stream.schema().index_of(&sort.column));
        let descending = match sort {
            Some(sort) => sort.descending,
            None => !event_log::OLDEST_FIRST.flag(panel.options()),
        };
        let Some(field) = field else {
            let mut keyed: Vec<_> = self.numbers.iter().map(|number| (by_time(number), *number)).collect();
            keyed.sort_unstable_by(|a, b| if descending { b.cmp(a) } else { a.cmp(b) });
            self.numbers = keyed.into_iter().map(|(_, number)| number).collect();
            return;
        };
        let mut keyed: Vec<(SortKey<'_>, u64)> = self
            .numbers
            .iter()
            .map(|number| {
                (events.event(*number).map_or(SortKey::Missing, |(b, r)| SortKey::of(b, r, field)), *number)
            })
            .collect();
        order::sort_by(&mut keyed, |(a, first), (b, second)| {
            a.compare(b, descending).then(first.cmp(second))
        });
        self.numbers = keyed.into_iter().map(|(_, number)| number).collect();
    }
}

/// What a cell is sorted by.
enum SortKey<'a> {
    Number(f64),
    Text(&'a str),
    Missing,
}

impl<'a> SortKey<'a> {
    fn of(batch: &'a Batch, row: usize, field: usize) -> Self {
        let Some(column) = batch.columns.get(field).filter(|column| column.is_present(row)) else {
            return Self::Missing;
        };
        match (&column.values, column.text(row)) {
            (_, Some(text)) => Self::Text(text),
            (Values::Timestamp(times), None) => Self::Number(times[row] as f64),
            _ => column.number(row).map_or(Self::Missing, Self::Number),
        }
    }

    /// Missing ones come last in either order.
    fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let (ordering, is_value) = match (self, other) {
            (Self::Number(a), Self::Number(b)) => (a.total_cmp(b), true),
            (Self::Text(a), Self::Text(b)) => (a.cmp(b), true),
            (Self::Number(_), Self::Text(_)) => (Ordering::Less, true),
            (Self::Text(_), Self::Number(_)) => (Ordering::Greater, true),
            (Self::Missing, Self::Missing) => (Ordering::Equal, false),
            (Self::Missing, _) => (Ordering::Greater, false),
            (_, Self::Missing) => (Ordering::Less, false),
        };
        if descending && is_value { ordering.reverse() } else { ordering }
    }
}

/// A text to find in any field.
struct Search {
    wanted: String,
    fields: usize,
    /// Whether a number or a time could contain it.
    suits_numbers: bool,
}

impl Search {
    fn new(text: &str, fields: usize) -> Self {
        let wanted = text.trim().to_lowercase();
        let suits_numbers = wanted.chars().all(|c| c.is_ascii_digit() || "-+.:tze ".contains(c));
        Self { wanted, fields, suits_numbers }
    }

    fn finds(&self, batch: &Batch, row: usize) -> bool {
        if self.wanted.is_empty() {
            return true;
        }
        let contains = |text: &str| {
            if text.is_ascii() && self.wanted.is_ascii() {
                let wanted = self.wanted.as_bytes();
                return text.as_bytes().windows(wanted.len()).any(|part| part.eq_ignore_ascii_case(wanted));
            }
            text.to_lowercase().contains(&self.wanted)
        };
        let in_field = |column: &spate_shared::batch::Column| match column.text(row) {
            Some(text) => contains(text),
            None => {
                self.suits_numbers && column.number(row).is_some_and(|number| contains(&number.to_string()))
            }
        };
        batch.columns.iter().take(self.fields).any(in_field)
            || self.suits_numbers && contains(&time::format(batch.times[row]).replace('T', " "))
    }
}

/// What a row of a series tells beside its name, in this order.
const NUMBERS: [&str; 5] = ["latest", "least", "mean", "greatest", "events"];
/// The number that is computed: every other is told with all its digits.
const MEAN: usize = 2;
const EVENTS: usize = 4;

/// A row per series: its latest, least, mean and greatest value in view, and how many events it has there.
fn series_rows(panel: &Panel, stream: &Stream, range: Range, request: &RowsRequest) -> RowsData {
    let (mut rows, held) = listed(panel, stream, range, request);
    let total = rows.len();
    let window = on_screen(request, total);
    let names = std::iter::once(("series", false)).chain(NUMBERS.map(|name| (name, true)));
    RowsData {
        columns: names
            .map(|(name, is_number)| Column { name: name.to_owned(), unit: None, is_number })
            .collect(),
        first: window.start as u64,
        total: total as u64,
        held,
        rows: rows.drain(window).map(SeriesRow::cells).collect(),
    }
}

/// The series that a request finds, in its order, and how many there are.
fn listed<'a>(
    panel: &'a Panel,
    stream: &'a Stream,
    range: Range,
    request: &RowsRequest,
) -> (Vec<SeriesRow>, u64) {
    let shown: Vec<_> = series(&panel.spec, stream).map(|(_, series)| series).collect();
    let has_one_measure = shown.windows(2).all(|pair| pair[0].field().name == pair[1].field().name);
    let wanted = request.search.trim().to_lowercase();
    let mut rows: Vec<SeriesRow> = shown
        .iter()
        .map(|series| SeriesRow::of(series, range, has_one_measure))
        .filter(|row| wanted.is_empty() || row.name.to_lowercase().contains(&wanted))
        .collect();
    if let Some(sort) = &request.sort {
        let number = NUMBERS.iter().position(|name| *name == sort.column);
        order::sort_by(&mut rows, |a, b| a.key(number).compare(&b.key(number), sort.descending));
    }
    (rows, shown.len() as u64)
}

/// All that a request finds, for files: events with the fields of the panel's columns, or series.
pub(super) fn rows(panel: &Panel, store: &Store, range: Range, request: &RowsRequest) -> Option<Rows> {
    let (_, stream) = store.stream(&panel.spec.stream)?;
    if panel.spec.kind == table::KIND.id && table::ROWS.choice(panel.options()) == "series" {
        return Some(rows_of_series(&listed(panel, stream, range, request).0, range));
    }
    let mut order = Order::default();
    order.follow(panel, stream, range, request);
    let schema = stream.schema();
    let mut batch = Batch::empty(schema);
    for (held, row) in order.numbers.iter().filter_map(|number| stream.events().event(*number)) {
        // Events that came before a field was added lack it.
        batch.extend_from(&held.slice(row..row + 1).fit(schema), 0..1);
    }
    let fields = fields(schema, &table::COLUMNS.names(panel.options()));
    let schema = Schema {
        fields: fields.iter().map(|field| schema.fields[*field].clone()).collect(),
        ..schema.clone()
    };
    batch.columns = fields.iter().map(|field| batch.columns[*field].clone()).collect();
    Some(Rows { schema, batch, newest_first: false })
}

fn rows_of_series(series: &[SeriesRow], range: Range) -> Rows {
    let numbers = NUMBERS.map(|name| (name, None));
    let mut rows =
        Rows::new(Columns { time: "from", has_end: true, words: &["series", "unit"], numbers: &numbers });
    for SeriesRow { name, unit, numbers } in series {
        rows.push((range.from, range.to), &[name, unit.as_deref().unwrap_or_default()], numbers);
    }
    rows
}

/// A series in view.
struct SeriesRow {
    name: String,
    unit: Option<String>,
    /// In the order of [`NUMBERS`]; NaN where there is none.
    numbers: [f64; NUMBERS.len()],
}

impl SeriesRow {
    fn of(series: &Series, range: Range, has_one_measure: bool) -> Self {
        let held = series.retention();
        let is_inside = |point: &&Held| (range.from..=range.to).contains(&point.time) && point.is_present();
        let sampled = held.sample(range.from, range.to.saturating_add(1), 1);
        let values = || sampled.points.iter().filter(is_inside).map(|point| point.value);
        let is_in_view =
            |window: &&WindowResult| window.interval.end > range.from && window.interval.start < range.to;
        let (sum, count) =
            series.windows().iter().filter(is_in_view).fold((0.0, 0_u64), |(sum, count), window| {
                (sum + window.values.sum(), count + window.values.count)
            });
        let latest = held.at_or_before(range.to).filter(|point| is_inside(&point));
        let measure = &series.field().name;
        Self {
            name: if has_one_measure || series.group().is_empty() {
                series.label().to_owned()
            } else {
                format!("{} · {measure}", series.label())
            },
            unit: series.field().unit.clone(),
            numbers: [
                latest.map_or(f64::NAN, |point| point.value),
                values().fold(f64::NAN, f64::min),
                sum / count as f64,
                values().fold(f64::NAN, f64::max),
                count as f64,
            ],
        }
    }

    /// What it is sorted by: one of its numbers, or its name.
    fn key(&self, number: Option<usize>) -> SortKey<'_> {
        match number.map(|at| self.numbers[at]) {
            None => SortKey::Text(&self.name),
            Some(number) if number.is_finite() => SortKey::Number(number),
            Some(_) => SortKey::Missing,
        }
    }

    fn cells(self) -> Vec<Cell> {
        let unit = Unit::parse(self.unit.as_deref());
        let words = |(at, number): (usize, f64)| match at {
            _ if !number.is_finite() => Cell::Missing,
            EVENTS => Cell::Text(format::count(number as u64)),
            MEAN => Cell::Text(format::value(number, &unit)),
            _ => Cell::Text(format::exact(number, &unit)),
        };
        let numbers: Vec<Cell> = self.numbers.into_iter().enumerate().map(words).collect();
        [Cell::Text(self.name)].into_iter().chain(numbers).collect()
    }
}
