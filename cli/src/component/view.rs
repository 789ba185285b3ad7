//! Platforms as operators see them.

use serde::Serialize;
use wxgate_store::Directory;
use wxgate_store::model::platform::Component;

use super::apps_on;
use crate::fields::presence;
use crate::output::Shown;
use crate::table::Table;

/// One platform, its secrets as 'set' or 'missing'.
#[derive(Debug, Serialize)]
pub(super) struct ComponentView {
    pub(super) component_appid: String,
    secret: &'static str,
    token: &'static str,
    aes_key: &'static str,
    /// Missing until WeChat has pushed one: nothing works before.
    verify_ticket: &'static str,
    apps: Vec<AppOnIt>,
}

/// An app whose platform this is.
#[derive(Debug, Serialize)]
struct AppOnIt {
    app_id: String,
    authorised: bool,
}

impl ComponentView {
    /// The platform, and its apps according to the directory.
    pub(super) fn of(component: &Component, directory: &Directory) -> Self {
        let on_it = |app_id: &str| AppOnIt {
            app_id: app_id.to_owned(),
            authorised: directory.apps.get(app_id).is_some_and(|app| app.authorised),
        };
        Self {
            component_appid: component.appid.clone(),
            secret: presence(Some(&component.secret)),
            token: presence(Some(&component.token)),
            aes_key: presence(Some(&component.aes_key)),
            verify_ticket: presence(component.verify_ticket.as_ref()),
            apps: apps_on(&component.appid, directory).into_iter().map(on_it).collect(),
        }
    }
}

/// All platforms, by id.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct ComponentList(Vec<ComponentView>);

impl ComponentList {
    pub(super) fn of(directory: &Directory) -> Self {
        let mut components: Vec<_> =
            directory.components.values().map(|component| ComponentView::of(component, directory)).collect();
        components.sort_by(|one, other| one.component_appid.cmp(&other.component_appid));
        Self(components)
    }
}

impl Shown for ComponentList {
    fn text(&self) -> String {
        let mut table = Table::new(
            ["PLATFORM", "SECRET", "TOKEN", "AES KEY", "TICKET", "APPS", "AUTHORISED"],
            &["PLATFORM"],
        );
        for component in &self.0 {
            let authorised = component.apps.iter().filter(|app| app.authorised).count();
            table.add([
                component.component_appid.clone(),
                component.secret.to_owned(),
                component.token.to_owned(),
                component.aes_key.to_owned(),
                component.verify_ticket.to_owned(),
                component.apps.len().to_string(),
                authorised.to_string(),
            ]);
        }
        table.text("no platforms yet: 'wxgate component add' adds one")
    }
}
