//! Fan-out: what the same loads cost the relay, npm `ws` and nats-server in one run, and what an idle subscriber costs.
//!
//! The servers run as processes of their own, one at a time, and are measured from `/proc`; this process is the producer
//! and the subscribers. npm `ws` broadcasts batches of 16 ms as the relay does; nats-server sends every event on by itself.
//! Beyond 500 readers the relay as it is shipped waits longer (`batch.interval = "adaptive"`), which `ws` here does not: there
//! it is measured twice, at 16 ms to be held against `ws`, and as shipped to be held against nats-server.
//! An argument such as `"50 x"` runs only the loads whose names begin so.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on has failed; it prints a table"
)]

mod client;
mod load;
mod publisher;
mod server;
mod target;

use load::{Batches, Figures, Load};
use server::Server;
use target::Targets;

/// Loads, and the most of nats-server's CPU per delivery that the relay may take.
const LOADS: [(Load, f64); 4] = [
    (Load { subscribers: 50, per_second: 20_000, batches: Batches::Sixteen }, 1.0 / 8.0),
    (Load { subscribers: 200, per_second: 5_000, batches: Batches::Sixteen }, 1.0 / 6.0),
    (Load { subscribers: 1_000, per_second: 1_000, batches: Batches::Sixteen }, 1.0 / 2.0),
    (Load { subscribers: 200, per_second: 5_000, batches: Batches::None }, 1.0 / 1.5),
];
const QUIET: Load = Load { subscribers: 10, per_second: 100, batches: Batches::None };
/// Readers beyond which the relay as shipped waits longer than 16 ms.
const ADAPTIVE_FROM: usize = 500;
const IDLE: [usize; 2] = [2_000, 10_000];

fn main() {
    server::raise_file_limit();
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut targets = Targets::default();
    runtime.block_on(async {
        fan_out(&mut targets, only.as_deref().unwrap_or_default()).await;
        if only.is_none() {
            idle(&mut targets).await;
        }
    });
    if !targets.print() {
        std::process::exit(1);
    }
}

async fn fan_out(targets: &mut Targets, only: &str) {
    println!(
        "\nevents of 64 B, one producer; latency from published to received: p50 and p99 of the median of nine seconds, p99 of the worst"
    );
    println!(
        "{:<25} {:<12} {:>12} {:>8} {:>9} {:>8} {:>7} {:>8} {:>8} {:>8}",
        "load",
        "server",
        "deliveries/s",
        "B/event",
        "% of core",
        "cpu-s/M",
        "RSS MB",
        "p50 ms",
        "p99 ms",
        "worst"
    );
    for (load, of_nats) in LOADS.into_iter().filter(|(load, _)| load.name().starts_with(only)) {
        let folder = tempfile::tempdir().unwrap();
        let relay = run_relay(load).await;
        let name = load.name();
        if load.batches == Batches::Sixteen {
            targets.at_most(format!("{name}: p99 in ms"), relay.millis[1], 25.0);
            match Server::ws_peer() {
                Ok(peer) => {
                    let peer = measure(load, "npm ws", &peer).await;
                    targets.at_most(format!("{name}: CPU of npm ws's"), cpu(&relay, &peer), 1.0);
                    targets.at_most(
                        format!("{name}: RSS of npm ws's"),
                        relay.rss_bytes / peer.rss_bytes,
                        1.0 / 3.0,
                    );
                }
                Err(why) => println!("{:<25} npm ws       {why}", load.name()),
            }
        }
        match Server::nats(folder.path()) {
            Ok(nats) => {
                let nats = measure(load, "nats-server", &nats).await;
                // Up to so many readers, 16 ms is what is shipped.
                let (name, relay) = if load.batches == Batches::Sixteen && load.subscribers > ADAPTIVE_FROM {
                    let shipped = Load { batches: Batches::Adaptive, ..load };
                    (shipped.name(), run_relay(shipped).await)
                } else {
                    (name, relay)
                };
                targets.at_most(format!("{name}: CPU of nats-server's"), cpu(&relay, &nats), of_nats);
            }
            Err(why) => println!("{:<25} nats-server  {why}", load.name()),
        }
    }
    if !QUIET.name().starts_with(only) {
        return;
    }
    let quiet = run_relay(QUIET).await;
    targets.at_most(format!("{}: p50 in ms", QUIET.name()), quiet.millis[0], 1.0);
}

async fn run_relay(load: Load) -> Figures {
    let folder = tempfile::tempdir().unwrap();
    let relay = Server::relay(folder.path(), load.batches.interval());
    measure(load, "relay", &relay).await
}

async fn measure(load: Load, name: &str, server: &Server) -> Figures {
    let figures = load.run(server).await;
    figures.print(load, name);
    figures
}

/// One server's CPU per delivery as a share of another's.
fn cpu(one: &Figures, other: &Figures) -> f64 {
    one.cpu_per_million() / other.cpu_per_million()
}

/// Memory of clients that are subscribed and get nothing.
async fn idle(targets: &mut Targets) {
    println!("\nidle subscribers (one stream each, hello said)");
    for count in IDLE {
        let folder = tempfile::tempdir().unwrap();
        let relay = Server::relay(folder.path(), "adaptive");
        let clients = relay.subscribe_idle(200).await;
        let before = relay.rss_bytes();
        let more = relay.subscribe_idle(count).await;
        let each = (relay.rss_bytes() - before) / count as f64 / 1024.0;
        println!("{count:>7}: {each:.1} KB each, RSS {:.1} MB", relay.rss_bytes() / 1e6);
        targets.at_most(format!("{count} idle subscribers: KB each"), each, 12.0);
        drop((clients, more));
    }
}
