//! Sends a template message later and answers at once (section 3.9 of the document).

use wxgate_store::clock::now_ms;
use wxgate_store::model::intake::{NewJob, RequestKey};

use crate::accepting::{accept, vet_callback};
use crate::interface::{Answers, Group, Interface, Job, Limit, Param, ParamKind, Shape};
use crate::refusal::said;
use crate::template::Template;
use crate::{Answer, Call, Refusal, uri, values};

const TPL_DATA: &str = "tpl_data";
const CALLBACK_URL: &str = "callback_url";
const SEND_AT: &str = "send_at";
const EXPIRE_AT: &str = "expire_at";
const REQUEST_ID: &str = "request_id";
const RECEIPT: &str = "receipt";

/// How far ahead a message may be scheduled: 30 days (ms).
const FURTHEST_MS: i64 = 30 * 86_400_000;
/// The longest `request_id`.
const LONGEST_REQUEST_ID: Limit = Limit::Characters(64);
/// How much of an openid is kept for searching (bytes). Real ones have 28; a store's index takes no
/// key of any length.
const LONGEST_SUBJECT: usize = 128;

/// Such as the sandbox's template wants it.
const MESSAGE: &str = r#"{"touser":"oSandboxUser01","template_id":"sandbox-template","data":{"thing1":{"value":"咖啡"},"time2":{"value":"2026年1月1日 12:00"}}}"#;

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "async_send_tpl",
    title_zh: "异步发送消息",
    title_en: "Send a template message",
    group: Group::Messages,
    params: &[
        Param::required(
            TPL_DATA,
            ParamKind::Json,
            "模板消息内容，与微信模板消息接口的请求数据相同",
            "The message, as WeChat's template send takes it",
        )
        .such_as(MESSAGE),
        Param::optional(
            CALLBACK_URL,
            ParamKind::Callback,
            "回调Url，处理结束后将结果推送到该地址",
            "Where the result is posted, signed",
        ),
        Param::optional(
            SEND_AT,
            ParamKind::Time,
            "定时发送时间，最多提前30天；已过去的时间表示立即发送",
            "Not to be sent before; at most 30 days ahead; a past time means now",
        ),
        Param::optional(
            EXPIRE_AT,
            ParamKind::Time,
            "截止时间，超过该时间未发送则失败（expired）",
            "Not to be sent after: it then fails as expired",
        ),
        Param::optional(
            REQUEST_ID,
            ParamKind::Text,
            "调用方的幂等键，最长64个字符；内容相同则返回同一个发送ID",
            "The caller's idempotency key, at most 64 characters: same content, same send ID",
        )
        .at_most(LONGEST_REQUEST_ID),
        Param::optional(
            RECEIPT,
            ParamKind::Flag,
            "为1时等待微信的送达回执后才结束",
            "With 1 the job ends only when WeChat has told whether the message was delivered",
        ),
    ],
    answers: Answers::with(Shape::Int).of_job(Job::Numbered),
    effect: true,
    secret: false,
    run: |call| Box::pin(run(call)),
};

async fn run(call: &Call<'_>) -> Result<Answer, Refusal> {
    let job = read(call)?;
    let now = now_ms();
    let untimely = untimely(call, &job, now).await.err();
    let due = job.send_at.is_none_or(|at| at <= now);
    Answer::of(&accept(call, job, untimely, due).await?)
}

/// What can be said of the values at any time.
fn read(call: &Call<'_>) -> Result<NewJob, Refusal> {
    let template = Template::read(call.required(TPL_DATA), msg_id)
        .map_err(|error| Refusal::malformed(TPL_DATA, &error))?;
    Ok(NewJob {
        lane: call.lane(),
        authcode: call.authcode.as_bytes().to_vec(),
        fingerprint: call.fingerprint(),
        payload: template.body,
        subject: cut(template.touser),
        request: request_key(call)?,
        callback_url: call.given(CALLBACK_URL).map(|url| uri::with_scheme(url).into_owned()),
        send_at: values::time_ms(call, SEND_AT)?,
        expire_at: values::time_ms(call, EXPIRE_AT)?,
        receipt: values::flag(call, RECEIPT)?,
        sharing: None,
        worker: None,
    })
}

/// What can be said of them now.
async fn untimely(call: &Call<'_>, job: &NewJob, now: i64) -> Result<(), Refusal> {
    if job.send_at.is_some_and(|at| at > now + FURTHEST_MS) {
        return Err(Refusal::malformed(SEND_AT, said("不能晚于30天之后", "lies more than 30 days ahead")));
    }
    if job.expire_at.is_some_and(|at| at <= job.send_at.unwrap_or(now).max(now)) {
        return Err(Refusal::malformed(
            EXPIRE_AT,
            said("须晚于当前时间和send_at", "must lie after now and after send_at"),
        ));
    }
    if job.receipt && !call.app.gets_pushes() {
        return Err(Refusal::malformed(
            RECEIPT,
            said(
                "该公众号未设置事件token，收不到回执",
                "no event token is set for this app, so no receipt can come",
            ),
        ));
    }
    vet_callback(call, CALLBACK_URL, job.callback_url.as_deref()).await
}

fn request_key(call: &Call<'_>) -> Result<Option<RequestKey>, Refusal> {
    let Some(id) = call.given(REQUEST_ID) else { return Ok(None) };
    values::within(REQUEST_ID, id, LONGEST_REQUEST_ID)?;
    Ok(Some(RequestKey { id: id.to_owned(), digest: call.content_digest() }))
}

/// Never derived from anything: ids of a restored backup come again, and a repeated one would make
/// WeChat take a new message for an old one.
fn msg_id() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

fn cut(mut subject: String) -> String {
    subject.truncate(subject.floor_char_boundary(LONGEST_SUBJECT));
    subject
}
