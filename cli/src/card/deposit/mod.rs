//! `wxgate card deposit`: codes of the merchant's own, brought in by WeChat's batches of 100.
//!
//! [`codes_file`] reads them, [`done_file`] remembers which are in, [`batches`] asks WeChat, with [`patience`],
//! and [`stock`] raises the card's stock. It can be repeated at any time: what is in stays in once, and at the
//! end WeChat itself says of each code whether it is there.

mod batches;
mod codes_file;
mod done_file;
mod patience;
mod stock;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use anyhow::{anyhow, bail};
use clap::Args;
use serde::Serialize;
use wxgate_settings::Settings;
use wxgate_store::DirectoryWatch;

use self::batches::{Batches, Refused};
use self::codes_file::Codes;
use self::done_file::DoneFile;
use self::stock::Stock;
use super::expect_usable;
use crate::output::{Output, Shown, sentence};
use crate::{fields, open, wechat};

/// How often what WeChat does not have at the end is brought in: the first time, and twice again.
const ROUNDS: usize = 3;

/// Refused codes told one by one; of more only the number.
const REFUSED_TOLD: usize = 20;

/// Which codes, and for which card.
#[derive(Args, Debug)]
pub(crate) struct DepositArgs {
    /// The card's app.
    #[arg(long, value_name = "A", value_parser = fields::name)]
    app_id: String,
    /// The card: approved, made with `use_custom_code` and `GET_CUSTOM_CODE_MODE_DEPOSIT`.
    #[arg(long, value_name = "C", value_parser = fields::name)]
    card_id: String,
    /// The codes: one a line, in the first column of a CSV file. Which of them are in is noted beside it, in
    /// FILE.CARD.done.
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// Raise the card's stock to the number of codes that are in: until then nobody can take it.
    #[arg(long)]
    raise_stock: bool,
}

/// Runs the command.
pub(super) async fn run(settings: &Settings, args: DepositArgs, output: Output) -> anyhow::Result<()> {
    let codes = Codes::read(&args.file)?;
    let mut done = DoneFile::open(&args.file, &args.app_id, &args.card_id)?;
    let store = open::for_operator(settings).await?;
    let directory = store.directory().await?;
    expect_usable(&directory, &args.app_id)?;
    let wechat = wechat::client(settings, &store, DirectoryWatch::fixed(directory))?;
    let batches = Batches { wechat: &wechat, app_id: &args.app_id, card_id: &args.card_id };
    let report = deposit(&batches, &codes, &mut done).await;
    let mut report = report.map_err(|error| stopped(&error, &done))?;
    let unsettled = match stock::settle(&batches, report.count, args.raise_stock, output).await {
        Ok(stock) => {
            report.stock = Some(stock);
            None
        }
        Err(error) => Some(error),
    };
    output.show(&report)?;
    let wrong: Vec<anyhow::Error> = report.verdict().err().into_iter().chain(unsettled).collect();
    match &wrong[..] {
        [] => Ok(()),
        wrong => Err(anyhow!(wrong.iter().map(sentence).collect::<Vec<_>>().join("\n"))),
    }
}

fn stopped(error: &anyhow::Error, done: &DoneFile) -> anyhow::Error {
    let why = sentence(error);
    match done.codes.len() {
        0 => anyhow!(why),
        noted => anyhow!(
            "{why}\n{} notes {noted} codes as being in: the same command goes on from there",
            done.path.display()
        ),
    }
}

/// Brings in what is not noted as being in, then what WeChat does not have after all. What WeChat refused by
/// name is not sent again.
async fn deposit(batches: &Batches<'_>, codes: &Codes, done: &mut DoneFile) -> anyhow::Result<Report> {
    let all: Vec<&str> = codes.all.iter().map(String::as_str).collect();
    let (noted, mut wanted): (Vec<&str>, Vec<&str>) =
        all.iter().partition(|code| done.codes.contains(**code));
    let mut noted: HashSet<&str> = noted.into_iter().collect();
    let (mut new, mut reasons, mut refused) = (HashSet::new(), HashMap::new(), Vec::new());
    let mut unchecked = all;
    for _ in 0..ROUNDS {
        let sent = batches.deposit(&wanted, done).await?;
        new.extend(sent.new);
        reasons.extend(sent.refused.into_iter().map(|refused| (refused.code, refused.reason)));
        wanted.clear();
        for missing in batches.missing(&unchecked).await? {
            noted.remove(missing);
            new.remove(missing);
            match reasons.remove(missing) {
                Some(reason) => refused.push(Refused { code: missing.to_owned(), reason }),
                None => wanted.push(missing),
            }
        }
        unchecked.clone_from(&wanted);
        if wanted.is_empty() {
            break;
        }
    }
    refused.extend(wanted.into_iter().map(Refused::silently));
    // What is there, neither new nor noted, had been brought in before, whatever was said of it.
    let known = codes.all.len() - refused.len() - noted.len() - new.len();
    Ok(Report {
        card_id: batches.card_id.to_owned(),
        codes: codes.all.len(),
        repeated: codes.repeated,
        noted: noted.len(),
        new: new.len(),
        known,
        refused,
        count: batches.count().await?,
        stock: None,
    })
}

/// How it ended. What is not refused is there: WeChat said so of each code.
#[derive(Debug, Serialize)]
struct Report {
    card_id: String,
    /// Different codes in the file.
    codes: usize,
    /// Lines whose code had come before.
    repeated: usize,
    /// Noted as being in by an earlier run, and there.
    noted: usize,
    /// Brought in now, as WeChat answered.
    new: usize,
    /// There as well: WeChat had them before, or its answer was lost.
    known: usize,
    /// Not in.
    refused: Vec<Refused>,
    /// All codes of the card, as WeChat counts.
    count: u64,
    stock: Option<Stock>,
}

impl Report {
    fn verdict(&self) -> anyhow::Result<()> {
        let there = self.codes - self.refused.len();
        if !self.refused.is_empty() {
            bail!("{} of {} codes are not in", self.refused.len(), self.codes);
        }
        if self.count < there as u64 {
            bail!(
                "WeChat counts {} codes, fewer than the {there} that it says are there: run this again later, \
                 which changes nothing",
                self.count
            );
        }
        Ok(())
    }
}

impl Shown for Report {
    fn text(&self) -> String {
        let Self { card_id, codes, repeated, noted, new, known, count, .. } = self;
        let there = codes - self.refused.len();
        let mut lines = vec![format!(
            "{there} of {codes} codes are in, by checkcode: {new} new, {known} were there, {noted} from earlier runs"
        )];
        if *repeated > 0 {
            lines.push(format!("passed over as repeating a code: {repeated} lines of the file"));
        }
        let told = self.refused.iter().take(REFUSED_TOLD);
        lines.extend(told.map(|refused| format!("{} is not in: {}", refused.code, refused.reason)));
        if self.refused.len() > REFUSED_TOLD {
            lines.push(format!("and {} more are not", self.refused.len() - REFUSED_TOLD));
        }
        lines.push(format!("card {card_id} has {count} codes in all, by getdepositcount"));
        lines.extend(self.stock.iter().map(Stock::text));
        lines.join("\n")
    }
}
