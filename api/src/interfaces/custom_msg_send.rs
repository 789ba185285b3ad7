//! Sends a customer-service message (section 3.24 of the document).

use bytes::Bytes;
use wxgate_wechat::Endpoint;

use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface, Param, ParamKind};
use crate::once::{Doubt, Work, once};
use crate::upstream::pass_on;
use crate::{Call, Refusal, values};

const MSG_DATA: &str = "msg_data";

/// The declaration. WeChat knows no repeat of such a message: it would reach the user twice.
pub(super) const INTERFACE: Interface = Interface {
    name: "custom_msg_send",
    title_zh: "客服接口-发消息",
    title_en: "Send a customer-service message",
    group: Group::Messages,
    params: &[Param::required(
        MSG_DATA,
        ParamKind::Json,
        "发送客服消息数据包，为json格式的字符串，原样传给微信",
        "The message, as WeChat's custom send takes it; handed on byte for byte",
    )
    .such_as(r#"{"touser":"oSandboxUser01","msgtype":"text","text":{"content":"您好"}}"#)],
    answers: Answers::with(WECHAT),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::Leave, work(call))),
};

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let message = values::json_object(MSG_DATA, call.required(MSG_DATA))?;
    Ok(pass_on(call, Endpoint::SendCustomMessage, Bytes::copy_from_slice(message.as_bytes())))
}
