"""Three-valued truth (Kleene's strong logic) in which an unknown says what is missing and who has it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from shared.contracts.screening import Holder


@dataclass(slots=True, frozen=True, eq=False)
class Missing:
    """What would settle an unknown: a fact that somebody has, or a question of law that only the authority can answer.

    `subjects` are the elements, or nothing, that the question is about; questions of one name are asked together. Equal ones are the same
    object (`missing`), because verdicts are full of them.
    """

    kind: Literal["fact", "law"]
    name: str
    held_by: Holder
    question: str
    subjects: tuple[str, ...] = ()


@cache
def missing(kind: Literal["fact", "law"], name: str, held_by: Holder, question: str, subjects: tuple[str, ...] = ()) -> Missing:
    """The one Missing of these values; there are as many as the law has questions about as many elements."""
    return Missing(kind, name, held_by, question, subjects)


@dataclass(slots=True, frozen=True)
class Unknown:
    """Neither true nor false as long as something is missing."""

    missing: tuple[Missing, ...]


Verdict: TypeAlias = bool | Unknown


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """False as soon as one is false; unknown, with everything that is missing, where none is false and one is unknown."""
    unknowns: list[Unknown] = []
    for verdict in verdicts:
        if verdict is False:
            return False
        if verdict is not True:
            unknowns.append(verdict)
    return _together(unknowns) if unknowns else True


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """True as soon as one is true; unknown, with everything that is missing, where none is true and one is unknown."""
    unknowns: list[Unknown] = []
    for verdict in verdicts:
        if verdict is True:
            return True
        if verdict is not False:
            unknowns.append(verdict)
    return _together(unknowns) if unknowns else False


def _together(unknowns: list[Unknown]) -> Unknown:
    if len(unknowns) == 1:
        return unknowns[0]
    found: dict[Missing, None] = {}
    for unknown in unknowns:
        for one in unknown.missing:
            found[one] = None
    return Unknown(tuple(found))


def negate(verdict: Verdict) -> Verdict:
    return (not verdict) if isinstance(verdict, bool) else verdict


@cache
def unknown_fact(name: str, held_by: Holder, question: str, subjects: tuple[str, ...] = ()) -> Unknown:
    return Unknown((missing("fact", name, held_by, question, subjects),))


@cache
def unsettled_law(name: str, question: str) -> Unknown:
    """Law that only the authority can settle: nobody is asked, a person decides."""
    return Unknown((missing("law", name, "authority", question),))
