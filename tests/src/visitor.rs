//! A visitor's browser, as far as pages need no script of it.

use reqwest::redirect::Policy;
use reqwest::{Client, Url};

/// What the visitor was shown.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where it is, after any redirects that were followed.
    pub url: String,
    /// HTTP status.
    pub status: u16,
    /// Where a redirect leads that was not followed.
    pub leads_to: Option<String>,
    /// As sent, `>` and quotes still escaped.
    pub html: String,
}

impl Page {
    /// Where the element of this id leads.
    pub fn link(&self, id: &str) -> String {
        let (_, after) =
            self.html.split_once(&format!("id=\"{id}\" href=\"")).expect("the page has the link");
        let address = unescaped(after.split('"').next().unwrap());
        Url::parse(&self.url).unwrap().join(&address).unwrap().to_string()
    }

    /// What the first element with this attribute says there.
    pub fn attribute(&self, name: &str) -> String {
        let (_, after) = self.html.split_once(&format!(" {name}=\"")).expect("the page has the attribute");
        unescaped(after.split('"').next().unwrap())
    }

    /// A parameter of its address.
    pub fn param(&self, name: &str) -> Option<String> {
        param(&self.url, name)
    }
}

/// A parameter of an address.
pub fn param(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// Opens an address and goes wherever it leads.
pub async fn visit(url: &str) -> Page {
    open(url, Policy::limited(5)).await
}

/// Opens an address, and stays there.
pub async fn look_at(url: &str) -> Page {
    open(url, Policy::none()).await
}

async fn open(url: &str, policy: Policy) -> Page {
    let browser = Client::builder().no_proxy().redirect(policy).build().unwrap();
    let response = browser.get(url).send().await.unwrap();
    let leads_to = response.headers().get("location").map(|url| url.to_str().unwrap().to_owned());
    let (url, status) = (response.url().to_string(), response.status().as_u16());
    Page { url, status, leads_to, html: response.text().await.unwrap() }
}

/// As browsers read an attribute; the last of these must be the last.
fn unescaped(text: &str) -> String {
    let escapes = [("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&#60;", "<")];
    let more = [("&gt;", ">"), ("&#62;", ">"), ("&#38;", "&"), ("&amp;", "&")];
    let all = escapes.into_iter().chain(more);
    all.fold(text.to_owned(), |text, (escape, sign)| text.replace(escape, sign))
}
