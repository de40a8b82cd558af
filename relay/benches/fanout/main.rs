//! Fan-out: what 200 subscribers at 5,000 events/s cost the relay, and what an idle subscriber costs in memory.
//!
//! The servers run as processes of their own and are measured from `/proc`; this process is the load. npm `ws`, which
//! broadcasts the same 16 ms batches, is the yardstick where node and the package are there.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on has failed; it prints a table"
)]

mod client;
mod load;
mod server;

use load::Load;
use server::Server;

/// CPU of the relay at 200 x 5,000 events/s, as a share of one core.
const CPU_BUDGET_PERCENT: f64 = 40.0;
/// Resident memory per idle subscriber.
const IDLE_BUDGET_BYTES: f64 = 12.0 * 1024.0;

const EVENTS_PER_SECOND: u64 = 5_000;
const EVENT_BYTES: u64 = 64;
const SUBSCRIBERS: usize = 200;
const IDLE: [usize; 2] = [2_000, 10_000];

fn main() {
    server::raise_file_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let within = runtime.block_on(fan_out()) & runtime.block_on(idle());
    if !within {
        println!("\na budget is exceeded");
        std::process::exit(1);
    }
}

/// The table of loads; whether the relay is within its budget.
async fn fan_out() -> bool {
    println!("\n{SUBSCRIBERS} subscribers x {EVENTS_PER_SECOND} events/s of {EVENT_BYTES} B, 16 ms batches");
    println!(
        "{:<10} {:>13} {:>8} {:>8} {:>9} {:>8} {:>21} {:>7}",
        "server", "deliveries/s", "B/event", "cpu s", "% of core", "cpu-s/M", "sealed->received ms", "RSS MB"
    );
    println!(
        "{:<10} {:>13} {:>8} {:>8} {:>9} {:>8} {:>10} {:>10} {:>7}",
        "", "", "", "", "", "", "p50", "p99", ""
    );
    let folder = tempfile::tempdir().unwrap();
    let relay = Server::relay(folder.path(), EVENTS_PER_SECOND);
    let load = Load::run(&relay, SUBSCRIBERS).await;
    load.print("relay");
    if let Some([p50, p99]) = load.event_millis {
        println!("{:<10} event time -> received: p50 {p50:.1} ms, p99 {p99:.1} ms", "");
    }
    drop(relay);
    match Server::ws_peer(EVENTS_PER_SECOND, EVENT_BYTES) {
        Ok(peer) => {
            let peer_load = Load::run(&peer, SUBSCRIBERS).await;
            peer_load.print("npm ws");
            println!(
                "relay / npm ws: {:.2} of its CPU per delivery",
                load.cpu_per_million() / peer_load.cpu_per_million()
            );
        }
        Err(why) => println!("npm ws     {why}"),
    }
    let percent = load.cpu_percent();
    println!("budget: {percent:.1} % of one core, at most {CPU_BUDGET_PERCENT} %");
    percent <= CPU_BUDGET_PERCENT
}

/// Memory of clients that are subscribed and get nothing; whether it is within budget.
async fn idle() -> bool {
    println!("\nidle subscribers (one stream each, hello said)");
    let mut worst = 0f64;
    for count in IDLE {
        let folder = tempfile::tempdir().unwrap();
        let relay = Server::idle_relay(folder.path());
        let clients = relay.subscribe_idle(200).await;
        let before = relay.rss_bytes();
        let more = relay.subscribe_idle(count).await;
        let each = (relay.rss_bytes() - before) / count as f64;
        println!("{count:>7}: {:.1} KB each, RSS {:.1} MB", each / 1024.0, relay.rss_bytes() / 1e6);
        worst = worst.max(each);
        drop((clients, more));
    }
    println!("budget: {:.1} KB each, at most {:.0} KB", worst / 1024.0, IDLE_BUDGET_BYTES / 1024.0);
    worst <= IDLE_BUDGET_BYTES
}
