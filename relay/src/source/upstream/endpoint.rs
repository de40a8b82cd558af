//! Where a server of another party is, and the connection to it: plain, or with TLS where its URL says so.

use std::path::PathBuf;
use std::sync::Arc;

use async_nats::ConnectOptions;
use axum::http::Uri;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::{CONNECT_TIMEOUT, trust};

/// A server to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its URL; the scheme says whether TLS is spoken. It may hold `user:password@`.
    pub url: String,
    /// PEM file of the authorities that may vouch for it, in place of the system's.
    pub ca_file: Option<PathBuf>,
}

/// A connection, plain or not.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl Endpoint {
    /// A server that the system's authorities vouch for, where TLS is spoken.
    pub fn new(url: String) -> Self {
        Self { url, ca_file: None }
    }

    /// The URL without user and password.
    pub fn shown(&self) -> String {
        let Some((scheme, rest)) = self.url.split_once("://") else { return self.url.clone() };
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        // A password may hold an @.
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        format!("{scheme}://{host}{path}")
    }

    /// Whether the URL asks for TLS.
    pub fn is_tls(&self) -> bool {
        ["wss://", "https://", "tls://"].iter().any(|scheme| self.url.starts_with(scheme))
    }

    /// Connects. The files of authorities are read each time, so that a renewed one needs no restart.
    ///
    /// # Errors
    /// A sentence for the log: what is wrong and what to do.
    pub async fn dial(&self) -> Result<Box<dyn Wire>, String> {
        let uri: Uri = self.url.parse().map_err(|error| format!("the URL is none: {error}"))?;
        let host = uri.host().ok_or("the URL has no host")?.trim_matches(['[', ']']).to_owned();
        let port = uri.port_u16().unwrap_or(if self.is_tls() { 443 } else { 80 });
        let tcp = TcpStream::connect((host.as_str(), port)).await.map_err(|error| error.to_string())?;
        tcp.set_nodelay(true).map_err(|error| error.to_string())?;
        if !self.is_tls() {
            return Ok(Box::new(tcp));
        }
        let name = ServerName::try_from(host.clone()).map_err(|_| {
            format!("{host:?} can be in no certificate: name the host as its certificate does")
        })?;
        let ca_file = self.ca_file.clone();
        let config = tokio::task::spawn_blocking(move || trust::client_config(ca_file.as_deref()));
        let connector = TlsConnector::from(Arc::new(config.await.map_err(|error| error.to_string())??));
        let wire = connector.connect(name, tcp).await;
        wire.map_or_else(|error| Err(self.explain(&error)), |wire| Ok(Box::new(wire) as Box<dyn Wire>))
    }

    /// Connects to NATS.
    ///
    /// # Errors
    /// As [`Endpoint::dial`].
    pub(crate) async fn dial_nats(&self) -> Result<async_nats::Client, String> {
        let mut options = ConnectOptions::new().name("spate-relay").connection_timeout(CONNECT_TIMEOUT);
        if let Some(path) = &self.ca_file {
            options = options.add_root_certificates(path.clone());
        }
        options.connect(self.url.as_str()).await.map_err(|error| self.explain(&error))
    }

    fn explain(&self, error: &(dyn std::error::Error + 'static)) -> String {
        let shown = self.shown();
        let authority = shown.split_once("://").map_or(shown.as_str(), |(_, rest)| rest);
        let host = authority.split(['/', '?']).next().unwrap_or(authority);
        trust::explain(error, host, self.ca_file.as_deref()).unwrap_or_else(|| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (url, shown) in [
            ("nats://host:4222", "nats://host:4222"),
            ("nats://user:pa@ss@host:4222", "nats://host:4222"),
            ("tls://token@host", "tls://host"),
            ("wss://user:word@host:1/path?of=a@b", "wss://host:1/path?of=a@b"),
            ("http://[::1]:80", "http://[::1]:80"),
        ] {
            assert_eq!(Endpoint::new(url.to_owned()).shown(), shown);
        }
    }
}
