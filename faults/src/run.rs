//! One run: a site, the load and the faults at once, the healing, the count.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::timeout;
use wxgate_tests::Pairing;

use crate::count::{Count, Story};
use crate::figures::Figures;
use crate::inflict::{GRACE, Inflictor};
use crate::ledger::{Ledger, Note, Outcome};
use crate::load::Load;
use crate::rescue::{LIMIT, Rescue};
use crate::schedule::{Planned, draw};
use crate::settle::{Settled, Status, settle, statuses};
use crate::site::{Site, client_of};
use crate::wechat;

/// What a run is to be.
#[derive(Clone, Debug)]
pub struct Plan {
    /// `wxgate`.
    pub binary: PathBuf,
    /// How long load and faults go on.
    pub length: Duration,
    /// Where the schedule begins.
    pub seed: u64,
    /// Requests a second.
    pub rate: u32,
    /// Where the processes' logs are kept.
    pub logs: Option<PathBuf>,
}

/// What people call a pairing.
#[must_use]
pub fn title(pairing: Pairing) -> &'static str {
    match pairing {
        Pairing::Embedded => "embedded",
        Pairing::Servers => "Postgres + RabbitMQ",
    }
}

/// Tries one pairing.
///
/// # Errors
/// When something of the suite's own fails: a part does not start, or a fault cannot be played.
pub async fn run(pairing: Pairing, plan: &Plan) -> Result<Figures> {
    let requests = plan.length.as_secs() * u64::from(plan.rate) * 11 / 10 + 1_000;
    let site = Arc::new(Site::start(&plan.binary, pairing, requests).await?);
    let planned = draw(plan.seed, plan.length, pairing, site.disk.is_some());
    announce(pairing, plan, &planned);

    let ledger = Arc::new(Ledger::default());
    let inflictor = Inflictor::new(Arc::clone(&site));
    let last = planned.iter().map(Planned::until).max().unwrap_or_default();
    let faults = async {
        let all = timeout(last + GRACE, Arc::clone(&inflictor).run(planned)).await;
        all.context("the last fault does not end")?
    };
    tokio::try_join!(Load::new(&site, &ledger).run(plan.rate, plan.length), faults)?;

    eprintln!("{}: healed; counting", title(pairing));
    let settled = settle(&site.books).await?;
    let figures = figures(pairing, plan, &site, &inflictor, &ledger.notes(), settled).await?;
    finish(site, inflictor, plan, &figures).await?;
    Ok(figures)
}

fn announce(pairing: Pairing, plan: &Plan, planned: &[Planned]) {
    let (title, seed) = (title(pairing), plan.seed);
    eprintln!("{title}, seed {seed}: {} faults in {} s", planned.len(), plan.length.as_secs());
}

async fn figures(
    pairing: Pairing,
    plan: &Plan,
    site: &Site,
    inflictor: &Inflictor,
    notes: &[Note],
    settled: Settled,
) -> Result<Figures> {
    let mut count = Count::of(stories(site, notes).await?);
    let (rescues, happened) = (inflictor.rescues.all().await, inflictor.happened());
    check_store(site, notes, &mut count).await?;
    check_processes(site, &mut count);
    for late in rescues.iter().filter(|rescue| !rescue.is_in_time(&happened)) {
        count.breach("killed process' jobs rescued late", tell(late));
    }
    let (slowest, hindered) = Figures::slowest(&rescues, &happened);
    let left_out = (pairing == Pairing::Embedded && site.disk.is_none())
        .then(|| "a full disk: no file system can be mounted here".to_owned());
    Ok(Figures {
        pairing: title(pairing),
        seed: plan.seed,
        seconds: plan.length.as_secs(),
        rate: plan.rate,
        faults: happened.iter().filter(|happened| happened.struck).count(),
        by_sort: Figures::sorts(&happened),
        unnoticed: happened.iter().filter(|happened| !happened.struck).count(),
        starts: site.roles.values().map(crate::role::Role::starts).sum(),
        count,
        slowest_acceptance_ms: slowest_acceptance(notes).as_millis(),
        rescues: rescues.len(),
        rescued_jobs: rescues.iter().map(|rescue| rescue.jobs.len()).sum(),
        slowest_rescue_ms: slowest.as_millis(),
        latest_ms: rescues.iter().map(|rescue| rescue.late).max().unwrap_or_default().as_millis(),
        slowest_hindered_rescue_ms: hindered.as_millis(),
        settled_ms: settled.took.as_millis(),
        hurried: settled.hurried,
        left_out,
    })
}

