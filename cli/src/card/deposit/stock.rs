//! The stock of a card with deposited codes: nobody can take it until it is raised, at most to the number of
//! codes.

use anyhow::{Context as _, anyhow, bail};
use bytes::Bytes;
use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::{Value, json};
use wxgate_wechat::{Answer, Endpoint};

use super::batches::Batches;
use super::patience::until_answered;
use crate::card::busy::patiently;
use crate::card::deadline;
use crate::output::{Output, sentence};

/// How the stock stands.
#[derive(Debug, Serialize)]
pub(super) struct Stock {
    /// How many copies were ever put in.
    total: u64,
    /// By how much it was raised now.
    raised_by: u64,
    /// How many codes are in without a copy.
    short_by: u64,
}

/// Looks at the stock, and raises it to `count` copies if that is wanted.
///
/// # Errors
/// When WeChat refuses or cannot be asked.
pub(super) async fn settle(
    batches: &Batches<'_>,
    count: u64,
    raise: bool,
    output: Output,
) -> anyhow::Result<Stock> {
    let total = total(batches).await.context("the card's stock cannot be read; run this again")?;
    let short_by = count.saturating_sub(total);
    if !raise || short_by == 0 {
        return Ok(Stock { total, raised_by: 0, short_by });
    }
    let body =
        Bytes::from(json!({ "card_id": batches.card_id, "increase_stock_value": short_by }).to_string());
    // Without an answer it is not asked again: repeated blindly it could be raised twice.
    let ask = async || {
        batches.wechat.ask_json(batches.app_id, Endpoint::ModifyCardStock, body.clone(), deadline()).await
    };
    match patiently(output, ask).await {
        Ok(_answer) => Ok(Stock { total: total + short_by, raised_by: short_by, short_by: 0 }),
        Err(failed) if failed.in_doubt => bail!(
            "whether the card's stock was raised is unknown ({}): run this again, which reads it anew",
            sentence(&failed.error)
        ),
        Err(failed) => Err(failed.error.context("the card's stock was not raised")),
    }
}

async fn total(batches: &Batches<'_>) -> anyhow::Result<u64> {
    let body = json!({ "card_id": batches.card_id }).to_string();
    let ask = async || {
        batches.wechat.ask_json(batches.app_id, Endpoint::GetCard, body.clone().into(), deadline()).await
    };
    let answer =
        until_answered(&ProgressBar::hidden(), ask).await.map_err(|failure| anyhow!(failure.message))?;
    total_quantity(&answer).context("WeChat's answer names no stock")
}

/// `card.<type>.base_info.sku.total_quantity`.
fn total_quantity(answer: &Answer) -> Option<u64> {
    let card = answer.field("card")?.as_object()?;
    card.values().find_map(|part| part.pointer("/base_info/sku/total_quantity").and_then(Value::as_u64))
}

impl Stock {
    /// In words.
    pub(super) fn text(&self) -> String {
        let Self { total, raised_by, short_by } = self;
        match (raised_by, short_by) {
            (0, 0) => format!("its stock is as large: {total} in all"),
            (0, short_by) => format!(
                "its stock is {total} in all, {short_by} short of that: nobody can take more until it is raised \
                 (--raise-stock)"
            ),
            (raised_by, _) => format!("its stock was raised by {raised_by}, to {total} in all"),
        }
    }
}
