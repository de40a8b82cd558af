//! `spate-relay`: see `docs/relay.md`.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use spate_relay::clock;
use spate_relay::config::{Args, Command, ServeArgs};
use spate_relay::relay::Running;
use tokio::signal::unix::{SignalKind, signal};

/// What the shell sees when the relay could not start.
const CANNOT_START: u8 = 2;

fn main() -> ExitCode {
    let Args { command: Command::Serve(args) } = Args::parse();
    match serve(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_failure(&error);
            ExitCode::from(CANNOT_START)
        }
    }
}

#[tokio::main]
async fn serve(args: &ServeArgs) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&args.log)
        .map_err(|error| anyhow::anyhow!("--log {:?}: {error}; give a level such as \"info\"", args.log))?;
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let relay = Running::start(args.config()?, clock::system()).await?;
    say_ready(&relay);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    relay.drain().await;
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
