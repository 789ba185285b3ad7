"""Sends template messages through a wxgate sandbox with PyPI wechatpy, as if it were WeChat.

    pip install wechatpy==1.8.18 cryptography
    python wechatpy_send.py http://127.0.0.1:8181

wechatpy was written by others for the real WeChat: what it accepts, the sandbox got right. The
script moves the sandbox's clock and lets one of its users unfollow, so give it a sandbox of its own.
It prints one line for each check and exits with 1 when any of them failed.
"""

import json
import sys
import urllib.request

from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException

APP_ID = "wx5andb0x00000001"
APP_SECRET = "sandbox-app-secret"
TEMPLATE = "sandbox-template"
USER = "oSandboxUser01"
UNFOLLOWER = "oSandboxUser99"
TOKEN_LIFE_MS = 7_200_000
TIMEOUT_S = 20


class SandboxClient(WeChatClient):
    """wechatpy with its two fixed addresses turned to the sandbox."""

    def __init__(self, base):
        self.API_BASE_URL = f"{base}/cgi-bin/"
        super().__init__(APP_ID, APP_SECRET, timeout=TIMEOUT_S)

    def fetch_access_token(self):
        return self._fetch_access_token(
            url=f"{self.API_BASE_URL}token",
            params={"grant_type": "client_credential", "appid": self.appid, "secret": self.secret},
        )


class Sandbox:
    """The sandbox's own controls."""

    def __init__(self, base):
        self.base = base

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base}/_sandbox{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return json.load(answer)

    def last_message(self):
        return self.ask("GET", "/messages?limit=1")["messages"][-1]

    def tokens_issued(self):
        return self.ask("GET", "/stats")["tokens"].get(APP_ID, {}).get("ordinary", 0)

    def fault(self, **rule):
        self.ask("POST", "/faults", {"app": APP_ID, "times": 1, **rule})


class Checks:
    """Counts what failed, one line each."""

    def __init__(self):
        self.failed = 0

    def check(self, name, holds, detail=""):
        print(f"{'ok    ' if holds else 'FAILED'} {name}{'' if holds else f': {detail}'}")
        self.failed += not holds

    def errcode(self, name, expected, call):
        try:
            answer = call()
        except WeChatClientException as refusal:
            self.check(name, refusal.errcode == expected, f"errcode {refusal.errcode}")
        else:
            self.check(name, False, f"accepted: {answer}")


def send(client, user=USER, template=TEMPLATE, **rest):
    data = {"thing1": {"value": "拿铁咖啡 <大杯>", "color": "#173177"}, "time2": {"value": "2026年1月1日"}}
    return client.message.send_template(user, template, data, **rest)


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
    sandbox.ask("PATCH", f"/apps/{APP_ID}", {"unfollow": [UNFOLLOWER]})
    checks.errcode("an unknown openid raises 40003", 40003, lambda: send(client, user="oNobody"))
    checks.errcode(
        "an unknown template raises 40037", 40037, lambda: send(client, template="no-such-template")
    )
    checks.errcode("a user who unfollowed raises 43004", 43004, lambda: send(client, user=UNFOLLOWER))


def check_renewal(checks, client, sandbox):
    renewals = {
        "an expired token (42001) is fetched anew": lambda: sandbox.ask(
            "POST", "/clock", {"advance_ms": TOKEN_LIFE_MS}
        ),
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


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} BASE_URL")
    base = sys.argv[1].rstrip("/")
    checks, client, sandbox = Checks(), SandboxClient(base), Sandbox(base)
    token = client.fetch_access_token()
    checks.check("a token is fetched, for two hours", token.get("expires_in") == 7200, token.keys())
    for check in (check_message, check_refusals, check_renewal, check_odd_answers):
        check(checks, client, sandbox)
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
