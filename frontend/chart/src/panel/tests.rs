//! Every kind of panel against the shared contract, and the look of each as text.

use super::*;
use crate::data::*;
use crate::options::OptionValue;
use crate::sample;
use crate::scene::RowWindow;
use proptest::prelude::*;

fn frame(width_px: u32, height_px: u32, theme: &Theme) -> Frame<'_> {
    static DEFAULTS: Options = Options(std::collections::BTreeMap::new());
    let size = Size { width_px, height_px, scale: 1.0 };
    Frame { size, theme, options: &DEFAULTS, zone: &crate::zone::UTC, plot_as: PlotAs::Ops }
}

/// The sample called `name`.
fn sample(name: &str) -> PanelData {
    sample::all().into_iter().find(|sample| sample.name == name).unwrap().data
}

fn busy() -> PanelData {
    sample("time_series")
}

/// Every kind without data.
fn empty() -> Vec<PanelData> {
    vec![
        PanelData::TimeSeries(TimeSeriesData::default()),
        PanelData::Histogram(HistogramData::default()),
        PanelData::Heatmap(HeatmapData::default()),
        PanelData::StateTimeline(StateTimelineData::default()),
        PanelData::Swimlanes(SwimlanesData::default()),
        PanelData::Scatter(ScatterData::default()),
        PanelData::Top(TopData::default()),
        PanelData::Stat(StatData::default()),
        PanelData::Gauge(GaugeData::default()),
        PanelData::Rows(RowsData::default()),
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
        Drawn::Rows(window) => {
            let heads: Vec<_> = window.columns.iter().map(|column| column.name.as_str()).collect();
            let rows = window.rows.iter().map(|row| row.join(" | "));
            let lines: Vec<_> = [heads.join(" | ")].into_iter().chain(rows).collect();
            let RowWindow { first, total, held, .. } = window;
            format!("{}\n{first} of {total} of {held}", lines.join("\n"))
        }
    }
}

