//! Who calls (104, 105, 108), and for which app (110, 112, 113, 114).

use std::sync::Arc;

use wxgate_secret::Secret;
use wxgate_store::Directory;
use wxgate_store::model::operate::{App, Client};

use crate::Refusal;

/// The client, if it may call at all, and its secret.
pub(super) fn client<'d>(
    directory: &'d Directory,
    code: &str,
) -> Result<(&'d Arc<Client>, &'d Secret), Refusal> {
    let client = directory.clients.get(code).ok_or(Refusal::UnknownClient)?;
    if !client.open {
        return Err(Refusal::ClientClosed);
    }
    Ok((client, client.secret.as_ref().ok_or(Refusal::NoSecret)?))
}

/// The client's app, if WeChat can be called for it.
pub(super) fn app<'d>(directory: &'d Directory, client: &Client) -> Result<&'d Arc<App>, Refusal> {
    let app_id = client.app_id.as_ref().ok_or(Refusal::NoApp)?;
    let app = directory.apps.get(app_id).ok_or(Refusal::UnknownApp)?;
    // An app of a platform is called with the platform's authorisation, whatever secret it has.
    match (&app.component_appid, &app.secret) {
        _ if !app.enabled => Err(Refusal::AppDisabled),
        (Some(_), _) if !app.authorised => Err(Refusal::PlatformNotAuthorised),
        (None, None) => Err(Refusal::AppWithoutSecret),
        (Some(_), _) | (None, Some(_)) => Ok(app),
    }
}

#[cfg(test)]
mod tests {
    use wxgate_job::decide::OnAmbiguity;
    use wxgate_store::model::operate::{CallbackFormat, Signing, TokenMode};

    use super::*;

    fn called_for(app: App) -> Result<(), Refusal> {
        let client = Client {
            code: "shop".to_owned(),
            secret: None,
            former_secret: None,
            app_id: Some(app.app_id.clone()),
            open: true,
            allow: Vec::new(),
            callback_secret: None,
            former_callback_secret: None,
            callback_format: CallbackFormat::Form,
            signing: Signing::Both,
            on_ambiguity: OnAmbiguity::default(),
        };
        let apps = [(app.app_id.clone(), Arc::new(app))].into();
        super::app(&Directory { apps, ..Directory::default() }, &client).map(drop)
    }

    fn app(secret: Option<&str>) -> App {
        App {
            app_id: "wx1".to_owned(),
            enabled: true,
            secret: secret.map(Secret::new),
            token: TokenMode::Normal,
            event_token: None,
            aes_key: None,
            component_appid: None,
            authorised: false,
            safe_push_only: false,
            rate: None,
            concurrency: None,
        }
    }

    #[test]
    fn an_app_needs_a_secret_of_its_own_or_a_platform_that_it_has_authorised() {
        assert!(called_for(app(Some("secret"))).is_ok());
        assert!(matches!(called_for(app(None)), Err(Refusal::AppWithoutSecret)));
        for secret in [None, Some("secret")] {
            let waiting = App { component_appid: Some("wxp".to_owned()), ..app(secret) };
            let authorised = App { authorised: true, ..waiting.clone() };
            let disabled = App { enabled: false, ..authorised.clone() };
            assert!(matches!(called_for(waiting), Err(Refusal::PlatformNotAuthorised)));
            assert!(called_for(authorised).is_ok());
            assert!(matches!(called_for(disabled), Err(Refusal::AppDisabled)));
        }
    }
}
