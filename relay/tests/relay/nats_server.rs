//! The real `nats-server` with JetStream.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use async_nats::jetstream::{self, Context};
use tempfile::TempDir;

/// A server of its own, with its own data.
pub(crate) struct Nats {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl Nats {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A server that takes no connection without TLS.
    pub(crate) async fn start_with_tls(certificate: &Path, key: &Path) -> Self {
        let (certificate, key) = (certificate.as_os_str(), key.as_os_str());
        Self::start_with(&["--tls".as_ref(), "--tlscert".as_ref(), certificate, "--tlskey".as_ref(), key])
            .await
    }

    async fn start_with(more: &[&OsStr]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (child, port) = spawn(None, folder.path(), more).await;
        Self { child, port, folder }
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on its data and port.
    pub(crate) async fn restart(&mut self) {
        (self.child, _) = spawn(Some(self.port), self.folder.path(), &[]).await;
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub(crate) async fn context(&self) -> Context {
        jetstream::new(async_nats::connect(self.url()).await.unwrap())
    }

    /// Its data, while it is not running.
    pub(crate) fn data(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a server at a port, or at any that is free, and waits until it says that it is ready.
async fn spawn(port: Option<u16>, folder: &Path, more: &[&OsStr]) -> (Child, u16) {
    let mut child = Command::new("nats-server")
        .args(["-js", "-a", "127.0.0.1", "-p", &port.map_or("-1".to_owned(), |port| port.to_string()), "-sd"])
        .arg(folder)
        .args(more)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("nats-server, which `cargo xtask test` installs");
    let log = BufReader::new(child.stderr.take().unwrap());
    let (said, ready) = tokio::sync::oneshot::channel();
    // Reads on to the end, so that the server never waits for its log to be read.
    std::thread::spawn(move || {
        let (mut port, mut said) = (0, Some(said));
        for line in log.lines().map_while(Result::ok) {
            if let Some(at) = line.split("client connections on 127.0.0.1:").nth(1) {
                port = at.trim().parse().unwrap();
            }
            if line.contains("Server is ready") {
                let _ = said.take().unwrap().send(port);
            }
        }
    });
    (child, ready.await.expect("a server that starts"))
}
