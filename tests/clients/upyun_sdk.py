"""Stores, processes and verifies through a wxgate sandbox with Upyun's own SDK for Python.

    pip install upyun==2.5.5
    python upyun_sdk.py http://127.0.0.1:8182

Upyun wrote it for its real service: what it accepts, the sandbox got right. It prints one line for each check and exits
with 1 when any of them failed.
"""

import hashlib
import http.server
import io
import json
import pathlib
import queue
import sys
import threading
import urllib.parse
import urllib.request

import upyun
from upyun.av import AvPretreatment

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "sandbox" / "samples"
BUCKET, OPERATOR, PASSWORD = "sandbox", "sandbox", "sandbox-password"
TIMEOUT_S = 20
MIB = 1 << 20
NOTIFY_PATH = "/upyun/notify"
failed = 0


def check(name, holds, detail=""):
    global failed
    print(f"{'ok    ' if holds else 'FAILED'} {name}{'' if holds else f': {detail}'}")
    failed += not holds


def refused(name, status, code, call):
    try:
        answer = call()
    except upyun.UpYunServiceException as error:
        told = {name.lower(): value for name, value in error.headers}.get("x-error-code")
        check(name, error.status == status and told == str(code), f"{error.status} {told} {error.err}")
    else:
        check(name, False, f"accepted: {answer}")


def check_files(up, _base):
    text = "咖啡 & tea"
    told = up.put("/sdk/文 1+~(x).txt", text, checksum=False)
    check("a text is uploaded", told["content-length"] == str(len(text.encode())), told)
    check("it is read again", up.get("/sdk/文 1+~(x).txt") == text)
    info = up.getinfo("/sdk/文 1+~(x).txt")
    holds = info["file-type"] == "file" and info["file-size"] == str(len(text.encode()))
    md5 = hashlib.md5(text.encode()).hexdigest()
    check("its facts are right", holds and info["content-md5"] == md5, info)

    with open(SAMPLES / "image.jpg", "rb") as file:
        told = up.put("/sdk/image.jpg", file, checksum=True)
    holds = (told["width"], told["height"], told["file-type"]) == ("64", "48", "JPEG")
    check("a picture with a checksum is uploaded and measured", holds, told)
    copy = io.BytesIO()
    up.get("/sdk/image.jpg", copy)
    check("it comes back byte for byte", copy.getvalue() == (SAMPLES / "image.jpg").read_bytes())


def check_folders(up, _base):
    up.mkdir("/sdk/empty")
    check("a new folder is empty", up.getlist("/sdk/empty") == [])
    names = {entry["name"]: entry["type"] for entry in up.getlist("/sdk")}
    check("files and folders are listed", names == {"empty": "F", "image.jpg": "N", "文 1+~(x).txt": "N"}, names)
    first = up.get_list_with_iter("/sdk", limit=2)
    rest = up.get_list_with_iter("/sdk", limit=2, begin=first["iter"])
    sizes = (len(first["files"]), len(rest["files"]), rest["iter"])
    check("a listing comes in pages", sizes == (2, 1, "g2gCZAAEbmV4dGQAA2VvZg"), sizes)
    latest = [entry["name"] for entry in up.iterlist("/sdk", limit=1, order="desc")]
    check("and the other way round", latest == ["文 1+~(x).txt"], latest)
    check("the bucket itself is a folder", up.getinfo("/")["file-type"] == "folder")
    used = int(up.usage("/sdk"))
    check("the usage is the sum", used == (SAMPLES / "image.jpg").stat().st_size + len("咖啡 & tea".encode()), used)


def check_transfers(up, _base):
    up.copy("/sdk/image.jpg", "/sdk/pictures/copy.jpg")
    up.move("/sdk/pictures/copy.jpg", "/sdk/moved.jpg")
    check("a copy was made and moved", up.getinfo("/sdk/moved.jpg")["file-type"] == "file")
    refused("what was moved is gone", 404, 40400001, lambda: up.getinfo("/sdk/pictures/copy.jpg"))


