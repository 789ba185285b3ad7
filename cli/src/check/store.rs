//! The store's and the queue's part of the check: folder, key, database, broker.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use sqlx::{Connection as _, PgConnection};
use tokio::time::timeout;
use wxgate_queue::rabbit::Broker;
use wxgate_settings::{Pairing, ServerUrl, Settings};

use super::Finding;
use crate::migrate::name;
use crate::open;

/// How long a server may take to answer before it counts as away.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn findings(settings: &Settings) -> Vec<Finding> {
    match &settings.pairing {
        Pairing::Embedded { path } => vec![
            Finding::new("data folder", data_folder(&settings.pairing.data_dir())),
            Finding::new("database", embedded(settings, path).await),
        ],
        Pairing::Servers { postgres, amqp } => vec![
            Finding::new("database", server(settings, postgres).await),
            Finding::new("broker", broker(amqp).await),
        ],
    }
}

/// Whether a file can be made in the folder, or in the nearest one above that exists.
fn data_folder(folder: &Path) -> anyhow::Result<String> {
    let existing = folder.ancestors().find(|folder| folder.as_os_str().is_empty() || folder.exists());
    let existing = match existing {
        Some(path) if !path.as_os_str().is_empty() => path,
        _ => Path::new("."),
    };
    tempfile::tempfile_in(existing).with_context(|| {
        format!("{} cannot be written to: give its owner's rights to this user", existing.display())
    })?;
    Ok(if existing == folder {
        format!("{} can be written to", folder.display())
    } else {
        format!("{} will be made when first needed", folder.display())
    })
}

async fn embedded(settings: &Settings, path: &Path) -> anyhow::Result<String> {
    if !path.exists() {
        return Ok(format!("{} will be made when first needed", path.display()));
    }
    open::as_it_is(settings).await?;
    Ok(format!("{}: schema up to date, key right", path.display()))
}

async fn server(settings: &Settings, url: &ServerUrl) -> anyhow::Result<String> {
    reach(url).await.with_context(|| {
        format!("{url} cannot be used: see that PostgreSQL runs and WXGATE_DATABASE_URL is right")
    })?;
    open::as_it_is(settings).await?;
    Ok(format!("{}: reached, schema up to date, key right", name(&settings.pairing)))
}

/// One connection by itself: a pool would only say that it timed out.
async fn reach(url: &ServerUrl) -> anyhow::Result<()> {
    let connection = timeout(PATIENCE, PgConnection::connect(url.expose())).await.context("no answer")??;
    connection.close().await?;
    Ok(())
}

async fn broker(url: &ServerUrl) -> anyhow::Result<String> {
    let advice = || format!("{url} cannot be used: see that RabbitMQ runs and WXGATE_AMQP_URL is right");
    let broker = Broker::new(url.expose(), &[]).with_context(advice)?;
    timeout(PATIENCE, broker.check())
        .await
        .context("no answer")
        .with_context(advice)?
        .with_context(advice)?;
    Ok(format!("{url}: reached"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_folder_that_is_not_there_yet_is_judged_by_the_one_above() {
        let above = tempfile::tempdir().unwrap();
        let missing = above.path().join("a/b");
        assert!(data_folder(&missing).unwrap().contains("will be made"));
        assert!(!missing.exists());
        std::fs::write(above.path().join("a"), "in the way").unwrap();
        assert!(data_folder(&missing).unwrap_err().to_string().contains("cannot be written to"));
    }
}
