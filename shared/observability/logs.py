"""Logs: one JSON object per line on standard error, with the trace id, and without secrets."""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

from shared.contracts.base import instant_text
from shared.observability.tracing import current_traceparent, trace_id

_PLAIN_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_SECRET_NAME = re.compile(r"secret|password|passwd|token|api_?key|authorization|cookie|credential", re.IGNORECASE)
_SECRETS = (
    (re.compile(r"\bwhs(?:ec|k)_[A-Za-z0-9+/=_-]+"), "whsec_[redacted]"),
    (re.compile(r"\bore_[A-Za-z0-9_-]{16,}"), "ore_[redacted]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+"), r"\1 [redacted]"),
    (re.compile(r"([a-z][a-z0-9+.-]*://[^\s/:@]*):[^\s/@]+@"), r"\1:[redacted]@"),
)


def without_secrets(text: str) -> str:
    """Blanks what looks like a webhook secret, an API key, an Authorization header or a password in a URL."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class JsonLines(logging.Formatter):
    """`time`, `level`, `logger`, `message`, and as they apply `trace_id`, `error` (the traceback) and what was passed as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": instant_text(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        extra = {name: value for name, value in vars(record).items() if name not in _PLAIN_RECORD}
        traceparent = extra.pop("traceparent", None) or current_traceparent.get()
        if traceparent is not None:
            line["trace_id"] = trace_id(traceparent)
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        line |= extra
        return json.dumps({name: _shown(name, value) for name, value in line.items()}, ensure_ascii=False, default=repr)


def _shown(name: str, value: Any) -> Any:
    if _SECRET_NAME.search(name):
        return "[redacted]"
    if isinstance(value, dict):
        return {key: _shown(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(name, inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return without_secrets(value if isinstance(value, str) else repr(value))


def configure_logging(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Every logger of the process writes JSON lines to `stream` (standard error); raises ValueError for an unknown level."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.setLevel(level.upper())
    root.handlers[:] = [handler]
    for chatty in ("httpcore", "httpx", "asyncio", "faststream", "uvicorn", "alembic"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(True)
