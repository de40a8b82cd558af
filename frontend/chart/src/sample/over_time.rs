//! Samples with time from left to right.

use super::{Sample, noise, options, word};
use crate::data::{
    AlertRow, AlertTableData, Anomaly, BandPoint, FanPoint, HeatmapData, Lane, PanelData, Point, ScorePoint,
    Series, Severity, Side, StateRow, StateSpan, StateTimelineData, SwimlanesData, TimeSeriesData,
    WindowMark,
};
use crate::options::OptionValue;
use spate_shared::time::{DAY, HOUR, MINUTE, SECOND};

/// 2014-07-01 00:00 UTC.
const JULY: i64 = 1_404_172_800 * SECOND;
const STEP: i64 = 10 * MINUTE;
const CHART: (u32, u32) = (640, 240);

pub(super) fn samples() -> Vec<Sample> {
    let series = |name, data, options| Sample { name, kind: "time_series", data, options, size: CHART };
    vec![
        series("time_series", busy(), options([])),
        series(
            "time_series-notes",
            forecast(),
            options([
                ("thresholds", word("150 minor\n180 critical")),
                (
                    "notes",
                    word(
                        "2014-06-30T22:00Z Deploy <b>2.1</b>\n2014-07-01T01:00Z/2014-07-01T02:30Z Maintenance",
                    ),
                ),
            ]),
        ),
        series("time_series-area", one(3), options([("style", word("area"))])),
        series("time_series-steps", one(4), options([("style", word("steps"))])),
        series("time_series-bars", several(2, 12), options([("style", word("bars"))])),
        series("time_series-points", several(2, 48), options([("style", word("points"))])),
        series("time_series-stack", several(4, 48), options([("stack", OptionValue::Flag(true))])),
        series(
            "time_series-stacked-bars",
            several(3, 16),
            options([("stack", OptionValue::Flag(true)), ("style", word("bars"))]),
        ),
        series("time_series-log", decades(), options([("scale", word("log"))])),
        series("time_series-two-axes", two_units(), options([])),
        series("time_series-patterns", several(4, 48), options([("patterns", OptionValue::Flag(true))])),
        Sample { name: "heatmap", kind: "heatmap", data: heatmap(), options: options([]), size: CHART },
        Sample {
            name: "state_timeline",
            kind: "state_timeline",
            data: states(),
            options: options([]),
            size: (640, 180),
        },
        Sample {
            name: "swimlanes",
            kind: "swimlanes",
            data: lanes(),
            options: options([]),
            size: (640, 220),
        },
        Sample { name: "alerts", kind: "alerts", data: alerts(), options: options([]), size: (400, 200) },
    ]
}

fn wave(index: usize) -> f64 {
    100.0 + 40.0 * libm::sin(index as f64 / 5.0) + 3.0 * noise(index)
}

fn at(index: usize) -> i64 {
    JULY - 4 * HOUR + index as i64 * STEP
}

fn over(series: Vec<Series>) -> TimeSeriesData {
    TimeSeriesData { range: (JULY - 4 * HOUR, JULY + 4 * HOUR), series, ..TimeSeriesData::default() }
}

/// Eight hours with a band, a gap, windows, scores and anomalies.
fn busy() -> PanelData {
    let (gap_start, gap_end) = (JULY + HOUR, JULY + 2 * HOUR);
    let outside = |index: &usize| at(*index) <= gap_start || at(*index) >= gap_end;
    let value = |index| if index == 6 { 168.0 } else { wave(index) };
    let series = Series {
        name: "load".to_owned(),
        points: (0..=48).filter(outside).map(|index| Point { t: at(index), v: value(index) }).collect(),
        gaps: vec![(gap_start, gap_end)],
        band: (0..=48)
            .map(|index| BandPoint { t: at(index), lower: wave(index) - 20.0, upper: wave(index) + 20.0 })
            .collect(),
        scores: (0..=48)
            .map(|index| ScorePoint { t: at(index), score: if index == 6 { 0.999_99 } else { 0.2 } })
            .collect(),
        anomalies: vec![
            Anomaly { t: at(6), v: 168.0, severity: Severity::Critical },
            Anomaly { t: at(24), v: value(24), severity: Severity::Minor },
        ],
        windows: vec![
            WindowMark { start: JULY + 2 * HOUR, end: JULY + 3 * HOUR, value: 80.0, provisional: false },
            WindowMark { start: JULY + 3 * HOUR, end: JULY + 4 * HOUR, value: 90.0, provisional: true },
        ],
        ..Series::default()
    };
    let data = over(vec![series]);
    PanelData::TimeSeries(TimeSeriesData {
        watermark: Some(JULY + 3 * HOUR),
        unit: Some("percent".to_owned()),
        ..data
    })
}

fn forecast() -> PanelData {
    let fan = |index: usize| {
        let (middle, reach) = (100.0 + 40.0 * libm::sin(index as f64 / 5.0), 4.0 + (index - 34) as f64);
        FanPoint {
            t: at(index),
            middle,
            inner: (middle - reach, middle + reach),
            outer: (middle - 2.5 * reach, middle + 2.5 * reach),
        }
    };
    let series = Series {
        name: "passengers".to_owned(),
        points: (0..=34).map(|index| Point { t: at(index), v: wave(index) }).collect(),
        forecast: (34..=48).map(fan).collect(),
        ..Series::default()
    };
    PanelData::TimeSeries(over(vec![series]))
}

