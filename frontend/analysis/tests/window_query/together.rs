//! Several windows asked together are each of them asked alone.

use proptest::prelude::*;
use spate_analysis::checkpoint;
use spate_analysis::query::{Emit, Outcome, QueryError, WindowQuery, WindowResult};
use spate_analysis::window::{Interval, Window};

use super::{batch, close, events, run, schema, spec};

/// Tumbling and hopping windows whose slices are not too fine.
fn windows() -> impl Strategy<Value = Vec<String>> {
    let one = (1..9i64, 1..9i64, 0..3i64).prop_map(|(width, slide, offset)| {
        format!("hopping {}ns/{}ns + {}ns", width * 6, slide * 4, offset * 2)
    });
    proptest::collection::vec(one, 1..4)
}

type Place = (Interval, Option<String>);

fn place(result: &WindowResult) -> Place {
    (result.interval, result.group[0].clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_said_of_a_window_does_not_depend_on_the_others(
        events in events(), windows in windows(), watermark in 0..40i64, lateness in 0..40i64, batch_len in 1..70usize,
    ) {
        let mut together = spec(&windows[0], watermark, lateness);
        together.also = windows[1..].iter().map(|window| window.parse::<Window>().expect("valid")).collect();
        let (query, outcome) = run(&together, &events, batch_len, Emit::Closed);
        let mut alone: Vec<WindowResult> = Vec::new();
        let mut late = Vec::new();
        for window in &windows {
            let (_, of_one) = run(&spec(window, watermark, lateness), &events, batch_len, Emit::Closed);
            alone.extend(of_one.results);
            late.push(of_one.late);
        }
        alone.sort_by_key(|result| (result.interval.end, result.interval.start, result.group.clone()));
        alone.dedup_by_key(|result| place(result));
        prop_assert_eq!(outcome.results.iter().map(place).collect::<Vec<_>>(), alone.iter().map(place).collect::<Vec<_>>());
        for (together, alone) in outcome.results.iter().zip(&alone) {
            let equal = together.values.iter().zip(&alone.values).all(|(a, b)| close(a, b));
            prop_assert!(equal, "{:?}: {:?} for {:?}", place(together), together.values, alone.values);
        }
        prop_assert!(outcome.late.iter().all(|row| late.iter().any(|late| late.contains(row))), "late for every window it could be in");
        prop_assert!(query.counts().events.add_up());
    }

    #[test]
    fn together_they_do_not_depend_on_batches_and_go_on_from_a_checkpoint(
        events in events(), windows in windows(), watermark in 0..40i64, lateness in 0..40i64, batch_len in 1..70usize, cut in 0..250usize,
    ) {
        let mut spec = spec(&windows[0], watermark, lateness);
        spec.also = windows[1..].iter().map(|window| window.parse::<Window>().expect("valid")).collect();
        let (_, whole) = run(&spec, &events, batch_len, Emit::Changes);
        let (first, rest) = events.split_at(cut.min(events.len()));
        let mut query = WindowQuery::new(&spec, &schema(), Emit::Changes).expect("valid");
        let mut outcome = Outcome::default();
        query.push(&batch(first), &mut outcome);
        let state = checkpoint::read(&checkpoint::write(&query.state())).expect("its own checkpoint");
        let mut query = WindowQuery::resume(&spec, &schema(), Emit::Changes, state).expect("its own state");
        query.push(&batch(rest), &mut outcome);
        let open = query.open();
        prop_assert!(open.is_sorted_by_key(|result| (result.interval.end, result.interval.start)));
        query.finish(&mut outcome);
        prop_assert_eq!(outcome.results, whole.results);
    }
}

#[test]
fn sessions_share_no_panes_and_say_so() {
    let mut spec = spec("tumbling 10ns", 0, 0);
    spec.also = vec!["session 5ns".parse().expect("valid")];
    let error = WindowQuery::new(&spec, &schema(), Emit::Closed).expect_err("refused");
    assert!(
        matches!(&error, QueryError::Also(why) if why.starts_with("session 5ns: only tumbling")),
        "{error}"
    );
}
