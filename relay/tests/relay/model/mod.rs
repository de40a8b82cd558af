//! Sessions against a naive model: whatever is published, starved, trimmed, cut, resumed or restarted, and in whatever
//! order, every client knows what became of every event, and what it was told is true and was counted.

mod subscriber;
mod world;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use spate_shared::wire::{Policy, Start};

use subscriber::Wish;
use world::{Kept, World};

/// Clients of a case.
const CLIENTS: usize = 3;

/// One thing that happens.
#[derive(Debug, Clone)]
enum Act {
    Publish {
        events: u64,
        first_key: usize,
    },
    Seal,
    Advance {
        millis: u64,
    },
    Connect(usize),
    /// Takes what the relay has to say.
    Read(usize),
    Credit(usize, u64),
    Rate(usize, u32),
    /// Drops the connection, read or not.
    Cut(usize),
    /// Subscribes again on the same connection.
    Resubscribe(usize),
    /// Ends the relay and starts it again.
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    let client = || 0..CLIENTS;
    prop_oneof![
        8 => (1u64..30, 0usize..3).prop_map(|(events, first_key)| Act::Publish { events, first_key }),
        1 => Just(Act::Publish { events: 600, first_key: 0 }),
        2 => Just(Act::Seal),
        4 => prop_oneof![Just(1u64), Just(17), Just(60), Just(1_100), Just(3_000)]
            .prop_map(|millis| Act::Advance { millis }),
        4 => client().prop_map(Act::Connect),
        6 => client().prop_map(Act::Read),
        3 => (client(), prop_oneof![Just(1u64), Just(400), Just(1 << 20)])
            .prop_map(|(client, bytes)| Act::Credit(client, bytes)),
        1 => (client(), prop_oneof![Just(0u32), Just(50), Just(1_000)])
            .prop_map(|(client, millis)| Act::Rate(client, millis)),
        3 => client().prop_map(Act::Cut),
        1 => client().prop_map(Act::Resubscribe),
        1 => Just(Act::Restart),
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    let policy = prop_oneof![3 => Just(Policy::Gap), 2 => Just(Policy::Conflate), 1 => Just(Policy::Close)];
    let start = prop_oneof![
        2 => Just(Start::Earliest),
        1 => Just(Start::Live),
        1 => (0u64..50).prop_map(Start::Last),
        1 => (0u64..4_000).prop_map(Start::Within),
    ];
    let key = prop_oneof![2 => Just(None), 1 => (0usize..3).prop_map(Some)];
    let credit = prop_oneof![2 => Just(None), 2 => Just(Some(1)), 1 => Just(Some(1_000))];
    (policy, start, key, any::<bool>(), credit).prop_map(|(policy, start, key, narrow, credit)| Wish {
        policy,
        start,
        key,
        narrow,
        credit,
    })
}

fn kept(on_disk: bool) -> impl Strategy<Value = Kept> {
    let ring_bytes = prop_oneof![Just(0usize), Just(2_000), Just(32 << 20)];
    let ring_millis = prop_oneof![1 => Just(500i64), 3 => Just(3_600_000)];
    (ring_bytes, ring_millis).prop_map(move |(ring_bytes, ring_millis)| Kept {
        ring_bytes,
        ring_millis,
        on_disk,
    })
}

/// How many cases a test takes; more with `SPATE_MODEL_CASES`.
fn cases() -> Config {
    let cases = std::env::var("SPATE_MODEL_CASES").map_or(1_024, |cases| cases.parse().unwrap());
    Config { cases, rng_seed: RngSeed::Fixed(11), failure_persistence: None, ..Config::default() }
}

/// Everything happens to a relay and its clients, in order; then all is held against what was published.
fn play(kept: Kept, wishes: Vec<Wish>, acts: &[Act]) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let _time_stands = crate::support::hold_time();
        let mut world = World::new(kept, wishes).await;
        for act in acts {
            world.act(act).await;
        }
        world.settle().await;
        world.check(acts);
        world.end().await;
    });
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn every_client_of_a_ring_knows_what_became_of_every_event(
        kept in kept(false),
        wishes in vec(wish(), CLIENTS),
        acts in vec(act(), 1..60),
    ) {
        play(kept, wishes, &acts);
    }

    #[test]
    fn every_client_of_a_log_on_disk_knows_what_became_of_every_event(
        kept in kept(true),
        wishes in vec(wish(), CLIENTS),
        acts in vec(act(), 1..60),
    ) {
        play(kept, wishes, &acts);
    }
}
