//! The pages in a real browser, on a phone's screen. What they look like is kept as pictures.

use wxgate_tests::{Browser, Gateway, Pairing, Phone, Plan, SdkHost};

mod console;
mod login;
mod show_code;
mod take_card;
mod test_tool;

/// A name that a page must show and never run.
const HOSTILE: &str = r#""><script>alert(1)</script>"#;

/// A gateway with a browser before it.
struct Stage {
    gateway: Gateway,
    browser: Browser,
    sdk: SdkHost,
}

impl Stage {
    async fn set(pairing: Pairing) -> Self {
        let (gateway, sdk) = (Plan::new(pairing).start().await, SdkHost::start().await);
        let browser = Browser::start(Phone::IN_WECHAT, &sdk, pairing).await;
        Self { gateway, browser, sdk }
    }

    /// The address of a page of the caller's own.
    fn page_of_caller(&self, path: &str) -> String {
        format!("{}/{path}", self.gateway.receiver.url)
    }

    /// Checks that no page gave the browser reason to complain since this was asked last.
    async fn all_is_quiet(&self) {
        let complaints = self.browser.complaints().await;
        assert!(complaints.is_empty(), "{complaints:#?}");
    }

    async fn end(self) {
        self.browser.end().await;
        self.gateway.end().await;
    }
}
