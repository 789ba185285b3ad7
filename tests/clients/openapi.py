"""Checks a gateway's description against the official schema of OpenAPI 3.1, its examples and references included.

Usage: openapi.py URL. Exits 0 when the description is right in both languages.
"""

import sys

import requests
from openapi_spec_validator import OpenAPIV31SpecValidator


def main() -> None:
    for language in ("zh", "en"):
        answer = requests.get(f"{sys.argv[1]}/openapi.json", params={"lang": language}, timeout=10)
        OpenAPIV31SpecValidator(answer.json()).validate()


if __name__ == "__main__":
    main()
