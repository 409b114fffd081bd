"""What another law, or another day, would make of orders: the lines that are answered otherwise, by reason, and what they are worth.

Values are summed by currency and never converted. Each sum is threefold: what certainly needs a licence or may not be shipped, what is
unknown, and what certainly does not. A line without a value is counted beside the sums; it is not worth nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple

from shared.contracts.canonical import decimal_text
from shared.contracts.order import OrderSnapshot
from shared.contracts.screening import Answer, Jurisdiction, JurisdictionAnswer, LineScreening, ScreeningResult

Certainty = Literal["certain", "unknown", "certainly_not"]
CERTAINTIES: Final[tuple[Certainty, ...]] = ("certain", "unknown", "certainly_not")
CERTAINTY_OF: Final[Mapping[Answer, Certainty]] = {
    Answer.PROHIBITED: "certain",
    Answer.PRESUMPTION_OF_DENIAL: "certain",
    Answer.LICENCE_REQUIRED: "certain",
    Answer.NEEDS_INFORMATION: "unknown",
    Answer.NOT_SCREENABLE: "unknown",
    Answer.SUSPENDED: "certainly_not",
    Answer.EXEMPT: "certainly_not",
    Answer.NOT_CONTROLLED: "certainly_not",
}


def certainty_of(answer: JurisdictionAnswer | None) -> Certainty:
    """A suspension that was stated to go on, and whose notice nobody has seen, is not certain. No answer: nothing speaks to the line."""
    if answer is None:
        return "certainly_not"
    if answer.answer is Answer.SUSPENDED and answer.dual_use_licence == "unknown":
        return "unknown"
    return CERTAINTY_OF[answer.answer]


_NO_CURRENCY = "currency unknown"


@dataclass(slots=True)
class Worth:
    """Lines and what they are worth, by currency."""

    lines: int = 0
    without_value: int = 0
    by_currency: dict[str, Decimal] = field(default_factory=dict)

    def add(self, value: Decimal | None, currency: str | None) -> None:
        self.lines += 1
        if value is None:
            self.without_value += 1
        else:
            key = currency or _NO_CURRENCY
            self.by_currency[key] = self.by_currency.get(key, Decimal(0)) + value

    def as_json(self) -> dict[str, Any]:
        values = {currency: decimal_text(amount) for currency, amount in sorted(self.by_currency.items())}
        return {"lines": self.lines, "lines_without_value": self.without_value, "value": values}


class Reason(NamedTuple):
    """Why lines are answered otherwise: the limb that leads, where one does, and from which answer to which."""

    jurisdiction: Jurisdiction
    before: Answer
    after: Answer
    instrument: str | None
    limb: str | None


@dataclass(slots=True)
class Group:
    """The lines that one reason answers otherwise. `sentence` is that of the first of them."""

    sentence: str
    becomes: Certainty
    worth: Worth = field(default_factory=Worth)
    orders: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Difference:
    """Two screenings of the same orders side by side; `before` and `after` are the three sums of each jurisdiction."""

    orders: int = 0
    before: dict[Jurisdiction, dict[Certainty, Worth]] = field(default_factory=dict)
    after: dict[Jurisdiction, dict[Certainty, Worth]] = field(default_factory=dict)
    groups: dict[Reason, Group] = field(default_factory=dict)

    def add(self, order: OrderSnapshot, before: ScreeningResult, after: ScreeningResult) -> None:
        """Takes in one order's two screenings, which hold the same lines."""
        self.orders += 1
        values = {line.line_id: line.value for line in order.lines}
        for old, new in zip(before.lines, after.lines, strict=True):
            for jurisdiction in dict.fromkeys((*old.answers, *new.answers)):
                was, would_be = _answer(old, jurisdiction), _answer(new, jurisdiction)
                value = values[new.line_id]
                _sums(self.before, jurisdiction)[certainty_of(old.answers.get(jurisdiction))].add(value, order.currency)
                _sums(self.after, jurisdiction)[certainty_of(new.answers.get(jurisdiction))].add(value, order.currency)
                if was is not would_be:
                    self._note(jurisdiction, was, would_be, (old, new), value, order)

    def _note(
        self,
        jurisdiction: Jurisdiction,
        was: Answer,
        would_be: Answer,
        lines: tuple[LineScreening, LineScreening],
        value: Decimal | None,
        order: OrderSnapshot,
    ) -> None:
        old, new = lines
        # What a line is newly answered by tells why; where nothing speaks to it any more, what it was answered by does.
        leading = _leading(new, jurisdiction, would_be) or _leading(old, jurisdiction, was)
        reason = Reason(jurisdiction, was, would_be, *(leading[:2] if leading else (None, None)))
        sentence = leading[2] if leading else new.answers[jurisdiction].how if jurisdiction in new.answers else ""
        group = self.groups.setdefault(reason, Group(sentence, certainty_of(new.answers.get(jurisdiction))))
        group.worth.add(value, order.currency)
        group.orders.add(str(order.order_key))

    def as_json(self) -> dict[str, Any]:
        return {
            "orders": self.orders,
            "today": _sums_json(self.before),
            "supposed": _sums_json(self.after),
            "changes": [
                {
                    **reason._asdict(),
                    "becomes": group.becomes,
                    "sentence": group.sentence,
                    "orders": len(group.orders),
                    **group.worth.as_json(),
                }
                for reason, group in sorted(self.groups.items(), key=lambda item: (-item[1].worth.lines, str(item[0])))
            ],
        }


def _answer(line: LineScreening, jurisdiction: Jurisdiction) -> Answer:
    """A jurisdiction that says nothing of a line does not control it."""
    return line.answers[jurisdiction].answer if jurisdiction in line.answers else Answer.NOT_CONTROLLED


def _leading(line: LineScreening, jurisdiction: Jurisdiction, answer: Answer) -> tuple[str, str, str] | None:
    for finding in line.findings:
        if finding.jurisdiction == jurisdiction and finding.answer is answer:
            return finding.instrument, finding.limb, finding.sentence
    return None


def _sums(sums: dict[Jurisdiction, dict[Certainty, Worth]], jurisdiction: Jurisdiction) -> dict[Certainty, Worth]:
    return sums.setdefault(jurisdiction, {certainty: Worth() for certainty in CERTAINTIES})


def _sums_json(sums: Mapping[Jurisdiction, Mapping[Certainty, Worth]]) -> dict[str, Any]:
    return {jurisdiction: {name: worth.as_json() for name, worth in each.items()} for jurisdiction, each in sorted(sums.items())}