#[test]
fn every_kind_has_a_sample_and_looks_as_recorded_in_both_themes() {
    for sample in sample::all() {
        for theme in [&Theme::LIGHT, &Theme::DARK] {
            let frame = Frame { options: &sample.options, ..frame(sample.size.0, sample.size.1, theme) };
            insta::assert_snapshot!(format!("{}_{}", sample.name, theme.name), shown(&sample.data, &frame));
        }
    }
    for kind in PANELS {
        assert!(sample::all().iter().any(|sample| sample.kind == kind.id), "{}", kind.id);
    }
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
    let samples: Vec<_> = sample::all().into_iter().map(|sample| sample.data).collect();
    let sizes = [(0, 0), (1, 1), (0, 300), (300, 0), (3, 500), (60, 60), (9_000, 2)];
    for (width_px, height_px) in sizes {
        for scale in [0.0, 1.0, 2.5, f64::NAN, f64::INFINITY] {
            for plot_as in [PlotAs::Pixels, PlotAs::Ops] {
                for data in samples.iter().chain(&empty()) {
                    let size = Size { width_px, height_px, scale };
                    let frame = Frame { size, plot_as, ..frame(1, 1, &Theme::DARK) };
                    let drawn = draw(data, &frame, &mut Scratch::default());
                    if let Drawn::Scene(Scene { image: Some(image), .. }, layout) = drawn {
                        assert_eq!(
                            image.rgba.len() as u64,
                            u64::from(image.row_px) * u64::from(image.height_px) * 4
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
    if let Drawn::Scene(scene, _) = draw(&sample("stat"), &frame, &mut Scratch::default()) {
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
    // Series that share a colour are dashed: their pale half is another op.
    let is_full = |line: &&str| line.starts_with("columns") && line.contains("ff x");
    assert_eq!(text.lines().filter(is_full).count(), 2_000);
}

#[test]
fn every_anomaly_is_marked_unless_a_graver_one_covers_it() {
    let anomaly = |t, severity| Anomaly { t, v: 5.0, severity };
    let anomalies =
        vec![anomaly(50, Severity::Minor), anomaly(50, Severity::Critical), anomaly(90, Severity::Minor)];
    let series = vec![Series { anomalies, ..Series::default() }];
    let data = TimeSeriesData { range: (0, 100), series, ..TimeSeriesData::default() };
    let text = shown(&PanelData::TimeSeries(data), &frame(400, 200, &Theme::LIGHT));
    let ink = format!("columns {}", Theme::LIGHT.anomaly.css());
    let marks: usize =
        text.lines().filter(|line| line.starts_with(&ink)).map(|line| line.matches('[').count()).sum();
    assert_eq!(marks, 2, "{text}");
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
        forecast in prop::collection::vec((any_time(), any_value(), any_value(), any_value()), 0..8),
        color_index in any::<usize>(),
    ) -> Series {
        Series {
            same_until: None,
            name: String::new(),
            color_index,
            anomalies: points
                .iter()
                .map(|&(t, v)| Anomaly { t, v, severity: Severity::Major })
                .collect(),
            side: if color_index % 2 == 0 { Side::Left } else { Side::Right },
            points: points.into_iter().map(|(t, v)| Point { t, v }).collect(),
            gaps,
            band: band.into_iter().map(|(t, lower, upper)| BandPoint { t, lower, upper }).collect(),
            scores: scores.into_iter().map(|(t, score)| ScorePoint { t, score }).collect(),
            windows: windows
                .into_iter()
                .map(|(start, end, value, provisional)| WindowMark { start, end, value, provisional })
                .collect(),
            forecast: forecast
                .into_iter()
                .map(|(t, middle, low, high)| FanPoint { t, middle, inner: (low, high), outer: (high, low) })
                .collect(),
        }
    }
}

/// Any options of time series, some of them nonsense.
fn any_options() -> impl Strategy<Value = Options> {
    let style = prop::sample::select(vec!["lines", "area", "steps", "bars", "points", "pies"]);
    let text = prop::sample::select(vec!["", "5 major", "1970-01-01/1970-01-02 x", "nonsense"]);
    (style, any::<bool>(), any::<bool>(), text).prop_map(|(style, stack, log, text)| {
        let word = |word: &str| OptionValue::Text(word.to_owned());
        let pairs = [
            ("style", word(style)),
            ("stack", OptionValue::Flag(stack)),
            ("scale", word(if log { "log" } else { "linear" })),
            ("patterns", OptionValue::Flag(stack != log)),
            ("thresholds", word(text)),
            ("notes", word(text)),
        ];
        Options(pairs.map(|(name, value)| (name.to_owned(), value)).into())
    })
}

/// Any data of the other drawn kinds.
fn any_other() -> impl Strategy<Value = PanelData> {
    let values = prop::collection::vec(any_value(), 0..40);
    (0..7_u8, values, (any_time(), any_time()), 0_usize..9).prop_map(|(kind, values, range, rows)| {
        let pairs = || values.iter().zip(values.iter().rev());
        let spans = || {
            let ends = |(a, b): (&f64, &f64)| StateSpan { start: *a as i64, end: *b as i64, state: rows };
            pairs().map(ends).collect::<Vec<_>>()
        };
        let name = |value: &f64| format!("{value} <b>\u{202e}🚕");
        match kind {
            0 => PanelData::Histogram(HistogramData {
                bins: pairs().map(|(low, high)| Bin { low: *low, high: *high, count: *low as u64 }).collect(),
                marks: values.iter().map(|v| QuantileMark { name: name(v), value: *v }).collect(),
                latest: values.first().copied(),
                ..HistogramData::default()
            }),
            1 => PanelData::Heatmap(HeatmapData {
                range,
                value_range: (values.first().copied().unwrap_or(0.0), values.last().copied().unwrap_or(1.0)),
                rows,
                counts: values.clone(),
                unit: None,
            }),
            2 => PanelData::StateTimeline(StateTimelineData {
                range,
                rows: (0..rows).map(|row| StateRow { name: row.to_string(), spans: spans() }).collect(),
                states: values.iter().map(name).collect(),
                is_graded: rows % 2 == 0,
                hidden_rows: rows,
            }),
            3 => PanelData::Swimlanes(SwimlanesData {
                range,
                lanes: (0..rows)
                    .map(|row| Lane {
                        name: row.to_string(),
                        severities: values.iter().map(|value| *value as f32).collect(),
                    })
                    .collect(),
                hidden_lanes: rows,
            }),
            4 => PanelData::Scatter(ScatterData {
                groups: vec![ScatterGroup {
                    points: pairs().map(|(x, y)| [*x, *y]).collect(),
                    ..ScatterGroup::default()
                }],
                ..ScatterData::default()
            }),
            5 => PanelData::Top(TopData {
                rows: values
                    .iter()
                    .map(|value| TopRow { name: name(value), value: *value, color_index: rows })
                    .collect(),
                unit: None,
                total: rows,
            }),
            _ => PanelData::Gauge(GaugeData {
                label: values.iter().map(name).collect(),
                value: values.first().copied(),
                seen: values.last().map_or((0.0, 1.0), |last| (*last, values[0])),
                unit: None,
            }),
        }
    })
}

fn check_finite(data: &PanelData, options: &Options, size: (u32, u32)) {
    let ops = Frame { options, ..frame(size.0, size.1, &Theme::LIGHT) };
    let text = shown(data, &ops);
    // Words may say infinity; coordinates may not.
    let coordinates = text.lines().filter(|line| !line.starts_with("text")).collect::<Vec<_>>().join("\n");
    assert!(!coordinates.contains("NaN") && !coordinates.contains("inf"), "{coordinates}");
    let drawn = draw(data, &Frame { plot_as: PlotAs::Pixels, ..ops }, &mut Scratch::default());
    if let Drawn::Scene(_, layout) = drawn {
        for x in [0.0, 7.0, f64::from(size.0) / 2.0, f64::NAN] {
            tip::at(data, &layout, [x, f64::from(size.1) / 2.0]);
        }
    }
}

proptest! {
    #[test]
    fn any_data_is_drawn_with_finite_coordinates(
        series in prop::collection::vec(any_series(), 0..3),
        range in (any_time(), any_time()),
        watermark in prop::option::of(any_time()),
        options in any_options(),
        size in (0_u32..300, 0_u32..200),
    ) {
        let data = TimeSeriesData { range, series, watermark, ..TimeSeriesData::default() };
        check_finite(&PanelData::TimeSeries(data), &options, size);
    }

    #[test]
    fn any_other_data_is_drawn_with_finite_coordinates(data in any_other(), size in (0_u32..300, 0_u32..200)) {
        check_finite(&data, &Options::default(), size);
    }
}
