//! Writes a web page that shows every kind of panel as this crate draws it, in both themes, sharp and plain.
//!
//! `cargo run -p spate-chart --example preview > preview.html`. CSV files with the columns `timestamp,value` given as
//! arguments are drawn too. The page replays display lists the way the main-thread fallback does.

#![expect(clippy::print_stdout, reason = "an example's output is its result")]
#![expect(clippy::expect_used, reason = "an example stops at the first thing that is wrong")]

use spate_chart::data::{
    Anomaly, BandPoint, PanelData, Point, ScorePoint, Series, Severity, StatData, TimeSeriesData, WindowMark,
};
use spate_chart::layout::Size;
use spate_chart::options::Options;
use spate_chart::panel::{self, Frame, PlotAs, Scratch};
use spate_chart::sample;
use spate_chart::scene::Drawn;
use spate_chart::theme::Theme;
use spate_shared::time::civil::days_from_month;
use spate_shared::time::{DAY, HOUR, MINUTE, SECOND};

fn main() {
    let files: Vec<_> = std::env::args().skip(1).map(|path| read(&path)).collect();
    let real = files.iter().flat_map(|points| {
        let latest = |length: usize| &points[points.len().saturating_sub(length)..];
        [
            ("real", PanelData::TimeSeries(time_series(points)), Options::default(), (760, 240)),
            ("real, late", PanelData::TimeSeries(time_series(latest(240))), Options::default(), (760, 240)),
            ("real stat", PanelData::Stat(stat(latest(96))), Options::default(), (240, 130)),
        ]
    });
    let samples = sample::all().into_iter().map(|s| (s.name, s.data, s.options, s.size));
    let panels: Vec<_> = samples.chain(real).collect();
    let mut drawn = Vec::new();
    for theme in [&Theme::LIGHT, &Theme::DARK] {
        for (scale, plot_as) in [(2.0, PlotAs::Pixels), (1.0, PlotAs::Pixels), (1.0, PlotAs::Ops)] {
            for (name, data, options, (width, height)) in &panels {
                let px = |css: u32| (f64::from(css) * scale) as u32;
                let size = Size { width_px: px(*width), height_px: px(*height), scale };
                let frame = Frame { size, theme, options, zone: &spate_chart::zone::UTC, plot_as };
                if let Drawn::Scene(mut scene, _) = panel::draw(data, &frame, &mut Scratch::default()) {
                    let how = format!("{} {scale} {plot_as:?}", theme.name);
                    let pixels = scene.image.as_mut().map(|image| runs(&std::mem::take(&mut image.rgba)));
                    drawn.push(serde_json::json!({
                        "name": name, "how": how, "scale": scale, "scene": scene, "pixels": pixels,
                    }));
                }
            }
        }
    }
    let scenes = serde_json::to_string(&drawn).expect("scenes serialise");
    println!("{}", include_str!("preview.html").replace("SCENES", &scenes));
}

/// Pixels as runs: how many, then red, green, blue and alpha as one number.
fn runs(rgba: &[u8]) -> Vec<u32> {
    let pixels: Vec<u32> =
        rgba.chunks_exact(4).map(|p| u32::from_le_bytes([p[0], p[1], p[2], p[3]])).collect();
    pixels.chunk_by(|a, b| a == b).flat_map(|run| [run.len() as u32, run[0]]).collect()
}

fn read(path: &str) -> Vec<Point> {
    let mut reader = csv::Reader::from_path(path).expect("a readable CSV file");
    reader
        .records()
        .map(|record| {
            let record = record.expect("a CSV record");
            Point { t: nanos(&record[0]), v: record[1].parse().expect("a number") }
        })
        .collect()
}

/// Nanoseconds of `2014-07-01 00:30:00`.
fn nanos(text: &str) -> i64 {
    let part = |range: std::ops::Range<usize>| text[range].parse::<i64>().expect("a date");
    let days = days_from_month(part(0..4), part(5..7)) + part(8..10) - 1;
    days * DAY + part(11..13) * HOUR + part(14..16) * MINUTE + part(17..19) * SECOND
}

/// The points with a rolling band, a gap, and windows and anomalies made from them.
fn time_series(points: &[Point]) -> TimeSeriesData {
    let (first, last) = (points[0].t, points[points.len() - 1].t);
    let hole = points.len() * 6 / 10..points.len() * 65 / 100;
    let mean = |index: usize| {
        let near = &points[index.saturating_sub(6)..(index + 7).min(points.len())];
        near.iter().map(|point| point.v).sum::<f64>() / near.len() as f64
    };
    let spread =
        points.windows(2).map(|pair| (pair[1].v - pair[0].v).abs()).sum::<f64>() / points.len() as f64;
    let rarity = |index: usize| ((points[index].v - mean(index)).abs() / spread / 4.0).min(1.0);
    let kept = || points.iter().enumerate().filter(|(index, _)| !hole.contains(index));
    let anomalies = kept().filter(|(index, _)| rarity(*index) > 0.75).map(|(index, point)| Anomaly {
        t: point.t,
        v: point.v,
        severity: [Severity::Minor, Severity::Major, Severity::Critical][(rarity(index) * 8.0) as usize % 3],
    });
    let windows = (0..12).map(|index| {
        let (from, to) = (points.len() * index / 12, points.len() * (index + 1) / 12 - 1);
        let value = points[from..to].iter().map(|point| point.v).sum::<f64>() / (to - from) as f64;
        WindowMark { start: points[from].t, end: points[to].t, value, provisional: index > 10 }
    });
    let series = Series {
        name: "value".to_owned(),
        points: kept().map(|(_, point)| *point).collect(),
        gaps: vec![(points[hole.start].t, points[hole.end].t)],
        band: (0..points.len())
            .map(|i| BandPoint {
                t: points[i].t,
                lower: mean(i) - 3.0 * spread,
                upper: mean(i) + 3.0 * spread,
            })
            .collect(),
        scores: kept()
            .map(|(i, point)| ScorePoint { t: point.t, score: 1.0 - 0.1_f64.powf(4.0 * rarity(i)) })
            .collect(),
        anomalies: anomalies.collect(),
        windows: if points.len() < 400 { windows.collect() } else { Vec::new() },
        ..Series::default()
    };
    let others = (1..3).map(|index| Series {
        color_index: index,
        points: (0..points.len())
            .map(|i| Point { t: points[i].t, v: mean(i) * (1.0 - 0.25 * index as f64) })
            .collect(),
        ..Series::default()
    });
    TimeSeriesData {
        range: (first, last),
        watermark: Some(last - (last - first) / 12),
        series: others.chain([series]).collect(),
        ..TimeSeriesData::default()
    }
}

fn stat(points: &[Point]) -> StatData {
    StatData {
        label: "value, last 48 hours".to_owned(),
        value: points.last().map(|point| point.v),
        spark: points.to_vec(),
        delta: Some(-0.034),
        ..StatData::default()
    }
}
