//! The page's entry: everything is in the library, so that its logic is tested natively.

fn main() {
    spate_app::start();
}
