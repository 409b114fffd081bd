"""What is asked of whom: the open questions of open lines, per supplier, the one that settles most first."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, get_args
from urllib.parse import unquote

from shared.contracts.answer import subject_of
from shared.contracts.canonical import decimal_text, derive_id
from shared.contracts.screening import Holder, MissingFact
from shared.contracts.spreadsheet import as_cell

HOLDERS: tuple[Holder, ...] = get_args(Holder)
ITEM_NUMBERS = ("buyer_id", "supplier_id", "manufacturer_id", "gtin")


@dataclass(slots=True, frozen=True)
class AskedLine:
    """An open line with its questions, the leading one first. `item` are the numbers of its item."""

    order_key: str
    line_id: str
    supplier_id: str | None
    supplier_name: str | None
    item: Mapping[str, str]
    description: str | None
    value: Decimal | None
    currency: str | None
    questions: tuple[MissingFact, ...]


@dataclass(slots=True)
class Asked:
    """One question with the lines it is asked for. `settles` counts those where nothing else is asked before it."""

    question_id: str
    fact: str
    question: str
    subject: Literal["item", "supplier", "order"]
    item: Mapping[str, str]
    description: str | None
    order_key: str | None
    settles: int = 0
    lines: list[tuple[str, str]] = field(default_factory=list)
    value: dict[str, Decimal] = field(default_factory=dict)

    @property
    def item_id(self) -> str | None:
        """The number under which an answer is looked for."""
        return next((self.item[name] for name in ITEM_NUMBERS if name in self.item), None)


@dataclass(slots=True)
class Questionnaire:
    """What one holder is asked about one supplier's goods; questions of law go to the authority, and a person decides them."""

    supplier_id: str | None
    supplier_name: str | None
    held_by: Holder
    questions: list[Asked]

    def as_json(self, most_lines: int | None = None) -> dict[str, Any]:
        """With the first lines of many; `asked_for_lines` counts all."""
        return {
            "supplier_id": self.supplier_id,
            "supplier_name": self.supplier_name,
            "held_by": self.held_by,
            "questions": [
                {
                    "question_id": asked.question_id,
                    "fact": asked.fact,
                    "question": asked.question,
                    "about": asked.subject,
                    "item": dict(asked.item),
                    "description": asked.description,
                    "order_key": asked.order_key,
                    "settles_lines": asked.settles,
                    "asked_for_lines": len(asked.lines),
                    "lines": [{"order_key": order_key, "line_id": line_id} for order_key, line_id in asked.lines[:most_lines]],
                    "value": {currency: decimal_text(amount) for currency, amount in sorted(asked.value.items())},
                }
                for asked in self.questions
            ],
        }


def questionnaires(lines: Iterable[AskedLine], held_by: Holder | None = None) -> list[Questionnaire]:
    """One per supplier and holder, the longest first."""
    found: dict[tuple[str | None, str | None, Holder], dict[str, Asked]] = {}
    for line in lines:
        for position, question in enumerate(line.questions):
            if held_by is not None and question.held_by != held_by:
                continue
            of_holder = found.setdefault((line.supplier_id, line.supplier_name, question.held_by), {})
            asked = _asked(line, question)
            asked = of_holder.setdefault(asked.question_id, asked)
            asked.settles += position == 0
            asked.lines.append((line.order_key, line.line_id))
            if line.value is not None and line.currency is not None:
                asked.value[line.currency] = asked.value.get(line.currency, Decimal(0)) + line.value
    made = [
        Questionnaire(*key, sorted(questions.values(), key=lambda asked: (-asked.settles, -len(asked.lines), asked.question_id)))
        for key, questions in found.items()
    ]
    return sorted(made, key=lambda each: (-sum(asked.settles for asked in each.questions), each.supplier_id or "", each.held_by))


def _asked(line: AskedLine, question: MissingFact) -> Asked:
    subject = subject_of(question.name) if question.kind == "fact" else "item"
    # Goods without a number are known by their description only; another line with the same words is another question.
    about = {
        "supplier": line.supplier_id or line.supplier_name or "",
        "order": line.order_key,
        "item": "/".join(line.item.values()) or f"{line.order_key}#{line.line_id}",
    }[subject]
    return Asked(
        question_id=derive_id("question", line.supplier_id or "", subject, about, question.name, question.question),
        fact=question.name,
        question=question.question,
        subject=subject,
        item=line.item if subject == "item" else {},
        description=line.description if subject == "item" else None,
        order_key=line.order_key if subject == "order" or (subject == "item" and not line.item) else None,
    )


COLUMNS = (
    "fact", "question", "item_id", "description", "supplier_id", "system", "company", "order_id", "value", "unit", "document", "issuer",
    "issued_on", "valid_until",
)  # fmt: skip


def as_csv(found: Iterable[Questionnaire]) -> str:
    """A form to fill in (value, document …) and to post back as it is to `POST /v1/answers`."""
    written = io.StringIO()
    rows = csv.DictWriter(written, COLUMNS, lineterminator="\r\n")
    rows.writeheader()
    for each in found:
        for asked in each.questions:
            row = {"fact": asked.fact, "question": asked.question, "description": asked.description or ""}
            if asked.subject == "order" and asked.order_key is not None:
                row |= dict(zip(("system", "company", "order_id"), map(unquote, asked.order_key.split("/")), strict=True))
            else:
                row |= {"supplier_id": each.supplier_id or "", "item_id": asked.item_id or ""}
            rows.writerow({name: as_cell(text) for name, text in row.items()})
    return written.getvalue()
