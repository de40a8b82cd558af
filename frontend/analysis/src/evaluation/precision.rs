//! Average precision: how well scores rank anomalous rows above ordinary ones.

/// The area under the precision-recall curve, in steps, of rows given as score and whether they are anomalous.
///
/// Rows of equal score count together; rows whose score is NaN rank last. The result for scores that know nothing is
/// the part of rows that are anomalous; it is NaN when none is.
pub fn average_precision(mut rows: Vec<(f64, bool)>) -> f64 {
    let rank = |score: f64| if score.is_nan() { f64::NEG_INFINITY } else { score };
    rows.sort_by(|(a, _), (b, _)| rank(*b).total_cmp(&rank(*a)));
    let anomalous = rows.iter().filter(|(_, is_anomalous)| *is_anomalous).count() as f64;
    let (mut taken, mut found, mut area) = (0.0, 0.0, 0.0);
    for tie in rows.chunk_by(|(a, _), (b, _)| rank(*a) == rank(*b)) {
        let hits = tie.iter().filter(|(_, is_anomalous)| *is_anomalous).count() as f64;
        taken += tie.len() as f64;
        found += hits;
        area += hits / anomalous * (found / taken);
    }
    if anomalous == 0.0 { f64::NAN } else { area }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hand_worked_ranking() {
        // Precision 1/1 at the first hit, 2/3 at the second.
        let rows = vec![(0.2, false), (0.9, true), (0.5, true), (0.7, false)];
        assert!((average_precision(rows) - f64::midpoint(1.0, 2.0 / 3.0)).abs() < 1e-15);
    }

    #[test]
    fn scores_that_know_nothing_get_the_base_rate() {
        let rows = |score: f64| (0..10).map(|row| (score, row < 3)).collect();
        assert!((average_precision(rows(0.5)) - 0.3).abs() < 1e-15);
        assert!((average_precision(rows(f64::NAN)) - 0.3).abs() < 1e-15);
        assert!(average_precision(vec![(1.0, false)]).is_nan());
    }
}
