"""Verifies a callback with the Standard Webhooks library.

Usage: verify_webhook.py SECRET HEADERS BODY, the headers as a JSON object. Exits 0 when the signature is right and
an altered body is refused.
"""

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


def main() -> None:
    secret, headers, body = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
    is_json = headers["content-type"] == "application/json"
    webhook = Webhook(secret)
    told = webhook.verify(body, headers, json_parse=is_json)
    if is_json and told["client_code"] != "json":
        sys.exit("the JSON is not that of the callback")
    try:
        webhook.verify(body + " ", headers, json_parse=False)
    except WebhookVerificationError:
        return
    sys.exit("an altered body was taken for the original")


if __name__ == "__main__":
    main()