/// Puts together what all sides know of each request.
async fn stories(site: &Site, notes: &[Note]) -> Result<Vec<Story>> {
    let mut statuses = statuses(site, notes).await?;
    let in_doubt = site.books.sent_again_in_doubt().await?;
    let (mut reached, mut posted) = (wechat::reached(&site.wechat.control()), site.receivers.posted());
    let stories = notes.iter().zip(0..).map(|(note, number)| Story {
        number,
        may_fail: client_of(number).2 == "fail",
        note: note.clone(),
        sent_again_in_doubt: matches!(note.outcome, Outcome::Accepted(id) if in_doubt.contains(&id)),
        status: match note.outcome {
            Outcome::Accepted(id) => statuses.remove(&id).unwrap_or_default(),
            _ => Status::default(),
        },
        reached: reached.remove(&number).unwrap_or_default(),
        posted: posted.remove(&number).unwrap_or_default(),
    });
    let mut stories: Vec<Story> = stories.collect();
    // Whatever is left belongs to no request.
    stories.extend(reached.into_iter().map(|(number, reached)| Story {
        number,
        reached,
        ..Story::default()
    }));
    stories.extend(posted.into_iter().map(|(number, posted)| Story { number, posted, ..Story::default() }));
    Ok(stories)
}

/// There is a job for each accepted request, and none besides.
async fn check_store(site: &Site, notes: &[Note], count: &mut Count) -> Result<()> {
    let stored = site.books.number("SELECT count(*) FROM jobs").await?;
    let accepted = notes.iter().filter(|note| matches!(note.outcome, Outcome::Accepted(_))).count();
    if usize::try_from(stored)? != accepted {
        count.breach("stored and accepted differ", format!("{stored} stored, {accepted} accepted"));
    }
    Ok(())
}

fn check_processes(site: &Site, count: &mut Count) {
    for role in site.roles.values() {
        for crash in role.crashes() {
            count.breach("a process ended by itself", format!("{}: …{crash}", role.party));
        }
    }
    for panic in site.panics() {
        count.breach("a panic", panic);
    }
    for unreadable in site.receivers.unreadable() {
        count.breach("a callback that cannot be read", unreadable);
    }
}

fn slowest_acceptance(notes: &[Note]) -> Duration {
    notes.iter().filter_map(|note| note.accepted_after).max().unwrap_or_default()
}

fn tell(rescue: &Rescue) -> String {
    let (took, late) = (rescue.took().as_secs_f64(), rescue.late.as_secs_f64());
    let (jobs, left) = (rescue.jobs.len(), &rescue.left);
    format!(
        "{}: {took:.1} s for {jobs} jobs, never: {left:?} (limit {LIMIT:?}; the machine was {late:.1} s late)",
        rescue.party
    )
}

async fn finish(site: Arc<Site>, inflictor: Arc<Inflictor>, plan: &Plan, figures: &Figures) -> Result<()> {
    drop(inflictor);
    if let Some(logs) = &plan.logs {
        site.keep_logs(&logs.join(folder_name(figures)))?;
    }
    if let Some(site) = Arc::into_inner(site) {
        site.end().await;
    }
    Ok(())
}

fn folder_name(figures: &Figures) -> PathBuf {
    let pairing = figures.pairing.replace(" + ", "-").to_lowercase();
    Path::new(&format!("{pairing}-{}", figures.seed)).to_owned()
}
