"""The cliff calendar: on which coming day which open lines are answered otherwise, and to what."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from shared.contracts.canonical import decimal_text
from shared.contracts.screening import Cliff


@dataclass(slots=True, frozen=True)
class LineAhead:
    """An open line with the days on which its answer changes. `latest_departure_on` is the last day on which it should leave."""

    order_key: str
    line_id: str
    description: str | None
    supplier_name: str | None
    value: Decimal | None
    currency: str | None
    latest_departure_on: date | None
    cliffs: tuple[Cliff, ...]


class Edge(NamedTuple):
    """One change: the day, where, from what to what, and the limb that does it."""

    on: date
    jurisdiction: str
    before: str
    after: str
    instrument: str
    limb: str


@dataclass(slots=True)
class Concerned:
    """The lines that one change concerns. `expected` are those that may still leave on or after the day by what is known now; the others
    are concerned only if they are late."""

    edge: Edge
    sentence: str
    lines: list[LineAhead] = field(default_factory=list)
    expected: int = 0
    value: dict[str, Decimal] = field(default_factory=dict)
    without_value: int = 0

    def as_json(self, today: date, most_lines: int | None = None) -> dict[str, Any]:
        """With the first lines of many; the counts are of all."""
        return {
            "on": self.edge.on.isoformat(),
            "in_days": (self.edge.on - today).days,
            "jurisdiction": self.edge.jurisdiction,
            "before": self.edge.before,
            "after": self.edge.after,
            "instrument": self.edge.instrument,
            "limb": self.edge.limb,
            "sentence": self.sentence,
            "lines_expected_then": self.expected,
            "lines_if_late": len(self.lines) - self.expected,
            "value": {currency: decimal_text(amount) for currency, amount in sorted(self.value.items())},
            "lines_without_value": self.without_value,
            "lines": [
                {
                    "order_key": line.order_key,
                    "line_id": line.line_id,
                    "description": line.description,
                    "supplier_name": line.supplier_name,
                    "latest_departure_on": line.latest_departure_on.isoformat() if line.latest_departure_on else None,
                }
                for line in self.lines[:most_lines]
            ],
        }

    @property
    def orders(self) -> list[str]:
        return list(dict.fromkeys(line.order_key for line in self.lines))


def calendar(lines: Iterable[LineAhead], first: date, last: date) -> list[Concerned]:
    """Changes after `first` and up to `last`, by day."""
    found: dict[Edge, Concerned] = {}
    for line in lines:
        for cliff in line.cliffs:
            if not first < cliff.on <= last:
                continue
            edge = Edge(cliff.on, cliff.jurisdiction, cliff.before.value, cliff.after.value, cliff.instrument, cliff.limb)
            concerned = found.setdefault(edge, Concerned(edge, cliff.sentence))
            concerned.lines.append(line)
            concerned.expected += line.latest_departure_on is None or line.latest_departure_on >= cliff.on
            if line.value is None or line.currency is None:
                concerned.without_value += 1
            else:
                concerned.value[line.currency] = concerned.value.get(line.currency, Decimal(0)) + line.value
    return [found[edge] for edge in sorted(found)]
