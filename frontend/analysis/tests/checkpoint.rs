//! An engine that stopped anywhere and went on from its checkpoint is one that never stopped, byte for byte.

#![cfg(feature = "checkpoint")]
#![expect(clippy::expect_used, reason = "a failed expectation is a failed test")]

use proptest::prelude::*;
use spate_analysis::checkpoint::CheckpointError;
use spate_analysis::detector::{DETECTORS, Settings};
use spate_analysis::engine::{Budget, QueryId};
use spate_analysis::inject::FaultSpec;
use spate_analysis::random::Random;
use spate_analysis::stream::{Stream, StreamConfig};
use spate_analysis::tuning::{Choice, Comparison, Which};
use spate_analysis::window::Tumbling;
use spate_analysis::{Engine, StreamId};
use spate_shared::batch::{Batch, Column, Values, intern};
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use spate_shared::time::{MINUTE, Nanos, SECOND};

/// Something that happens to an engine. Numbers choose among what there is.
#[derive(Debug, Clone, Copy)]
enum Happens {
    Events { stream: usize, count: usize },
    Silence,
    Gap(usize),
    Ask { stream: usize, query: usize },
    Drop,
    Choose(usize),
    Watch(usize),
    Promote,
    Freeze(bool),
    Reset,
    Forecast(bool),
    Faults(bool),
    Field(usize),
    Restart(usize),
}

const QUERIES: [&str; 5] = [
    r#"{"window": "tumbling 20s", "agg": ["count", "sum(v)", "p90(v)", "top3(key)"], "by": ["key"], "lateness": "30s"}"#,
    r#"{"window": "hopping 60s/10s", "agg": ["mean(v)", "stddev(v)", "first(v)", "distinct(key)"], "watermark": "5s"}"#,
    r#"{"window": "session 4s", "agg": ["count", "histogram(v)"], "by": ["key"], "lateness": "20s", "max_groups": 4}"#,
    r#"{"window": "tumbling 10s", "agg": ["count"], "by": ["key"], "max_groups": 3, "watermark": "10s"}"#,
    r#"{"window": "tumbling 10s", "agg": ["sum(w)"], "dedup": "v within 1m", "derive": ["w = v * 2"], "where": "v > -50"}"#,
];

fn schema(fields: usize) -> Schema {
    let time = TimeField { name: "t".into(), source: TimeSource::Event };
    let mut all = vec![Field::new("key", FieldType::Category), Field::new("v", FieldType::F64)];
    all.extend((2..fields).map(|at| Field::new(format!("v{at}"), FieldType::F64)));
    Schema { version: fields as u16 - 1, ..Schema::new(time, all) }
}

/// An engine, and what feeds it.
struct Fed {
    engine: Engine,
    streams: [StreamId; 2],
    asked: Vec<QueryId>,
    now: Nanos,
}

impl Fed {
    fn new() -> Self {
        // So little that points become roll-ups and events are let go.
        let mut engine = Engine::holding(Budget { points_bytes: 0, events_bytes: 40_000 });
        let mut config = StreamConfig::new(Tumbling::aligned(20 * SECOND));
        (config.lateness, config.max_groups, config.ahead) = (20 * SECOND, 5, Some(MINUTE * 60));
        let streams = ["a", "b"].map(|name| engine.open(name, schema(2), config));
        Self { engine, streams, asked: Vec::new(), now: 0 }
    }

    /// Goes on from a checkpoint.
    fn stopped(self) -> Self {
        let checkpoint = self.engine.checkpoint();
        let engine = Engine::resume(&checkpoint).expect("its own checkpoint");
        assert_eq!(engine.checkpoint(), checkpoint, "nothing has happened since");
        Self { engine, ..self }
    }

