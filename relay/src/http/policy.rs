//! Security headers on every answer.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::assets::Assets;

const FIXED: [(HeaderName, &str); 2] =
    [(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::REFERRER_POLICY, "same-origin")];

/// The part of the policy that does not depend on the request.
///
/// The page's own inline scripts (Trunk writes one that starts the client) are allowed by their hashes.
pub(super) fn content_security_policy(assets: &Assets) -> Arc<str> {
    let page = assets.page().unwrap_or_default();
    let mut hashes = String::new();
    for script in inline_scripts(&String::from_utf8_lossy(&page)) {
        hashes.extend([" 'sha256-", &STANDARD.encode(Sha256::digest(script)), "'"]);
    }
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; \
         base-uri 'self'; frame-ancestors 'self'; connect-src 'self'"
    )
    .into()
}

pub(super) async fn add_headers(State(csp): State<Arc<str>>, request: Request, next: Next) -> Response {
    let host =
        request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).filter(|host| is_host(host));
    // Some browsers do not count ws: to the same host as 'self'.
    let policy = host.map_or_else(|| csp.to_string(), |host| format!("{csp} ws://{host} wss://{host}"));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// A host and port as they may stand in a policy: nothing that could end a directive.
fn is_host(host: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']' | '_');
    !host.is_empty() && host.len() <= 255 && host.chars().all(allowed)
}

/// The text of every `<script>` that has no `src`.
fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (text, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_inline_scripts_are_hashed() {
        let page = "<script src=\"a.js\"></script><script type=\"module\">start()</script><script>1</script>";
        assert_eq!(inline_scripts(page).collect::<Vec<_>>(), ["start()", "1"]);
    }

    #[test]
    fn a_host_cannot_end_a_directive() {
        for good in ["localhost:8080", "[::1]:8080", "spate.example.org"] {
            assert!(is_host(good), "{good}");
        }
        for bad in ["", "a; script-src *", "a b", "a'", "*"] {
            assert!(!is_host(bad), "{bad}");
        }
    }
}
