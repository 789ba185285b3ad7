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
    schema: &'static str,
    made: Vec<String>,
}

/// Brings the schema up to date and says what was done.
pub(crate) async fn run(settings: &Settings, output: Output) -> anyhow::Result<()> {
    let migrated = open::migrate(settings).await?;
    let folder = DataFolder::new(settings.pairing.data_dir());
    let made_folder = migrated.made_folder.then(|| folder.path().display().to_string());
    let made_key = migrated.made_key.then(|| folder.key_file().display().to_string());
    output.show(&Report {
        database: name(&settings.pairing),
        schema: if migrated.changed_schema { "migrated" } else { "up to date" },
        made: made_folder.into_iter().chain(made_key).collect(),
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
        let made = self.made.iter().map(|path| format!("made {path}\n"));
        let key = self.made.iter().any(|path| path.ends_with(".key"));
        let advice = if key {
            "keep the key with your backups: without it no stored secret can be read\n"
        } else {
            ""
        };
        let schema = match self.schema {
            "migrated" => "the schema was brought up to date",
            _ => "the schema was up to date already",
        };
        format!("{}{advice}{}: {schema}", made.collect::<String>(), self.database)
    }
}
