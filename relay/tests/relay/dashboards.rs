//! `/api/v1/dashboards`.

use std::path::Path;

use serde_json::json;
use spate_relay::config::{Config, DashboardsConfig};
use spate_relay::dashboards::Glob;
use spate_relay::relay::Running;

use crate::support::{Answer, get, request, start};

const TAXI: &[u8] = b"{\"title\": \"Taxi\", \"panels\": [1]}";

async fn relay(folder: &Path, files: &Path, writable: bool) -> Running {
    let files = Some(Glob::all(files.to_owned()));
    let dashboards = DashboardsConfig { folder: Some(folder.to_owned()), writable, files };
    start(Config { dashboards, ..Config::default() }).await
}

async fn ask(relay: &Running, line: &str, condition: &str, body: &[u8]) -> Answer {
    let (method, name) = line.split_once(' ').unwrap();
    let line = format!("{method} /api/v1/dashboards/{name}");
    let headers: Vec<_> = [condition].into_iter().filter(|header| !header.is_empty()).collect();
    request(relay.address(), &line, &headers, body).await
}

/// Asks and checks the status; errors have a reason and a hint.
async fn check(relay: &Running, line: &str, condition: &str, body: &[u8], expect: u16) -> Answer {
    let answer = ask(relay, line, condition, body).await;
    assert_eq!(answer.status, expect, "{line} {condition}: {}", String::from_utf8_lossy(&answer.body));
    if expect >= 400 {
        let json = answer.json();
        assert!(["error", "hint"].iter().all(|key| !json[key].as_str().unwrap().is_empty()), "{json}");
    }
    answer
}

