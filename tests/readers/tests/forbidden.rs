//! Unsafe code is forbidden in every crate of this workspace, and no crate can come without that.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The lines of a manifest that say something.
fn manifest(folder: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn every_crate_is_bound_by_the_workspaces_lints_which_forbid_unsafe_code() {
    let workspace = manifest("");
    assert!(workspace.contains(&r#"unsafe_code = "forbid""#.to_owned()));
    let members = workspace.iter().skip_while(|line| *line != "members = [").skip(1);
    let members: Vec<&str> =
        members.take_while(|line| *line != "]").map(|line| line.trim_matches(['"', ','])).collect();
    assert!(members.len() > 20, "{members:?}");
    for member in members {
        let bound = manifest(member).windows(2).any(|lines| lines == ["[lints]", "workspace = true"]);
        assert!(bound, "{member} has lints of its own, or none");
    }
}
