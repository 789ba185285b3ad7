//! Lets cargo notice a new migration: `sqlx::migrate!` reads the folder while this crate is compiled.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
