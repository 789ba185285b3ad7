//! The program under test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The `wxgate` that belongs to this build; built if need be, once in a test run.
pub fn wxgate() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let status = cargo().args(["build", "--quiet", "--workspace", "--bins"]).status();
        assert!(status.expect("cargo can be run").success(), "wxgate cannot be built");
        let tests = std::env::current_exe().expect("a test has a path");
        let folder = tests.ancestors().nth(2).expect("target/debug/deps/test");
        folder.join("wxgate")
    })
}

/// Cargo without what the one that runs this test told it of this crate. `ring`'s build script looks at
/// that, so whatever rests on `ring` would be compiled anew here, and again by whoever builds next.
fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let is_of_crate = ["CARGO_MANIFEST_", "CARGO_PKG_"];
        if is_of_crate.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            cargo.env_remove(&name);
        }
    }
    cargo
}
