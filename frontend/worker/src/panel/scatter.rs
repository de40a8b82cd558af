//! One measure against another: the newest events in view.

use spate_chart::data::{PanelData, ScatterData, ScatterGroup};
use spate_chart::panel::scatter;
use spate_shared::order;
use spate_shared::schema::{Role, Schema};

use super::Panel;
use super::scan::{Scan, dimensions, group};
use crate::store::Store;
use crate::view::Range;

/// Most dots; the newest are drawn.
const MOST_DOTS: usize = 20_000;
/// Most groups with a colour of their own; the others share the last.
const MOST_GROUPS: usize = 64;

pub(super) fn data(panel: &Panel, store: &Store, range: Range) -> PanelData {
    let gathered = store.stream(&panel.spec.stream).and_then(|(_, stream)| {
        let schema = stream.schema();
        let y = schema.index_of(&panel.spec.measure)?;
        let x = across(schema, scatter::X.text(panel.options()), y)?;
        let fields = dimensions(schema, None);
        let mut groups: Vec<ScatterGroup> = Vec::new();
        let scan = Scan::new(stream, range, &panel.spec.filter);
        let hidden_points = scan.newest(MOST_DOTS, |_, batch, row| {
            let number = |field: usize| batch.columns.get(field).and_then(|column| column.number(row));
            let (Some(x), Some(y)) = (number(x), number(y)) else { return };
            let name = group(batch, row, &fields, &panel.spec.measure);
            let known = groups.iter().position(|group| group.name == name);
            let index = known.unwrap_or_else(|| {
                if groups.len() < MOST_GROUPS {
                    groups.push(ScatterGroup { name, ..ScatterGroup::default() });
                }
                groups.len() - 1
            });
            groups[index].points.push([x, y]);
            groups[index].times.push(batch.times[row]);
        });
        // Colours go by name, so that they stay while events come and go.
        order::sort_by(&mut groups, |a, b| a.name.cmp(&b.name));
        groups.iter_mut().enumerate().for_each(|(index, group)| group.color_index = index);
        let unit = |field: usize| schema.fields[field].unit.clone();
        Some(ScatterData {
            groups,
            x_name: schema.fields[x].name.clone(),
            y_name: schema.fields[y].name.clone(),
            x_unit: unit(x),
            y_unit: unit(y),
            hidden_points,
        })
    });
    PanelData::Scatter(gathered.unwrap_or_default())
}

/// Why there is nothing to draw, when it is not for want of events.
pub(super) fn complaint(panel: &Panel, schema: &Schema) -> Option<String> {
    let chosen = scatter::X.text(panel.options());
    let y = schema.index_of(&panel.spec.measure)?;
    across(schema, chosen, y).is_none().then(|| match chosen {
        "" => "a scatter needs two measures and the stream has one: choose another kind of panel".to_owned(),
        name => format!("x: no field is called {name:?}: choose another one"),
    })
}

/// The chosen measure, or the first that is not the other one.
fn across(schema: &Schema, chosen: &str, y: usize) -> Option<usize> {
    if !chosen.is_empty() {
        return schema.index_of(chosen);
    }
    schema.with_role(Role::Measure).find(|place| *place != y)
}
