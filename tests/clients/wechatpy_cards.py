"""Works with cards, QR codes, tickets and customer-service messages of a wxgate sandbox through PyPI
wechatpy, as if it were WeChat.

    python wechatpy_cards.py http://127.0.0.1:8181

It prints one line for each check and exits with 1 when any of them failed. See play.py.
"""

import json
import urllib.parse

import play
from wechatpy.utils import WeChatSigner

COUPON = "pSandboxCard01"
MEMBER_CARD = "pSandboxMember01"
CARD = {
    "card": {
        "card_type": "GROUPON",
        "groupon": {
            "base_info": {
                "logo_url": "http://mmbiz.qpic.cn/mmbiz_jpg/sandbox/0",
                "brand_name": "微信餐厅",
                "code_type": "CODE_TYPE_TEXT",
                "title": "132元双人火锅套餐",
                "color": "Color010",
                "notice": "使用时向服务员出示此券",
                "description": "不可与其他优惠同享",
                "date_info": {"type": "DATE_TYPE_FIX_TERM", "fixed_term": 15, "fixed_begin_term": 0},
                "sku": {"quantity": 500},
                "use_custom_code": True,
            },
            "deal_detail": "以下锅底2选1",
        },
    }
}


def sign(*values):
    signer = WeChatSigner()
    signer.add_data(*values)
    return signer.signature


def check_tickets(checks, client, _sandbox):
    page, card = client.jsapi.get_jsapi_ticket(), client.jsapi.get_jsapi_card_ticket()
    checks.check("page and card have tickets of their own", page and card and page != card)
    again = client.jsapi.get_ticket("wx_card")
    checks.check("asked again, the ticket is the same, for 7200 s", again["ticket"] == card and again["expires_in"] == 7200, again)


def check_qr_codes(checks, client, sandbox):
    scene = {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "till-7"}}}
    made = client.qrcode.create({"expire_seconds": 1800, **scene})
    checks.check("a QR code is made", made["expire_seconds"] == 1800 and made["url"], made)
    # wechatpy names the real host; path and query are its own.
    shown = urllib.parse.urlsplit(client.qrcode.get_url(made))
    status, _, picture = play.visit(f"{sandbox.base}{shown.path}?{shown.query}")
    checks.check("its picture is a JPEG", status == 200 and picture.startswith(b"\xff\xd8\xff"), status)
    wrong = {"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 0}}}
    checks.errcode("scene 0 raises 40053", 40053, lambda: client.qrcode.create(wrong))


def check_creation(checks, client, _sandbox):
    card_id = client.card.create(CARD)
    told = client.card.get(card_id)
    title = told["groupon"]["base_info"]["title"]
    checks.check("a card is told as it was created", title == "132元双人火锅套餐", told)
    listed = client.card.batch_get()
    checks.check("and it is listed", card_id in listed["card_id_list"], listed)
    ticket = client.card.create_qrcode({"action_name": "QR_CARD", "action_info": {"card": {"card_id": COUPON}}})
    checks.check("a card has a QR code", ticket.startswith("gQ"), ticket)
    checks.check("and HTML for articles", card_id in client.card.get_html(card_id))
    checks.errcode("an unknown card raises 40073", 40073, lambda: client.card.get("pNone"))
    checks.check("testers are taken", client.card.set_test_whitelist([play.USER])["errcode"] == 0)


def check_codes(checks, client, sandbox):
    given = sandbox.post("/cards/receive", {"card_id": COUPON})
    code = client.card.decrypt_code(given["encrypt_code"])
    checks.check("an encrypted code is decrypted", code == given["code"], code)
    checks.check("a code is found", client.card.get_code(code)["can_consume"] is True)
    mine = client.card.get_card_list(play.USER)["card_list"]
    checks.check("a user's cards are listed", {"code": code, "card_id": COUPON} in mine, mine)
    consumed = client.card.consume_code(code)
    checks.check("it is consumed", consumed["card"]["card_id"] == COUPON, consumed)
    checks.errcode("and not twice: 40099", 40099, lambda: client.card.consume_code(code))
    status = client.card.get_code(code, check_consume=False)["user_card_status"]
    checks.check("which its status says", status == "CONSUMED", status)
    other = sandbox.post("/cards/receive", {"card_id": COUPON})["code"]
    client.card.invalid_code(other)
    checks.errcode("a disabled one raises 40127", 40127, lambda: client.card.consume_code(other))


def check_signed_page(checks, client, sandbox):
    values = {"timestamp": "1700000000", "nonce_str": "nOnCe-42", "code": "110201201245", "openid": play.USER}
    card_id = client.card.create(CARD)
    signature = sign(client.jsapi.get_jsapi_card_ticket(), card_id, *values.values())
    ext = json.dumps({**values, "signature": signature, "outer_str": "shop-7"})
    given = sandbox.post("/cards/receive", {"card_id": card_id, "card_ext": ext})
    checks.check("a card whose page is signed by wechatpy is given", given["code"] == "110201201245", given)
    consumed = client.card.consume_code(given["code"], card_id)
    checks.check("its code needs the card's id, and works with it", consumed["openid"] == play.USER, consumed)


def check_members(checks, client, sandbox):
    code = sandbox.post("/cards/receive", {"card_id": MEMBER_CARD})["code"]
    answer = client.card.activate_membercard("AAA0001", code, init_bonus=100, card_id=MEMBER_CARD)
    checks.check("a member card is activated", answer["errcode"] == 0, answer)
    answer = client.card.update_membercard(code, MEMBER_CARD, add_bonus=30, record_bonus="消费30元")
    checks.check("and its bonus changed", answer["result_bonus"] == 130, answer)


def check_messages(checks, client, sandbox):
    client.message.send_text(play.USER, "你好 <a href='x'>咖啡</a>")
    client.message.send_card(play.USER, COUPON)
    arrived = sandbox.ask("GET", "/custom/messages")["messages"]
    kinds = [message["msgtype"] for message in arrived]
    checks.check("customer-service messages arrive", kinds == ["text", "wxcard"], kinds)
    checks.check("as they are, without escapes", "咖啡" in arrived[0]["body"], arrived[0]["body"])


if __name__ == "__main__":
    play.run(
        check_tickets,
        check_qr_codes,
        check_creation,
        check_codes,
        check_signed_page,
        check_members,
        check_messages,
    )
