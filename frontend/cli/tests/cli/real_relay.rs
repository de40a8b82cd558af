//! The relay's own binary, and a cable to it that can be cut.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

/// The binary of `SPATE_RELAY_BIN`, or the one built beside this test; `None` and a word of why when there is neither.
///
/// In continuous integration, or with `SPATE_REQUIRE_EXAMPLES=1`, a missing one fails the test.
pub(crate) fn binary() -> Option<PathBuf> {
    let beside = || {
        let test = std::env::current_exe().ok()?;
        let profile = test.parent()?.parent()?;
        let of = |profile: &str| Some(test.parent()?.parent()?.parent()?.join(profile).join("spate-relay"));
        [Some(profile.join("spate-relay")), of("debug"), of("release")]
            .into_iter()
            .flatten()
            .find(|path| path.is_file())
    };
    let found = std::env::var_os("SPATE_RELAY_BIN").map(PathBuf::from).or_else(beside);
    if found.is_none() {
        skip("no spate-relay: run `cargo build -p spate-relay` or set SPATE_RELAY_BIN");
    }
    found
}

/// Says why a test does nothing, or fails it where it must not.
pub(crate) fn skip(why: &str) {
    let required = |name: &str| std::env::var(name).is_ok_and(|value| value == "1" || value == "true");
    assert!(!required("CI") && !required("SPATE_REQUIRE_EXAMPLES"), "{why}");
    // Whoever runs the tests with --nocapture reads why; a closed standard error leaves nobody to tell.
    let _ = writeln!(io::stderr(), "skipped: {why}");
}

/// A relay on a free port, ended when dropped.
pub(crate) struct RealRelay {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl RealRelay {
    pub(crate) fn start(binary: &PathBuf) -> Self {
        let mut child = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the relay starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("Dashboard: http://").map(|rest| rest.trim_end_matches('/'));
        Self { child, address: address.and_then(|address| address.parse().ok()).expect("an address") }
    }

    /// Publishes one event per value, with `spate publish`.
    pub(crate) fn publish(&self, stream: &str, values: std::ops::Range<u64>) {
        let count = values.end - values.start;
        let line = |value: u64| {
            let level = ["low", "high"][value as usize % 2];
            let load = if value.is_multiple_of(3) { String::new() } else { format!(",\"load\":{value}.5") };
            let time = 1_400_000_000 + value;
            format!("{{\"time\":{time},\"value\":{value},\"level\":\"{level}\"{load}}}\n")
        };
        let lines = values.map(line).collect::<Vec<_>>().concat();
        let mut child = super::spate::command()
            .args(["publish", &self.address.to_string(), stream])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("spate starts");
        child.stdin.take().expect("a pipe").write_all(lines.as_bytes()).expect("spate reads");
        let output = child.wait_with_output().expect("an end");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            format!("{stream}: {count} accepted, 0 rejected\n")
        );
    }
}

impl Drop for RealRelay {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A TCP proxy whose connections can be cut.
pub(crate) struct Cable {
    pub(crate) address: SocketAddr,
    sockets: Arc<Mutex<Vec<TcpStream>>>,
}

impl Cable {
    pub(crate) fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let sockets = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&sockets);
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let Ok(far) = TcpStream::connect(target) else { continue };
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let [mut from, mut to, keep] =
                        [from, to, from].map(|socket| socket.try_clone().expect("a socket"));
                    kept.lock().expect("no panic").push(keep);
                    std::thread::spawn(move || io::copy(&mut from, &mut to));
                }
            }
        });
        Self { address, sockets }
    }

    /// Cuts every connection there is.
    pub(crate) fn cut(&self) {
        for socket in self.sockets.lock().expect("no panic").drain(..) {
            // One that is gone already is cut.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}
