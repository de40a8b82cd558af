//! Columns against the distance to the line, point by point.

use super::*;
use crate::map::{Map, Point};
use proptest::prelude::*;

const SIZE: (u32, u32) = (60, 40);
const STROKE: Stroke = Stroke { radius: 0.75, dot_radius: 2.0 };

/// Columns of a line; `None` is a break.
fn walked(sub_columns: u32, points: &[Option<[f64; 2]>]) -> PixelColumns {
    let mut columns = PixelColumns::default();
    columns.reset([0.0; 2], sub_columns, Color::rgb(0));
    let mut walk = LineWalk::new(&mut columns, SIZE, STROKE);
    for point in points {
        match point {
            Some([x, y]) => walk.line_to(*x, *y),
            None => walk.break_line(),
        }
    }
    drop(walk);
    columns
}

/// Union of all runs' intervals at a sub-column, as (top, bottom) pairs.
fn at(columns: &PixelColumns, column: u32) -> Vec<Span> {
    let inside =
        columns.runs.iter().filter(|run| (run.first_column..run.first_column + run.len).contains(&column));
    let spans = inside.map(|&run| columns.run_spans(run)[(column - run.first_column) as usize]);
    spans.filter(|span| !span.is_empty()).collect()
}

fn distance(point: [f64; 2], from: [f64; 2], to: [f64; 2]) -> f64 {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let along = (point[0] - from[0]) * dx + (point[1] - from[1]) * dy;
    let fraction = (along / (dx * dx + dy * dy).max(1e-300)).clamp(0.0, 1.0);
    let (x, y) = (from[0] + dx * fraction - point[0], from[1] + dy * fraction - point[1]);
    (x * x + y * y).sqrt()
}

/// Points left to right, some outside the plot.
fn line() -> impl Strategy<Value = Vec<[f64; 2]>> {
    prop::collection::vec((-5.0..65.0_f64, -10.0..50.0_f64), 1..40).prop_map(|mut points| {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points.into_iter().map(|(x, y)| [x, y]).collect()
    })
}

fn joined(points: &[[f64; 2]]) -> Vec<Option<[f64; 2]>> {
    points.iter().copied().map(Some).collect()
}

#[test]
fn dashes_and_the_space_between_them_make_the_whole_line() {
    let whole = walked(4, &joined(&[[2.0, 5.0], [50.0, 30.0]]));
    let (mut dashes, mut pale) = (whole.clone(), PixelColumns::default());
    dashes.dash(8, 5, &mut pale);
    let parts = dashes.spans.iter().zip(&pale.spans);
    assert!(parts.clone().all(|(a, b)| a.is_empty() != b.is_empty()));
    let union: Vec<_> = parts.map(|(a, b)| if a.is_empty() { *b } else { *a }).collect();
    assert_eq!(union, whole.spans);
    assert!(at(&dashes, 12 * 4).is_empty() && !at(&dashes, 14 * 4).is_empty());
}

#[test]
fn a_lone_point_is_a_dot() {
    let columns = walked(4, &[Some([10.0, 20.0]), None, Some([f64::NAN, 1.0]), Some([30.0, 20.0])]);
    assert_eq!(
        columns.to_string(),
        "columns #000000ff x4 [8.00..12.00 18.00..22.00] [28.00..32.00 18.00..22.00]"
    );
}

#[test]
fn a_break_is_not_joined() {
    let columns = walked(
        1,
        &joined(&[[0.0, 5.0], [10.0, 5.0]])
            .into_iter()
            .chain([None])
            .chain(joined(&[[20.0, 5.0], [30.0, 5.0]]))
            .collect::<Vec<_>>(),
    );
    assert_eq!(columns.runs.len(), 2);
    assert!((11..20).all(|column| at(&columns, column).is_empty()));
}

#[test]
fn a_step_back_in_time_starts_anew() {
    let columns = walked(4, &joined(&[[0.0, 5.0], [10.0, 5.0], [3.0, 30.0], [9.0, 30.0]]));
    assert_eq!(columns.runs.len(), 2);
}

#[test]
fn absurd_values_are_cut_at_the_plot() {
    let columns = walked(1, &joined(&[[-1e300, 5.0], [30.0, f64::MAX], [1e300, -f64::MAX]]));
    assert!(columns.spans.iter().all(|span| span.is_empty() || (span.top >= 0.0 && span.bottom <= 40.0)));
}

/// Points over time, most of them close together, some missing, far off or out of order.
fn over_time() -> impl Strategy<Value = Vec<Point>> {
    let value = prop_oneof![20 => -10.0..50.0_f64, 1 => Just(f64::NAN), 1 => Just(1e300), 1 => Just(-1e9)];
    let step = prop_oneof![20 => 0..40_i64, 1 => 0..2_000_i64, 1 => -300..0_i64];
    prop::collection::vec((step, value), 0..400).prop_map(|steps| {
        let mut t = -500;
        let at = |(step, v)| {
            t += step;
            Point { t, v }
        };
        steps.into_iter().map(at).collect()
    })
}