fn one(seed: usize) -> PanelData {
    let points = (0..=48).map(|index| Point { t: at(index), v: wave(index * seed) }).collect();
    PanelData::TimeSeries(over(vec![Series { name: "load".to_owned(), points, ..Series::default() }]))
}

fn several(count: usize, points: usize) -> PanelData {
    let pitch = 48 / points;
    let series = (0..count).map(|index| Series {
        name: format!("host {index}"),
        color_index: index,
        points: (0..points)
            .map(|point| Point {
                t: at(point * pitch),
                v: 30.0
                    + 10.0 * index as f64
                    + 14.0 * libm::sin(point as f64 * 8.0 / points as f64 + index as f64),
            })
            .collect(),
        ..Series::default()
    });
    PanelData::TimeSeries(over(series.collect()))
}

fn decades() -> PanelData {
    let value = |index: usize| if index == 20 { 0.0 } else { libm::pow(10.0, wave(index) / 30.0 - 2.0) };
    let points = (0..=48).map(|index| Point { t: at(index), v: value(index) }).collect();
    let series = Series { name: "latency".to_owned(), points, ..Series::default() };
    let data = over(vec![series]);
    PanelData::TimeSeries(TimeSeriesData { unit: Some("ms".to_owned()), ..data })
}

fn two_units() -> PanelData {
    let line = |name: &str, color_index, side, value: fn(usize) -> f64| Series {
        name: name.to_owned(),
        color_index,
        side,
        points: (0..=48).map(|index| Point { t: at(index), v: value(index) }).collect(),
        ..Series::default()
    };
    let series = vec![
        line("temperature", 0, Side::Left, |index| 60.0 + wave(index) / 10.0),
        line("power", 1, Side::Right, |index| 1_500.0 - 9.0 * wave(index + 9)),
    ];
    let data = over(series);
    PanelData::TimeSeries(TimeSeriesData {
        unit: Some("°C".to_owned()),
        right_unit: Some("W".to_owned()),
        ..data
    })
}

fn heatmap() -> PanelData {
    let (columns, rows) = (32, 12);
    let cell = |index: usize| {
        let (column, row) = (index / rows, index % rows);
        let middle = 5.0 + 3.5 * libm::sin(column as f64 / 5.0);
        let away = (row as f64 - middle) / 1.8;
        (60.0 * libm::exp(-away * away) + 2.0 * noise(index)).round().max(0.0)
    };
    PanelData::Heatmap(HeatmapData {
        range: (JULY - 4 * HOUR, JULY + 4 * HOUR),
        value_range: (0.0, 600.0),
        rows,
        counts: (0..columns * rows).map(cell).collect(),
        unit: Some("ms".to_owned()),
    })
}

fn states() -> PanelData {
    let row = |(index, name): (usize, &str)| {
        let lengths = [5, 2, 8, 1, 6, 3, 9, 2, 7, 5];
        let mut start = JULY - 4 * HOUR;
        let spans = (0..10).map(|span| {
            let end = start + lengths[(span + index * 3) % 10] * STEP;
            let state = StateSpan { start, end, state: (span * (index + 1) + index) % 4 };
            start = end;
            state
        });
        StateRow { name: name.to_owned(), spans: spans.collect() }
    };
    let names = [
        "pump 1",
        "pump 2",
        "valve",
        "كاشف 4 🔥",
        "a name far too long to be written beside the plot in full",
    ];
    PanelData::StateTimeline(StateTimelineData {
        range: (JULY - 4 * HOUR, JULY + 4 * HOUR),
        rows: names.into_iter().enumerate().map(row).collect(),
        states: ["running", "stopped", "idle", "<i>fault</i>"].map(str::to_owned).to_vec(),
        is_graded: false,
        hidden_rows: 0,
    })
}

fn lanes() -> PanelData {
    let lane = |(index, name): (usize, &str)| {
        let severity = |cell: usize| {
            let peak = 20 + index * 9;
            let away = cell.abs_diff(peak) as f64;
            if index == 3 && cell < 12 {
                f64::NAN
            } else {
                (96.0 - index as f64 * 9.0 - away * 14.0).max(6.0)
            }
        };
        Lane { name: name.to_owned(), severities: (0..64).map(|cell| severity(cell) as f32).collect() }
    };
    let names =
        ["passengers · nyc_taxi", "speed · 6005", "temperature · machine", "cpu · 24ae8d", "volume · AAPL"];
    PanelData::Swimlanes(SwimlanesData {
        range: (JULY - 2 * DAY, JULY + 2 * DAY),
        lanes: names.into_iter().enumerate().map(lane).collect(),
        hidden_lanes: 3,
    })
}

fn alerts() -> PanelData {
    let row = |id, start, value, score| AlertRow {
        id,
        start,
        series: "passengers · nyc_taxi".to_owned(),
        value,
        expected: (8_000.0, 21_000.0),
        score,
        severity: Severity::of_score(score),
        firing: id == 1,
        reason: "far above the usual 8,000".to_owned(),
        ..AlertRow::default()
    };
    let rows = vec![row(0, JULY, 30_373.0, 0.999_91), row(1, JULY + HOUR, 29_547.0, 0.999_995)];
    PanelData::Alerts(AlertTableData { rows, total: 7 })
}
