"""What the scripts beside this one share: wechatpy turned to a sandbox, the sandbox's controls, and
checks that print a line each.

wechatpy was written by others for the real WeChat: what it accepts, the sandbox got right. The
scripts move the sandbox's clock and change its apps, so each wants a sandbox of its own.
"""

import json
import sys
import urllib.error
import urllib.request

from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatException

APP_ID = "wx5andb0x00000001"
APP_SECRET = "sandbox-app-secret"
USER = "oSandboxUser01"
TIMEOUT_S = 20


class SandboxClient(WeChatClient):
    """wechatpy with its fixed addresses turned to the sandbox."""

    def __init__(self, base):
        self.API_BASE_URL = f"{base}/cgi-bin/"
        self.card.API_BASE_URL = f"{base}/"
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

    def post(self, path, body):
        return self.ask("POST", path, body)

    def change_app(self, **change):
        self.ask("PATCH", f"/apps/{APP_ID}", change)

    def pass_s(self, seconds):
        self.post("/clock", {"advance_ms": seconds * 1000})

    def last_message(self):
        return self.ask("GET", "/messages?limit=1")["messages"][-1]

    def tokens_issued(self):
        return self.ask("GET", "/stats")["tokens"].get(APP_ID, {}).get("ordinary", 0)

    def fault(self, **rule):
        self.post("/faults", {"app": APP_ID, "times": 1, **rule})


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
        except WeChatException as refusal:
            self.check(name, refusal.errcode == expected, f"errcode {refusal.errcode}")
        else:
            self.check(name, False, f"accepted: {answer}")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects are answers here."""

    def redirect_request(self, *_):
        return None


def visit(url):
    """A page as a browser gets it: status, where it leads, what it shows."""
    try:
        page = urllib.request.build_opener(NoRedirect).open(url, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as other:
        page = other
    with page:
        return page.status, page.headers.get("Location"), page.read()


def run(*checks):
    """Runs the checks with a base address from the command line; exits with 1 when any failed."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} BASE_URL")
    base = sys.argv[1].rstrip("/")
    counted, client, sandbox = Checks(), SandboxClient(base), Sandbox(base)
    for check in checks:
        check(counted, client, sandbox)
    sys.exit(1 if counted.failed else 0)
