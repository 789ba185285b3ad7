//! All platforms, with everything that was given out to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use url::Url;

use super::authorization::{Authorization, Authorized};
use super::component::{Component, ComponentChange};
use crate::clock::Moment;
use crate::expiring::Expiring;
use crate::pushes::{Address, Key, PushMode, Recipient};
use crate::refused::Refused;

/// Tickets, tokens and codes remembered of one platform, of each the newest.
const REMEMBERED: usize = 10_000;

/// One platform.
#[derive(Debug)]
pub(super) struct Platform {
    pub(super) profile: Component,
    pub(super) tickets: Expiring<()>,
    pub(super) tokens: Expiring<()>,
    pub(super) pre_auth_codes: Expiring<()>,
    /// Which account each authorisation code is of.
    pub(super) codes: Expiring<Arc<str>>,
    pub(super) authorizations: BTreeMap<Arc<str>, Authorization>,
}

impl Platform {
    fn new(profile: Component) -> Self {
        Self {
            profile,
            tickets: Expiring::new(REMEMBERED),
            tokens: Expiring::new(REMEMBERED),
            pre_auth_codes: Expiring::new(REMEMBERED),
            codes: Expiring::new(REMEMBERED),
            authorizations: BTreeMap::new(),
        }
    }

    fn address(&self, url: Option<&str>, recipient: Recipient) -> Option<Address> {
        Some(Address {
            url: Url::parse(url?).ok()?,
            token: self.profile.token.clone(),
            key: Key::parse(&self.profile.aes_key),
            mode: PushMode::Aes,
            recipient,
            sealed_for: self.profile.component_appid.clone(),
        })
    }

    /// Where tickets and events of authorisation go.
    pub(super) fn event_address(&self) -> Option<Address> {
        let recipient = Recipient::Platform(self.profile.component_appid.clone());
        self.address(self.profile.event_url.as_deref(), recipient)
    }

    /// The accounts that authorised it.
    pub(super) fn authorized(&self) -> Vec<Authorized> {
        let all = self.authorizations.iter().map(|(app, authorization)| Authorized {
            app: app.to_string(),
            refresh_token: authorization.current().to_owned(),
            auth_time: authorization.since_s,
        });
        all.collect()
    }
}

/// All platforms by appid.
#[derive(Debug)]
pub(crate) struct Platforms(Mutex<BTreeMap<String, Platform>>);

impl Platforms {
    /// The ready-made one alone.
    pub(crate) fn ready_made() -> Self {
        let profile = Component::ready_made();
        Self(Mutex::new(BTreeMap::from([(profile.component_appid.clone(), Platform::new(profile))])))
    }

    /// Works on one platform; none when there is no such one.
    pub(super) fn with<T>(&self, appid: &str, work: impl FnOnce(&mut Platform) -> T) -> Option<T> {
        self.0.lock().get_mut(appid).map(work)
    }

    /// Which platform has this token, and whether its time is over.
    pub(super) fn owner_of(&self, token: &str, now: Moment) -> Option<(String, bool)> {
        let mut platforms = self.0.lock();
        platforms.iter_mut().find_map(|(appid, platform)| {
            platform.tokens.find(token, now).map(|((), is_over)| (appid.clone(), is_over))
        })
    }

    /// Whether this account authorised this platform.
    pub(crate) fn is_authorized(&self, appid: &str, app: &str) -> bool {
        self.with(appid, |platform| platform.authorizations.contains_key(app)).unwrap_or(false)
    }

    /// Where messages of an account that authorised a platform go.
    pub(crate) fn message_address(&self, app: &str, account: String) -> Option<Address> {
        let platforms = self.0.lock();
        let mut of_app = platforms.values().filter(|platform| platform.authorizations.contains_key(app));
        let platform = of_app.find(|platform| platform.profile.message_url.is_some())?;
        let url = platform.profile.message_url.as_ref()?.replace("$APPID$", app);
        platform.address(Some(&url), Recipient::Account(account))
    }

    pub(crate) fn all(&self) -> Vec<Component> {
        self.0.lock().values().map(|platform| platform.profile.clone()).collect()
    }

    pub(crate) fn authorized(&self, appid: &str) -> Result<Vec<Authorized>, Refused> {
        self.with(appid, |platform| platform.authorized()).ok_or_else(|| no_component(appid))
    }

    pub(crate) fn add(&self, component: Component) -> Result<(), Refused> {
        component.check()?;
        let mut platforms = self.0.lock();
        if platforms.contains_key(&component.component_appid) {
            let sentence = format!("component {} exists already: change it", component.component_appid);
            return Err(Refused::exists(sentence));
        }
        platforms.insert(component.component_appid.clone(), Platform::new(component));
        Ok(())
    }

    /// Changes a platform as a whole or, when the outcome is not sound, not at all.
    pub(crate) fn change(&self, appid: &str, change: ComponentChange) -> Result<Component, Refused> {
        let mut platforms = self.0.lock();
        let platform = platforms.get_mut(appid).ok_or_else(|| no_component(appid))?;
        let mut changed = platform.profile.clone();
        change.apply(&mut changed);
        changed.check()?;
        platform.profile = changed.clone();
        Ok(changed)
    }
}

pub(super) fn no_component(appid: &str) -> Refused {
    Refused::missing(format!("there is no component '{appid}'"))
}
