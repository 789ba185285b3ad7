//! Two neighbouring versions over one database and one broker, under load: the older one's processes run, the
//! newer one migrates, then its intake comes beside the older one's and its worker in the older one's place,
//! so that each intake's jobs are done by each worker. A process of the older version cannot be started any
//! more once the schema is the newer one's, and need not be.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

use crate::load::Load;
use crate::pairing::Pairing;
use crate::phases::Plan;
use crate::request::Caller;
use crate::run::Run;
use crate::tally::Tally;

/// What became of the requests, phase by phase and in all.
#[derive(Debug)]
pub struct Upgrade {
    /// What ran, and the requests that were accepted meanwhile.
    pub phases: Vec<(&'static str, usize)>,
    /// Whether everything went through exactly once.
    pub tally: Tally,
}

/// Upgrades a gateway of the program `old` to the program `new`.
///
/// # Errors
/// When a process does not start or ends on the way, or the migration fails.
pub async fn measure(old: &Path, new: &Path, pairing: &Pairing, plan: &Plan) -> Result<Upgrade> {
    let mut run = Run::prepare(old, pairing, plan).await?;
    run.wait_until_ready().await?;
    let began = run.ledger.next_number();
    let mut phases = Vec::new();

    run.gateway.use_binary(new)?;
    let (migrated, ()) = tokio::join!(run.gateway.run(&["migrate"]), run.load.full(plan.full));
    migrated?;
    phases.push(("older intake, older worker, while the newer one migrates", run.accepted_since(began)));

    let intake = run.gateway.start_another("api", "api of the newer version").await?;
    let caller = Arc::new(Caller { intake, ..(*run.load.caller).clone() });
    let newer = Load { caller, ..run.load.clone() };
    let first = run.ledger.next_number();
    tokio::join!(run.load.full(plan.full), newer.full(plan.full));
    phases.push(("both intakes, older worker", run.accepted_since(first)));

    let first = run.ledger.next_number();
    let replaced = async {
        run.gateway.stop_role("worker").await?;
        run.gateway.start_role("worker")
    };
    let (replaced, (), ()) = tokio::join!(replaced, run.load.full(plan.full), newer.full(plan.full));
    replaced?;
    phases.push(("both intakes, while the newer worker replaces the older one", run.accepted_since(first)));

    let first = run.ledger.next_number();
    tokio::join!(run.load.full(plan.full), newer.full(plan.full));
    phases.push(("both intakes, newer worker", run.accepted_since(first)));
    run.settle().await;
    Ok(Upgrade { phases, tally: Tally::of(&run.ledger, began) })
}

impl Run {
    fn accepted_since(&self, first: usize) -> usize {
        let entries = self.ledger.entries(first..self.ledger.next_number());
        entries.iter().filter(|entry| entry.accepted().is_some()).count()
    }
}

impl fmt::Display for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, accepted) in &self.phases {
            writeln!(f, "{what}: {accepted} accepted")?;
        }
        let verdict = if self.tally.is_clean() { "each exactly once" } else { "NOT CLEAN" };
        write!(f, "{verdict}: {}", self.tally)
    }
}
