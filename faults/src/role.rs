//! One process of the gateway, kept up as a service manager would: started anew when it has ended,
//! unless it was killed on purpose.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::sleep;
use wxgate_tests::Process;

use crate::party::Party;

/// How often is looked whether it runs.
const LOOK: Duration = Duration::from_millis(100);
/// Before a process that ended by itself is started anew, as in service managers' usual settings.
const RESTART_AFTER: Duration = Duration::from_secs(1);
/// Logged when a process is at work. One that ends before had no database to begin with.
const AT_WORK: &str = "gateway.started";

/// What a process is started with.
#[derive(Clone, Debug)]
pub struct Make {
    /// `wxgate`.
    pub binary: PathBuf,
    /// Its command.
    pub command: &'static str,
    /// Its variables, all of them.
    pub environment: Vec<(String, String)>,
    /// Where it runs and logs.
    pub folder: PathBuf,
}

#[derive(Debug, Default)]
struct State {
    wanted: bool,
    process: Option<Process>,
    /// Ends of processes that were at work, each with the end of its log.
    crashes: Vec<String>,
    starts: u32,
}

/// A process and the will to keep it up. Copies are the same.
#[derive(Clone, Debug)]
pub struct Role {
    /// Who it is.
    pub party: Party,
    make: Arc<Make>,
    state: Arc<Mutex<State>>,
}

impl Role {
    /// A process that is not started yet.
    #[must_use]
    pub fn new(party: Party, make: Make) -> Self {
        Self { party, make: Arc::new(make), state: Arc::default() }
    }

    /// Lets it run from now on.
    pub fn start(&self) {
        self.state.lock().wanted = true;
    }

    /// SIGKILL, and no new start until [`Role::start`]. Its process id, if it ran.
    #[expect(clippy::must_use_candidate, reason = "it is killed whoever looks")]
    pub fn kill(&self) -> Option<u32> {
        let mut state = self.state.lock();
        state.wanted = false;
        let mut process = state.process.take()?;
        process.kill();
        Some(process.id())
    }

    /// SIGSTOP, if it runs.
    pub fn freeze(&self) {
        if let Some(process) = &self.state.lock().process {
            process.pause();
        }
    }

    /// Whether it runs and stands still. It takes a busy machine a moment to stop all of its threads.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.state.lock().process.as_ref().is_some_and(Process::is_paused)
    }

    /// SIGCONT, if it runs.
    pub fn thaw(&self) {
        if let Some(process) = &self.state.lock().process {
            process.resume();
        }
    }

    /// How often it ended by itself after it had been at work, and its last words.
    #[must_use]
    pub fn crashes(&self) -> Vec<String> {
        self.state.lock().crashes.clone()
    }

    /// How often it was started.
    #[must_use]
    pub fn starts(&self) -> u32 {
        self.state.lock().starts
    }

    /// Keeps it up; never ends.
    pub async fn keep_up(self) {
        loop {
            if self.has_ended() {
                sleep(RESTART_AFTER).await;
            }
            self.start_if_wanted();
            sleep(LOOK).await;
        }
    }

    fn has_ended(&self) -> bool {
        let mut state = self.state.lock();
        let Some(process) = &mut state.process else { return false };
        if !process.has_ended() {
            return false;
        }
        let log = process.log();
        state.process = None;
        if log.contains(AT_WORK) {
            let from = log.char_indices().rev().nth(600).map_or(0, |(index, _)| index);
            state.crashes.push(log[from..].to_owned());
        }
        true
    }

    fn start_if_wanted(&self) {
        let mut state = self.state.lock();
        if state.wanted && state.process.is_none() {
            let make = &self.make;
            let process = Process::start_program(&make.binary, make.command, &make.environment, &make.folder);
            state.process = Some(process);
            state.starts += 1;
        }
    }
}