#[tokio::test]
async fn a_dashboard_is_created_read_replaced_and_deleted_by_version() {
    let (folder, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let relay = relay(folder.path(), files.path(), true).await;
    let created = check(&relay, "PUT taxi", "if-none-match: *", TAXI, 201).await;
    let first = created.header("etag").unwrap().to_owned();
    let entry = json!({"name": "taxi", "title": "Taxi", "read_only": false, "etag": first});
    assert_eq!(created.json(), entry);
    let list = get(relay.address(), "/api/v1/dashboards").await.json();
    assert_eq!(list, json!({"dashboards": [entry], "broken": [], "writable": true}));
    let read = check(&relay, "GET taxi", "", b"", 200).await;
    assert_eq!((&read.body[..], read.header("etag")), (TAXI, Some(first.as_str())));
    assert_eq!(read.header("content-type"), Some("application/json"));
    check(&relay, "GET taxi", &format!("if-none-match: {first}"), b"", 304).await;

    let other = b"{\"title\": \"Taxi 2\"}";
    let replaced = check(&relay, "PUT taxi", &format!("if-match: {first}"), other, 200).await;
    let second = replaced.header("etag").unwrap().to_owned();
    assert_ne!(first, second);
    check(&relay, "DELETE taxi", &format!("if-match: {first}"), b"", 412).await;
    check(&relay, "DELETE taxi", &format!("if-match: {second}"), b"", 204).await;
    check(&relay, "GET taxi", "", b"", 404).await;
    check(&relay, "DELETE taxi", "if-match: *", b"", 404).await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}

#[tokio::test]
async fn who_has_not_seen_the_latest_version_overwrites_nothing() {
    let (folder, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let relay = relay(folder.path(), files.path(), true).await;
    let etag = check(&relay, "PUT a", "if-none-match: *", TAXI, 201).await.header("etag").map(str::to_owned);
    for condition in ["if-none-match: *", "if-match: \"stale\"", "if-match: W/\"stale\""] {
        let conflict = check(&relay, "PUT a", condition, b"{\"title\":\"mine\"}", 412).await;
        assert_eq!(conflict.header("etag"), etag.as_deref(), "{condition}");
    }
    let none = check(&relay, "PUT b", "if-match: \"stale\"", TAXI, 412).await;
    assert_eq!(none.header("etag"), None);
    check(&relay, "PUT a", "", TAXI, 428).await;
    check(&relay, "DELETE a", "", b"", 428).await;
    assert_eq!(check(&relay, "GET a", "", b"", 200).await.body, TAXI);
    check(&relay, "PUT a", "if-match: *", b"{\"title\":\"mine\"}", 200).await;
}

#[tokio::test]
async fn of_two_writers_of_one_version_one_wins() {
    let (folder, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let relay = relay(folder.path(), files.path(), true).await;
    let writers = (0..16).map(|at| {
        let body = format!("{{\"title\": \"writer {at}\"}}").into_bytes();
        let address = relay.address();
        tokio::spawn(async move {
            request(address, "PUT /api/v1/dashboards/a", &["if-none-match: *"], &body).await.status
        })
    });
    let writers: Vec<_> = writers.collect();
    let mut statuses = Vec::new();
    for writer in writers {
        statuses.push(writer.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (201, &[412; 15][..]));
}

#[tokio::test]
async fn what_is_no_dashboard_is_refused() {
    let (folder, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let relay = relay(folder.path(), files.path(), true).await;
    for body in [&b"[]"[..], b"{", b"{\"name\": 1}", b"{\"title\": 5}", b"\xff", b"null"] {
        check(&relay, "PUT a", "if-none-match: *", body, 400).await;
    }
    let deep = format!("{{\"title\":\"t\",\"x\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    check(&relay, "PUT a", "if-none-match: *", deep.as_bytes(), 400).await;
    check(&relay, "PUT a", "if-none-match: *", &vec![b' '; 300 << 10], 413).await;
    for name in ["..", "%2e%2e%2fa", "a%2Fb", "a.json", "%00", &"x".repeat(65)] {
        let answer = ask(&relay, &format!("PUT {name}"), "if-none-match: *", TAXI).await;
        assert!([400, 404, 405].contains(&answer.status), "{name}: {}", answer.status);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn dashboards_beside_the_configuration_are_read_only_and_hide_others() {
    let (folder, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(files.path().join("fixed.json"), TAXI).unwrap();
    std::fs::write(files.path().join("README.md"), "no dashboard").unwrap();
    std::fs::write(folder.path().join("fixed.json"), b"{\"title\": \"hidden\"}").unwrap();
    std::fs::write(folder.path().join("broken.json"), b"{").unwrap();
    let relay = relay(folder.path(), files.path(), true).await;
    let list = get(relay.address(), "/api/v1/dashboards").await.json();
    let dashboards = list["dashboards"].as_array().unwrap();
    assert_eq!(dashboards.len(), 1);
    assert_eq!((&dashboards[0]["title"], &dashboards[0]["read_only"]), (&"Taxi".into(), &true.into()));
    assert_eq!(list["broken"][0]["name"], "broken");
    check(&relay, "GET broken", "", b"", 500).await;
    check(&relay, "PUT fixed", "if-match: *", TAXI, 403).await;
    check(&relay, "DELETE fixed", "if-match: *", b"", 403).await;
    // A change beside the running relay is seen at once.
    std::fs::write(files.path().join("fixed.json"), b"{\"title\": \"Changed\"}").unwrap();
    let list = get(relay.address(), "/api/v1/dashboards").await.json();
    assert_eq!(list["dashboards"][0]["title"], "Changed");
}

#[tokio::test]
async fn a_relay_that_keeps_no_dashboards_says_so() {
    let (folder, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join("a.json"), TAXI).unwrap();
    for relay in [start(Config::default()).await, relay(folder.path(), files.path(), false).await] {
        check(&relay, "PUT b", "if-none-match: *", TAXI, 403).await;
        check(&relay, "DELETE a", "if-match: *", b"", 403).await;
        let list = get(relay.address(), "/api/v1/dashboards").await.json();
        assert_eq!(list["writable"], false);
        for entry in list["dashboards"].as_array().unwrap() {
            assert_eq!(entry["read_only"], true);
        }
    }
}
