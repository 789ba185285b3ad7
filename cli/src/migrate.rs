//! `wxgate migrate`.

use serde::Serialize;
use wxgate_settings::{Pairing, Settings};

use crate::data_folder::DataFolder;
use crate::open;
use crate::output::{Output, Shown};

/// What was done.
#[derive(Debug, Serialize)]
struct Report {
    database: String,
    schema: Schema,
    /// The folder made for it.
    made_folder: Option<String>,
    /// The key file made for it.
    made_key: Option<String>,
}

/// What became of the schema.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Schema {
    BroughtUpToDate,
    WasUpToDate,
}

/// Brings the schema up to date and says what was done.
pub(crate) async fn run(settings: &Settings, output: Output) -> anyhow::Result<()> {
    let migrated = open::migrate(settings).await?;
    let folder = DataFolder::new(settings.pairing.data_dir());
    output.show(&Report {
        database: name(&settings.pairing),
        schema: if migrated.changed_schema { Schema::BroughtUpToDate } else { Schema::WasUpToDate },
        made_folder: migrated.made_folder.then(|| folder.path().display().to_string()),
        made_key: migrated.made_key.then(|| folder.key_file().display().to_string()),
    })
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
        let lines = [folder, key, Some(format!("{}: {schema}", self.database))];
        lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }
}
