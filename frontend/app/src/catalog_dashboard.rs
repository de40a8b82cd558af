//! The dashboard nobody had to make: a stat tile and a time-series panel per measure, and one list of alerts.

use spate_shared::catalog::StreamInfo;
use spate_shared::schema::Role;

use crate::dashboard::{Kind, Panel};

/// The panels of a catalog, stat tiles and charts side by side per measure, in catalog order; their ids are 0.
pub(crate) fn panels(streams: &[StreamInfo]) -> Vec<Panel> {
    let mut panels = Vec::new();
    for stream in streams {
        let measures: Vec<_> = stream.schema.with_role(Role::Measure).collect();
        let is_grouped = stream.schema.with_role(Role::Dimension).next().is_some();
        for &index in &measures {
            let measure = &stream.schema.fields[index].name;
            let (title, subtitle) = names(&stream.name, measure, measures.len());
            panels.extend([Kind::Stat, Kind::TimeSeries].map(|kind| Panel {
                id: 0,
                kind,
                stream: stream.name.clone(),
                measure: measure.clone(),
                is_grouped,
                title: title.to_owned(),
                subtitle: subtitle.to_owned(),
            }));
        }
    }
    if !panels.is_empty() {
        panels.insert(0, alerts());
    }
    panels
}

fn alerts() -> Panel {
    Panel {
        id: 0,
        kind: Kind::Alerts,
        stream: String::new(),
        measure: String::new(),
        is_grouped: true,
        title: "Anomalies".to_owned(),
        subtitle: "all series".to_owned(),
    }
}

/// What tells panels apart comes first: the measure, or the stream when it has no other measure.
fn names<'a>(stream: &'a str, measure: &'a str, measures: usize) -> (&'a str, &'a str) {
    if measures == 1 { (stream, measure) } else { (measure, stream) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};

    /// A stream of float measures with one category.
    pub(crate) fn stream(name: &str, measures: &[&str]) -> StreamInfo {
        let time = TimeField { name: "time".to_owned(), source: TimeSource::Event };
        let mut fields = vec![Field::new("host", FieldType::Category)];
        fields.extend(measures.iter().map(|measure| Field::new(*measure, FieldType::F64)));
        StreamInfo {
            name: name.to_owned(),
            id: 1,
            epoch: 1,
            oldest: 0,
            head: 0,
            schema: Schema::new(time, fields),
        }
    }

    fn check(streams: &[StreamInfo], expect: &[&str]) {
        let lines = panels(streams)
            .iter()
            .map(|panel| format!("{} {} / {}", panel.kind.name(), panel.title, panel.subtitle))
            .collect::<Vec<_>>();
        assert_eq!(lines, expect);
    }

    #[test]
    fn every_measure_has_a_tile_and_a_chart_and_there_is_one_alert_list() {
        check(
            &[stream("taxi", &["value"]), stream("cpu", &["user", "system"])],
            &[
                "alerts Anomalies / all series",
                "stat taxi / value",
                "time_series taxi / value",
                "stat user / cpu",
                "time_series user / cpu",
                "stat system / cpu",
                "time_series system / cpu",
            ],
        );
    }

    #[test]
    fn stream_with_dimensions_may_have_several_series() {
        let mut plain = stream("a", &["x"]);
        plain.schema.fields.retain(|field| field.ty != FieldType::Category);
        let is_grouped = |stream: StreamInfo| panels(&[stream]).iter().all(|panel| panel.is_grouped);
        assert!(is_grouped(stream("a", &["x"])) && !is_grouped(plain));
    }

    #[test]
    fn stream_without_measures_has_no_panels() {
        check(&[stream("log", &[])], &[]);
    }
}