    fn takes(&mut self, happens: Happens, seed: u64) {
        let Self { engine, streams, asked, now } = self;
        let (all, measure) = (streams[0], Which { measure: "v".into(), group: None });
        let choice = |at: usize| Choice::of(Settings::new(&DETECTORS[at % DETECTORS.len()]));
        match happens {
            Happens::Events { stream, count } => {
                let of = streams[stream];
                let (head, fields) =
                    (engine.stream(of).counts().received, engine.stream(of).schema().fields.len());
                let keys = if stream == 0 { 300 } else { i64::MAX };
                let batch = batch(head as i64, count, (fields, keys), &mut Random::new(seed));
                *now += SECOND;
                engine.push(of, &batch, *now);
            }
            Happens::Silence => {
                *now += 20 * SECOND;
                engine.tick(*now);
            }
            Happens::Gap(stream) => engine.gap(streams[stream]),
            Happens::Ask { stream, query } => {
                let spec = serde_json::from_str(QUERIES[query]).expect("a query");
                asked.push(engine.ask(streams[stream], &spec).expect("it can be answered"));
            }
            Happens::Drop => asked.drain(..).take(1).for_each(|query| engine.drop_query(query)),
            Happens::Choose(at) => engine.choose(all, &measure, &choice(at)),
            Happens::Watch(at) => engine.set_shadow(all, &measure, Some(&choice(at))),
            Happens::Promote => engine.promote(all, &measure),
            Happens::Freeze(is_frozen) => engine.freeze(all, &measure, is_frozen),
            Happens::Reset => engine.reset(all, &measure),
            Happens::Forecast(begins) => engine.forecast(all, &measure, if begins { &[1, 6] } else { &[] }),
            Happens::Faults(begin) => {
                let contenders = vec![choice(0).settings, choice(2).settings];
                let spec = FaultSpec { part: 0.1, after: 20, ..FaultSpec::default() };
                engine.inject(all, "v", begin.then_some((spec, contenders))).expect("it can be done");
            }
            Happens::Field(stream) => {
                let of = streams[stream];
                let fields = engine.stream(of).schema().fields.len();
                engine.adopt_schema(of, schema(fields.min(3) + 1));
            }
            Happens::Restart(stream) => {
                engine.restart(streams[stream], schema(2));
            }
        }
    }

    /// Everything that can be seen of it, besides its checkpoint.
    fn said(&self) -> Vec<String> {
        let Self { engine, asked, .. } = self;
        let mut said = vec![format!("{:?}", engine.alerts())];
        for query in asked {
            let Some(answer) = engine.answer(*query) else { continue };
            let results: Vec<_> = answer.results(Nanos::MIN, Nanos::MAX).collect();
            said.push(format!("{results:?} {:?} {:?}", answer.open(), answer.counts()));
            said.push(format!("{:?} {:?} {}", answer.late(), answer.shed_groups(), answer.watermark()));
        }
        for alert in engine.alerts().iter() {
            let decision = engine.decision(alert.id);
            let again = decision.as_ref().map(|decision| engine.recompute(decision, &[]));
            said.push(format!("{decision:?} {again:?}"));
        }
        engine.streams().for_each(|(_, stream)| tell(stream, &mut said));
        said
    }
}

fn tell(stream: &Stream, said: &mut Vec<String>) {
    said.push(format!("{:?} {:?} {:?}", stream.counts(), stream.gaps(), stream.scoreboard()));
    said.push(format!("{:?} {:?}", stream.shed_groups(), stream.forgotten_groups()));
    for series in stream.series() {
        let held = series.retention();
        said.push(format!("{} {:?}", series.label(), series.windows()));
        said.push(format!(
            "{:?} {:?}",
            held.sample(Nanos::MIN / 2, Nanos::MAX / 2, 60),
            held.coarse(0, Nanos::MAX)
        ));
        let words = |choice: &Choice| format!("{} {}", choice.settings.kind().name, choice.settings.words());
        // How much memory was set aside says nothing of what was seen.
        let alone = |compared| Comparison { active_bytes: 0, shadow_bytes: 0, ..compared };
        let shadow = series.shadow().map(|(choice, compared)| (words(choice), alone(compared)));
        let forecast = series.forecaster().map(|forecaster| forecaster.steps().collect::<Vec<_>>());
        said.push(format!("{shadow:?} {forecast:?} {} {}", series.warm_up(), words(series.choice())));
    }
}

/// Where two engines first say different things; the words around.
fn difference(one: &Fed, other: &Fed) -> Option<String> {
    let [one, other] = [one, other].map(|fed| fed.said().join("\n"));
    let at = one.bytes().zip(other.bytes()).position(|(a, b)| a != b);
    let at = at.or((one.len() != other.len()).then_some(one.len().min(other.len())))?;
    let around = |text: &str| {
        String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(200)..text.len().min(at + 100)])
            .into_owned()
    };
    Some(format!("{}\n--\n{}", around(&one), around(&other)))
}

/// Events with disorder, late ones, gaps in their values, keys that others follow after so many events, and spikes.
fn batch(from: i64, count: usize, (fields, keys): (usize, i64), random: &mut Random) -> Batch {
    let (mut times, mut dictionary, mut codes) = (Vec::new(), Vec::new(), Vec::new());
    let mut columns: Vec<Column> = (1..fields).map(|_| Column::empty(FieldType::F64)).collect();
    for at in from..from + count as i64 {
        let back = [random.below(3), random.below(90)][usize::from(random.below(20) == 0)];
        times.push((at - back as i64) * SECOND);
        codes.push(intern(
            &mut dictionary,
            &format!("k{}", at / keys + random.below(if keys < 1_000 { 5 } else { 2 }) as i64),
        ));
        for column in &mut columns {
            let value = match random.below(60) {
                0 => None,
                1 => Some(f64::INFINITY),
                2 => Some(1_000.0),
                _ => Some(random.unit() * 10.0 + (at % 24) as f64),
            };
            match (value, &mut column.values) {
                (Some(number), Values::F64(values)) => {
                    values.push(number);
                    column.mark_present();
                }
                _ => column.push_missing(),
            }
        }
    }
    let key = Column { values: Values::Category { dictionary, codes }, validity: None };
    columns.insert(0, key);
    Batch { times, columns }
}

