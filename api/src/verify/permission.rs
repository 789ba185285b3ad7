//! Whether the client may call the interface (106), and anybody may (107).

use wxgate_store::Directory;
use wxgate_store::model::operate::Client;

use crate::{Interface, Refusal};

/// Grants all interfaces that hand out no secrets.
const ALL: &str = "*";

pub(super) fn check(interface: &Interface, client: &Client, directory: &Directory) -> Result<(), Refusal> {
    let name = interface.name;
    let granted = |grant: &String| grant == name || (grant == ALL && !interface.secret);
    if !client.allow.iter().any(granted) {
        return Err(Refusal::NotGranted { interface: name });
    }
    if directory.switched_off.contains(name) {
        return Err(Refusal::SwitchedOff { interface: name });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use wxgate_job::decide::OnAmbiguity;
    use wxgate_store::model::operate::{CallbackFormat, Signing};

    use super::*;
    use crate::interfaces;

    fn client(allow: &[&str]) -> Client {
        Client {
            code: "shop".to_owned(),
            secret: None,
            former_secret: None,
            app_id: None,
            open: true,
            allow: allow.iter().map(ToString::to_string).collect(),
            callback_secret: None,
            former_callback_secret: None,
            callback_format: CallbackFormat::Form,
            signing: Signing::Both,
            on_ambiguity: OnAmbiguity::default(),
        }
    }

    #[test]
    fn a_star_does_not_grant_what_hands_out_secrets() {
        let open = interfaces::ALL[0];
        let secret = Interface { name: "get_drawboard_data", secret: true, run: open.run, ..*open };
        let passes = |interface: &Interface, allow: &[&str]| {
            check(interface, &client(allow), &Directory::default()).is_ok()
        };
        assert!(passes(open, &["*"]) && passes(open, &["x", open.name]));
        assert!(!passes(open, &[]) && !passes(open, &["get_job_status"]));
        assert!(!passes(&secret, &["*"]) && passes(&secret, &["*", secret.name]));
    }
}
