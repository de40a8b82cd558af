//! `spate publish` against scripted answers.

use std::fs;

use super::mock_http::{CUT, MockHttp, Request};
use super::spate::{Ran, run};

const ALL_TWO: (&str, &str) = ("200 OK", "{\"accepted\":2,\"rejected\":[]}");

/// Publishes a text as a file of this name.
fn check(
    name: &str,
    text: &str,
    options: &[&str],
    answers: Vec<(&'static str, &'static str)>,
) -> (Ran, Vec<Request>) {
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join(name);
    fs::write(&input, text).expect("an input");
    let server = MockHttp::start(answers);
    let url = server.url();
    let ran = run(&[&["publish", &url, "taxi", input.to_str().expect("UTF-8")], options].concat());
    (ran, server.requests())
}

#[test]
fn csv_goes_out_in_batches_that_each_have_the_header() {
    let (ran, requests) =
        check("a.csv", "t,v\n1,1\n2,2\n3,3\n4,4\n", &["--batch", "2"], vec![ALL_TWO, ALL_TWO]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "taxi: 4 accepted, 0 rejected\n"), "{ran:?}");
    let bodies: Vec<&str> = requests.iter().map(|request| request.body.as_str()).collect();
    assert_eq!(bodies, ["t,v\n1,1\n2,2\n", "t,v\n3,3\n4,4\n"]);
    assert_eq!(requests[0].target, "POST /api/v1/streams/taxi/events");
    assert_eq!(requests[0].content_type, "text/csv");
}

#[test]
fn a_full_relay_is_waited_for_and_nothing_is_sent_twice() {
    let busy = ("429 Too Many Requests\r\nRetry-After: 0", "");
    let (ran, requests) = check("a.ndjson", "{\"t\":1}\n{\"t\":2}\n", &[], vec![busy, busy, ALL_TWO]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(requests.iter().all(|request| request.body == "{\"t\":1}\n{\"t\":2}\n"));
    assert_eq!((requests.len(), ran.stderr.matches("the relay is full").count()), (3, 2));
}

#[test]
fn a_request_whose_answer_was_lost_is_sent_again_under_its_number() {
    let answers = vec![ALL_TWO, (CUT, ""), (CUT, ""), ALL_TWO];
    let (ran, requests) = check("a.csv", "t,v\n1,1\n2,2\n3,3\n4,4\n", &["--batch", "2"], answers);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "taxi: 4 accepted, 0 rejected\n"), "{ran:?}");
    let numbers: Vec<&str> = requests.iter().map(|request| request.sequence.as_str()).collect();
    assert_eq!(numbers, ["1", "2", "2", "2"]);
    assert!(requests.iter().all(|request| request.producer == requests[0].producer));
    assert!(!requests[0].producer.is_empty());
}

#[test]
fn rejections_name_the_line_of_the_file_not_of_the_request() {
    let some = (
        "207 Multi-Status",
        "{\"accepted\":1,\"rejected\":[{\"line\":2,\"field\":\"v\",\"reason\":\"no\"}],\"rejected_total\":1}",
    );
    let text = "{\"t\":1}\n{\"t\":2}\n\n{\"t\":3}\n{\"t\":4,\"v\":\"x\"}\n";
    let (ran, _) = check("a.ndjson", text, &["--batch", "2", "--format", "json"], vec![ALL_TWO, some]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, "{\"accepted\":3,\"rejected\":1}\n"), "{ran:?}");
    assert!(ran.stderr.contains("line 5, field \"v\": no"), "{}", ran.stderr);
}

#[test]
fn a_request_refused_whole_is_rejections_too() {
    let none = (
        "400 Bad Request",
        "{\"accepted\":0,\"rejected\":[{\"line\":1,\"field\":null,\"reason\":\"no\"}],\"rejected_total\":1}",
    );
    let (ran, _) = check("a.ndjson", "nonsense\n", &[], vec![none]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("line 1: no"), "{}", ran.stderr);
}

#[test]
fn a_server_that_is_no_relay_ends_it_with_where_to_go_on() {
    let (ran, _) =
        check("a.csv", "t,v\n1,1\n2,2\n3,3\n", &["--batch", "2"], vec![ALL_TWO, ("404 Not Found", "?")]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("HTTP 404") && ran.stderr.contains("go on from line 4"), "{}", ran.stderr);
}

#[test]
fn a_line_of_ten_megabytes_is_rejected_here_and_the_rest_is_sent() {
    let text = format!("{{\"t\":1}}\n\"{}\"\n{{\"t\":2}}\n", "x".repeat(10 << 20));
    let (ran, requests) = check("a.ndjson", &text, &[], vec![ALL_TWO]);
    assert_eq!((ran.code, requests[0].body.as_str()), (1, "{\"t\":1}\n{\"t\":2}\n"));
    assert!(ran.stderr.contains("line 2: row is longer than"), "{}", ran.stderr);
}

#[test]
fn an_empty_input_is_an_error() {
    let (ran, requests) = check("a.ndjson", "", &[], vec![]);
    assert_eq!((ran.code, requests.len()), (1, 0), "{ran:?}");
}
