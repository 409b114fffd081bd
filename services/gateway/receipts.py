"""The answer to a body of orders: one entry per order, and the status code that the entries together deserve."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from fastapi import Response

from services.gateway.domain.received import Received, Rejection
from services.gateway.domain.taking_in import Taken
from shared.contracts.base import instant_text
from shared.contracts.order import Issue
from shared.http_problem import Problem

OUTCOMES = ("accepted", "duplicate", "older", "conflict", "rejected")
MOST_ISSUES = 50
"""Issues told per order; the snapshot carries more."""
TOO_LARGE = frozenset({"ORDER_TOO_LARGE", "TOO_MANY_LINES", "TOO_MANY_ROWS", "TOO_MANY_ELEMENTS", "TOO_MANY_VALUES"})


@dataclass(slots=True)
class Receipt:
    received_at: datetime
    entries: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _readable: bool = False
    _codes: set[str] = field(default_factory=set)

    def add(self, received: Received, taken: Taken) -> None:
        self._readable = True
        self._enter(received.order_key, received.place, taken.outcome, taken.received_seq, taken.event_id, taken.issues)

    def refuse(self, rejection: Rejection) -> None:
        self._readable |= not rejection.unreadable
        self._codes.add(rejection.code)
        key = str(rejection.order_key) if rejection.order_key is not None else None
        self._enter(key, rejection.place, "rejected", None, None, rejection.issues)

    def _enter(
        self, order_key: str | None, place: str, outcome: str, received_seq: int | None, event_id: str | None, issues: Iterable[Issue]
    ) -> None:
        self.counts[outcome] += 1
        self.entries.append(
            {
                "order_key": order_key,
                "place": place,
                "outcome": outcome,
                "received_seq": received_seq,
                "event_id": event_id,
                "issues": [issue.model_dump() for issue in list(issues)[:MOST_ISSUES]],
            }
        )

    @property
    def usable(self) -> int:
        return len(self.entries) - self.counts["rejected"]

    def members(self) -> dict[str, Any]:
        return {
            "received_at": instant_text(self.received_at),
            "counts": {outcome: self.counts[outcome] for outcome in OUTCOMES},
            "orders": self.entries,
        }

    def answer(self) -> Response:
        """202 where at least one order could be used. Raises Problem where none could."""
        if self.usable:
            return Response(orjson.dumps(self.members()), 202, media_type="application/json")
        if not self.entries:
            raise Problem(400, "No order", "The body holds no order; send one.", **self.members())
        raise Problem(*self._status(), self._detail(), issues=self._issues(), **self.members())

    def _status(self) -> tuple[int, str]:
        if self._codes == {"MEDIA_TYPE_UNKNOWN"}:
            return 415, "Media type not supported"
        if self._codes <= TOO_LARGE:
            return 413, "Order too large"
        return (422, "No usable order") if self._readable else (400, "Unreadable body")

    def _issues(self) -> list[dict[str, Any]]:
        return [issue for entry in self.entries[:MOST_ISSUES] for issue in entry["issues"]][:MOST_ISSUES]

    def _detail(self) -> str:
        told = " ".join(issue["message"] for issue in self._issues()[:3])
        more = len(self._issues()) - 3
        return f"{told} ({more} more under issues.)" if more > 0 else told
