//! `spate-relay`: see `docs/relay.md`.

mod client;

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::Parser as _;
use spate_relay::clock;
use spate_relay::config::{Args, Command, ServeArgs};
use spate_relay::relay::{self, Running};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

/// What the shell sees when the relay could not start.
const CANNOT_START: u8 = 2;
/// Time between two looks at the configuration file.
const LOOK_EVERY: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let done = match Args::parse().command {
        Command::Serve(args) => {
            runtime().map_err(Into::into).and_then(|runtime| runtime.block_on(serve(&args)))
        }
        Command::Check(args) => check(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_failure(&error);
            ExitCode::from(CANNOT_START)
        }
    }
}

/// Half of the cores serve, and one at least: the other half is the kernel's, for what they send. More threads wake each
/// other for next to nothing, which costs a third more for each event delivered.
fn runtime() -> std::io::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    if std::env::var_os("TOKIO_WORKER_THREADS").is_none() {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        builder.worker_threads((cores / 2).max(1));
    }
    builder.enable_all().build()
}

async fn serve(args: &ServeArgs) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&args.log)
        .map_err(|error| anyhow::anyhow!("--log {:?}: {error}; give a level such as \"info\"", args.log))?;
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let file = || args.config.as_deref().and_then(version);
    let mut seen = file();
    let mut looked = seen;
    let mut relay = Running::start(args.config()?, clock::system(), client::embedded()).await?;
    say_ready(&relay);
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = hang_up.recv() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {
                // A file that is away, or was another one at the last look, is being written.
                let now = file();
                let is_whole = now.is_some() && now == std::mem::replace(&mut looked, now);
                if !is_whole || now == seen {
                    continue;
                }
            }
        }
        seen = file();
        relay.reload(args.config()).await;
    }
    relay.drain().await;
    Ok(())
}

/// When a file was written and how long it is; `None` when it is not there.
fn version(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

#[expect(clippy::print_stdout, reason = "the answer to the command")]
fn check(args: &ServeArgs) -> anyhow::Result<()> {
    let config = args.config()?;
    relay::check(&config, &clock::system())?;
    let (streams, sources) = (config.streams.len(), config.sources.len());
    println!(
        "the configuration is in order: {streams} declared streams, {sources} sources, {}",
        config.listen
    );
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the one line that scripts wait for")]
fn say_ready(relay: &Running) {
    println!("Dashboard: http://{}/", relay.address());
}

#[expect(clippy::print_stderr, reason = "the log may be filtered; the reason for not starting must not be")]
fn say_failure(error: &anyhow::Error) {
    eprintln!("spate-relay: {error:#}");
}
