//! What a callback says, and its two signatures.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};
use wxgate_job::JobState;
use wxgate_media::underway;
use wxgate_secret::Secret;
use wxgate_signing::webhook::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use wxgate_signing::{InvalidWebhookSecret, WebhookSecret, hmac_sha256, md5};
use wxgate_store::model::callback::{CallbackId, JobReport};
use wxgate_store::model::operate::{CallbackFormat, Client, Signing};

/// RFC 3986's unreserved characters stay as they are.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A callback ready to be posted.
#[derive(Debug)]
pub struct Composed {
    /// The caller's address with the authcode added.
    pub url: String,
    /// Content type and the Standard Webhooks headers.
    pub headers: HeaderMap,
    /// Form or JSON.
    pub body: String,
}

/// Why no callback can be composed.
#[derive(Debug, thiserror::Error)]
pub enum Uncomposable {
    /// Nothing to sign with.
    #[error("the client has no callback secret: give it one with 'wxgate client set'")]
    NoSecret,
    /// Set by hand to what cannot sign.
    #[error("the client's callback secret is unusable")]
    BadSecret(#[from] InvalidWebhookSecret),
}

/// Writes and signs one attempt at `unix_seconds`.
///
/// # Errors
/// [`Uncomposable`] when the client has no usable callback secret.
pub fn compose(
    id: CallbackId,
    url: &str,
    report: &JobReport,
    client: &Client,
    unix_seconds: i64,
) -> Result<Composed, Uncomposable> {
    let secret = client.callback_secret.as_ref().ok_or(Uncomposable::NoSecret)?;
    let webhook = WebhookSecret::parse(secret)?;
    let former = client.former_callback_secret_at(unix_seconds * 1000);
    let fields = fields(report, unix_seconds);
    let (content_type, body) = match client.callback_format {
        CallbackFormat::Form => ("application/x-www-form-urlencoded", form(&fields)),
        CallbackFormat::Json => ("application/json", json(&fields)),
    };
    let message_id = format!("job_{}_{}", id.job, id.seq);
    let mut signature = webhook.sign(&message_id, unix_seconds, body.as_bytes());
    if let Some(former) = former {
        let also = WebhookSecret::parse(former)?.sign(&message_id, unix_seconds, body.as_bytes());
        signature = format!("{signature} {also}");
    }
    let headers = [
        (CONTENT_TYPE, content_type.to_owned()),
        (HeaderName::from_static(ID_HEADER), message_id),
        (HeaderName::from_static(TIMESTAMP_HEADER), unix_seconds.to_string()),
        (HeaderName::from_static(SIGNATURE_HEADER), signature),
    ];
    let headers =
        headers.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::from_str(&value).ok()?)));
    // There is room for one: whoever has not heard of the new secret goes on, whoever has knows both.
    let url = signed(url, &fields, client.signing, former.unwrap_or(secret));
    Ok(Composed { url, headers: headers.collect(), body })
}

/// The documented fields; those that are empty are left out.
fn fields(report: &JobReport, unix_seconds: i64) -> Vec<(&'static str, String)> {
    let result: Option<Value> = report.result.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let of_result =
        |name: &str| result.as_ref().and_then(|result| result.get(name)).map(text).unwrap_or_default();
    let failure = report.failure.as_ref().filter(|_| report.state != JobState::Succeeded);
    let errcode = failure.map_or_else(
        || of_result("errcode"),
        |failure| failure.errcode.map_or_else(|| failure.code.clone(), |errcode| errcode.to_string()),
    );
    let errmsg = failure.map_or_else(|| of_result("errmsg"), |failure| failure.message.clone());
    let of_kind = |kinds: &[&str], value: String| {
        if kinds.contains(&report.kind.as_str()) { value } else { String::new() }
    };
    let fields = [
        ("job_id", report.job.to_string()),
        ("send_id", of_kind(&["async_send_tpl"], report.job.to_string())),
        ("kind", report.kind.to_string()),
        ("state", report.state.to_string()),
        ("errcode", errcode),
        ("errmsg", errmsg),
        ("msgid", of_result("msgid")),
        ("delivery", of_result("delivery")),
        ("media_id", of_kind(&["download_media", "download_amr_to_mp3"], report.subject.clone())),
        ("file_url", of_result("file_url")),
        ("data", report.result.as_deref().map(underway::shown).unwrap_or_default().into_owned()),
        ("client_code", report.client.clone()),
        ("req_time", unix_seconds.to_string()),
    ];
    fields.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn form(fields: &[(&str, String)]) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, ESCAPED)))
        .collect();
    pairs.join("&")
}

