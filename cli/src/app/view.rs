//! Apps as people read them.

use serde::Serialize;
use wxgate_operate::view::AppView;
use wxgate_store::Directory;

use crate::fields::yes_no;
use crate::local_time::local;
use crate::output::Shown;
use crate::table::Table;

/// A line on its platform, if it is on one.
fn platform(app: &AppView) -> Option<String> {
    let platform = app.component_appid.as_ref()?;
    Some(match app.authorised {
        Some(true) => format!("{}: on platform {platform}, authorised", app.app_id),
        _ => format!("{}: on platform {platform}, which it has not authorised (114)", app.app_id),
    })
}

/// A line on each of its closed gates.
fn closed(app: &AppView) -> impl Iterator<Item = String> {
    app.closed.iter().map(|gate| {
        let jobs = if gate.kind.is_empty() { "all jobs wait" } else { &format!("{} waits", gate.kind) };
        format!(
            "{}: {} since {}, {jobs}: {} (tried again at {})",
            app.app_id,
            gate.reason,
            local(gate.since),
            gate.message,
            local(gate.next_probe_at)
        )
    })
}

/// All apps, by id.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct AppList(Vec<AppView>);

impl AppList {
    pub(super) fn of(directory: &Directory) -> Self {
        Self(AppView::all(directory))
    }
}

impl Shown for AppList {
    fn text(&self) -> String {
        let mut table = Table::new(
            [
                "APP",
                "ENABLED",
                "SECRET",
                "TOKEN",
                "EVENT TOKEN",
                "AES KEY",
                "SAFE ONLY",
                "RATE",
                "CONCURRENCY",
            ],
            &["APP"],
        );
        for app in &self.0 {
            table.add([
                app.app_id.clone(),
                yes_no(app.enabled).to_owned(),
                app.secret.to_owned(),
                app.token.to_owned(),
                app.event_token.to_owned(),
                app.aes_key.to_owned(),
                yes_no(app.safe_push_only).to_owned(),
                limit(app.rate),
                limit(app.concurrency),
            ]);
        }
        let platforms = self.0.iter().filter_map(platform);
        let closed = self.0.iter().flat_map(closed);
        let below = platforms.chain(closed).map(|line| format!("\n{line}"));
        table.text("no apps yet: 'wxgate app add' adds one") + &below.collect::<String>()
    }
}

fn limit(limit: Option<u32>) -> String {
    limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string())
}
