"""One JSON object per line, with the trace and without secrets."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.observability import configure_logging
from shared.observability.logs import without_secrets
from shared.observability.tracing import current_traceparent

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("INFO", stream)
    yield stream
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(False)


def written(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_when_who_what_and_in_which_trace(lines: io.StringIO) -> None:
    token = current_traceparent.set(TRACEPARENT)
    logging.getLogger("services.ledger").warning("Order %s waits\nfor a result", "sap/1/45", extra={"order_key": "sap/1/45", "round": 2})
    current_traceparent.reset(token)
    (line,) = written(lines)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "services.ledger",
        "message": "Order sap/1/45 waits\nfor a result",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "order_key": "sap/1/45",
        "round": 2,
    }


def test_an_exception_stays_on_its_line(lines: io.StringIO) -> None:
    try:
        raise ConnectionError("redis://user:hunter2@redis:6379/0 does not answer")
    except ConnectionError:
        logging.getLogger("x").exception("It failed", extra={"traceparent": TRACEPARENT})
    (line,) = written(lines)
    assert "ConnectionError: redis://user:[redacted]@redis:6379/0 does not answer" in line["error"]
    assert line["trace_id"] == "0af7651916cd43dd8448eb211c80319c"


def test_secrets_are_blanked_wherever_they_stand(lines: io.StringIO) -> None:
    detail = {"password": "hunter2", "url": "postgresql://me:hunter2@db/x"}
    logging.getLogger("x").info(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw and %s, Authorization: Bearer abc.def-ghi",
        "ore_0123456789abcdefghij",
        extra={"webhook_secret": "hunter2", "detail": detail, "parts": ["Basic aHVudGVyMg=="]},
    )
    text = lines.getvalue()
    for secret in ("MfKQ9r8G", "0123456789abcdefghij", "abc.def", "hunter2", "aHVudGVyMg"):
        assert secret not in text
    assert written(lines)[0]["detail"] == {"password": "[redacted]", "url": "postgresql://me:[redacted]@db/x"}


@given(st.text(max_size=200))
def test_text_without_secrets_stays_as_it_is_and_blanking_twice_changes_nothing(text: str) -> None:
    blanked = without_secrets(text)
    assert without_secrets(blanked) == blanked
    if not any(sign in text.lower() for sign in ("whs", "ore_", "bearer", "basic", "://")):
        assert blanked == text


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="CHATTY"):
        configure_logging("chatty")
