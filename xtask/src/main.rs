//! `cargo xtask`: all set-up and checks.
//!
//! Every command provisions what it needs first, so each works on a fresh clone; what is up to date is skipped.
//! The continuous integration runs `cargo xtask test` and nothing else.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks to its terminal")]

mod bench;
mod bench_page;
mod cache;
mod client;
mod engine_wasm;
mod licences;
mod optimise;
mod precompress;
mod recordings;
mod relay;
mod report;
mod size;
mod split;
mod test;
mod tidy;
mod tools;
mod workspace;

use anyhow::{Result, bail};
use std::process::ExitCode;
use workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask <command>

  run [-- ARGS]            build everything and serve the bundled recordings; ARGS go to the relay
  test [--only A,B]        everything that is checked; --list names the steps
  bench [--only A,B]       the benches, as tables; --list names them
  build                    the client, the relay and the command line tool, in release
  recordings [NAB_FOLDER]  rebuild the bundled recordings (default ../shared/nab-a)
  tidy                     the house rules alone
  tools                    install the tools alone
  split                    for Trunk: cut what the page fetches later out of the app
";

fn main() -> ExitCode {
    dispatch().unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn dispatch() -> Result<ExitCode> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) =
        args.split_first().map_or(("help", &args[..]), |(first, rest)| (first.as_str(), rest));
    let workspace = Workspace::find()?;
    match command {
        "run" => relay::run(&workspace, rest.strip_prefix(&["--".to_owned()]).unwrap_or(rest))?,
        "test" => return test::run(&workspace, &Selection::parse(rest)?),
        "bench" => bench::run(&workspace, &Selection::parse(rest)?)?,
        "build" => build(&workspace)?,
        "recordings" => recordings::rebuild(&workspace, rest.first().map(String::as_str))?,
        "tidy" => tidy::run(&workspace)?,
        "split" => split::run(&workspace)?,
        "tools" => tools::provision_all(&workspace)?,
        "help" | "--help" | "-h" => print!("{USAGE}"),
        other => bail!("unknown command \"{other}\"\n\n{USAGE}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn build(workspace: &Workspace) -> Result<()> {
    client::build(workspace)?;
    relay::build(workspace)
}

/// Which entries of a table a command works on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Print the names and stop.
    List,
    /// The whole table.
    All,
    /// The named entries, in the table's order.
    Only(Vec<String>),
}

impl Selection {
    fn parse(args: &[String]) -> Result<Self> {
        match args {
            [] => Ok(Self::All),
            [flag] if flag == "--list" => Ok(Self::List),
            [flag, names] if flag == "--only" => {
                Ok(Self::Only(names.split(',').map(str::to_owned).collect()))
            }
            other => bail!("unknown arguments \"{}\": give --list or --only NAME[,NAME]", other.join(" ")),
        }
    }

    /// The entries of `table` that are selected; `name_of` gives an entry's name.
    ///
    /// # Errors
    /// A selected name that the table does not have.
    pub(crate) fn of<'t, T>(&self, table: &'t [T], name_of: fn(&T) -> &str) -> Result<Vec<&'t T>> {
        let Self::Only(names) = self else { return Ok(table.iter().collect()) };
        let known: Vec<&str> = table.iter().map(name_of).collect();
        if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
            bail!("no entry \"{unknown}\": there are {}", known.join(", "));
        }
        Ok(table.iter().filter(|entry| names.iter().any(|name| name == name_of(entry))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Selection;

    fn check(args: &[&str], expect: Option<&Selection>) {
        let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        assert_eq!(Selection::parse(&args).ok().as_ref(), expect);
    }

    #[test]
    fn selection_is_all_list_or_only() {
        check(&[], Some(&Selection::All));
        check(&["--list"], Some(&Selection::List));
        check(&["--only", "a,b"], Some(&Selection::Only(vec!["a".into(), "b".into()])));
        check(&["--nonsense"], None);
    }

    #[test]
    fn unknown_name_is_an_error_and_order_is_the_tables() {
        let table = ["a", "b", "c"];
        let only = |names: &[&str]| Selection::Only(names.iter().map(|&name| name.to_owned()).collect());
        assert_eq!(only(&["c", "a"]).of(&table, |name| name).unwrap(), [&"a", &"c"]);
        assert!(only(&["d"]).of(&table, |name| name).is_err());
    }
}
