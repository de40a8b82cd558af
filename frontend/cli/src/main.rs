//! `spate`: a front end without a browser.
//!
//! Results go to standard output, everything said about the work to standard error. A closed pipe is a quiet end.
//! Exit codes: 0 done, 1 the data or the relay would not, 2 the command line is wrong.

mod chosen;
mod command;
mod corpus;
mod failure;
mod import;
mod input;
mod inspect;
mod link;
mod measured;
mod output;
mod post;
mod progress;
mod query;
mod rows;
mod scoped;
mod series;
mod stopped;
mod trial;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

/// Event streams from files to relays, from relays to files; and how unusual their values are.
#[derive(Debug, Parser)]
#[command(name = "spate", version, propagate_version = true, after_help = AFTER_HELP)]
#[command(arg_required_else_help = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: command::Command,
}

const AFTER_HELP: &str = "\
Examples:
  spate import taxi.csv -o taxi.spate --unit passengers=people
  spate inspect taxi.spate
  spate score taxi.csv --time timestamp --value value
  spate query taxi.spate --window 'tumbling 1h' --agg 'count,mean(passengers)'
  spate tail http://localhost:8080/ taxi --from last:10
  tail -f app.ndjson | spate publish http://localhost:8080/ app
  spate record http://localhost:8080/ -o today.spate --for 10m

Exit codes:
  0  done
  1  the data or the relay would not: rows refused, a file damaged, a relay out of reach
  2  the command line is wrong

`spate help COMMAND` says more about each.";

fn main() -> ExitCode {
    match Cli::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_quiet() {
                // Nobody is left to tell when standard error is closed too.
                let _ = writeln!(std::io::stderr(), "spate: {failure}");
            }
            ExitCode::from(failure.exit_code())
        }
    }
}
