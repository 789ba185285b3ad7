//! Room for many connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Lets this process have as many files as the system allows it: shells start programs with 1,024.
pub fn more_files() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
}
