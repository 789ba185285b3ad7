"""Sends template messages through a wxgate sandbox with PyPI wechatpy, as if it were WeChat.

    pip install wechatpy==1.8.18 cryptography
    python wechatpy_send.py http://127.0.0.1:8181

It prints one line for each check and exits with 1 when any of them failed. See play.py.
"""

import json

import play

TEMPLATE = "sandbox-template"
UNFOLLOWER = "oSandboxUser99"
TOKEN_LIFE_S = 7_200


def send(client, user=play.USER, template=TEMPLATE, **rest):
    data = {"thing1": {"value": "拿铁咖啡 <大杯>", "color": "#173177"}, "time2": {"value": "2026年1月1日"}}
    return client.message.send_template(user, template, data, **rest)


def check_token(checks, client, _sandbox):
    token = client.fetch_access_token()
    checks.check("a token is fetched, for two hours", token.get("expires_in") == 7200, token.keys())


def check_message(checks, client, sandbox):
    jump = {"appid": "wx0000000000000002", "pagepath": "pages/order?id=1"}
    url = "https://shop.example/o/1?a=1&b=2"
    answer = send(client, url=url, mini_program=jump)
    received = sandbox.last_message()
    checks.check("a message is accepted", answer["errcode"] == 0, answer)
    exact = answer["msgid"] == received["msgid"] and len(str(answer["msgid"])) == 19
    checks.check("its msgid has 19 digits and arrives exactly", exact, answer["msgid"])
    field = received["data"]["thing1"]
    arrived = field == {"value": "拿铁咖啡 <大杯>", "color": "#173177"}
    checks.check("Chinese text and colour arrive unchanged", arrived, field)
    checks.check("the url arrives unchanged", received["url"] == url, received["url"])
    checks.check("the mini program arrives unchanged", received["miniprogram"] == jump, received)


def check_refusals(checks, client, sandbox):
    sandbox.change_app(unfollow=[UNFOLLOWER])
    checks.errcode("an unknown openid raises 40003", 40003, lambda: send(client, user="oNobody"))
    checks.errcode(
        "an unknown template raises 40037", 40037, lambda: send(client, template="no-such-template")
    )
    checks.errcode("a user who unfollowed raises 43004", 43004, lambda: send(client, user=UNFOLLOWER))


def check_renewal(checks, client, sandbox):
    renewals = {
        "an expired token (42001) is fetched anew": lambda: sandbox.pass_s(TOKEN_LIFE_S),
        "a token replaced elsewhere (40001) is fetched anew": lambda: sandbox.fault(fault="rotate"),
    }
    for name, end_token in renewals.items():
        before = sandbox.tokens_issued()
        end_token()
        answer = send(client)
        holds = answer["errcode"] == 0 and sandbox.tokens_issued() == before + 1
        checks.check(f"{name}, once, and the message sent", holds, answer)


def check_odd_answers(checks, client, sandbox):
    for fault in ("text_plain", {"garble": "control"}, {"garble": "utf8"}):
        sandbox.fault(fault=fault)
        answer = send(client)
        checks.check(f"an answer with {json.dumps(fault)} is understood", answer["errcode"] == 0, answer)


if __name__ == "__main__":
    play.run(check_token, check_message, check_refusals, check_renewal, check_odd_answers)