fn json(fields: &[(&str, String)]) -> String {
    let object: Map<String, Value> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), Value::String(value.clone()))).collect();
    Value::Object(object).to_string()
}

/// The address with `authcode` added: signed like a request, but with the callback secret in the
/// client secret's place, so that a callback can never be posted back as a request.
fn signed(url: &str, fields: &[(&str, String)], signing: Signing, secret: &Secret) -> String {
    let pairs = fields.iter().map(|(name, value)| (*name, value.as_str()));
    let authcode = match signing {
        Signing::Hmac => hmac_sha256::authcode(hmac_sha256::CALLBACK, pairs, secret),
        Signing::Md5 | Signing::Both => md5::authcode(pairs, secret),
    };
    let (address, fragment) =
        url.split_once('#').map_or((url, None), |(address, fragment)| (address, Some(fragment)));
    let joint = if address.contains('?') { '&' } else { '?' };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{address}{joint}authcode={authcode}{fragment}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]

    use super::*;
    use wxgate_job::decide::OnAmbiguity;
    use wxgate_job::{Failure, JobId, Kind};
    use wxgate_store::model::rotation::Former;

    const NOW: i64 = 1_700_000_000;

    fn client(format: CallbackFormat) -> Client {
        Client {
            code: "shop".to_owned(),
            secret: None,
            former_secret: None,
            app_id: None,
            open: true,
            allow: vec![],
            callback_secret: Some(WebhookSecret::generate().to_text()),
            former_callback_secret: None,
            callback_format: format,
            signing: Signing::Both,
            on_ambiguity: OnAmbiguity::Resend,
        }
    }

    fn report(state: JobState) -> JobReport {
        JobReport {
            job: JobId::new(7).unwrap(),
            kind: Kind::named("async_send_tpl"),
            client: "shop".to_owned(),
            subject: String::new(),
            state,
            result: (state == JobState::Succeeded).then(|| {
                r#"{"errcode":0,"errmsg":"ok","msgid":"3662956322040938501","delivery":null}"#.to_owned()
            }),
            failure: (state == JobState::Failed)
                .then(|| Failure::new("wechat", "未关注").with_errcode(43004)),
        }
    }

    #[test]
    fn a_media_job_tells_its_media_id_and_where_the_file_is_and_its_data() {
        let result = r#"{"content_type":"video/mp4","file_url":"http://files.example/a.mp4","width":1}"#;
        let media = JobReport {
            kind: Kind::named("download_media"),
            subject: "MEDIA_1".to_owned(),
            result: Some(result.to_owned()),
            ..report(JobState::Succeeded)
        };
        let fields = fields(&media, NOW);
        let told =
            |wanted: &str| fields.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str());
        assert_eq!(
            (told("media_id"), told("file_url")),
            (Some("MEDIA_1"), Some("http://files.example/a.mp4"))
        );
        assert_eq!((told("data"), told("send_id"), told("errcode")), (Some(result), None, None));
    }

    #[test]
    fn a_conversion_that_failed_tells_nothing_of_its_task() {
        let underway = wxgate_media::Underway { task: "TASK".to_owned(), begun_at: NOW, looks: 1 };
        let voice = JobReport {
            kind: Kind::named("download_amr_to_mp3"),
            subject: "MEDIA_1".to_owned(),
            result: Some(underway.so_far("MEDIA_1").to_string()),
            ..report(JobState::Failed)
        };
        let fields = fields(&voice, NOW);
        let data = fields.iter().find(|(name, _)| *name == "data").map(|(_, value)| value.as_str());
        let data: Value = serde_json::from_str(data.unwrap()).unwrap();
        assert_eq!(data, serde_json::json!({ "media_id": "MEDIA_1", "file_url": null }));
        assert!(!fields.iter().any(|(_, value)| value.contains("TASK")));
    }

    #[test]
    fn a_message_that_was_taken_and_not_delivered_tells_its_id_and_delivery() {
        let blocked = JobReport {
            subject: "openid".to_owned(),
            result: Some(r#"{"errcode":0,"errmsg":"ok","msgid":"5","delivery":"user_blocked"}"#.to_owned()),
            failure: Some(Failure::new("user_blocked", "the user refuses messages")),
            ..report(JobState::Failed)
        };
        let form = form(&fields(&blocked, NOW));
        assert!(form.contains("&state=failed&errcode=user_blocked&errmsg=the%20user"));
        assert!(form.contains("&msgid=5&delivery=user_blocked&data="));
        assert!(!form.contains("media_id"));
    }

    fn composed(state: JobState, format: CallbackFormat) -> (Composed, Client) {
        let client = client(format);
        let id = CallbackId { job: JobId::new(7).unwrap(), seq: 2 };
        let url = "https://shop.example/hook?a=1#f";
        (compose(id, url, &report(state), &client, NOW).unwrap(), client)
    }

    #[test]
    fn a_form_holds_the_documented_fields_and_no_empty_ones() {
        let (composed, _) = composed(JobState::Succeeded, CallbackFormat::Form);
        assert!(composed.body.starts_with(
            "job_id=7&send_id=7&kind=async_send_tpl&state=succeeded&errcode=0&errmsg=ok&msgid=3662956322040938501&data=%7B"
        ));
        assert!(composed.body.ends_with("&client_code=shop&req_time=1700000000"));
        assert!(!composed.body.contains("media_id") && !composed.body.contains("delivery="));
    }

    #[test]
    fn a_failure_tells_wechats_number_and_the_reason() {
        let (composed, _) = composed(JobState::Failed, CallbackFormat::Json);
        let body: Value = serde_json::from_str(&composed.body).unwrap();
        assert_eq!((body["errcode"].as_str(), body["errmsg"].as_str()), (Some("43004"), Some("未关注")));
        assert_eq!(composed.headers[CONTENT_TYPE], "application/json");
    }

    #[test]
    fn both_signatures_verify_and_the_address_keeps_its_parts() {
        let (composed, client) = composed(JobState::Succeeded, CallbackFormat::Form);
        let secret = client.callback_secret.unwrap();
        let form = wxgate_signing::Form::parse(composed.body.as_bytes()).unwrap();
        let authcode = md5::authcode(form.pairs(), &secret);
        assert_eq!(composed.url, format!("https://shop.example/hook?a=1&authcode={authcode}#f"));

        let header = composed.headers[SIGNATURE_HEADER].to_str().unwrap();
        let webhook = WebhookSecret::parse(&secret).unwrap();
        assert_eq!(composed.headers[ID_HEADER], "job_7_2");
        assert!(webhook.verify("job_7_2", NOW, composed.body.as_bytes(), header));
    }

    #[test]
    fn while_the_former_secret_counts_both_sign_and_the_authcode_is_by_the_former() {
        let old = WebhookSecret::generate();
        let posted_at = |unix_seconds: i64| {
            let former = Former { secret: old.to_text(), until: NOW * 1000 };
            let client = Client { former_callback_secret: Some(former), ..client(CallbackFormat::Form) };
            let id = CallbackId { job: JobId::new(7).unwrap(), seq: 1 };
            let report = report(JobState::Succeeded);
            let posted = compose(id, "https://shop.example", &report, &client, unix_seconds).unwrap();
            let new = client.callback_secret.unwrap();
            let verified = [&WebhookSecret::parse(&new).unwrap(), &old].map(|secret| {
                let header = posted.headers[SIGNATURE_HEADER].to_str().unwrap();
                secret.verify("job_7_1", unix_seconds, posted.body.as_bytes(), header)
            });
            let form = wxgate_signing::Form::parse(posted.body.as_bytes()).unwrap();
            let authcodes =
                [new, old.to_text()].map(|secret| md5::authcode(form.pairs(), &secret).to_string());
            (verified, authcodes.map(|authcode| posted.url.ends_with(&authcode)))
        };
        assert_eq!(posted_at(NOW - 1), ([true, true], [false, true]));
        assert_eq!(posted_at(NOW), ([true, false], [true, false]));
    }

    #[test]
    fn without_a_secret_nothing_is_sent() {
        let client = Client { callback_secret: None, ..client(CallbackFormat::Form) };
        let id = CallbackId { job: JobId::new(7).unwrap(), seq: 1 };
        let refused = compose(id, "https://shop.example", &report(JobState::Failed), &client, NOW);
        assert!(matches!(refused, Err(Uncomposable::NoSecret)));
    }
}
