//! Servers that speak TLS, with certificates of an authority of the tests' own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::SinkExt as _;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use spate_relay::config::{Config, JetStreamConfig, SourceConfig};
use spate_relay::http::Assets;
use spate_relay::relay::Running;
use spate_relay::source::upstream::Endpoint;
use spate_relay::source::upstream::websocket::WebSocketFeed;
use spate_shared::text::Format;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use crate::feeds::{accept_http, expected, follow, lines, with_source};
use crate::nats_server::Nats;
use crate::support::{PATIENCE, metric, post};

/// An authority with its certificate in a PEM file.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A server of a name or address, whose certificate is good until the end of a year.
    async fn server(&self, name: &str, year: i32) -> Server {
        let (certificate, key) = self.certify(name, year);
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Server { listener, acceptor: TlsAcceptor::from(Arc::new(config)) }
    }

    fn certify(&self, name: &str, year: i32) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_after = date_time_ymd(year, 12, 31);
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }
}

struct Server {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Server {
    fn endpoint(&self, scheme: &str, ca_file: Option<&Path>) -> Endpoint {
        let url = format!("{scheme}://{}/feed", self.listener.local_addr().unwrap());
        Endpoint { url, ca_file: ca_file.map(Path::to_owned) }
    }

    /// The next connection; an error when its handshake fails.
    async fn accept(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let (tcp, _) = timeout(PATIENCE, self.listener.accept()).await.expect("the relay connects").unwrap();
        self.acceptor.accept(tcp).await
    }
}

fn websocket(endpoint: Endpoint) -> SourceConfig {
    SourceConfig::WebSocket(
        WebSocketFeed { endpoint, format: Format::Json, send: Vec::new() },
        "s".to_owned(),
    )
}

#[tokio::test]
async fn feeds_are_followed_over_tls_that_an_authority_of_ones_own_vouches_for() {
    let authority = Authority::new();
    let server = authority.server("127.0.0.1", 4_000).await;
    let relay = with_source(websocket(server.endpoint("wss", Some(&authority.file())))).await;
    let mut ws = accept_async(server.accept().await.unwrap()).await.unwrap();
    ws.send(Message::text(lines(0..1))).await.unwrap();
    assert_eq!(follow(&relay).await.values(0, 1).await, expected(0..1));

    let server = authority.server("127.0.0.1", 4_000).await;
    let endpoint = server.endpoint("https", Some(&authority.file()));
    let relay = with_source(SourceConfig::Sse(endpoint, "s".to_owned())).await;
    let (mut tls, head) = accept_http(server.accept().await.unwrap()).await;
    assert_eq!(head[0], "get /feed http/1.1");
    let event = lines(0..1);
    let text =
        format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: {}\n\n", event.trim());
    tls.write_all(text.as_bytes()).await.unwrap();
    assert_eq!(follow(&relay).await.values(0, 1).await, expected(0..1));
}

#[tokio::test]
async fn an_untrusted_server_is_refused_and_counted_until_its_authority_is_in_the_file() {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = authority.server("127.0.0.1", 4_000).await;
    let relay = with_source(websocket(server.endpoint("wss", Some(&other.file())))).await;
    for _ in 0..2 {
        server.accept().await.expect_err("the relay breaks the handshake off");
    }
    let label = "kind=\"websocket\",stream=\"s\"";
    assert!(metric(relay.address(), "spate_upstream_losses_total", label).await >= 1.0);
    assert_eq!(metric(relay.address(), "spate_upstream_connects_total", label).await, 0.0);
    std::fs::copy(authority.file(), other.file()).unwrap();
    // One more may be under way with the authority of before.
    let tls = match server.accept().await {
        Ok(tls) => tls,
        Err(_) => server.accept().await.unwrap(),
    };
    let mut ws = accept_async(tls).await.unwrap();
    ws.send(Message::text(lines(0..1))).await.unwrap();
    assert_eq!(follow(&relay).await.values(0, 1).await, expected(0..1));
}

/// Dials a server that answers one connection; the error must contain `expect`.
async fn check(server: &Server, endpoint: Endpoint, expect: &str) {
    let (dialled, _) = tokio::join!(endpoint.dial(), server.accept());
    let error = dialled.err().expect("a refusal");
    assert!(error.contains(expect), "{error}");
}

#[tokio::test]
async fn a_refused_certificate_is_told_with_what_to_do() {
    let authority = Authority::new();
    let ca_file = Some(authority.file());
    let ca_file = ca_file.as_deref();
    let server = authority.server("127.0.0.1", 4_000).await;
    check(&server, server.endpoint("wss", None), "is not trusted: no authority of this system signed it")
        .await;
    let other = Authority::new();
    check(&server, server.endpoint("wss", Some(&other.file())), "ca.pem signed it; set `ca_file`").await;
    let elsewhere = authority.server("feeds.example", 4_000).await;
    check(&elsewhere, elsewhere.endpoint("https", ca_file), "is for DnsName(\"feeds.example\")").await;
    let old = authority.server("127.0.0.1", 2_001).await;
    check(&old, old.endpoint("https", ca_file), "has expired: renew it there").await;
    let gone = other.folder.path().join("gone.pem");
    let error = server.endpoint("wss", Some(&gone)).dial().await.err().unwrap();
    assert!(error.contains("cannot read") && error.contains("gone.pem"), "{error}");
}

#[tokio::test]
async fn a_server_without_tls_is_told_from_one_that_is_not_trusted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::new(format!("wss://{}/", listener.local_addr().unwrap()));
    let answer = async {
        let (mut tcp, _) = listener.accept().await.unwrap();
        tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        tcp
    };
    let (dialled, _tcp) = tokio::join!(endpoint.dial(), answer);
    let error = dialled.err().expect("a refusal");
    assert!(error.contains("does not answer with TLS"), "{error}");
}

#[tokio::test]
async fn jetstream_is_reached_over_tls() {
    let authority = Authority::new();
    let (certificate, key) = authority.certify("127.0.0.1", 4_000);
    let [cert_file, key_file] = ["cert.pem", "key.pem"].map(|name| authority.folder.path().join(name));
    std::fs::write(&cert_file, certificate.pem()).unwrap();
    std::fs::write(&key_file, key.serialize_pem()).unwrap();
    let nats = Nats::start_with_tls(&cert_file, &key_file).await;
    let url = nats.url().replace("nats://", "tls://");
    let start = async |ca_file| {
        let jetstream = Some(JetStreamConfig::new(Endpoint { url: url.clone(), ca_file }));
        let config = Config { listen: "127.0.0.1:0".to_owned(), jetstream, ..Config::default() };
        Running::start(config, spate_relay::clock::system(), Assets::none()).await
    };
    let Err(error) = start(None).await else { panic!("an untrusted server is refused") };
    assert!(error.to_string().contains("is not trusted"), "{error}");
    let relay = start(Some(authority.file())).await.unwrap();
    let answer = post(relay.address(), "s", "application/x-ndjson", lines(0..3).as_bytes()).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(follow(&relay).await.values(1, 4).await, expected(0..3));
}
