"""Signatures agree with the specification's vector and with its reference library."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from services.notification.domain.signing import UnusableSecret, signature_header, signing_key

KEYS = st.binary(min_size=24, max_size=64)


def test_the_vector_of_the_specification() -> None:
    key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    header = signature_header([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert header == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(KEYS, st.text(st.characters(max_codepoint=127), min_size=1, max_size=60), st.integers(0, 4_000_000_000), st.text())
def test_the_reference_library_signs_the_same(key: bytes, webhook_id: str, timestamp: int, body: str) -> None:
    reference = Webhook(key).sign(webhook_id, datetime.fromtimestamp(timestamp, UTC), body)
    assert signature_header([key], webhook_id, timestamp, body.encode()) == reference


@given(KEYS, KEYS)
def test_during_rotation_a_receiver_with_either_secret_is_content(old: bytes, new: bytes) -> None:
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature_header([new, old], "msg_1", int(now.timestamp()), b'{"a":1}'),
    }
    assert Webhook(old).verify(b'{"a":1}', headers) == Webhook(new).verify(b'{"a":1}', headers) == {"a": 1}


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "begins with whsec_"),
        ("whsec_not base64", "base64"),
        ("whsec_" + base64.b64encode(b"short").decode(), "holds 5"),
        ("whsec_" + base64.b64encode(b"x" * 65).decode(), "holds 65"),
        ("whsec_", "holds 0"),
    ],
)
def test_an_unusable_secret_is_refused_with_a_reason_and_never_quoted(secret: str, reason: str) -> None:
    with pytest.raises(UnusableSecret, match=reason) as refusal:
        signing_key(secret)
    assert secret.removeprefix("whsec_") == "" or secret.removeprefix("whsec_") not in str(refusal.value)
