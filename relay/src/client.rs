//! The client that is embedded in this binary.
//!
//! It belongs to the binary and not to the library, so that a rebuilt client costs a link and not a compilation.

use std::borrow::Cow;

use rust_embed::RustEmbed;
use spate_relay::http::Assets;

/// What `cargo xtask` builds; empty when the client was not built before this binary was.
#[derive(RustEmbed)]
#[folder = "../target/client"]
#[allow_missing = true]
struct Client;

/// Which client that is, as `cargo xtask` says: Cargo watches this beside the files, and so sees those that are new.
const _: Option<&str> = option_env!("SPATE_CLIENT_BUILD");

pub(crate) fn embedded() -> Assets {
    Assets::new(|path| {
        Client::get(path).map(|file| match file.data {
            Cow::Borrowed(bytes) => bytes.into(),
            Cow::Owned(bytes) => bytes.into(),
        })
    })
}
