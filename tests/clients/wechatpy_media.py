"""Uploads and downloads media through a wxgate sandbox with PyPI wechatpy, as if it were WeChat.

    pip install wechatpy==1.8.18 cryptography
    python wechatpy_media.py http://127.0.0.1:8181

It prints one line for each check and exits with 1 when any of them failed. See play.py.
"""

import pathlib

import play
import requests

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "sandbox" / "samples"
DAYS_3_S = 3 * 86_400
# Type, file, the field that the id comes in, and what the file is called when it comes back.
UPLOADS = [
    ("image", "image.jpg", "media_id", "image/jpeg"),
    ("image", "image.png", "media_id", "image/png"),
    ("voice", "voice.amr", "media_id", "audio/amr"),
    ("thumb", "image.jpg", "thumb_media_id", "image/jpeg"),
]


def upload(client, kind, name):
    with open(SAMPLES / name, "rb") as file:
        return client.media.upload(kind, file)


def check_files(checks, client, _sandbox):
    for kind, name, field, content_type in UPLOADS:
        uploaded = upload(client, kind, name)
        holds = uploaded.get("type") == kind and field in uploaded and uploaded["created_at"] > 0
        checks.check(f"{name} is uploaded as {kind}", holds, uploaded)
        answer = client.media.download(uploaded[field])
        same = answer.content == (SAMPLES / name).read_bytes()
        checks.check("it comes back byte for byte", same, f"{len(answer.content)} bytes")
        suffix = name.split(".")[1]
        named = f'attachment; filename="{uploaded[field]}.{suffix}"'
        head = answer.headers
        holds = head["Content-Type"] == content_type and head["Content-disposition"] == named
        checks.check("with its type and name", holds, dict(head))


def check_video(checks, client, _sandbox):
    media_id = upload(client, "video", "video.mp4")["media_id"]
    answer = client.media.download(media_id)
    film = requests.get(answer["video_url"], timeout=play.TIMEOUT_S)
    same = film.content == (SAMPLES / "video.mp4").read_bytes()
    checks.check("a film is answered with an address that has it", same, answer)


def check_picture(checks, client, _sandbox):
    with open(SAMPLES / "image.png", "rb") as file:
        url = client.media.upload_image(file)
    picture = requests.get(url, timeout=play.TIMEOUT_S)
    same = picture.content == (SAMPLES / "image.png").read_bytes()
    checks.check("a picture for articles lies at its address", same, url)


def check_message(checks, client, _sandbox):
    media_id = upload(client, "image", "image.jpg")["media_id"]
    answer = client.message.send_image(play.USER, media_id)
    checks.check("a picture is sent to a user", answer["errcode"] == 0, answer)
    unknown = lambda: client.message.send_image(play.USER, "nothing")
    checks.errcode("an unknown one raises 40007", 40007, unknown)


def check_refusals(checks, client, sandbox):
    checks.errcode("an unknown media_id raises 40007", 40007, lambda: client.media.download("nothing"))
    checks.errcode("an unknown type raises 40004", 40004, lambda: upload(client, "card", "image.jpg"))
    checks.errcode("a voice that is a picture raises 40005", 40005, lambda: upload(client, "voice", "image.jpg"))
    media_id = upload(client, "voice", "voice.amr")["media_id"]
    sandbox.pass_s(DAYS_3_S)
    checks.errcode("after three days 40007 is raised", 40007, lambda: client.media.download(media_id))


def check_odd_answers(checks, client, sandbox):
    media_id = upload(client, "voice", "voice.amr")["media_id"]
    sandbox.fault(path="/cgi-bin/media/get", fault="text_plain")
    content = client.media.download(media_id).content
    same = content == (SAMPLES / "voice.amr").read_bytes()
    checks.check("a voice that calls itself text/plain is understood", same, f"{len(content)} bytes")
    sandbox.fault(path="/cgi-bin/media/get", fault={"claim_length": 1_000_000})
    try:
        content = client.media.download(media_id).content
    except requests.RequestException:
        checks.check("a body that ends too soon raises", True)
    else:
        checks.check("a body that ends too soon raises", False, f"{len(content)} bytes")


if __name__ == "__main__":
    play.run(check_files, check_video, check_picture, check_message, check_odd_answers, check_refusals)
