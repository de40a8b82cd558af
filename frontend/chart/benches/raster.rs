//! Prints what drawing costs: one series as columns, its pixels, and a whole panel.

#![expect(clippy::print_stdout, reason = "a bench reports to its caller")]

use std::hint::black_box;
use std::time::Instant;

use spate_chart::Color;
use spate_chart::columns::{LineWalk, PixelColumns, Stroke};
use spate_chart::data::{BandPoint, PanelData, Point, Series, TimeSeriesData};
use spate_chart::layout::Size;
use spate_chart::options::Options;
use spate_chart::panel::{self, Frame, PlotAs, Scratch};
use spate_chart::raster::Raster;
use spate_chart::scene::Drawn;
use spate_chart::theme::Theme;

const WIDTH: u32 = 1_140;
const HEIGHT: u32 = 300;

fn main() {
    for (name, per_pixel, noise) in
        [("sparse, calm", 0.5, 3.0), ("dense, calm", 4.0, 3.0), ("dense, wild", 4.0, 120.0)]
    {
        series(name, per_pixel, noise);
    }
    let mut raster = Raster::default();
    report("clear 1140x300", || raster.clear(WIDTH, HEIGHT, 0, Theme::LIGHT.background));
    for count in [0, 1, 4] {
        panel(count);
    }
}

/// Median of many runs, in microseconds.
fn report(name: &str, mut run: impl FnMut()) {
    let mut nanos: Vec<_> = (0..301)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_nanos()
        })
        .collect();
    nanos.sort_unstable();
    println!("{name:<44} {:>8.1} us", nanos[nanos.len() / 2] as f64 / 1e3);
}

/// A wave with noise from a fixed sequence.
fn wave(count: usize, noise: f64) -> Vec<[f64; 2]> {
    let mut state = 1_u64;
    (0..count)
        .map(|index| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let jitter = (state >> 40) as f64 / f64::from(1 << 24) - 0.5;
            let x = index as f64 / count as f64 * f64::from(WIDTH);
            [x, 150.0 + 80.0 * (x / 90.0).sin() + jitter * noise]
        })
        .collect()
}

fn series(name: &str, per_pixel: f64, noise: f64) {
    let points = wave((f64::from(WIDTH) * per_pixel) as usize, noise);
    let mut columns = PixelColumns::default();
    let mut raster = Raster::default();
    raster.clear(WIDTH, HEIGHT, 0, Theme::LIGHT.background);
    let sub_columns = if per_pixel > 1.0 { 1 } else { 4 };
    let walk = |columns: &mut PixelColumns| {
        columns.reset([0.0; 2], sub_columns, Color::rgb(0x72b2));
        let mut walk = LineWalk::new(columns, (WIDTH, HEIGHT), Stroke { radius: 0.75, dot_radius: 2.0 });
        for [x, y] in &points {
            walk.line_to(*x, *y);
        }
    };
    report(&format!("{name}: columns of {} points", points.len()), || walk(black_box(&mut columns)));
    report(&format!("{name}: pixels"), || raster.columns(black_box(&columns)));
}

fn panel(count: usize) {
    let series = (0..count).map(|index| {
        let points = wave(4 * WIDTH as usize, 20.0 + index as f64);
        let times = points.iter().enumerate().map(|(t, [_, y])| (t as i64, y + 30.0 * index as f64));
        Series {
            color_index: index,
            points: times.clone().map(|(t, v)| Point { t, v }).collect(),
            band: times.step_by(4).map(|(t, v)| BandPoint { t, lower: v - 30.0, upper: v + 30.0 }).collect(),
            ..Series::default()
        }
    });
    let range = (0, 4 * i64::from(WIDTH));
    let data = PanelData::TimeSeries(TimeSeriesData {
        range,
        series: series.collect(),
        ..TimeSeriesData::default()
    });
    let frame = Frame {
        size: Size { width_px: 1_200, height_px: 330, scale: 1.0 },
        theme: &Theme::LIGHT,
        options: &Options::default(),
        zone: &spate_chart::zone::UTC,
        plot_as: PlotAs::Pixels,
    };
    let mut scratch = Scratch::default();
    report(&format!("whole panel with bands, {count} series"), || {
        let drawn = black_box(panel::draw(&data, &frame, &mut scratch));
        if let Drawn::Scene(scene, _) = drawn {
            scratch.recycle(scene);
        }
    });
}
