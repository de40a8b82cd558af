//! A server under test: its process, its figures from `/proc`.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::Client;

/// Kernel clock ticks a second in `/proc/PID/stat`; 100 on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;
/// Open files that 10,000 clients need, with room.
const FILES: u32 = 16_384;
/// Bytes of an event: its time and 56 more.
pub(crate) const EVENT_BYTES: usize = 64;

/// What a server speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Relay,
    WsPeer,
    Nats,
}

pub(crate) struct Server {
    child: Child,
    /// Where subscribers connect.
    pub(crate) address: SocketAddr,
    /// Where the publisher does.
    pub(crate) publish_address: SocketAddr,
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
    let raise = format!("ulimit -n {FILES} 2>/dev/null; exec \"$0\" \"$@\"");
    let status = Command::new("sh")
        .args(["-c", &raise])
        .arg(bench)
        .args(std::env::args().skip(1))
        .env(MARK, "1")
        .status()
        .unwrap();
    std::process::exit(status.code().unwrap_or(1));
}

impl Server {
    /// A relay with a stream `load`; `interval` is its `batch.interval`. Its history is short, since the others keep none.
    pub(crate) fn relay(folder: &Path, interval: &str) -> Self {
        let config = format!(
            "[batch]\ninterval = \"{interval}\"\n[ring]\nbytes = \"4 MiB\"\n[[stream]]\nname = \"load\"\ntime = \"time\"\n\
             fields = [{{ name = \"text\", type = \"text\" }}]\n"
        );
        let path = folder.join("relay.toml");
        std::fs::write(&path, config).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_spate-relay"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--config"]).arg(path);
        let (child, line) = spawn(command);
        let address = line.trim_end().trim_end_matches('/').rsplit('/').next().unwrap().parse().unwrap();
        Self { child, address, publish_address: address, kind: Kind::Relay }
    }

    /// npm ws, or why it is not there.
    pub(crate) fn ws_peer() -> Result<Self, String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/ws_peer");
        if !folder.join("node_modules/ws").is_dir() {
            return Err(format!("is missing: run npm install in {}", folder.display()));
        }
        if !Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success()) {
            return Err("is missing: there is no node on PATH".to_owned());
        }
        let mut command = Command::new("node");
        command.arg("server.js").current_dir(folder);
        let (child, line) = spawn(command);
        let port: u16 = line.trim().parse().unwrap();
        let address = ([127, 0, 0, 1], port).into();
        Ok(Self { child, address, publish_address: address, kind: Kind::WsPeer })
    }

    /// nats-server with its WebSocket, or why it is not there.
    pub(crate) fn nats(folder: &Path) -> Result<Self, String> {
        let [publish_address, address] =
            [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
        let config = format!(
            "listen: \"{publish_address}\"\nwebsocket {{ listen: \"{address}\", no_tls: true, compression: false }}\n"
        );
        let path = folder.join("nats.conf");
        std::fs::write(&path, config).unwrap();
        let mut command = Command::new("nats-server");
        command.arg("-c").arg(path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child =
            command.spawn().map_err(|error| format!("is missing ({error}): apt-get install nats-server"))?;
        let server = Self { child, address, publish_address, kind: Kind::Nats };
        while [address, publish_address].iter().any(|at| std::net::TcpStream::connect(at).is_err()) {
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
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
            clients.push(Client::connect(self.address, self.kind).await.into_idle());
        }
        while self.subscriptions().await < goal {
            tokio::time::sleep(Duration::from_millis(50)).await;
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
