//! Makes the embedded client part of this crate's inputs: a rebuilt client rebuilds the relay.

use std::path::Path;

fn main() {
    let client = Path::new("../target/client");
    // Cargo rebuilds on every call while a watched path is missing, so the folder is made; empty means "no client".
    if let Err(error) = std::fs::create_dir_all(client) {
        println!("cargo::warning=cannot create {}: {error}", client.display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", client.display());
}
