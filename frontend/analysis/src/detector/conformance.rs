//! What the contract says, for every line of the table.

use super::*;
use proptest::prelude::*;
use spate_shared::time::{DAY, MINUTE, Nanos};

/// The defaults, and a small model where one is needed.
fn settings(kind: &'static DetectorKind) -> Settings {
    let mut settings = Settings::new(kind);
    if needs_model(kind) {
        settings.set("model", forest::SMALL).expect("it is whole");
    }
    settings
}

/// A trained model knows values, not what they are relative to others.
fn needs_model(kind: &DetectorKind) -> bool {
    kind.texts.iter().any(|text| text.name == "model")
}

fn build(kind: &'static DetectorKind) -> Box<dyn Detector> {
    settings(kind).build()
}

fn verdicts(detector: &mut dyn Detector, values: &[f64], batch: usize) -> Vec<Verdict> {
    let times: Vec<Nanos> = (0..values.len() as i64).collect();
    let mut out = Vec::new();
    for (times, values) in times.chunks(batch).zip(values.chunks(batch)) {
        detector.score(Rows::of(times, values), &mut out);
    }
    out
}

fn bits(verdicts: &[Verdict]) -> Vec<[u64; 4]> {
    let bits = |v: &Verdict| [v.score, v.lower, v.upper, v.evidence].map(f64::to_bits);
    verdicts.iter().map(bits).collect()
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    proptest::collection::vec(
        prop_oneof![8 => -100.0..100.0f64, 1 => Just(0.0), 1 => -1e300..1e300f64],
        0..900,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn batches_make_no_difference_and_scores_are_probabilities(values in values(), batch in 1..100usize) {
        for kind in DETECTORS {
            let whole = verdicts(&mut *build(kind), &values, values.len().max(1));
            let split = verdicts(&mut *build(kind), &values, batch);
            prop_assert_eq!(bits(&whole), bits(&split), "{}", kind.name);
            prop_assert_eq!(whole.len(), values.len());
            for verdict in whole {
                prop_assert!(verdict.score.is_nan() || (0.0..=1.0).contains(&verdict.score), "{verdict:?}");
                prop_assert!(verdict.lower.is_nan() || verdict.lower <= verdict.upper, "{verdict:?}");
                prop_assert!(verdict.evidence.is_nan() == verdict.score.is_nan(), "{verdict:?}");
                prop_assert!(verdict.evidence.is_nan() || verdict.evidence >= 0.0, "{verdict:?}");
                let level = kind.parameters[0].default;
                prop_assert_eq!(verdict.alert, verdict.evidence >= level, "{} {:?}", kind.name, verdict);
                prop_assert!(!verdict.alert || verdict.reason != Reason::Ordinary, "{verdict:?}");
                prop_assert!(!verdict.alert || !verdict.reason.words().is_empty(), "{verdict:?}");
            }
        }
    }

    #[test]
    fn the_future_does_not_change_the_past(values in values(), cut in 0..900usize) {
        let cut = cut.min(values.len());
        for kind in DETECTORS {
            let all = verdicts(&mut *build(kind), &values, 64);
            let prefix = verdicts(&mut *build(kind), &values[..cut], 64);
            prop_assert_eq!(bits(&all[..cut]), bits(&prefix), "{}", kind.name);
        }
    }
}

#[test]
fn values_that_are_not_finite_have_no_verdict_and_leave_no_trace() {
    let clean: Vec<f64> = (0..700).map(|i| f64::from((i * i) % 101)).collect();
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let dirty: Vec<f64> = clean.iter().flat_map(|value| [*value, odd[*value as usize % 3]]).collect();
    let times =
        |values: &[f64], step: Nanos| (0..values.len() as Nanos).map(|i| i / step).collect::<Vec<_>>();
    for kind in DETECTORS {
        let (mut of_clean, mut of_dirty) = (Vec::new(), Vec::new());
        build(kind).score(Rows::of(&times(&clean, 1), &clean), &mut of_clean);
        build(kind).score(Rows::of(&times(&dirty, 2), &dirty), &mut of_dirty);
        let (kept, odd): (Vec<_>, Vec<_>) = of_dirty.chunks(2).map(|pair| (pair[0], pair[1])).unzip();
        assert_eq!(bits(&of_clean), bits(&kept), "{}", kind.name);
        assert!(odd.iter().all(|verdict| verdict.score.is_nan() && !verdict.alert), "{}", kind.name);
    }
}

#[test]
fn warm_up_counts_down_to_the_first_score() {
    for kind in DETECTORS {
        let mut detector = build(kind);
        for value in 0..2_000 {
            let to_go = detector.warm_up();
            let verdict = verdicts(&mut *detector, &[f64::from(value % 7)], 1)[0];
            assert_eq!(to_go == 0, !verdict.score.is_nan(), "{} at {value}", kind.name);
        }
        assert_eq!(detector.warm_up(), 0);
        assert!(detector.state_bytes() <= kind.most_bytes, "{} {}", kind.name, detector.state_bytes());
    }
}

#[test]
fn scaling_a_series_scales_its_band_and_keeps_its_scores() {
    let values: Vec<f64> = (0..3_000).map(|i| f64::from((i * i) % 101) + f64::from(i % 13)).collect();
    let scaled: Vec<f64> = values.iter().map(|value| value * 1024.0).collect();
    for kind in DETECTORS.iter().filter(|kind| !needs_model(kind)) {
        let plain = verdicts(&mut *build(kind), &values, 64);
        let large = verdicts(&mut *build(kind), &scaled, 64);
        assert_eq!(
            plain.iter().map(|v| v.score.to_bits()).collect::<Vec<_>>(),
            large.iter().map(|v| v.score.to_bits()).collect::<Vec<_>>(),
            "{}",
            kind.name
        );
    }
}

#[test]
fn scale_and_whole_weeks_move_no_alert() {
    let times: Vec<Nanos> = (0..3_000).map(|i| i * 10 * MINUTE).collect();
    let day = |time: &Nanos| libm::sin((*time % DAY) as f64 / DAY as f64 * std::f64::consts::TAU);
    let noise = |time: &Nanos| (*time / MINUTE) as f64 * 0.618_033_988_749_895;
    let mut values: Vec<f64> = times.iter().map(|t| 100.0 + 20.0 * day(t) + 4.0 * noise(t).fract()).collect();
    values[2_000] = 300.0;
    values[2_400..2_420].fill(20.0);
    let alerts = |kind, times: &[Nanos], values: &[f64]| {
        let mut out = Vec::new();
        build(kind).score(Rows::of(times, values), &mut out);
        out.iter().map(|verdict| verdict.alert).collect::<Vec<_>>()
    };
    let thousandfold: Vec<f64> = values.iter().map(|value| value * 1_000.0).collect();
    let weeks_later: Vec<Nanos> = times.iter().map(|time| time + 35 * DAY).collect();
    for kind in DETECTORS {
        let plain = alerts(kind, &times, &values);
        if !needs_model(kind) {
            let scaled = alerts(kind, &times, &thousandfold);
            let differ: Vec<usize> = (0..plain.len()).filter(|at| plain[*at] != scaled[*at]).collect();
            assert!(differ.is_empty(), "{} {differ:?}", kind.name);
        }
        assert_eq!(plain, alerts(kind, &weeks_later, &values), "{}", kind.name);
        let is_silent = ["limits", "missing"].contains(&kind.name);
        assert_eq!(plain[2_000..].contains(&true), !is_silent, "{}", kind.name);
    }
}

#[test]
fn a_constant_series_never_alerts_and_a_late_jump_in_it_does() {
    for kind in DETECTORS {
        let mut settings = settings(kind);
        if kind.name == "limits" {
            settings.set("above", "20").expect("in range");
        }
        let mut times: Vec<Nanos> = (0..=1_000).collect();
        times[1_000] = 2_000;
        let mut values = vec![5.0; 1_000];
        values.push(50.0);
        let mut verdicts = Vec::new();
        settings.build().score(Rows::of(&times, &values), &mut verdicts);
        assert!(verdicts[..1_000].iter().all(|verdict| !verdict.alert), "{}", kind.name);
        assert!(verdicts[1_000].alert, "{} {:?}", kind.name, verdicts[1_000]);
    }
}

#[test]
fn a_restored_detector_goes_on_as_if_nothing_had_happened() {
    let times: Vec<Nanos> = (0..2_600).collect();
    let values: Vec<f64> = (0..2_600).map(|i| f64::from((i * i) % 101) + f64::from(i % 13)).collect();
    for kind in DETECTORS {
        let mut whole = Vec::new();
        build(kind).score(Rows::of(&times, &values), &mut whole);
        for cut in [0, 1, 59, 700, 2_300] {
            let (mut before, mut after, mut parts) = (build(kind), build(kind), Vec::new());
            before.score(Rows::of(&times[..cut], &values[..cut]), &mut parts);
            after.restore(&before.snapshot()).expect(kind.name);
            after.score(Rows::of(&times[cut..], &values[cut..]), &mut parts);
            assert_eq!(bits(&parts), bits(&whole), "{} at {cut}", kind.name);
        }
    }
}

#[test]
fn a_snapshot_that_is_none_changes_nothing() {
    for kind in DETECTORS {
        let mut detector = build(kind);
        verdicts(&mut *detector, &[1.0, 2.0, 3.0], 1);
        let snapshot = detector.snapshot();
        let mut altered = snapshot.clone();
        *altered.last_mut().expect("bytes") ^= 1;
        for bytes in [&snapshot[..snapshot.len() - 1], &[], &[9], &altered] {
            assert!(detector.restore(bytes).is_err(), "{}", kind.name);
        }
        assert_eq!(detector.snapshot(), snapshot, "{}", kind.name);
    }
}

#[test]
fn a_frozen_detector_says_the_same_of_the_same_values_however_often_they_come() {
    let usual: Vec<f64> = (0..3_000).map(|i| f64::from((i * i) % 101) + f64::from(i % 13)).collect();
    // Long enough for the latest events to be the same each time around.
    let unusual: Vec<f64> = (0..400).map(|i| 500.0 + f64::from((i * i) % 101)).collect();
    // What is measured since the last alert, or at a place in a season, is about the latest events.
    for kind in DETECTORS.iter().filter(|kind| !["cusum", "seasonal", "consensus"].contains(&kind.name)) {
        let mut detector = build(kind);
        verdicts(&mut *detector, &usual, 64);
        let mut around = || {
            let mut out = Vec::new();
            let times = vec![2_999; unusual.len()];
            detector.score(Rows { learns: false, ..Rows::of(&times, &unusual) }, &mut out);
            out[300..].iter().map(|verdict| verdict.score.to_bits()).collect::<Vec<_>>()
        };
        let first = around();
        assert!((0..3).all(|_| around() == first), "{}", kind.name);
    }
}

#[test]
fn one_point_and_a_clock_that_jumps_a_year_are_nothing_special() {
    let year = 365 * DAY;
    for kind in DETECTORS {
        let one = verdicts(&mut *build(kind), &[7.0], 1)[0];
        assert!(!one.alert, "{}", kind.name);
        let mut times: Vec<Nanos> = (0..2_000).map(|i| i * MINUTE).collect();
        times[1_000..].iter_mut().for_each(|time| *time += year);
        times[1_500..].iter_mut().for_each(|time| *time -= 2 * year);
        times[1_990] = Nanos::MAX;
        times[1_995] = Nanos::MIN;
        let values: Vec<f64> = (0..2_000).map(|i| f64::from((i * i) % 17)).collect();
        let mut out = Vec::new();
        build(kind).score(Rows::of(&times, &values), &mut out);
        let alerts = |verdicts: &[Verdict]| verdicts.iter().map(|verdict| verdict.alert).collect::<Vec<_>>();
        let watches_clock = ["record-light", "record-heavy", "missing", "consensus"].contains(&kind.name);
        if watches_clock {
            let many = alerts(&out[400..]).into_iter().filter(|alert| *alert).count();
            assert!(many <= 24, "{} {many}", kind.name);
        } else {
            assert_eq!(alerts(&out), alerts(&verdicts(&mut *build(kind), &values, 64)), "{}", kind.name);
        }
        assert!(out[400..].iter().all(|verdict| (0.0..=1.0).contains(&verdict.score)), "{}", kind.name);
    }
}