def check_parts(up, _base):
    whole = bytes(range(256)) * (MIB // 256) + b"the end"
    parts = up.init_multi_uploader("/sdk/large.bin", part_size=MIB, file_size=len(whole))
    parts.upload(1, whole[MIB:])
    parts.upload(0, whole[:MIB])
    refused("an upload in parts is not there before its end", 404, 40400001, lambda: up.getinfo("/sdk/large.bin"))
    parts.complete(hashlib.md5(whole).hexdigest())
    copy = io.BytesIO()
    up.get("/sdk/large.bin", copy)
    check("and whole afterwards", copy.getvalue() == whole, len(copy.getvalue()))


def check_form(up, _base):
    with open(SAMPLES / "voice.amr", "rb") as file:
        told = up.put("/sdk/form.amr", file, form=True)
    size = (SAMPLES / "voice.amr").stat().st_size
    check("a form is taken", (told["code"], told["file_size"]) == (200, size), told)


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes notifies."""

    notifies = queue.Queue()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.notifies.put((dict(self.headers.items()), body))

    def log_message(self, *_):
        """Says nothing."""


def check_processing(up, base):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    notify_url = f"http://127.0.0.1:{server.server_port}{NOTIFY_PATH}"
    with open(SAMPLES / "voice.amr", "rb") as file:
        up.put("/sdk/voice.amr", file, headers={"Content-Type": "audio/amr"})
    task = {"type": "audio", "avopts": "/f/mp3/ac/1/ab/48", "return_info": True, "save_as": "/sdk/voice.mp3"}
    task_ids = up.pretreat([task], "/sdk/voice.amr", notify_url)
    check("a task is taken", len(task_ids) == 1 and len(task_ids[0]) == 32, task_ids)

    headers, body = Receiver.notifies.get(timeout=TIMEOUT_S)
    notify = json.loads(body)
    told = (notify["task_id"], notify["status_code"], notify["path"])
    check("its notify says that it is done", told == (task_ids[0], 200, ["/sdk/voice.mp3"]), notify)
    # The SDK looks for the header in this spelling; names of headers have none.
    headers = {name.title().replace("-Md5", "-MD5"): value for name, value in headers.items()}
    signature = headers["Authorization"]
    check("its signature is right", up.verify_signature(signature, NOTIFY_PATH, headers), headers)
    check("and of this address alone", not up.verify_signature(signature, "/elsewhere", headers))
    check("and of this body", headers["Content-MD5"] == hashlib.md5(body).hexdigest(), headers)
    check("its status says so, too", up.status(task_ids) == {task_ids[0]: 100}, up.status(task_ids))
    with urllib.request.urlopen(f"{base}/public/sandbox/sdk/voice.mp3", timeout=TIMEOUT_S) as answer:
        start = answer.read(3)
    check("the MP3 is public", start == b"ID3" or start[0] == 0xFF, start)
    server.shutdown()


def check_refusals(up, _base):
    stranger = upyun.UpYun(BUCKET, "nobody", PASSWORD, endpoint=up.endpoint, timeout=TIMEOUT_S)
    refused("an unknown operator is refused", 401, 40100006, lambda: stranger.usage())
    thief = upyun.UpYun(BUCKET, OPERATOR, "a guess", endpoint=up.endpoint, timeout=TIMEOUT_S)
    refused("a wrong password is refused", 401, 40100005, lambda: thief.usage())
    lost = upyun.UpYun("elsewhere", OPERATOR, PASSWORD, endpoint=up.endpoint, timeout=TIMEOUT_S)
    refused("an unknown bucket is refused", 401, 40100012, lambda: lost.usage())
    refused("a folder with something in it stays", 403, 40300005, lambda: up.delete("/sdk"))


def check_deletion(up, _base):
    for entry in up.getlist("/sdk"):
        if entry["name"] != "pictures":
            up.delete(f"/sdk/{entry['name']}")
    up.delete("/sdk/pictures")
    up.delete("/sdk")
    refused("what was deleted is gone", 404, 40400001, lambda: up.getinfo("/sdk"))
    check("nothing is left", up.usage() == "0", up.usage())


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} BASE_URL")
    base = sys.argv[1].rstrip("/")
    host = urllib.parse.urlsplit(base).netloc
    AvPretreatment.HOST = host
    up = upyun.UpYun(BUCKET, OPERATOR, PASSWORD, endpoint=host, timeout=TIMEOUT_S)
    checks = [check_files, check_folders, check_transfers, check_parts, check_form, check_processing]
    for check_all in [*checks, check_refusals, check_deletion]:
        check_all(up, base)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
