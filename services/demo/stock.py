"""The stock of the demo: made up. The document's days are moved so that its reports are of today, whenever the demo runs."""

import json
from datetime import date, datetime, timedelta
from typing import Any, Final

_DAYS: Final = frozenset({"first_on", "last_on"})


def reports(document: bytes, now: datetime) -> list[dict[str, Any]]:
    """Of newline-delimited JSON, with every day as long before `now` as it is before the newest report of the document."""
    read = [json.loads(line) for line in document.splitlines()]
    newest = max(datetime.fromisoformat(report["as_of"]) for report in read)
    return [_moved(report, (now - newest) // timedelta(days=1), now) for report in read]


def _moved(report: dict[str, Any], days: int, now: datetime) -> dict[str, Any]:
    consumption = [
        {name: _later(said, days) if name in _DAYS else said for name, said in period.items()} for period in report.get("consumption", ())
    ]
    return {**report, "as_of": now.isoformat(timespec="seconds"), **({"consumption": consumption} if consumption else {})}


def _later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def as_lines(reported: list[dict[str, Any]]) -> bytes:
    """Newline-delimited JSON."""
    return b"".join(json.dumps(report).encode() + b"\n" for report in reported)
