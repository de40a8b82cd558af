//! Dimensions: which series suit a filter, and which values there are to choose from.

use std::collections::BTreeSet;

use spate_analysis::stream::{Series, Stream};

use crate::protocol::FieldFilter;
use crate::store::Store;

/// Most values of a dimension that are told.
const MOST_VALUES: usize = 2_000;

/// Whether a series suits every entry of a filter; entries about other streams' fields suit it.
pub(super) fn suits(filter: &[FieldFilter], stream: &Stream, series: &Series) -> bool {
    filter.iter().all(|filter| {
        let is_value = |value: &String| series.dimension(&filter.field) == Some(value);
        filter.values.is_empty()
            || stream.schema().index_of(&filter.field).is_none()
            || filter.values.iter().any(is_value)
    })
}

/// The values that series have of a dimension, in their order.
pub fn values(store: &Store, field: &str) -> Vec<String> {
    let series = store.engine().streams().flat_map(|(_, stream)| stream.series());
    let values: BTreeSet<&str> = series.filter_map(|series| series.dimension(field)).collect();
    values.into_iter().take(MOST_VALUES).map(str::to_owned).collect()
}
