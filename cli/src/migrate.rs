//! `wxgate migrate`.

use serde::Serialize;
use wxgate_settings::{Pairing, Settings};
use wxgate_store::{Store, StoreError};

use crate::data_folder::DataFolder;
use crate::open;
use crate::output::{Output, Shown};

/// Secrets sealed anew in one commit.
const CHUNK: u32 = 500;

/// What was done.
#[derive(Debug, Serialize)]
struct Report {
    database: String,
    schema: Schema,
    /// The folder made for it.
    made_folder: Option<String>,
    /// The key file made for it.
    made_key: Option<String>,
    /// Secrets that another key than the first had sealed.
    sealed_anew: u64,
}

/// What became of the schema.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Schema {
    BroughtUpToDate,
    WasUpToDate,
}

/// Brings the schema up to date, seals everything with the first key, and says what was done.
pub(crate) async fn run(settings: &Settings, output: Output) -> anyhow::Result<()> {
    let migrated = open::migrate(settings).await?;
    let sealed_anew = seal_anew(open::as_it_is(settings).await?.as_ref()).await?;
    let folder = DataFolder::new(settings.pairing.data_dir());
    output.show(&Report {
        database: name(&settings.pairing),
        schema: if migrated.changed_schema { Schema::BroughtUpToDate } else { Schema::WasUpToDate },
        made_folder: migrated.made_folder.then(|| folder.path().display().to_string()),
        made_key: migrated.made_key.then(|| folder.key_file().display().to_string()),
        sealed_anew,
    })
}

async fn seal_anew(store: &dyn Store) -> Result<u64, StoreError> {
    let mut total = 0;
    loop {
        let resealed = store.reseal(CHUNK).await?;
        total += resealed;
        if resealed < u64::from(CHUNK) {
            return Ok(total);
        }
    }
}

/// The database as people call it, without credentials.
pub(crate) fn name(pairing: &Pairing) -> String {
    match pairing {
        Pairing::Embedded { path } => path.display().to_string(),
        Pairing::Servers { postgres, .. } => postgres.to_string(),
    }
}

impl Shown for Report {
    fn text(&self) -> String {
        let folder = self.made_folder.as_ref().map(|path| format!("made the folder {path}"));
        let key = self.made_key.as_ref().map(|path| {
            format!("made the key {path}: keep a copy apart, without it no stored secret can be read")
        });
        let schema = match self.schema {
            Schema::BroughtUpToDate => "the schema was brought up to date",
            Schema::WasUpToDate => "the schema was up to date already",
        };
        let sealed = (self.sealed_anew > 0).then(|| {
            format!(
                "{} secrets were sealed with the first key: the others can leave the list",
                self.sealed_anew
            )
        });
        let lines = [folder, key, Some(format!("{}: {schema}", self.database)), sealed];
        lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }
}
