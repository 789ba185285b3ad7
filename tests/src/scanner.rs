//! A shop's scanner: a program that others wrote reads QR and bar codes from a picture.

use std::path::Path;
use std::process::Command;

/// What `zbarimg` finds in a picture, each with its kind (`QR-Code:…`, `CODE-128:…`), sorted.
pub fn scan(picture: &Path) -> Vec<String> {
    let output = Command::new("zbarimg")
        .args(["--quiet", "--nodbus"])
        .arg(picture)
        .output()
        .expect("zbarimg is not there: run the tests through scripts/test");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut found: Vec<String> = text.lines().map(str::to_owned).collect();
    found.sort();
    found
}
