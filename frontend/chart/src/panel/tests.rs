//! Every kind of panel against the shared contract, and the look of each as text.

use super::*;
use crate::civil::{HOUR, MINUTE, SECOND};
use crate::data::*;
use proptest::prelude::*;

/// 2014-07-01 00:00 UTC.
const JULY: i64 = 1_404_172_800 * SECOND;

fn frame(width_px: u32, height_px: u32, theme: &Theme) -> Frame<'_> {
    static DEFAULTS: Options = Options(std::collections::BTreeMap::new());
    let size = Size { width_px, height_px, scale: 1.0 };
    Frame { size, theme, options: &DEFAULTS, zone: &crate::zone::UTC, plot_as: PlotAs::Ops }
}

/// Eight hours with every feature a time series has.
fn busy() -> PanelData {
    let wave = |i: i64| 100.0 + 40.0 * libm::sin(i as f64 / 5.0);
    let times = || (0..=48).map(|i| (i, JULY - 4 * HOUR + i * 10 * MINUTE));
    let (gap_start, gap_end) = (JULY + HOUR, JULY + 2 * HOUR);
    let outside = |&(_, t): &(i64, i64)| t <= gap_start || t >= gap_end;
    PanelData::TimeSeries(TimeSeriesData {
        range: (JULY - 4 * HOUR, JULY + 4 * HOUR),
        watermark: Some(JULY + 3 * HOUR),
        unit: Some("percent".to_owned()),
        series: vec![Series {
            name: "load".to_owned(),
            points: times().filter(outside).map(|(i, t)| Point { t, v: wave(i) }).collect(),
            gaps: vec![(gap_start, gap_end)],
            band: times()
                .map(|(i, t)| BandPoint { t, lower: wave(i) - 20.0, upper: wave(i) + 20.0 })
                .collect(),
            scores: times()
                .map(|(i, t)| ScorePoint { t, score: if i == 10 { 0.9995 } else { 0.2 } })
                .collect(),
            anomalies: vec![
                Anomaly { t: JULY - 3 * HOUR, v: 160.0, severity: Severity::Critical },
                Anomaly { t: JULY, v: 130.0, severity: Severity::Minor },
            ],
            windows: vec![
                WindowMark { start: JULY + 2 * HOUR, end: JULY + 3 * HOUR, value: 80.0, provisional: false },
                WindowMark { start: JULY + 3 * HOUR, end: JULY + 4 * HOUR, value: 90.0, provisional: true },
            ],
            ..Series::default()
        }],
    })
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

fn empty() -> [PanelData; 3] {
    [
        PanelData::TimeSeries(TimeSeriesData::default()),
        PanelData::Stat(StatData::default()),
        PanelData::Alerts(AlertTableData::default()),
    ]
}

fn shown(data: &PanelData, frame: &Frame<'_>) -> String {
    match draw(data, frame, &mut Scratch::default()) {
        Drawn::Scene(scene, _) => scene.list.to_string(),
        Drawn::Alerts(list) => {
            let rows = list.rows.iter().map(|row| format!("{row:?}"));
            rows.chain([format!("{} in all", list.total)]).collect::<Vec<_>>().join("\n")
        }
    }
}

#[test]
fn a_busy_time_series_looks_as_recorded_in_both_themes() {
    insta::assert_snapshot!("time_series_light", shown(&busy(), &frame(640, 240, &Theme::LIGHT)));
    insta::assert_snapshot!("time_series_dark", shown(&busy(), &frame(640, 240, &Theme::DARK)));
}

#[test]
fn a_stat_looks_as_recorded_in_both_themes() {
    insta::assert_snapshot!("stat_light", shown(&stat(), &frame(220, 120, &Theme::LIGHT)));
    insta::assert_snapshot!("stat_dark", shown(&stat(), &frame(220, 120, &Theme::DARK)));
}

#[test]
fn alerts_are_listed_newest_first() {
    insta::assert_snapshot!("alerts", shown(&alerts(), &frame(400, 200, &Theme::LIGHT)));
}

#[test]
fn an_empty_time_series_still_has_axes() {
    insta::assert_snapshot!("empty", shown(&empty()[0], &frame(400, 200, &Theme::LIGHT)));
}

#[test]
fn ids_are_unique_and_every_option_is_documented() {
    let mut ids: Vec<_> = PANELS.iter().map(|kind| kind.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), PANELS.len());
    for kind in PANELS {
        assert_eq!(super::kind(kind.id).map(|found| found.title), Some(kind.title));
        assert!(kind.options.iter().all(|option| option.doc.ends_with('.')), "{}", kind.id);
    }
}

