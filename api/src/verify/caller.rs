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
    match (app.enabled, &app.component_appid, &app.secret) {
        (false, _, _) => Err(Refusal::AppDisabled),
        (true, None, None) => Err(Refusal::AppWithoutSecret),
        // An app of a platform is called with the platform's authorisation, which none has here.
        (true, Some(_), _) => Err(Refusal::PlatformNotAuthorised),
        (true, None, Some(_)) => Ok(app),
    }
}
