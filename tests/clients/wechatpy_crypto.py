"""Takes the pushes of a wxgate sandbox with PyPI wechatpy: decrypts what the sandbox encrypts, and
answers with what the sandbox has to decrypt.

    python wechatpy_crypto.py http://127.0.0.1:8181

It listens on a free port of 127.0.0.1, prints one line for each check and exits with 1 when any of
them failed. See play.py.
"""

import queue
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import play
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.replies import TextReply
from wechatpy.utils import check_signature

TOKEN = "invented_token"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
COMPONENT = "wx5andbc0mp000001"


class Receiver:
    """An address for pushes. `answer` makes the body of an answer from query and body."""

    def __init__(self):
        self.came = queue.Queue()
        self.answer = lambda query, body: "success"
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def respond(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
                receiver.came.put((query, body))
                answer = (query.get("echostr") or receiver.answer(query, body)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = respond

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}"

    def next(self):
        return self.came.get(timeout=play.TIMEOUT_S)


def is_signed(token, query):
    try:
        check_signature(token, query["signature"], query["timestamp"], query["nonce"])
    except InvalidSignatureException:
        return False
    return True


def decrypt(crypto, query, body):
    return crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])


def check_address(checks, receiver, sandbox):
    sandbox.change_app(push={"url": receiver.url, "token": TOKEN})
    check = sandbox.post("/pushes/check", {})
    query, _ = receiver.next()
    checks.check("the check of an address is signed and passes", check["passed"] and is_signed(TOKEN, query), check)


def check_plain(checks, receiver, sandbox):
    sandbox.post("/pushes", {"event": "subscribe", "fields": {"EventKey": "qrscene_7", "Ticket": "gQ1"}})
    query, body = receiver.next()
    event = parse_message(body)
    checks.check("a plain push is signed", is_signed(TOKEN, query), query)
    checks.check("and understood as a scan", event.event == "subscribe_scan" and event.scene_id == "7", event)
    sandbox.post("/pushes", {"event": "SCAN", "wrong_signature": True})
    checks.check("a wrong signature is wrong", not is_signed(TOKEN, receiver.next()[0]))


def check_encrypted(checks, receiver, sandbox):
    crypto = WeChatCrypto(TOKEN, KEY, play.APP_ID)
    target = {"url": receiver.url, "token": TOKEN, "aes_key": KEY, "mode": "aes"}
    sandbox.change_app(push=target)
    # Lengths around the blocks of 16 and 32 bytes.
    for length in (1, *range(20, 53), 1000):
        content = "字" + "x" * length
        sandbox.post("/pushes", {"fields": {"MsgType": "text", "Content": content}})
        message = parse_message(decrypt(crypto, *receiver.next()))
        if message.content != content:
            checks.check("an encrypted push is decrypted", False, f"length {length}: {message}")
            return
    checks.check("encrypted pushes of all lengths are decrypted", True)
    sandbox.post("/pushes", {"event": "SCAN", "mode": "compatible"})
    query, body = receiver.next()
    both = parse_message(body).event == parse_message(decrypt(crypto, query, body)).event
    checks.check("the compatible mode has both forms", both, body)
    other = WeChatCrypto(TOKEN, KEY, "wx9")
    try:
        decrypt(other, query, body)
    except InvalidAppIdException:
        checks.check("another app's is refused", True)
    else:
        checks.check("another app's is refused", False)


def check_answers(checks, receiver, sandbox):
    crypto = WeChatCrypto(TOKEN, KEY, play.APP_ID)
    for length in (1, *range(20, 53), 1000):
        text = "好" + "y" * length

        def answer(query, body):
            reply = TextReply(content=text, message=parse_message(decrypt(crypto, query, body)))
            return crypto.encrypt_message(reply.render(), query["nonce"], query["timestamp"])

        receiver.answer = answer
        push = sandbox.post("/pushes", {"fields": {"MsgType": "text", "Content": "hi"}})["pushes"][0]
        receiver.next()
        decrypted = push["attempts"][0]["decrypted"] or ""
        if text not in decrypted:
            checks.check("what wechatpy encrypts is decrypted", False, f"length {length}: {push}")
            return
    receiver.answer = lambda query, body: "success"
    checks.check("what wechatpy encrypts is decrypted at all lengths", True)


def check_receipt(checks, client, receiver, sandbox):
    crypto = WeChatCrypto(TOKEN, KEY, play.APP_ID)
    sent = client.message.send_template(play.USER, "sandbox-template", {"thing1": {"value": "咖啡"}})
    event = parse_message(decrypt(crypto, *receiver.next()))
    told = event.event == "templatesendjobfinish" and str(event.id) == str(sent["msgid"])
    checks.check("a template message has its event", told and event.status == "success", event)


def check_platform(checks, receiver, sandbox):
    component = sandbox.ask("PATCH", f"/components/{COMPONENT}", {"event_url": receiver.url})
    told = sandbox.post(f"/components/{COMPONENT}/ticket", {})
    crypto = WeChatCrypto(component["token"], component["aes_key"], COMPONENT)
    query, body = receiver.next()
    xml = decrypt(crypto, query, body)
    holds = told["component_verify_ticket"] in xml and is_signed(component["token"], query)
    checks.check("a platform's ticket is decrypted", holds, xml)


def check_all(checks, client, sandbox):
    receiver = Receiver()
    check_address(checks, receiver, sandbox)
    check_plain(checks, receiver, sandbox)
    check_encrypted(checks, receiver, sandbox)
    check_answers(checks, receiver, sandbox)
    check_receipt(checks, client, receiver, sandbox)
    check_platform(checks, receiver, sandbox)


if __name__ == "__main__":
    play.run(check_all)
