//! The WeChat apps (accounts) that exist in the sandbox.

mod change;
mod profile;
mod quota;
mod ready_made;

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

pub use change::{AppChange, Setting};
pub use profile::{App, DuplicateAnswer, Limit, Template};
pub(crate) use quota::{
    CUSTOM_SEND_PATH, FORCED_REFRESH, MEDIA_GET_PATH, MEDIA_UPLOAD_PATH, Meters, QRCODE_PATH, SEND_PATH,
    STABLE_TOKEN_PATH, TOKEN_PATH,
};
pub use ready_made::{APP_ID, APP_SECRET, TEMPLATE_ID};

use crate::refused::Refused;

/// One app: what it is, and what it used up of its quotas.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: Arc<str>,
    app: RwLock<Arc<App>>,
    pub(crate) meters: Mutex<Meters>,
}

impl Account {
    fn new(app: App) -> Self {
        let id = Arc::from(app.app_id.as_str());
        Self { id, app: RwLock::new(Arc::new(app)), meters: Mutex::default() }
    }

    /// The app as it stands now; later changes do not touch what was handed out.
    pub(crate) fn app(&self) -> Arc<App> {
        Arc::clone(&self.app.read())
    }
}

/// All apps by their id.
#[derive(Debug)]
pub(crate) struct Accounts(RwLock<BTreeMap<String, Arc<Account>>>);

impl Accounts {
    /// The ready-made app alone.
    pub(crate) fn ready_made() -> Self {
        let app = ready_made::app();
        Self(RwLock::new(BTreeMap::from([(app.app_id.clone(), Arc::new(Account::new(app)))])))
    }

    pub(crate) fn find(&self, app_id: &str) -> Option<Arc<Account>> {
        self.0.read().get(app_id).cloned()
    }

    pub(crate) fn all(&self) -> Vec<App> {
        self.0.read().values().map(|account| App::clone(&account.app())).collect()
    }

    pub(crate) fn add(&self, app: App) -> Result<(), Refused> {
        app.check()?;
        let mut accounts = self.0.write();
        if accounts.contains_key(&app.app_id) {
            return Err(Refused::exists(format!("app {} exists already: change it", app.app_id)));
        }
        accounts.insert(app.app_id.clone(), Arc::new(Account::new(app)));
        Ok(())
    }

    /// Changes an app as a whole or, when the outcome is not sound, not at all.
    pub(crate) fn change(&self, app_id: &str, change: AppChange) -> Result<App, Refused> {
        let account = self.find(app_id).ok_or_else(|| Refused::no_app(app_id))?;
        let mut app = account.app.write();
        let mut changed = App::clone(&app);
        change.apply(&mut changed);
        changed.check()?;
        *app = Arc::new(changed.clone());
        Ok(changed)
    }
}
