//! Pushes about an app: receipts are joined to their sends, all else is dropped.

use std::sync::Arc;

use wxgate_push::{Delivered, Fields, Push, PushKind, TemplateReceipt};
use wxgate_queue::Bell;
use wxgate_store::model::receipt::{Delivery, Receipt, Received};
use wxgate_store::{Store, StoreError};

use super::refused::Refused;
use crate::gateway::Gateway;

/// Takes care of a push, or fails so that WeChat posts it again.
pub(super) async fn take(gateway: &Gateway, app: &str, fields: Fields) -> Result<(), Refused> {
    let push = Push::read(fields)?;
    let PushKind::TemplateReceipt(receipt) = push.kind else { return Ok(()) };
    let receipt = of_app(app, &push, receipt);
    let bell = Arc::clone(&gateway.bell);
    let keep = |store: Arc<dyn Store>| async move { keep(store.as_ref(), bell.as_ref(), &receipt).await };
    Ok(gateway.ask_store(keep).await??)
}

fn of_app(app: &str, push: &Push, receipt: TemplateReceipt) -> Receipt {
    let delivery = match receipt.delivered {
        Delivered::Success => Delivery::Success,
        Delivered::UserBlocked => Delivery::UserBlocked,
        Delivered::Failed => Delivery::SystemFailed,
        Delivered::Unknown => Delivery::Unknown,
    };
    let (app, openid) = (app.to_owned(), push.from.clone());
    Receipt { app, openid, msgid: receipt.msgid, delivery, push: push.identity() }
}

async fn keep(store: &dyn Store, bell: &dyn Bell, receipt: &Receipt) -> Result<(), StoreError> {
    if let Received::Woke(doorbell) = store.receive(receipt).await? {
        bell.ring(doorbell);
    }
    Ok(())
}
