//! What this process has counted without knowing of Prometheus: calls to WeChat, refreshes, doorbells.

use wxgate_wechat::WeChat;

use super::Operator;
use super::text::{Text, float};

/// Writes all that this process has parts for.
pub(super) fn tell(text: &mut Text, operator: &Operator) {
    calls(text, &operator.wechat);
    refreshes(text, &operator.wechat);
    if let Some(bell) = &operator.bell {
        let stats = bell.stats();
        let rows = [
            ("confirmed", stats.confirmed),
            ("unroutable", stats.unroutable),
            ("refused", stats.refused),
            ("confirms_off", stats.confirms_off),
            ("broker_error", stats.broker_errors),
            ("confirm_timeout", stats.confirm_timeouts),
            ("unsendable", stats.unsendable),
        ];
        let rows = rows.map(|(result, messages)| ([result.to_owned()], float(messages)));
        text.counter("wxgate_queue_messages_total", "Doorbells, by what became of them", ["result"], rows);
    }
    if let Some(listener) = &operator.listener {
        let help = "Messages that nobody could read, sent to the dead letters";
        text.counter("wxgate_queue_unreadable_total", help, [], [([], float(listener.unreadable()))]);
    }
}

fn calls(text: &mut Text, wechat: &WeChat) {
    let rows = wechat.calls().into_iter().map(|count| {
        let labels = [count.family.to_owned(), count.result.to_owned()];
        (labels, float(count.calls))
    });
    let help = "Calls to WeChat, by who was asked and what follows: ok, the class of its code, or why there was no \
                answer";
    text.counter("wxgate_wechat_calls_total", help, ["family", "result"], rows);
}

fn refreshes(text: &mut Text, wechat: &WeChat) {
    let rows = wechat.tokens().failures().into_iter().map(|(key, failures)| {
        let kind = key.kind.to_string();
        ([key.app, kind], float(failures))
    });
    let help = "Refreshes of a token by this process that came to nothing";
    text.counter("wxgate_token_refresh_failures_total", help, ["app", "kind"], rows);
}