proptest! {
    #[test]
    fn a_line_through_points_is_the_line_to_each_of_them(
        points in over_time(), dense in any::<bool>(), scale in prop_oneof![Just(1), Just(9_973), Just(1_000_000_000_000_i64)],
    ) {
        let points: Vec<_> = points.iter().map(|point| Point { t: point.t * scale, v: point.v }).collect();
        let px_per_nano = 60.0 / (4_000.0 * scale as f64);
        let map = Map { start: 0, px_per_nano, column_nanos: 0, high: 40.0, px_per_value: 1.0 };
        let each: Vec<_> = points.iter().map(|point| Some([map.x(point.t), map.y(point.v)])).collect();
        let sub_columns = if dense { 1 } else { 4 };
        let mut columns = PixelColumns::default();
        columns.reset([0.0; 2], sub_columns, Color::rgb(0));
        LineWalk::new(&mut columns, SIZE, STROKE).line_through(&points, &map);
        prop_assert_eq!(columns, walked(sub_columns, &each));
    }

    #[test]
    fn every_point_lies_in_its_columns_interval(points in line(), dense in any::<bool>()) {
        let sub_columns = if dense { 1 } else { 4 };
        let columns = walked(sub_columns, &joined(&points));
        for [x, y] in points {
            if (0.0..60.0).contains(&x) && (0.0..40.0).contains(&y) {
                let spans = at(&columns, (x * f64::from(sub_columns)) as u32);
                let holds = spans.iter().any(|span| f64::from(span.top) <= y + 1e-3 && f64::from(span.bottom) >= y - 1e-3);
                prop_assert!(holds, "{x},{y} {spans:?}");
            }
        }
    }

    #[test]
    fn sharp_columns_are_what_lies_within_the_radius(points in line(), column in 0_u32..240, y in 0.0..40.0_f64) {
        let columns = walked(4, &joined(&points));
        prop_assume!(points.len() > 1);
        let at_point = [(f64::from(column) + 0.5) / 4.0, y];
        let nearest = points.windows(2).map(|pair| distance(at_point, pair[0], pair[1])).fold(f64::INFINITY, f64::min);
        let covered = at(&columns, column).iter().any(|span| f64::from(span.top) <= y && y <= f64::from(span.bottom));
        if (nearest - STROKE.radius).abs() > 1e-3 {
            prop_assert_eq!(covered, nearest < STROKE.radius, "distance {}", nearest);
        }
    }

    #[test]
    fn dense_columns_keep_least_and_greatest(points in line()) {
        let columns = walked(1, &joined(&points));
        for column in 0..60_u32 {
            let inside = points.iter().filter(|point| point[0].floor() == f64::from(column));
            let spans = at(&columns, column);
            for [_, y] in inside.filter(|point| (1.0..39.0).contains(&point[1])) {
                prop_assert!(spans.iter().any(|span| f64::from(span.top) < *y && *y < f64::from(span.bottom)));
            }
        }
    }

    #[test]
    fn nothing_is_drawn_inside_a_gap(points in line(), gap in 10.0..50.0_f64, dense in any::<bool>()) {
        let sub_columns = if dense { 1 } else { 4 };
        let (end, reach) = (gap + 8.0, STROKE.dot_radius + 1.0);
        let left = points.iter().filter(|point| point[0] <= gap).copied().map(Some);
        let right = points.iter().filter(|point| point[0] >= end).copied().map(Some);
        let columns = walked(sub_columns, &left.chain([None]).chain(right).collect::<Vec<_>>());
        let sub = f64::from(sub_columns);
        for column in ((gap + reach) * sub) as u32..((end - reach) * sub) as u32 {
            prop_assert!(at(&columns, column).is_empty());
        }
    }
}

#[test]
fn a_polygon_is_cut_to_the_plot() {
    let mut columns = PixelColumns::default();
    columns.reset([0.0; 2], 1, Color::rgb(0));
    columns.add_convex(&[[0.0, 10.0], [4.0, 6.0], [8.0, 10.0], [4.0, 14.0]], (6, 12));
    let spans: Vec<_> = columns.spans.iter().map(|span| (span.top, span.bottom)).collect();
    assert_eq!(spans, [(9.5, 10.5), (8.5, 11.5), (7.5, 12.0), (6.5, 12.0), (6.5, 12.0), (7.5, 12.0)]);
    columns.add_convex(&[[-9.0, 1.0], [-5.0, 1.0], [-7.0, 5.0]], (6, 12));
    assert_eq!(columns.runs.len(), 1);
}
