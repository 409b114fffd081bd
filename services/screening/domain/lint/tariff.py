"""Tariff lines: whether there is such a heading, and whether recognition knows the line as one of the item's goods."""

from collections.abc import Iterator, Sequence
from datetime import date

from services.screening.domain import instrument as source
from services.screening.domain.harmonised_system import standing
from services.screening.domain.lint.finding import LintFinding, Path, error, warning
from services.screening.domain.lint.logic import conditions_of, nodes
from services.screening.domain.recognition.tariff import tariff_line


def tariff_lines(instruments: Sequence[source.Instrument], on: date) -> Iterator[LintFinding]:
    for instrument in instruments:
        for position, item in enumerate(instrument.items):
            path: Path = ("items", position)
            for number, line in enumerate(item.tariff):
                yield from _code(instrument.id, (*path, "tariff", number), line.code)
                yield from _conflict(instrument.id, (*path, "tariff", number), line.code, item)
                if line.year > on.year + 1:
                    sentence = f"The line {line.code} is of the tariff of {line.year}, which nobody has seen on {on}. Mend the year."
                    yield error("tariff_line", instrument.id, (*path, "tariff", number), line.code, sentence)
            for number, code in enumerate(item.asks_under):
                yield from _code(instrument.id, (*path, "asks_under", number), code)
            for code in _twice([line.code for line in item.tariff]) | _twice(item.asks_under):
                yield warning("tariff_line", instrument.id, path, code, f"The code {code} is there twice in {item.code}. Delete one.")
        for where, condition, _ in conditions_of(instrument):
            for inner, part in nodes(condition, where):
                for number, code in enumerate(part.tariff if isinstance(part, source.TariffLineIs) else []):
                    yield from _code(instrument.id, (*inner, "tariff", number), code)


def _twice(codes: Sequence[str]) -> set[str]:
    return {code for position, code in enumerate(codes) if code in codes[:position]}


def _code(instrument: str, path: Path, code: str) -> Iterator[LintFinding]:
    found, part = standing(code)
    if found == "does_not_exist":
        kind = {2: "chapter", 4: "heading", 6: "subheading"}[len(part)]
        sentence = (
            f"The tariff line {code} does not exist: the Harmonised System of 2022 has no {kind} {part}. Mend the code, or say why "
            "it is printed so."
        )
        yield error("tariff_line", instrument, path, code, sentence)
    elif found == "not_verifiable":
        sentence = (
            f"The tariff line {code} is not verifiable here: the table of subheadings does not hold {part}. Look it up, and add "
            "its heading to the table."
        )
        yield warning("unverifiable_tariff_line", instrument, path, code, sentence)


def _conflict(instrument: str, path: Path, code: str, item: source.Item) -> Iterator[LintFinding]:
    known = tariff_line(code, "CN_TARIFF")
    if known is not None and known.elements and item.elements and not set(known.elements) & set(item.elements):
        sentence = (
            f"Recognition knows {known.code} as {known.covers} ({', '.join(known.elements)}), which is none of {item.code}'s "
            "elements. Mend one of them."
        )
        yield warning("tariff_conflict", instrument, path, code, sentence)
