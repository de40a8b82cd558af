//! A server under test: its process, its figures from `/proc`.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::Client;

/// Kernel clock ticks a second in `/proc/PID/stat`; 100 on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;
/// Open files that 10,000 clients need, with room.
const FILES: u32 = 16_384;
/// Numbers of 8 bytes that make an event of 64.
const MEASURES: usize = 8;
/// Seconds of events in the replayed file, which loops.
const FILE_SECONDS: u64 = 4;

/// What a server sends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Relay,
    WsPeer { event_bytes: u64 },
}

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) kind: Kind,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Starts this bench again under a higher limit of open files, when it is too low.
pub(crate) fn raise_file_limit() {
    const MARK: &str = "SPATE_BENCH_LIMIT_RAISED";
    if std::env::var_os(MARK).is_some() {
        return;
    }
    let bench = std::env::current_exe().unwrap();
    let raise = format!("ulimit -n {FILES} 2>/dev/null; exec \"$0\"");
    let status = Command::new("sh").args(["-c", &raise]).arg(bench).env(MARK, "1").status().unwrap();
    std::process::exit(status.code().unwrap_or(1));
}

impl Server {
    /// A relay that replays `events_per_second` as the stream `load`, with event time = due time.
    pub(crate) fn relay(folder: &Path, events_per_second: u64) -> Self {
        let mut csv = String::from("time");
        (0..MEASURES).for_each(|at| write!(csv, ",m{at}").unwrap());
        for at in 0..events_per_second * FILE_SECONDS {
            write!(csv, "\n{}", at * 1_000_000_000 / events_per_second + 1_600_000_000_000_000_000).unwrap();
            (0..MEASURES).for_each(|measure| write!(csv, ",{at}.{measure}5").unwrap());
        }
        std::fs::write(folder.join("load.csv"), csv).unwrap();
        let config =
            "[[source]]\nkind = \"replay\"\npath = \"load.csv\"\nspeed = 1\nloop = true\ntimes = \"now\"\n";
        Self::start_relay(folder, config)
    }

    /// A relay with a stream `load` that nothing is published to.
    pub(crate) fn idle_relay(folder: &Path) -> Self {
        Self::start_relay(
            folder,
            "[[stream]]\nname = \"load\"\nfields = [{ name = \"v\", type = \"f64\" }]\n",
        )
    }

    fn start_relay(folder: &Path, config: &str) -> Self {
        let path = folder.join("relay.toml");
        std::fs::write(&path, config).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_spate-relay"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--config"]).arg(path);
        let (child, line) = spawn(command);
        let address = line.trim_end().trim_end_matches('/').rsplit('/').next().unwrap().parse().unwrap();
        Self { child, address, kind: Kind::Relay }
    }

    /// npm ws, or why it is not there.
    pub(crate) fn ws_peer(events_per_second: u64, event_bytes: u64) -> Result<Self, String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/ws_peer");
        if !folder.join("node_modules/ws").is_dir() {
            return Err(format!("is missing: run npm install in {}", folder.display()));
        }
        if !Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success()) {
            return Err("is missing: there is no node on PATH".to_owned());
        }
        let mut command = Command::new("node");
        command
            .arg("server.js")
            .args([events_per_second, event_bytes].map(|n| n.to_string()))
            .current_dir(folder);
        let (child, line) = spawn(command);
        let port: u16 = line.trim().parse().unwrap();
        Ok(Self { child, address: ([127, 0, 0, 1], port).into(), kind: Kind::WsPeer { event_bytes } })
    }

    /// CPU seconds used so far.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // Fields are counted after the name in brackets, which may hold spaces: utime and stime are the 12th and 13th.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks = |at: usize| fields[at].parse::<f64>().unwrap();
        (ticks(11) + ticks(12)) / TICKS_PER_SECOND
    }

    /// Resident memory.
    pub(crate) fn rss_bytes(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1024.0
    }

    /// Opens clients that subscribe to `load` and read nothing; returns when all are subscribed.
    pub(crate) async fn subscribe_idle(&self, count: usize) -> Vec<TcpStream> {
        let goal = self.subscriptions().await + count as f64;
        let mut clients = Vec::with_capacity(count);
        for _ in 0..count {
            clients.push(Client::connect(self.address, Some("load")).await.into_idle());
        }
        while self.subscriptions().await < goal {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        clients
    }

    async fn subscriptions(&self) -> f64 {
        let mut tcp = TcpStream::connect(self.address).await.unwrap();
        tcp.write_all(b"GET /metrics HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut text = String::new();
        tcp.read_to_string(&mut text).await.unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("spate_subscriptions "));
        line.map_or(0.0, |value| value.trim().parse().unwrap())
    }
}

/// Starts a server and takes the first line it prints.
fn spawn(mut command: Command) -> (Child, String) {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (child, line)
}
