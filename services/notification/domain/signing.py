"""Signatures of Standard Webhooks 1.0.0, HMAC-SHA256 (`v1`).

Source: https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"


class UnusableSecret(ValueError):
    """A secret that is not what the specification asks for; the text never quotes the secret."""


def signing_key(secret: str) -> bytes:
    """The key in a secret of the form `whsec_<base64 of 24 to 64 bytes>`; raises UnusableSecret."""
    if not secret.startswith(PREFIX):
        raise UnusableSecret(f"a webhook secret begins with {PREFIX}; make one with: echo {PREFIX}$(openssl rand -base64 32)")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise UnusableSecret(f"what follows {PREFIX} in a webhook secret is base64, and this is not: {error}") from None
    if not 24 <= len(key) <= 64:
        raise UnusableSecret(f"a webhook secret holds 24 to 64 bytes, and this one holds {len(key)}")
    return key


def signature_header(keys: Sequence[bytes], webhook_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: one signature per active key, so that a receiver may hold the old or the new one.

    `timestamp` is in Unix seconds, the same that goes into `webhook-timestamp`.
    """
    content = b"%s.%d.%s" % (webhook_id.encode(), timestamp, body)
    return " ".join(f"v1,{base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()}" for key in keys)
