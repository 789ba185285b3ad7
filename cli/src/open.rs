//! How a process comes to its store: by the settings, with the right key.
//!
//! [`up_to_date`] brings the schema up to date first, as `serve` does; [`as_it_is`] refuses another
//! schema, as `api` and `worker` do; [`for_operator`] lies between: it sets up an embedded store
//! that is not there yet, so that a newcomer can add an app before the first start.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use wxgate_secret::{Keyring, Secret};
use wxgate_settings::{Pairing, ServerUrl, Settings};
use wxgate_store::postgres::{self, PostgresStore};
use wxgate_store::sqlite::{self, SqliteStore};
use wxgate_store::{Store, StoreError};

use crate::data_folder::DataFolder;

/// What bringing a store up to date came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Migrated {
    /// The embedded store's folder was made.
    pub(crate) made_folder: bool,
    /// So was its key.
    pub(crate) made_key: bool,
    /// The schema was missing or older.
    pub(crate) changed_schema: bool,
}

/// Opens a store whose schema is of this version.
///
/// # Errors
/// When it cannot be reached, its schema is another or the key is wrong: says what to do.
pub(crate) async fn as_it_is(settings: &Settings) -> anyhow::Result<Arc<dyn Store>> {
    if let Pairing::Embedded { path } = &settings.pairing
        && !path.exists()
    {
        bail!("there is no database {} yet: run 'wxgate migrate'", path.display());
    }
    Ok(try_open(settings, existing_keys(settings)?).await?)
}

/// Opens the store for an operator's command; sets up an embedded one that is not there yet.
///
/// # Errors
/// As [`as_it_is`].
pub(crate) async fn for_operator(settings: &Settings) -> anyhow::Result<Arc<dyn Store>> {
    if let Pairing::Embedded { path } = &settings.pairing {
        if !path.exists() {
            return up_to_date(settings).await;
        }
        // Somebody else may be setting it up at this moment.
        drop(DataFolder::new(settings.pairing.data_dir()).lock()?);
    }
    as_it_is(settings).await
}

/// Brings the store up to date and opens it.
///
/// # Errors
/// As [`as_it_is`], except that an older schema is none.
pub(crate) async fn up_to_date(settings: &Settings) -> anyhow::Result<Arc<dyn Store>> {
    migrate(settings).await?;
    as_it_is(settings).await
}

/// Brings the store up to date; makes folder, key and database of an embedded one where they are
/// missing.
///
/// # Errors
/// When the store cannot be reached, was migrated by a newer version, or the key is wrong.
pub(crate) async fn migrate(settings: &Settings) -> anyhow::Result<Migrated> {
    let Pairing::Embedded { path } = &settings.pairing else {
        let changed_schema = bring_up_to_date(settings, existing_keys(settings)?).await?;
        return Ok(Migrated { changed_schema, ..Migrated::default() });
    };
    let folder = DataFolder::new(settings.pairing.data_dir());
    let made_folder = folder.make()?;
    // Two first starts at once take turns; the servers' migration sees to that by itself.
    let _turn = folder.lock()?;
    let made_key = make_missing_key(settings, &folder, path)?;
    let keys = existing_keys(settings)?;
    DataFolder::make_database(path)?;
    Ok(Migrated { made_folder, made_key, changed_schema: bring_up_to_date(settings, keys).await? })
}

/// The keys that are there, none made.
///
/// # Errors
/// When there are none or they cannot be used.
pub(crate) fn existing_keys(settings: &Settings) -> anyhow::Result<Keyring> {
    let folder = DataFolder::new(settings.pairing.data_dir());
    let key = match (&settings.secret_key, &settings.pairing) {
        (Some(key), _) => Some(key.clone()),
        (None, Pairing::Embedded { .. }) => folder.read_key()?,
        (None, Pairing::Servers { .. }) => None,
    };
    let Some(key) = key else {
        bail!(
            "the key is missing: bring back {} (it was made together with the database), or give the key that the \
             database was set up with as WXGATE_SECRET_KEY",
            folder.key_file().display()
        );
    };
    Keyring::parse(&key).with_context(|| match settings.secret_key {
        Some(_) => "WXGATE_SECRET_KEY cannot be used".to_owned(),
        None => format!("{} cannot be used", folder.key_file().display()),
    })
}

/// A key is made only where there is no database yet: to an existing one it would be a wrong one.
/// `true`: it was made.
fn make_missing_key(settings: &Settings, folder: &DataFolder, database: &Path) -> anyhow::Result<bool> {
    let wanted = settings.secret_key.is_none() && !database.exists() && folder.read_key()?.is_none();
    if wanted {
        folder.make_key()?;
    }
    Ok(wanted)
}

/// `true`: there was something to do.
async fn bring_up_to_date(settings: &Settings, keys: Keyring) -> Result<bool, StoreError> {
    if try_open(settings, keys.clone()).await.is_ok() {
        return Ok(false);
    }
    match &settings.pairing {
        Pairing::Embedded { path } => sqlite::migrate(path, &keys).await?,
        Pairing::Servers { postgres, .. } => postgres::migrate(&whole(postgres), &keys).await?,
    }
    Ok(true)
}

async fn try_open(settings: &Settings, keys: Keyring) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match &settings.pairing {
        Pairing::Embedded { path } => Arc::new(SqliteStore::open(path, keys).await?),
        Pairing::Servers { postgres, .. } => Arc::new(PostgresStore::open(&whole(postgres), keys).await?),
    })
}

fn whole(url: &ServerUrl) -> Secret {
    Secret::new(url.expose())
}
