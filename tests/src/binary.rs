//! The program under test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The `wxgate` that belongs to this build; built if need be, once in a test run.
pub fn wxgate() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let arguments = ["build", "--quiet", "--workspace", "--bins"];
        let status = Command::new(env!("CARGO")).args(arguments).status().expect("cargo can be run");
        assert!(status.success(), "wxgate cannot be built");
        let tests = std::env::current_exe().expect("a test has a path");
        let folder = tests.ancestors().nth(2).expect("target/debug/deps/test");
        folder.join("wxgate")
    })
}
