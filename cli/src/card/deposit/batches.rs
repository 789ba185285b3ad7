//! Asking WeChat about many codes, a batch at a time and a few batches at once. What failed is asked again,
//! and nothing else.

use std::cell::Cell;
use std::collections::HashSet;

use anyhow::{anyhow, bail};
use futures_util::stream::{self, StreamExt as _};
use indicatif::ProgressBar;
use serde::Serialize;
use wxgate_job::Failure;
use wxgate_wechat::WeChat;
use wxgate_wechat::card::codes::{BATCH, Deposit, Presence};

use super::done_file::DoneFile;
use super::patience::until_answered;
use crate::card::deadline;
use crate::progress;

/// Batches under way at a time: quick, and far from WeChat's limits by the minute.
const AT_ONCE: usize = 8;

/// What WeChat says of a whole batch when one of its codes is wrong: invalid, empty, twice, of no use.
const ABOUT_A_CODE: [i64; 4] = [40056, 40110, 40111, 40116];

/// Refused codes, each of which costs calls of its own, after which it is asked whether the file is wrong.
const SUSPICIOUS: usize = 50;

/// Whom to ask, and about which card.
#[derive(Clone, Copy)]
pub(super) struct Batches<'w> {
    pub(super) wechat: &'w WeChat,
    pub(super) app_id: &'w str,
    pub(super) card_id: &'w str,
}

/// A code that WeChat does not take.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Refused {
    pub(super) code: String,
    pub(super) reason: String,
}

impl Refused {
    /// Without a word why.
    pub(super) fn silently(code: &str) -> Self {
        Self { code: code.to_owned(), reason: "WeChat does not take it, and does not say why".to_owned() }
    }
}

/// What became of many codes.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// WeChat took them.
    pub(super) new: Vec<String>,
    /// WeChat refused each by a number.
    pub(super) refused: Vec<Refused>,
}

/// What became of a batch.
#[derive(Debug, Default)]
struct Settled {
    deposit: Deposit,
    refused: Vec<Refused>,
}

/// How many codes were taken and how many refused, over all batches.
#[derive(Debug, Default)]
struct Tally {
    taken: Cell<usize>,
    refused: Cell<usize>,
}

impl Tally {
    fn takes(&self, more: usize) {
        self.taken.set(self.taken.get() + more);
    }

    /// # Errors
    /// When there are many, and more than were taken: then it is the file that is wrong.
    fn refuses(&self, code: &str, reason: &str) -> anyhow::Result<()> {
        self.refused.set(self.refused.get() + 1);
        let (taken, refused) = (self.taken.get(), self.refused.get());
        if refused > SUSPICIOUS && refused > taken {
            bail!("most codes are refused, {refused} of {}, such as {code}: {reason}", taken + refused);
        }
        Ok(())
    }
}

