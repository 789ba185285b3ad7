//! In which language `msg` and pages are.

use crate::http::head_and_body;
use crate::request::Request;
use crate::support::TestGateway;

const UNKNOWN: &str = "there is no client of this client_code";
const UNKNOWN_ZH: &str = "client_code不存在";

#[tokio::test]
async fn a_message_is_in_the_language_that_is_asked_for_and_else_in_english() {
    let gateway = TestGateway::start().await;
    let request = Request::send().with("client_code", "nobody");
    for (header, msg) in [
        ("", UNKNOWN),
        ("Accept-Language: fr\r\n", UNKNOWN),
        ("Accept-Language: en-GB,zh;q=0.5\r\n", UNKNOWN),
        ("Accept-Language: zh-CN,zh;q=0.9,en;q=0.8\r\n", UNKNOWN_ZH),
    ] {
        let sent = head_and_body("POST", &request.target(), header, request.form().as_bytes());
        let envelope = gateway.send(&sent).await.envelope();
        assert_eq!((envelope.retcode, envelope.msg.as_str()), (104, msg), "{header}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_value_is_told_in_the_same_language() {
    let gateway = TestGateway::start().await;
    for (request, reason) in [
        (Request::send().with("tpl_data", "[]"), "tpl_data：须为JSON对象"),
        (Request::send().with("send_at", "soon"), "send_at：须为Unix时间戳（秒）"),
        (Request::send().with("callback_url", "http://127.0.0.1/"), "callback_url：该地址指向非公网"),
        (Request::to("get_job_status").with("job_id", "x"), "job_id：须为十进制的任务ID"),
        (Request::to("get_job_status").with("job_id", 999), "没有这个任务"),
    ] {
        let chinese = "Accept-Language: zh\r\n";
        let sent = head_and_body("POST", &request.target(), chinese, request.form().as_bytes());
        assert_eq!(gateway.send(&sent).await.envelope().msg, reason);
    }
}