fn happenings() -> impl Strategy<Value = Vec<Happens>> {
    let events = || (0..2usize, 1..150usize).prop_map(|(stream, count)| Happens::Events { stream, count });
    let ask = (0..2usize, 0..QUERIES.len()).prop_map(|(stream, query)| Happens::Ask { stream, query });
    let one = prop_oneof![
        20 => events(),
        2 => ask,
        1 => Just(Happens::Silence),
        1 => (0..2usize).prop_map(Happens::Gap),
        1 => Just(Happens::Drop),
        2 => any::<usize>().prop_map(Happens::Choose),
        2 => any::<usize>().prop_map(Happens::Watch),
        1 => Just(Happens::Promote),
        1 => any::<bool>().prop_map(Happens::Freeze),
        1 => Just(Happens::Reset),
        1 => any::<bool>().prop_map(Happens::Forecast),
        1 => any::<bool>().prop_map(Happens::Faults),
        1 => (0..2usize).prop_map(Happens::Field),
        1 => (0..2usize).prop_map(Happens::Restart),
    ];
    proptest::collection::vec(one, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_run_that_stopped_is_one_that_never_did(all in happenings(), cuts in proptest::collection::vec(0..60usize, 1..4)) {
        let [mut whole, mut cut] = [Fed::new(), Fed::new()];
        for (at, happens) in all.iter().enumerate() {
            if cuts.contains(&at) {
                cut = cut.stopped();
            }
            whole.takes(*happens, at as u64);
            cut.takes(*happens, at as u64);
        }
        prop_assert_eq!(difference(&whole, &cut), None);
        prop_assert!(whole.engine.checkpoint() == cut.engine.checkpoint(), "their states differ");
    }
}

#[test]
fn a_long_run_stops_with_every_part_of_its_state_in_use() {
    let happenings = |at: usize| match at {
        0 => Happens::Ask { stream: 0, query: 0 },
        1 => Happens::Ask { stream: 0, query: 3 },
        2 => Happens::Forecast(true),
        3 => Happens::Watch(2),
        40 => Happens::Faults(true),
        _ => Happens::Events { stream: at % 2, count: 100 },
    };
    let [mut whole, mut cut] = [Fed::new(), Fed::new()];
    for at in 0..150 {
        if at % 50 == 20 {
            cut = cut.stopped();
        }
        whole.takes(happenings(at), at as u64);
        cut.takes(happenings(at), at as u64);
    }
    let [stream, other] = whole.streams.map(|stream| whole.engine.stream(stream));
    let answer = |at: usize| whole.engine.answer(whole.asked[at]).expect("asked");
    assert!(stream.forgotten_groups().total() > 0 && answer(1).shed_groups().total() > 0);
    assert!(answer(0).revisions() > 0 && !answer(0).late().is_empty() && !answer(0).open().is_empty());
    assert!(stream.series().iter().any(|series| series.forecaster().is_some() && series.shadow().is_some()));
    assert!(other.series().iter().any(|series| series.retention().trimmed() > 0), "there are roll-ups");
    assert!(
        whole.engine.alerts().total() > 0
            && stream.scoreboard().is_some_and(|(_, faults, _)| !faults.is_empty())
    );
    assert!(stream.events().trimmed() > 0);
    assert_eq!(difference(&whole, &cut), None);
    assert!(whole.engine.checkpoint() == cut.engine.checkpoint());
}

#[test]
fn what_is_no_checkpoint_of_an_engine_of_this_version_is_refused() {
    let mut fed = Fed::new();
    fed.takes(Happens::Ask { stream: 1, query: 2 }, 1);
    fed.takes(Happens::Events { stream: 1, count: 90 }, 2);
    let whole = fed.engine.checkpoint();
    let refused = |bytes: &[u8]| Engine::resume(bytes).expect_err("refused");
    assert_eq!(refused(b"time,v\n"), CheckpointError::NotOne);
    assert_eq!(refused(&whole[..whole.len() - 1]), CheckpointError::Damaged);
    let mut older = whole.clone();
    older[8] = 0;
    assert!(
        refused(&older).to_string().contains("has version 0, this build reads version"),
        "{}",
        refused(&older)
    );
    let other = spate_analysis::checkpoint::write(&(7u64, "of something else"));
    assert!(matches!(refused(&other), CheckpointError::Unfit(_)));
}