impl Batches<'_> {
    /// Brings codes in; `done` learns of each at once.
    ///
    /// # Errors
    /// When WeChat refuses for a reason that is no single code's, or most codes, or cannot be asked.
    pub(super) async fn deposit(self, codes: &[&str], done: &mut DoneFile) -> anyhow::Result<Sent> {
        let bar = progress::bar("deposited", codes.len() as u64);
        let tally = Tally::default();
        let mut answers = stream::iter(batches(codes))
            .map(|batch| self.settle(batch, &tally, &bar))
            .buffer_unordered(AT_ONCE);
        let mut sent = Sent::default();
        while let Some(answer) = answers.next().await {
            let Settled { deposit, refused } = answer?;
            done.add(&deposit.taken)?;
            done.add(&deposit.known)?;
            bar.inc((deposit.taken.len() + deposit.known.len()) as u64);
            sent.new.extend(deposit.taken);
            sent.refused.extend(refused);
        }
        bar.finish_and_clear();
        Ok(sent)
    }

    /// Those codes that WeChat does not have.
    ///
    /// # Errors
    /// As [`Self::deposit`].
    pub(super) async fn missing<'c>(self, codes: &[&'c str]) -> anyhow::Result<Vec<&'c str>> {
        let bar = progress::bar("checked", codes.len() as u64);
        let mut answers =
            stream::iter(batches(codes)).map(|batch| self.missing_of(batch, &bar)).buffer_unordered(AT_ONCE);
        let mut missing = HashSet::new();
        while let Some(answer) = answers.next().await {
            let (asked, absent) = answer?;
            bar.inc(asked as u64);
            missing.extend(absent);
        }
        bar.finish_and_clear();
        Ok(codes.iter().copied().filter(|code| missing.contains(*code)).collect())
    }

    /// How many codes of the card WeChat has.
    ///
    /// # Errors
    /// As [`Self::deposit`].
    pub(super) async fn count(self) -> anyhow::Result<u64> {
        let ask = async || self.wechat.codes_counted(self.app_id, self.card_id, deadline()).await;
        let counted = until_answered(&ProgressBar::hidden(), ask).await;
        counted.map_err(|failure| anyhow!(failure.message))
    }

    /// A batch, cut in halves as long as WeChat refuses it for the sake of one code.
    async fn settle(self, batch: Vec<String>, tally: &Tally, bar: &ProgressBar) -> anyhow::Result<Settled> {
        let (mut settled, mut waiting) = (Settled::default(), vec![batch]);
        while let Some(batch) = waiting.pop() {
            match self.deposited(&batch, bar).await {
                Ok(deposit) => {
                    tally.takes(deposit.taken.len() + deposit.known.len());
                    settled.deposit.taken.extend(deposit.taken);
                    settled.deposit.known.extend(deposit.known);
                }
                Err(failure) => match halves(&batch, failure)? {
                    Ok(halves) => waiting.extend(halves),
                    Err(refused) => {
                        tally.refuses(&refused.code, &refused.reason)?;
                        settled.refused.push(refused);
                    }
                },
            }
        }
        Ok(settled)
    }

    /// How many codes a batch has, and which WeChat does not have, cut as by [`Self::settle`]: what can be no
    /// code is missing.
    async fn missing_of(self, batch: Vec<String>, bar: &ProgressBar) -> anyhow::Result<(usize, Vec<String>)> {
        let (count, mut missing, mut waiting) = (batch.len(), Vec::new(), vec![batch]);
        while let Some(batch) = waiting.pop() {
            match self.present(&batch, bar).await {
                Ok(presence) => missing.extend(presence.missing),
                Err(failure) => match halves(&batch, failure)? {
                    Ok(halves) => waiting.extend(halves),
                    Err(refused) => missing.push(refused.code),
                },
            }
        }
        Ok((count, missing))
    }

    async fn deposited(self, batch: &[String], bar: &ProgressBar) -> Result<Deposit, Failure> {
        let codes = borrowed(batch);
        let ask = async || self.wechat.deposit_codes(self.app_id, self.card_id, &codes, deadline()).await;
        until_answered(bar, ask).await
    }

    async fn present(self, batch: &[String], bar: &ProgressBar) -> Result<Presence, Failure> {
        let codes = borrowed(batch);
        let ask = async || self.wechat.codes_present(self.app_id, self.card_id, &codes, deadline()).await;
        until_answered(bar, ask).await
    }
}

fn batches(codes: &[&str]) -> Vec<Vec<String>> {
    codes.chunks(BATCH).map(|batch| batch.iter().map(|code| (*code).to_owned()).collect()).collect()
}

fn borrowed(codes: &[String]) -> Vec<&str> {
    codes.iter().map(String::as_str).collect()
}

/// What follows when WeChat refused a batch for the sake of one code: its halves, or the one code.
///
/// # Errors
/// When it was refused for another reason.
fn halves(batch: &[String], failure: Failure) -> anyhow::Result<Result<[Vec<String>; 2], Refused>> {
    if !failure.errcode.is_some_and(|errcode| ABOUT_A_CODE.contains(&errcode)) {
        return Err(anyhow!(failure.message));
    }
    Ok(match batch {
        [code] => Err(Refused { code: code.clone(), reason: failure.message }),
        more => {
            let (one, other) = more.split_at(more.len() / 2);
            Ok([one.to_vec(), other.to_vec()])
        }
    })
}
