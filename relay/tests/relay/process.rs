//! The program: what it prints, its exit codes, standard input, signals.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use spate_shared::wire::{CloseCode, Start};
use tokio::time::timeout;

use crate::support::{Client, PATIENCE, get, metric, post, subscribe};

/// The relay as a process of its own.
pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
}

impl Program {
    /// Starts the relay and takes its address from the one line it prints.
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::spawn(command(&[&["--listen", "127.0.0.1:0"], args].concat()))
    }

    /// As [`Program::start`], but no file may become larger than so many bytes, until the limit is raised.
    pub(crate) fn start_limited(file_bytes: u64, args: &[&str]) -> Self {
        let script = format!("trap '' XFSZ; ulimit -S -f {}; exec \"$@\"", file_bytes / 512);
        let mut command = Command::new("sh");
        command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_spate-relay"), "serve"]);
        command.args(["--listen", "127.0.0.1:0"]).args(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::spawn(command)
    }

    /// Kills it; what it logged.
    pub(crate) fn kill_and_read_log(&mut self) -> String {
        self.child.kill().unwrap();
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.trim_end().strip_prefix("Dashboard: http://").and_then(|rest| rest.strip_suffix('/'));
        let address = address.unwrap_or_else(|| panic!("{line:?}")).parse().unwrap();
        Self { child, address }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spate-relay"));
    command.arg("serve").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a relay that cannot start: exit code 2 and one line with these parts.
fn check_refused(args: &[&str], parts: &[&str]) {
    let output = command(args).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(output.stdout.is_empty());
    let lines: Vec<&str> = error.lines().filter(|line| line.starts_with("spate-relay: ")).collect();
    assert_eq!(lines.len(), 1, "{error}");
    for part in parts {
        assert!(lines[0].contains(part), "{error}");
    }
}

#[tokio::test]
async fn a_relay_that_cannot_start_exits_2_with_one_line_that_names_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("relay.toml");
    std::fs::write(&config, "listen = \"127.0.0.1:0\"\n[ring]\nbites = 5\n").unwrap();
    check_refused(&["--config", config.to_str().unwrap()], &["relay.toml:3", "`bites`"]);
    check_refused(&["--config", "/nonexistent.toml"], &["/nonexistent.toml", "--config"]);
    check_refused(&["--listen", "127.0.0.1:0", "--replay", "/nonexistent.csv"], &["/nonexistent.csv"]);
    check_refused(&["--listen", "nowhere"], &["nowhere", "--listen"]);
    std::fs::write(&config, "[log]\nfolder = '/proc/none'\n").unwrap();
    check_refused(&["--config", config.to_str().unwrap()], &["/proc/none", "log.folder"]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    check_refused(&["--listen", &address], &[&address, "in use", "--listen"]);
}

/// Resident memory of the relay's process.
fn resident_bytes(program: &Program) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

#[tokio::test]
async fn readers_that_take_nothing_do_not_make_the_process_grow() {
    let program = Program::start(&["--ring-bytes", "1MiB"]);
    let text = "x".repeat(1_000);
    let body: String = (0..1_000).fold("time,text\n".to_owned(), |body, at| body + &format!("{at},{text}\n"));
    let publish = async || {
        let answer = post(program.address, "s", "text/csv", body.as_bytes()).await;
        assert_eq!(answer.status, 200);
    };
    publish().await;
    let mut readers = Vec::new();
    for _ in 0..40 {
        readers.push(Client::subscribed(program.address, subscribe("s", Start::Live)).await);
    }
    for _ in 0..5 {
        publish().await;
    }
    let before = resident_bytes(&program);
    for _ in 0..60 {
        publish().await;
    }
    // A queue for each reader would hold 2.4 GB by now.
    let grown = resident_bytes(&program).saturating_sub(before);
    assert!(grown < 32 << 20, "{grown} bytes more than the {before} before");
}

/// The exit code and the standard output of `check`.
fn check_config(path: &std::path::Path) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spate-relay"));
    let output = command.args(["check", "--config", path.to_str().unwrap()]).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn check_says_whether_a_relay_could_start() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("relay.toml");
    std::fs::write(folder.path().join("a.csv"), "time,v\n1,2\n").unwrap();
    std::fs::write(&config, "[[source]]\nkind = 'replay'\npath = 'a.csv'\n").unwrap();
    let (code, out, error) = check_config(&config);
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert!(out.contains("in order: 0 declared streams, 1 sources"), "{out}");
    for (text, part) in [
        ("[[source]]\nkind = 'replay'\npath = 'b.csv'\n", "b.csv"),
        ("[ring]\nbites = 5\n", "relay.toml:2"),
        ("[dashboards]\nfiles = 'none'\n", "relay.toml:2"),
        (
            "[limits]\nstreams = 1\n[[stream]]\nname = 'a'\nfields = []\n[[stream]]\nname = 'b'\nfields = []\n",
            "limits.streams",
        ),
    ] {
        std::fs::write(&config, text).unwrap();
        let (code, out, error) = check_config(&config);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{text}");
        assert!(error.contains(part) && error.lines().count() == 1, "{error}");
    }
}

/// Waits until the relay has read its configuration so often with this result.
async fn reloads(program: &Program, result: &str, count: f64) {
    let label = format!("result=\"{result}\"");
    let read = async {
        while metric(program.address, "spate_config_reloads_total", &label).await < count {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, read).await.unwrap();
}

#[tokio::test]
async fn a_configuration_is_read_again_on_a_signal_and_on_a_change_and_a_bad_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let lines = |name: &str| {
        format!("[[source]]\nkind = 'file'\nfrom = 'start'\nstream = '{name}'\npath = '{name}'\n")
    };
    for name in ["a", "b"] {
        std::fs::write(path(name), "{\"time\":1,\"v\":1}\n").unwrap();
    }
    std::fs::write(path("relay.toml"), lines("a")).unwrap();
    let program = Program::start(&["--config", path("relay.toml").to_str().unwrap()]);
    let hang_up = || {
        let pid = program.child.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    };
    let accepted = async |stream: &str| {
        metric(program.address, "spate_events_accepted_total", &format!("stream=\"{stream}\"")).await
    };
    let followed = async |stream: &str| {
        let followed = async {
            while accepted(stream).await < 1.0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, followed).await.unwrap();
    };
    followed("a").await;
    // A bad file, by signal: the sources go on.
    std::fs::write(path("relay.toml"), "lisen = 5\n").unwrap();
    hang_up();
    reloads(&program, "refused", 1.0).await;
    std::fs::write(path("relay.toml"), "[[source]]\nkind = 'replay'\npath = 'none.csv'\n").unwrap();
    hang_up();
    reloads(&program, "refused", 2.0).await;
    let mut file = std::fs::OpenOptions::new().append(true).open(path("a")).unwrap();
    file.write_all(b"{\"time\":2,\"v\":2}\n").unwrap();
    let goes_on = async {
        while accepted("a").await < 2.0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, goes_on).await.unwrap();
    // A good one, by change alone: `a` stops and `b` starts; the folder of dashboards is there.
    std::fs::create_dir(path("boards")).unwrap();
    std::fs::write(path("boards/d.json"), "{\"title\":\"D\"}").unwrap();
    std::fs::write(path("relay.toml"), format!("[dashboards]\nfiles = 'boards'\n{}", lines("b"))).unwrap();
    reloads(&program, "taken", 1.0).await;
    followed("b").await;
    assert_eq!(get(program.address, "/api/v1/dashboards/d").await.status, 200);
}

#[tokio::test]
async fn standard_input_feeds_a_stream_line_by_line() {
    let mut program = Program::start(&["--stdin", "lines"]);
    let mut stdin = program.child.stdin.take().unwrap();
    stdin.write_all(b"{\"time\":1,\"v\":1}\n{\"time\":2,\"v\":2}\n{\"time\":3,").unwrap();
    let mut client = loop {
        // The stream exists from its first event on; asking for it is an error until then.
        let mut client = Client::hello(program.address, crate::support::hello(vec![])).await;
        client.send(spate_shared::wire::ClientMessage::Subscribe(subscribe("lines", Start::Earliest))).await;
        if let spate_shared::wire::ServerMessage::Ok { .. } = client.message().await {
            break client;
        }
    };
    assert_eq!(client.values(0, 2).await, [1.0, 2.0]);
    stdin.write_all(b"\"v\":3}\n").unwrap();
    stdin.write_all(&vec![b'x'; 3 << 20]).unwrap();
    stdin.write_all(b"\n{\"time\":4,\"v\":4}").unwrap();
    drop(stdin);
    assert_eq!(client.values(2, 4).await, [3.0, 4.0]);
}

#[tokio::test]
async fn sigterm_drains_and_exits_0() {
    let mut program = Program::start(&[]);
    assert_eq!(post(program.address, "s", "application/json", b"{\"time\":1,\"v\":1}").await.status, 200);
    let (mut client, _) = Client::subscribed(program.address, subscribe("s", Start::Earliest)).await;
    client.values(0, 1).await;
    let pid = program.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(client.closed().await.0, CloseCode::Draining as u16);
    let status = tokio::task::spawn_blocking(move || {
        let status = program.child.wait().unwrap();
        let mut rest = String::new();
        program.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "one line and no more");
        status
    });
    assert_eq!(status.await.unwrap().code(), Some(0));
}