#[test]
fn tiny_and_absurd_canvases_are_drawn_without_panic() {
    let sizes = [(0, 0), (1, 1), (0, 300), (300, 0), (3, 500), (60, 60), (9_000, 2)];
    for (width_px, height_px) in sizes {
        for scale in [0.0, 1.0, 2.5, f64::NAN, f64::INFINITY] {
            for plot_as in [PlotAs::Pixels, PlotAs::Ops] {
                for data in [busy(), stat(), alerts()].iter().chain(&empty()) {
                    let size = Size { width_px, height_px, scale };
                    let frame = Frame { size, plot_as, ..frame(1, 1, &Theme::DARK) };
                    let drawn = draw(data, &frame, &mut Scratch::default());
                    if let Drawn::Scene(Scene { image: Some(image), .. }, layout) = drawn {
                        assert_eq!(
                            image.rgba.len() as u64,
                            u64::from(image.width_px) * u64::from(image.height_px) * 4
                        );
                        assert!(
                            image.x_px + image.width_px <= width_px
                                && image.y_px + image.height_px <= height_px
                        );
                        assert_eq!(layout.plot.width_px, image.width_px);
                    }
                }
            }
        }
    }
}

#[test]
fn the_same_data_gives_the_same_bytes_with_used_scratch() {
    let frame = Frame { plot_as: PlotAs::Pixels, ..frame(640, 240, &Theme::LIGHT) };
    let mut scratch = Scratch::default();
    let first = draw(&busy(), &frame, &mut scratch);
    if let Drawn::Scene(scene, _) = draw(&stat(), &frame, &mut Scratch::default()) {
        scratch.recycle(scene);
    }
    let second = draw(&busy(), &frame, &mut scratch);
    assert_eq!(first, second);
}

#[test]
fn a_scene_survives_its_own_serialisation() {
    for plot_as in [PlotAs::Pixels, PlotAs::Ops] {
        let drawn =
            draw(&busy(), &Frame { plot_as, ..frame(320, 120, &Theme::LIGHT) }, &mut Scratch::default());
        let bytes = postcard::to_allocvec(&drawn).unwrap();
        assert_eq!(postcard::from_bytes::<Drawn>(&bytes).unwrap(), drawn);
    }
}

#[test]
fn many_series_are_all_drawn() {
    let series = (0..2_000).map(|index| Series {
        color_index: index,
        points: vec![Point { t: 0, v: index as f64 }, Point { t: 100, v: 0.0 }],
        ..Series::default()
    });
    let data = TimeSeriesData { range: (0, 100), series: series.collect(), ..TimeSeriesData::default() };
    let text = shown(&PanelData::TimeSeries(data), &frame(200, 100, &Theme::LIGHT));
    assert_eq!(text.lines().filter(|line| line.starts_with("columns")).count(), 2_000);
}

#[test]
fn every_anomaly_is_marked_unless_a_graver_one_covers_it() {
    let anomaly = |t, severity| Anomaly { t, v: 5.0, severity };
    let anomalies =
        vec![anomaly(50, Severity::Minor), anomaly(50, Severity::Critical), anomaly(90, Severity::Minor)];
    let series = vec![Series { anomalies, ..Series::default() }];
    let data = TimeSeriesData { range: (0, 100), series, ..TimeSeriesData::default() };
    let text = shown(&PanelData::TimeSeries(data), &frame(400, 200, &Theme::LIGHT));
    // Each mark is a ring and a shape; a triangle has three corners, a diamond four.
    assert_eq!(text.matches("polygon").count(), 4, "{text}");
}

fn any_time() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), -100..200_i64, Just(i64::MIN), Just(i64::MAX)]
}

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), -10.0..10.0, Just(f64::NAN), Just(1e300), Just(-1e300), Just(f64::MAX)]
}

prop_compose! {
    fn any_series()(
        points in prop::collection::vec((any_time(), any_value()), 0..40),
        gaps in prop::collection::vec((any_time(), any_time()), 0..4),
        band in prop::collection::vec((any_time(), any_value(), any_value()), 0..20),
        scores in prop::collection::vec((any_time(), any_value()), 0..20),
        windows in prop::collection::vec((any_time(), any_time(), any_value(), any::<bool>()), 0..8),
        color_index in any::<usize>(),
    ) -> Series {
        Series {
            name: String::new(),
            color_index,
            anomalies: points
                .iter()
                .map(|&(t, v)| Anomaly { t, v, severity: Severity::Major })
                .collect(),
            points: points.into_iter().map(|(t, v)| Point { t, v }).collect(),
            gaps,
            band: band.into_iter().map(|(t, lower, upper)| BandPoint { t, lower, upper }).collect(),
            scores: scores.into_iter().map(|(t, score)| ScorePoint { t, score }).collect(),
            windows: windows
                .into_iter()
                .map(|(start, end, value, provisional)| WindowMark { start, end, value, provisional })
                .collect(),
        }
    }
}

proptest! {
    #[test]
    fn any_data_is_drawn_with_finite_coordinates(
        series in prop::collection::vec(any_series(), 0..3),
        range in (any_time(), any_time()),
        watermark in prop::option::of(any_time()),
        size in (0_u32..300, 0_u32..200),
    ) {
        let data = PanelData::TimeSeries(TimeSeriesData { range, series, watermark, unit: None });
        let text = shown(&data, &frame(size.0, size.1, &Theme::LIGHT));
        prop_assert!(!text.contains("NaN") && !text.contains("inf."), "{}", text);
        let pixels = Frame { plot_as: PlotAs::Pixels, ..frame(size.0, size.1, &Theme::LIGHT) };
        draw(&data, &pixels, &mut Scratch::default());
    }
}
