use super::*;

fn files(path: &str) -> Option<Bytes> {
    Some(Bytes::from_static(match path {
        "index.html" => b"<html>",
        "index.html.br" => b"brotli",
        "app-0123456789abcdef.js" => b"js",
        "app-0123456789abcdef.js.gz" => b"gzip",
        "app-0123456789abcdef_bg.wasm" => b"wasm",
        "worker.js" => b"worker",
        _ => return None,
    }))
}

/// Status and headers of an answer: content type, encoding, caching, whether it has a tag.
fn check(
    path: &str,
    request: &[(header::HeaderName, &str)],
    expect: (u16, &str, &str, &str, bool),
) -> Response {
    let mut headers = HeaderMap::new();
    for (name, value) in request {
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    let response = Assets::new(files).answer(path, &headers);
    let get = |name| response.headers().get(name).map_or("", |value: &HeaderValue| value.to_str().unwrap());
    let got = (
        response.status().as_u16(),
        get(header::CONTENT_TYPE),
        get(header::CONTENT_ENCODING),
        get(header::CACHE_CONTROL),
        response.headers().contains_key(header::ETAG),
    );
    assert_eq!(got, expect, "{path}");
    response
}

#[test]
fn hashed_files_are_immutable_and_the_rest_is_revalidated() {
    let js = "text/javascript; charset=utf-8";
    check("app-0123456789abcdef.js", &[], (200, js, "", IMMUTABLE, false));
    check("app-0123456789abcdef_bg.wasm", &[], (200, "application/wasm", "", IMMUTABLE, false));
    check("worker.js", &[], (200, js, "", "no-cache", true));
    check("", &[], (200, "text/html; charset=utf-8", "", "no-cache", true));
    check("nothing.js", &[], (404, "application/json", "", "", false));
    check("../Cargo.toml", &[], (404, "application/json", "", "", false));
}

#[test]
fn the_best_encoding_that_exists_and_is_accepted_is_served() {
    let (html, js) = ("text/html; charset=utf-8", "text/javascript; charset=utf-8");
    let accept = |value| [(header::ACCEPT_ENCODING, value)];
    check("", &accept("gzip, deflate, br, zstd"), (200, html, "br", "no-cache", true));
    check("", &accept("gzip"), (200, html, "", "no-cache", true));
    check("", &accept("br;q=0, gzip"), (200, html, "", "no-cache", true));
    check("app-0123456789abcdef.js", &accept("br, gzip;q=0.5"), (200, js, "gzip", IMMUTABLE, false));
}

#[test]
fn a_browser_that_has_the_bytes_gets_304_per_encoding() {
    let html = "text/html; charset=utf-8";
    let plain = check("", &[], (200, html, "", "no-cache", true));
    let tag = plain.headers()[header::ETAG].to_str().unwrap();
    check("", &[(header::IF_NONE_MATCH, tag)], (304, html, "", "no-cache", true));
    check("", &[(header::IF_NONE_MATCH, &format!("\"x\", W/{tag}"))], (304, html, "", "no-cache", true));
    let other_encoding = [(header::IF_NONE_MATCH, tag), (header::ACCEPT_ENCODING, "br")];
    check("", &other_encoding, (200, html, "br", "no-cache", true));
}

#[test]
fn without_a_client_the_page_says_how_to_build_it() {
    let response = Assets::none().answer("", &HeaderMap::new());
    assert_eq!(response.status(), StatusCode::OK);
    assert!(NO_CLIENT.contains("cargo xtask run"));
}
