//! Whom a server's certificate is trusted by, and why one is not.
//!
//! There is no switch that trusts every certificate: a private authority is named with `ca_file`.

use std::error::Error;
use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{self, CertificateError, ClientConfig, RootCertStore};

/// TLS that trusts the authorities of a PEM file, or without one those of the system.
///
/// # Errors
/// A sentence: what is wrong with the file and what to do.
pub(super) fn client_config(ca_file: Option<&Path>) -> Result<ClientConfig, String> {
    let roots = ca_file.map_or_else(system, authorities)?;
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn system() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if added == 0 {
        return Err("this system has no certificate authorities: install ca-certificates, or name some with `ca_file`"
            .to_owned());
    }
    Ok(roots)
}

/// The authorities of a PEM file.
///
/// # Errors
/// A sentence that names the file and says what to do.
pub(crate) fn authorities(path: &Path) -> Result<RootCertStore, String> {
    let (mut roots, shown) = (RootCertStore::empty(), path.display());
    let text = std::fs::read(path).map_err(|error| {
        format!("cannot read {shown}: {error}; `ca_file` is a PEM file, relative to the configuration file")
    })?;
    for (at, certificate) in CertificateDer::pem_slice_iter(&text).enumerate() {
        let added = certificate
            .map_err(|error| error.to_string())
            .and_then(|certificate| roots.add(certificate).map_err(|error| error.to_string()));
        added.map_err(|error| {
            format!("certificate {} of {shown} is none ({error}): copy it again, whole", at + 1)
        })?;
    }
    if roots.is_empty() {
        return Err(format!(
            "{shown} holds no certificate: give the PEM file of the authority, with BEGIN CERTIFICATE"
        ));
    }
    Ok(roots)
}

/// What an error of TLS means for whoever runs the relay; `None` when it is another error.
pub(super) fn explain(error: &(dyn Error + 'static), host: &str, ca_file: Option<&Path>) -> Option<String> {
    Some(match tls_error(error)? {
        rustls::Error::InvalidCertificate(fault) => match fault {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => match ca_file {
                Some(path) => format!(
                    "the certificate of {host} is not trusted: no authority in {} signed it; \
                     set `ca_file` to the PEM file of the one that did",
                    path.display()
                ),
                None => format!(
                    "the certificate of {host} is not trusted: no authority of this system signed it; \
                     if a private one did, name its PEM file with `ca_file`"
                ),
            },
            CertificateError::NotValidForName => wrong_name(host, &[]),
            CertificateError::NotValidForNameContext { presented, .. } => wrong_name(host, presented),
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                format!(
                    "the certificate of {host} has expired: renew it there, or set the clock of this machine"
                )
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                format!("the certificate of {host} is not valid yet: set the clock of this machine, or wait")
            }
            other => format!("the certificate of {host} cannot be used: {other}"),
        },
        rustls::Error::InvalidMessage(_) => {
            format!("{host} does not answer with TLS: correct the port, or use a URL without TLS")
        }
        other => format!("TLS with {host} failed: {other}"),
    })
}

fn wrong_name(host: &str, presented: &[String]) -> String {
    let names = if presented.is_empty() { "another name".to_owned() } else { presented.join(", ") };
    format!("the certificate of {host} is for {names}: use that name in `url`, or another certificate there")
}

/// The error of TLS among the causes of an error.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // An I/O error leaves out, as its source, the very error that it holds.
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = held.map(|held| held as &(dyn Error + 'static)).or_else(|| error.source());
    }
    None
}
