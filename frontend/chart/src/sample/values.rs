//! Samples without time.

use super::{Sample, noise, options, word};
use crate::data::{
    Bin, Cell, Column, GaugeData, HistogramData, PanelData, Point, QuantileMark, RowsData, ScatterData,
    ScatterGroup, StatData, TopData, TopRow,
};
use spate_shared::time::MINUTE;

pub(super) fn samples() -> Vec<Sample> {
    let sample = |kind, data, size| Sample { name: kind, kind, data, options: options([]), size };
    vec![
        sample("stat", stat(), (220, 120)),
        Sample {
            options: options([("thresholds", word("60 minor\n75 major\n90 critical"))]),
            ..sample("gauge", gauge(), (240, 180))
        },
        sample("top", top(), (320, 240)),
        sample("histogram", histogram(), (480, 240)),
        sample("scatter", scatter(), (480, 260)),
        sample("table", table(), (480, 240)),
        sample("event_log", table(), (480, 240)),
    ]
}

fn stat() -> PanelData {
    PanelData::Stat(StatData {
        label: "taxi rides".to_owned(),
        value: Some(10_844.0),
        spark: (0..20).map(|i| Point { t: i * MINUTE, v: (i * i) as f64 }).collect(),
        delta: Some(-0.031),
        ..StatData::default()
    })
}

fn gauge() -> PanelData {
    PanelData::Gauge(GaugeData {
        label: "load · web 1".to_owned(),
        value: Some(78.4),
        seen: (12.0, 96.0),
        unit: Some("percent".to_owned()),
    })
}

fn top() -> PanelData {
    let names = [
        "checkout",
        "search",
        "🚕 rides",
        "עגלה",
        "<b>cart</b>",
        "a service whose name is very long indeed",
        "idle",
    ];
    let row = |(index, name): (usize, &str)| TopRow {
        name: name.to_owned(),
        value: 24_000.0 / (index * index + 1) as f64,
        color_index: index,
    };
    PanelData::Top(TopData {
        rows: names.into_iter().enumerate().map(row).collect(),
        unit: Some("req/s".to_owned()),
        total: 1_204,
    })
}

fn histogram() -> PanelData {
    let bin = |index: usize| {
        let away = (index as f64 - 9.0) / 4.5;
        let tail = if index == 27 { 3.0 } else { 0.0 };
        Bin {
            low: index as f64 * 20.0,
            high: (index + 1) as f64 * 20.0,
            count: (900.0 * libm::exp(-away * away / 2.0) + tail) as u64,
        }
    };
    let mark = |name: &str, value| QuantileMark { name: name.to_owned(), value };
    PanelData::Histogram(HistogramData {
        bins: (0..28).map(bin).collect(),
        marks: vec![mark("median", 190.0), mark("p95", 338.0), mark("p99", 398.0)],
        latest: Some(245.0),
        unit: Some("ms".to_owned()),
        color_index: 0,
    })
}

fn scatter() -> PanelData {
    let group = |index: usize| ScatterGroup {
        name: format!("sensor {index}"),
        color_index: index,
        times: Vec::new(),
        points: (0..60)
            .map(|point| {
                let x = 20.0 + index as f64 * 25.0 + 18.0 * noise(point * 7 + index);
                [x, 30.0 + x * 0.6 + 9.0 * noise(point * 13 + index * 5)]
            })
            .collect(),
    };
    PanelData::Scatter(ScatterData {
        groups: (0..3).map(group).collect(),
        x_name: "occupancy".to_owned(),
        y_name: "speed".to_owned(),
        x_unit: Some("percent".to_owned()),
        y_unit: Some("km/h".to_owned()),
        hidden_points: 11_820,
    })
}

fn table() -> PanelData {
    let column = |name: &str, unit: Option<&str>, is_number| Column {
        name: name.to_owned(),
        unit: unit.map(str::to_owned),
        is_number,
    };
    let row = |index: usize| {
        let text = ["ok", "<script>alert(1)</script>", "قيد التشغيل"][index % 3];
        vec![
            Cell::Time(index as i64 * MINUTE),
            if index == 2 { Cell::Missing } else { Cell::Number(12.5 + index as f64) },
            Cell::Text(text.to_owned()),
        ]
    };
    PanelData::Rows(RowsData {
        columns: vec![
            column("time", None, false),
            column("load", Some("percent"), true),
            column("state", None, false),
        ],
        rows: (0..4).map(row).collect(),
        first: 1_000,
        total: 99_998,
        held: 100_000,
    })
}
