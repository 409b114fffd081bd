"""Three-valued truth (Kleene's strong logic) in which an unknown says what is missing and who has it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Holder = Literal["supplier", "buyer", "engineer", "authority"]


@dataclass(slots=True, frozen=True)
class Missing:
    """What would settle an unknown: a fact that somebody has, or a question of law that only the authority can answer.

    `subjects` are the elements, or nothing, that the question is about; questions of one name and holder are asked together.
    """

    kind: Literal["fact", "law"]
    name: str
    held_by: Holder
    question: str
    subjects: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class Unknown:
    """Neither true nor false as long as something is missing."""

    missing: tuple[Missing, ...]


Verdict: TypeAlias = bool | Unknown


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """False as soon as one is false; unknown, with everything that is missing, where none is false and one is unknown."""
    missing: dict[Missing, None] = {}
    for verdict in verdicts:
        if verdict is False:
            return False
        if isinstance(verdict, Unknown):
            missing.update(dict.fromkeys(verdict.missing))
    return Unknown(tuple(missing)) if missing else True


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """True as soon as one is true; unknown, with everything that is missing, where none is true and one is unknown."""
    missing: dict[Missing, None] = {}
    for verdict in verdicts:
        if verdict is True:
            return True
        if isinstance(verdict, Unknown):
            missing.update(dict.fromkeys(verdict.missing))
    return Unknown(tuple(missing)) if missing else False


def negate(verdict: Verdict) -> Verdict:
    return (not verdict) if isinstance(verdict, bool) else verdict


def unknown_fact(name: str, held_by: Holder, question: str, subjects: tuple[str, ...] = ()) -> Unknown:
    return Unknown((Missing("fact", name, held_by, question, subjects),))


def unsettled_law(name: str, question: str) -> Unknown:
    """Law that only the authority can settle: nobody is asked, a person decides."""
    return Unknown((Missing("law", name, "authority", question),))
