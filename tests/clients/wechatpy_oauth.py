"""Logs in through a wxgate sandbox with PyPI wechatpy, by an app's own means and through a third-party
platform, as if it were WeChat.

    python wechatpy_oauth.py http://127.0.0.1:8181

It prints one line for each check and exits with 1 when any of them failed. See play.py.
"""

import html
import re
import urllib.parse

import play
from wechatpy.component import WeChatComponent
from wechatpy.oauth import WeChatOAuth

COMPONENT = "wx5andbc0mp000001"
COMPONENT_SECRET = "sandbox-component-secret"
COMPONENT_TOKEN = "sandboxcomponenttoken"
COMPONENT_KEY = "sandbox" * 6 + "1"
BACK = "http://caller.example/back?a=1"


def oauth(base, scope):
    made = WeChatOAuth(play.APP_ID, play.APP_SECRET, BACK, scope, "key1")
    made.API_BASE_URL, made.OAUTH_BASE_URL = f"{base}/", f"{base}/connect/"
    return made


def link(page, element):
    found = re.search(rb'id="' + element.encode() + rb'" href="([^"]+)"', page)
    return html.unescape(found.group(1).decode())


def parameters(location):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))


def check_silent_login(checks, _client, sandbox):
    login = oauth(sandbox.base, "snsapi_base")
    status, location, _ = play.visit(login.authorize_url.split("#")[0])
    back = parameters(location)
    checks.check("a silent login leads back", status == 302 and back["state"] == "key1", location)
    told = login.fetch_access_token(back["code"])
    checks.check("the code tells the openid", told["openid"] == play.USER, told)
    checks.errcode("once: 40163", 40163, lambda: login.fetch_access_token(back["code"]))
    checks.errcode("and no name: 48001", 48001, login.get_user_info)
    checks.errcode("an unknown code raises 40029", 40029, lambda: login.fetch_access_token("none"))


def check_login_with_consent(checks, _client, sandbox):
    login = oauth(sandbox.base, "snsapi_userinfo")
    _, _, page = play.visit(login.authorize_url.split("#")[0])
    _, location, _ = play.visit(sandbox.base + link(page, "allow"))
    login.fetch_access_token(parameters(location)["code"])
    info = login.get_user_info()
    checks.check("with consent a name is told", info["nickname"] and info["openid"] == play.USER, info)
    checks.check("the web token is good", login.check_access_token())
    before = login.access_token
    checks.check("a refresh extends it", login.refresh_access_token(login.refresh_token)["access_token"] == before)
    sandbox.pass_s(7_200)
    checks.errcode("it ends: 42001", 42001, login.get_user_info)
    login.refresh_access_token(login.refresh_token)
    checks.check("and a refresh brings another", login.access_token != before and login.get_user_info())


def check_platform(checks, _client, sandbox):
    platform = WeChatComponent(COMPONENT, COMPONENT_SECRET, COMPONENT_TOKEN, COMPONENT_KEY)
    platform.API_BASE_URL = f"{sandbox.base}/cgi-bin"
    platform.PRE_AUTH_URL = f"{sandbox.base}/cgi-bin/componentloginpage"
    ticket = sandbox.post(f"/components/{COMPONENT}/ticket", {})["component_verify_ticket"]
    platform.session.set("component_verify_ticket", ticket)
    _, _, page = play.visit(platform.get_pre_auth_url(BACK))
    _, location, _ = play.visit(sandbox.base + link(page, play.APP_ID))
    info = platform.query_auth(parameters(location)["auth_code"])["authorization_info"]
    checks.check("an account authorises a platform", info["authorizer_appid"] == play.APP_ID, info)
    old = info["authorizer_refresh_token"]
    new = platform.refresh_authorizer_token(play.APP_ID, old)["authorizer_refresh_token"]
    platform.refresh_authorizer_token(play.APP_ID, new)
    refresh = lambda token: lambda: platform.refresh_authorizer_token(play.APP_ID, token)
    checks.errcode("a refresh token that was replaced ends: 61023", 61023, refresh(old))
    # wechatpy's client of a platform renews by itself, with what its session keeps.
    newest = sandbox.ask("GET", f"/components/{COMPONENT}/authorizations")["authorizations"][0]
    platform.session.set(f"{play.APP_ID}_refresh_token", newest["refresh_token"])
    client = platform.get_client_by_appid(play.APP_ID)
    client.API_BASE_URL = f"{sandbox.base}/cgi-bin/"
    sent = client.message.send_text(play.USER, "你好")
    checks.check("and its tokens serve for the account's calls", sent["errcode"] == 0, sent)


if __name__ == "__main__":
    play.run(check_silent_login, check_login_with_consent, check_platform)
