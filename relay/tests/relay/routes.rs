//! Everything that is neither ingest nor a session.

use spate_relay::config::Config;
use spate_relay::metrics::METRICS;

use crate::support::{get, publish, request, start};

#[tokio::test]
async fn the_catalog_names_schema_epoch_oldest_and_head() {
    let relay = start(Config::default()).await;
    publish(&relay, "b", 0, 3).await;
    publish(&relay, "a", 0, 1).await;
    let catalog = get(relay.address(), "/api/v1/streams").await.json();
    let streams = catalog["streams"].as_array().unwrap();
    assert_eq!(streams.iter().map(|stream| stream["name"].as_str().unwrap()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((&streams[1]["oldest"], &streams[1]["head"]), (&0.into(), &3.into()));
    assert_eq!(streams[1]["schema"]["fields"][0]["name"], "v");
    assert!(streams[1]["epoch"].as_u64().unwrap() < 1 << 53);
}

#[tokio::test]
async fn health_readiness_and_metrics_answer() {
    let relay = start(Config::default()).await;
    publish(&relay, "s", 0, 3).await;
    assert_eq!(get(relay.address(), "/healthz").await.status, 200);
    assert_eq!(get(relay.address(), "/readyz").await.status, 200);
    let metrics = get(relay.address(), "/metrics").await;
    assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = String::from_utf8(metrics.body).unwrap();
    assert!(text.contains("spate_stream_head{stream=\"s\"} 3"), "{text}");
    assert!(text.contains("spate_segments_sealed_total{stream=\"s\"} 1"), "{text}");
}

#[tokio::test]
async fn every_answer_has_the_security_headers_and_the_page_may_start_wasm() {
    let relay = start(Config::default()).await;
    for path in ["/", "/api/v1/streams", "/no-such-file.js", "/healthz"] {
        let answer = get(relay.address(), path).await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        let socket = format!("connect-src 'self' ws://{}", relay.address());
        for part in ["'wasm-unsafe-eval'", "worker-src 'self' blob:", &socket] {
            assert!(policy.contains(part), "{policy}");
        }
    }
}

#[tokio::test]
async fn every_answer_carries_the_id_of_its_request() {
    let relay = start(Config::default()).await;
    let given = request(relay.address(), "GET /healthz", &["x-request-id: a-b.c:1"], b"").await;
    assert_eq!(given.header("x-request-id"), Some("a-b.c:1"));
    let long = format!("x-request-id: {}", "x".repeat(65));
    for header in ["x-request-id: a b", "x-request-id: \u{e4}", &long, "x-other: 1"] {
        let made = request(relay.address(), "GET /no/such/file", &[header], b"").await;
        let id = made.header("x-request-id").unwrap();
        assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    }
}

#[tokio::test]
async fn head_gives_the_headers_of_get_without_a_body() {
    let relay = start(Config::default()).await;
    let head = request(relay.address(), "HEAD /", &[], &[]).await;
    let page = get(relay.address(), "/").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-type"), page.header("content-type"));
    assert_eq!(head.header("content-length"), Some(page.body.len().to_string().as_str()));
}

#[test]
fn the_manual_lists_every_metric_format_and_source() {
    let manual = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/relay.md")).unwrap();
    for (name, _, help) in METRICS {
        assert!(manual.contains(&format!("| `{name}` | {help} |")), "{name}");
    }
    for format in spate_relay::output::FORMATS {
        let line = format!("| `{}` | `{}` | {} |", format.name, format.content_type, format.doc);
        assert!(manual.contains(&line), "{line}");
    }
    for source in spate_relay::source::SOURCES {
        assert!(manual.contains(&format!("| `{}` | {} |", source.kind, source.doc)), "{}", source.kind);
    }
}
