"""Sends a live gateway whatever its own description allows and forbids, and checks every answer against it.

Usage: fuzz.py URL CODE SECRET. Most requests are signed for that client, which leads behind the signature. Exits 0 when
no answer was a 5xx or other than described.
"""

import contextlib
import hashlib
import itertools
import sys
import tempfile
import time
from collections import Counter
from email.message import Message
from email.parser import BytesParser
from urllib.parse import parse_qsl, urlencode, urlsplit

import schemathesis
from requests import PreparedRequest
from requests.auth import AuthBase
from schemathesis.cli import schemathesis as command

# Requests for each operation, beside those that the description itself suggests.
EXAMPLES = 4
# One request in so many goes as it is, without a right signature.
UNSIGNED = 5
# What the gateway itself would fetch or post to: that must stay on this machine.
FETCHED = ("callback_url", "notify_url", "url")
# Retcodes of requests that did not come behind the signature.
BEFORE = {101, 102, 103, 104, 105, 108, 109, 405}
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


def complete(params: dict, code: str, nonce: int) -> None:
    """Puts in what a signed request cannot do without."""
    # Without the nonce two requests of one second could have one authcode.
    params |= {"client_code": code, "req_time": int(time.time()), "nonce": nonce}
    for name in FETCHED:
        if name in params:
            params[name] = f"http://127.0.0.1/{params[name]}"
    if "media" in params:
        media = params.pop("media")
        if isinstance(getattr(media, "data", None), bytes):
            params["file_sha256"] = hashlib.sha256(media.data).hexdigest()
        # The last part: what is behind the file is not read.
        params["media"] = media


def texts(request: PreparedRequest) -> list[tuple[str, str]]:
    """The parameters as they are sent."""
    query = parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("multipart/form-data"):
        parts = BytesParser().parsebytes(b"content-type: " + content_type.encode() + b"\r\n\r\n" + body)
        return query + [text(part) for part in parts.walk() if is_text(part)]
    return query + parse_qsl(body.decode(errors="replace"), keep_blank_values=True)


def is_text(part: Message) -> bool:
    return not part.is_multipart() and part.get_filename() is None


def text(part: Message) -> tuple[str, str]:
    name = part.get_param("name", header="content-disposition")
    return str(name), part.get_payload(decode=True).decode(errors="replace")


class Signature(AuthBase):
    """Signs a request as it is sent."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        pairs = [(name, value) for name, value in texts(request) if value and name != "authcode"]
        pairs.append(("client_secret", self.secret))
        string_a = "".join(value for _, value in sorted(pairs, key=lambda pair: pair[0].encode()))
        request.prepare_url(without_authcode(request.url), {"authcode": hashlib.md5(string_a.encode()).hexdigest()})
        return request


def without_authcode(url: str) -> str:
    address = urlsplit(url)
    pairs = parse_qsl(address.query, keep_blank_values=True)
    return address._replace(query=urlencode([pair for pair in pairs if pair[0] != "authcode"])).geturl()


def sign_most(code: str, secret: str) -> None:
    turns = itertools.count()

    @schemathesis.hook
    def before_call(context, case, kwargs) -> None:
        turn = next(turns)
        if turn % UNSIGNED == 0:
            return
        params = case.body if isinstance(case.body, dict) else case.query
        if isinstance(params, dict):
            complete(params, code, turn)
        kwargs["auth"] = Signature(secret)


def count() -> Counter:
    """How often each interface gave each retcode, filled as answers come."""
    counted = Counter()

    @schemathesis.hook
    def after_call(context, case, response) -> None:
        if response.headers.get("content-type", [""])[0].startswith("application/json"):
            counted[case.path, response.json().get("retcode")] += 1

    return counted


def run(arguments: list[str]) -> int | str | None:
    """What it notes for its next run goes where nobody finds it: runs are alike."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        try:
            command(arguments)
        except SystemExit as end:
            return end.code
    return 0


def main() -> None:
    url, code, secret = sys.argv[1:]
    sign_most(code, secret)
    counted = count()
    options = ["--generation-deterministic", "--no-color", "--warnings=off"]
    # One that stays away for longer than anything waits would be a fault, too.
    options += [f"--max-examples={EXAMPLES}", "--phases=examples,coverage,fuzzing", "--request-timeout=10"]
    # What is read from a query is read as from a form: by GET only what changes nothing, to save time.
    options.append(r"--exclude-operation-id-regex=^(?!get_|check_|decrypt_).*_by_get$")
    arguments = ["run", f"{url}/openapi.json?lang=en", f"--url={url}", f"--checks={','.join(CHECKS)}", *options]
    status = run(arguments)
    print(counted)
    behind = {path for path, retcode in counted if retcode not in BEFORE}
    missed = sorted({path for path, _ in counted} - behind)
    sys.exit(status or (f"never behind the signature: {missed}" if missed else 0))


if __name__ == "__main__":
    main()
