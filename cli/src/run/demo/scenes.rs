//! What the demo plays: three messages and two media, and what becomes of each.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use wxgate_sandbox::{AppChange, Control, Fault, Rule, TEMPLATE_ID};
use wxgate_secret::Secret;
use wxgate_signing::{Form, WebhookSecret, md5};

use super::caller::Caller;
use super::media;
use super::receiver::{Post, Receiver};

const SEND: &str = "/cgi-bin/message/template/send";

/// How long a callback may stay away.
const PATIENCE: Duration = Duration::from_secs(10);

/// One message and how it is to end.
struct Scene {
    title: &'static str,
    openid: &'static str,
    ends: &'static str,
}

const SCENES: [Scene; 3] = [
    Scene { title: "A template message to a subscriber", openid: "oSandboxUser01", ends: "succeeded" },
    Scene {
        title: "One more, while WeChat is busy for two calls",
        openid: "oSandboxUser02",
        ends: "succeeded",
    },
    Scene {
        title: "One to somebody who does not follow the account",
        openid: "oSandboxUser03",
        ends: "failed",
    },
];

/// Plays all scenes; answers how many did not end as they should.
pub(super) async fn play(
    caller: &Caller,
    receiver: &Receiver,
    wechat: &Control,
    callback_secret: &Secret,
) -> anyhow::Result<usize> {
    let unfollow = AppChange { unfollow: [SCENES[2].openid.to_owned()].into(), ..AppChange::default() };
    wechat.change_app(wxgate_sandbox::APP_ID, unfollow)?;
    let busy = Rule::new(Fault::Errcode(-1)).path(SEND).touser(SCENES[1].openid).times(2);
    wechat.add_faults([busy])?;
    let mut count = Count::default();
    for scene in &SCENES {
        count.scene(scene.title, act(caller, receiver, callback_secret, scene)).await;
    }
    count.scene("A picture that a user sent", media::picture(caller, wechat)).await;
    let voice = media::voice(caller, receiver, wechat, callback_secret);
    count.scene("A voice message, to be an MP3", voice).await;
    Ok(count.failed)
}

/// How many scenes were played.
#[derive(Default)]
struct Count {
    played: usize,
    failed: usize,
}

impl Count {
    async fn scene(&mut self, title: &str, act: impl Future<Output = anyhow::Result<()>>) {
        self.played += 1;
        println!("{}. {title}", self.played);
        if let Err(error) = act.await {
            println!("   FAILED: {error:#}");
            self.failed += 1;
        }
    }
}

async fn act(
    caller: &Caller,
    receiver: &Receiver,
    callback_secret: &Secret,
    scene: &Scene,
) -> anyhow::Result<()> {
    let (message, callback_url) = (template(scene.openid), receiver.url.as_str());
    let params = [("tpl_data", message.as_str()), ("callback_url", callback_url)];
    let answer = caller.call("async_send_tpl", &params).await?;
    let id = answer["data"].as_i64().with_context(|| format!("the gateway refused it: {answer}"))?;
    println!("   accepted   send ID {id}, kept in the store before this answer");
    let status = finished(caller, id).await?;
    let attempts = status["attempts"].as_i64().unwrap_or_default();
    println!("   attempted  {attempts} time{}", if attempts == 1 { "" } else { "s" });
    println!("   result     {}", outcome(&status));
    let told = verify(&next_post(receiver).await?, callback_secret)?;
    let [send_id, state, errcode] = ["send_id", "state", "errcode"].map(|name| told.field(name));
    println!("   callback   send_id={send_id} state={state} errcode={errcode}, both signatures verified");
    ensure!(status["state"] == scene.ends, "it should have {}", scene.ends);
    Ok(())
}

async fn finished(caller: &Caller, id: i64) -> anyhow::Result<Value> {
    let params = [("job_id", id.to_string()), ("wait", "20".to_owned())];
    let params = params.each_ref().map(|(name, value)| (*name, value.as_str()));
    let answer = caller.call("get_job_status", &params).await?;
    ensure!(answer["retcode"] == 200, "the gateway does not know the job: {answer}");
    Ok(answer["data"].clone())
}

fn outcome(status: &Value) -> String {
    let state = status["state"].as_str().unwrap_or("unknown");
    match (&status["result"]["msgid"], &status["error"]) {
        (Value::String(msgid), _) => format!("{state}, WeChat's message id {msgid}"),
        (_, Value::Object(error)) => format!("{state}: {}", error["message"].as_str().unwrap_or_default()),
        _ => state.to_owned(),
    }
}

/// The next callback.
pub(super) async fn next_post(receiver: &Receiver) -> anyhow::Result<Post> {
    let post = tokio::time::timeout(PATIENCE, receiver.next()).await.ok().flatten();
    post.context("no callback came")
}

/// What a callback tells.
pub(super) struct Told(Vec<(String, String)>);

impl Told {
    /// A field; empty when there is none.
    pub(super) fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// What the callback tells, once both of its signatures are found right.
pub(super) fn verify(post: &Post, secret: &Secret) -> anyhow::Result<Told> {
    let form = Form::parse(post.body.as_bytes())?;
    let authcode = md5::authcode(form.pairs(), secret).to_string();
    ensure!(authcode == post.authcode, "the callback's authcode is wrong");
    let [id, timestamp, signature] = &post.webhook;
    let timestamp: i64 = timestamp.parse().context("the callback's timestamp is no number")?;
    let webhook = WebhookSecret::parse(secret)?;
    ensure!(
        webhook.verify(id, timestamp, post.body.as_bytes(), signature),
        "the callback's webhook signature is wrong"
    );
    Ok(Told(form.pairs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
}

/// A message as WeChat's template send takes it.
pub(super) fn template(openid: &str) -> String {
    let data = json!({ "thing1": { "value": "咖啡" }, "time2": { "value": "2026年1月1日 12:00" } });
    json!({ "touser": openid, "template_id": TEMPLATE_ID, "data": data }).to_string()
}
