//! `wxgate interface …`: switches that hold for all clients.

use clap::Subcommand;
use serde::Serialize;
use wxgate_settings::Settings;

use crate::open;
use crate::output::{Output, Shown};
use crate::table::Table;

/// All interfaces, in the document's order (3.1 to 3.24), then ours.
const NAMES: [&str; 38] = [
    "set_drawboard_data",
    "get_drawboard_data",
    "set_user_data",
    "get_user_data",
    "set_wxcard_code_drawboard_data",
    "set_wxcard_drawboard_data",
    "get_wxcard_drawboard_data",
    "set_drawboard_data_test",
    "async_send_tpl",
    "consume_card_code",
    "abrogate_card_code",
    "decrypt_card_code",
    "membercard_active",
    "membercard_update",
    "get_card_list",
    "get_card_info",
    "generate_tiny_url",
    "update_tiny_url",
    "generate_qrcode",
    "generate_card_param",
    "download_media",
    "download_amr_to_mp3",
    "check_upyun_status",
    "custom_msg_send",
    "get_job_status",
    "cancel_job",
    "upload_card_logo",
    "create_card",
    "create_card_qrcode",
    "create_landing_page",
    "deposit_card_code",
    "get_deposit_count",
    "check_card_code",
    "modify_card_stock",
    "get_mpnews_html",
    "set_test_whitelist",
    "upload_media",
    "choose_card_param",
];

/// `wxgate interface …`.
#[derive(Debug, Subcommand)]
pub(crate) enum InterfaceCommand {
    /// Take requests to an interface again.
    Enable {
        /// The interface's name.
        #[arg(value_name = "NAME", value_parser = name)]
        name: String,
    },
    /// Refuse all requests to an interface (107).
    Disable {
        /// The interface's name.
        #[arg(value_name = "NAME", value_parser = name)]
        name: String,
    },
    /// List all interfaces.
    List,
}

/// The name of an interface that there is.
pub(crate) fn name(text: &str) -> Result<String, String> {
    if NAMES.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err("there is no such interface; 'wxgate interface list' lists them".to_owned())
    }
}

/// Runs the command.
pub(crate) async fn run(
    settings: &Settings,
    command: InterfaceCommand,
    output: Output,
) -> anyhow::Result<()> {
    let store = open::for_operator(settings).await?;
    let (name, enabled) = match command {
        InterfaceCommand::Enable { name } => (name, true),
        InterfaceCommand::Disable { name } => (name, false),
        InterfaceCommand::List => {
            let off = store.directory().await?.switched_off;
            let switch = |name: &str| Switch { name: name.to_owned(), enabled: !off.contains(name) };
            return output.show(&Switches(NAMES.into_iter().map(switch).collect()));
        }
    };
    store.switch_interface(&name, enabled).await?;
    output.show(&Switch { name, enabled })
}

/// Whether an interface takes requests.
#[derive(Debug, Serialize)]
struct Switch {
    name: String,
    enabled: bool,
}

impl Switch {
    const fn word(&self) -> &'static str {
        if self.enabled { "enabled" } else { "disabled" }
    }
}

impl Shown for Switch {
    fn text(&self) -> String {
        format!("{} is {}", self.name, self.word())
    }
}

/// All of them.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Switches(Vec<Switch>);

impl Shown for Switches {
    fn text(&self) -> String {
        let mut table = Table::new(["INTERFACE", "STATE"], &[]);
        for switch in &self.0 {
            table.add([switch.name.clone(), switch.word().to_owned()]);
        }
        table.text("")
    }
}
