"""A client of the gateway in Python, with its standard library. See README.md beside this file.

client.py send OPENID TEXT      sends a template message and waits for its end
client.py verify <REQUEST       checks a callback, as it came over the wire
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
import uuid
from urllib.parse import parse_qsl, quote, urlencode

TRIES = 5
MAX_AGE_S = 300
# Bytes, by Standard Webhooks.
SHORTEST_KEY = 24


def authcode(scheme, interface, params, secret):
    """What proves that these parameters come from whoever knows the secret; empty ones do not count."""
    counting = {name: value for name, value in params.items() if value != ""}
    if scheme == "md5":
        counting["client_secret"] = secret
    # Python sorts text by code point, which is the order of its UTF-8 bytes.
    names = sorted(counting)
    if scheme == "md5":
        return hashlib.md5("".join(counting[name] for name in names).encode()).hexdigest()
    pairs = (f"{quote(name, safe='')}={quote(counting[name], safe='')}" for name in names)
    text = f"{interface}\n{'&'.join(pairs)}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def call(interface, **params):
    """Signs a request and answers its data. When there is no answer that can be read, or it says 503 or 504,
    the same signed request goes out again: it is not done twice."""
    params |= {"client_code": os.environ["CLIENT_CODE"], "req_time": str(int(time.time()))}
    scheme = os.environ.get("SIGNING", "hmac")
    code = authcode(scheme, interface, params, os.environ["CLIENT_SECRET"])
    url = f"{os.environ['GATEWAY_URL']}/weixinapi/{interface}?authcode={code}"
    attempt = 1
    while (answer := post(url, urlencode(params).encode()))["retcode"] in (503, 504) and attempt < TRIES:
        time.sleep(attempt)
        attempt += 1
    if answer["retcode"] != 200:
        sys.exit(f"refused: {answer['retcode']} {answer['msg']}")
    return answer["data"]


def post(url, body):
    try:
        try:
            answer = urllib.request.urlopen(url, body, timeout=60)
        except urllib.error.HTTPError as refusal:
            # 503 and a few others have that HTTP status, and the same three fields.
            answer = refusal
        with answer:
            said = json.load(answer)
        if not isinstance(said, dict) or not isinstance(said.get("retcode"), int):
            raise ValueError("an answer without retcode: a proxy's, not the gateway's")
        return said
    except (OSError, http.client.HTTPException, ValueError) as broken:
        # Nobody knows whether the request arrived.
        return {"retcode": 504, "data": None, "msg": str(broken)}


def send(openid, text):
    """Sends a message and waits for its end; answers its status."""
    template = os.environ.get("TEMPLATE_ID", "sandbox-template")
    message = {"touser": openid, "template_id": template, "data": {"thing1": {"value": text}}}
    # It makes two equal messages two. Whoever tries again with the same one sends none twice.
    request_id = os.environ.get("REQUEST_ID") or uuid.uuid4().hex
    print(f"REQUEST_ID={request_id}", file=sys.stderr)
    # Empty parameters may be sent; they are not signed.
    job = call(
        "async_send_tpl",
        tpl_data=json.dumps(message, ensure_ascii=False),
        callback_url=os.environ.get("CALLBACK_URL", ""),
        request_id=request_id,
    )
    print(f"accepted as {job}", file=sys.stderr)
    while True:
        status = call("get_job_status", job_id=str(job), wait="10")
        if status["state"] in ("succeeded", "failed", "cancelled"):
            return status


def callback_key(secret):
    """The key in a callback secret. With an empty or half-pasted one anybody could sign."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith("whsec_") or len(key) < SHORTEST_KEY:
        sys.exit("CALLBACK_SECRET is not a callback secret (whsec_...)")
    return key


def verify(request):
    """Checks a callback's two signatures; answers its id, by which repeats are dropped."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    message, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    secret = os.environ.get("CALLBACK_SECRET", "")

    # Standard Webhooks: base64 of HMAC-SHA256 over id.timestamp.body, one of several.
    if not re.fullmatch("[0-9]{1,12}", moment) or abs(time.time() - int(moment)) > MAX_AGE_S:
        sys.exit("not believed: its time is not near now")
    mac = hmac.new(callback_key(secret), f"{message}.{moment}.".encode() + body, hashlib.sha256)
    expected = "v1," + base64.b64encode(mac.digest()).decode()
    signatures = headers.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(one.encode(), expected.encode()) for one in signatures):
        sys.exit("not believed: no webhook-signature is right")

    # The authcode: as of a request, with the callback secret in the client secret's place.
    given = first.split(" ")[1].rpartition("authcode=")[2]
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    scheme = "hmac" if len(given) == 64 else "md5"
    if not hmac.compare_digest(authcode(scheme, "callback", fields, secret).encode(), given.encode()):
        sys.exit("not believed: its authcode is wrong")
    return message


def main(arguments):
    match arguments:
        case ["send", openid, text]:
            status = send(openid, text)
            print(status["job_id"], status["state"])
            if status["state"] != "succeeded":
                sys.exit(json.dumps(status, ensure_ascii=False))
        case ["verify"]:
            print(verify(sys.stdin.buffer.read()))
        case _:
            print(__doc__, file=sys.stderr)
            sys.exit(2)


if __name__ == "__main__":
    main(sys.argv[1:])
