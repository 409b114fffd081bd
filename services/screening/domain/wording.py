"""Sentences for the person who buys: what applies, since when, under which code; what is missing and whom to ask."""

from collections.abc import Iterable, Sequence
from datetime import date

from services.screening.domain.judgement import Outcome
from services.screening.domain.law import LawView, Limb
from services.screening.domain.truth import Missing
from services.screening.domain.validity import Span, Status
from shared.contracts.screening import Answer, MissingFact

ELEMENT_NAMES = {
    "La": "lanthanum", "Ce": "cerium", "Pr": "praseodymium", "Nd": "neodymium", "Sm": "samarium", "Eu": "europium", "Gd": "gadolinium",
    "Tb": "terbium", "Dy": "dysprosium", "Ho": "holmium", "Er": "erbium", "Tm": "thulium", "Yb": "ytterbium", "Lu": "lutetium",
    "Sc": "scandium", "Y": "yttrium", "Ga": "gallium", "Ge": "germanium", "Sb": "antimony", "W": "tungsten", "Te": "tellurium",
    "Bi": "bismuth", "Mo": "molybdenum", "In": "indium", "Ta": "tantalum",
}  # fmt: skip


def day_text(day: date) -> str:
    """4 April 2025."""
    return f"{day.day} {day:%B %Y}"


def joined(words: Sequence[str], conjunction: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {conjunction} {words[-1]}" if words else ""


def outcome_sentence(outcome: Outcome, code: str | None, title: str, view: LawView) -> str:
    """One sentence on what the limb says on the day, for goods that fall under `code` with this title."""
    limb, span = outcome.limb, outcome.span
    instrument = limb.instrument
    reference = ", ".join(part for part in (code, instrument.name) if part)
    capital = title[:1].upper() + title[1:]
    party = ""
    if outcome.party is not None:
        listing = outcome.party.listing
        party = f" {listing.name} is on {listing.list_title} since {day_text(listing.listed_on)} ({listing.notice})."
    if outcome.carve_out is not None:
        return f"{outcome.carve_out.sentence} ({reference}.)"
    if outcome.near:
        return f"{outcome.item.below if outcome.item else 'A threshold is not reached.'} ({reference}.)"
    if outcome.exempted_by is not None:
        return outcome.exempted_by.source.sentence.format(goods=capital) + f" ({reference}, {instrument.name}.)"
    if span.status is Status.SUSPENDED:
        return f"{capital} would fall under {reference}, which is suspended{_by(span)}: nothing is needed now, and it may revive.{party}"
    if span.status is Status.SUSPENDED_AS_STATED:
        return f"{capital} would fall under {reference}; {_as_stated(span, view)}{party}"
    if span.status is Status.UNSETTLED:
        either = limb.source.sentence.format(goods=capital).rstrip(".")
        return (
            f"Not settled: {reference} was suspended{_by(span)}, and no notice of an extension was seen. "
            f"Either it binds again ({either}) or nothing is needed.{party}"
        )
    if outcome.answer is Answer.NEEDS_INFORMATION and outcome.missing:
        clauses = joined(list(dict.fromkeys(map(missing_clause, outcome.missing))))
        return f"Whether {reference} ({title}) applies cannot be said yet: {clauses}.{party}"
    if outcome.answer is Answer.NOT_CONTROLLED:
        return f"{capital}: {reference} does not bind on the day{_binds(span, limb)}"
    sentence = limb.source.sentence.format(goods=capital).rstrip(".")
    return f"{sentence} ({reference}, in force since {day_text(limb.source.valid_from)}).{party}"


def _by(span: Span) -> str:
    act = span.suspension
    if act is None:
        return ""
    until = f" until {day_text(act.printed_end)}" if act.printed_end else ""
    return f"{until} by {act.instrument}"


def _as_stated(span: Span, view: LawView) -> str:
    act = span.suspension
    if act is None or act.printed_end is None or act.stated_end is None:
        return "its suspension has been prolonged as far as was stated."
    instrument = view.law.instruments.get(act.instrument)
    said = next((one.stated_end.by for one in instrument.suspends if one.stated_end), "the authority") if instrument else "the authority"
    return (
        f"its suspension ended on {day_text(act.printed_end)} by its text, {said} stated its extension to {day_text(act.stated_end)}, "
        "and no notice of that was seen: have a person check."
    )


def _binds(span: Span, limb: Limb) -> str:
    if span.status in (Status.ANNOUNCED, Status.NOT_ISSUED):
        return f"; it applies from {day_text(limb.source.valid_from)}."
    if span.status is Status.ENDED:
        return "; it has ended."
    return " in this scenario."


def human_check(outcome: Outcome, view: LawView) -> str | None:
    """Why a person has to look although there is an answer."""
    if outcome.span.status is Status.SUSPENDED_AS_STATED:
        return "The suspension's printed end has passed; " + _as_stated(outcome.span, view)
    return outcome.limb.source.human_check


def missing_clause(missing: Missing) -> str:
    """What is open, as a clause: "the content of dysprosium is not known"."""
    if missing.kind == "law":
        return "the law does not settle it"
    if missing.name == "composition" and missing.subjects:
        return f"the content of {joined([ELEMENT_NAMES.get(symbol, symbol) for symbol in missing.subjects])} is not known"
    return f"the {missing.name.replace('_', ' ')} is not known"


_PRIORITY = (
    "description", "ship_from", "destination", "origin", "end_use", "end_user_owner_share", "magnet_family", "composition", "product",
    "substance_form", "value_share", "inputs_origin",
)  # fmt: skip
"""Among questions that settle as much as each other, the one that is answered most easily comes first."""


def questions(outcomes: Iterable[Outcome]) -> list[MissingFact]:
    """What is missing, each thing once, the fact that would settle most first; open questions of law last."""
    counts: dict[tuple[str, str, str], int] = {}
    merged: dict[tuple[str, str, str], Missing] = {}
    for outcome in outcomes:
        for missing in outcome.missing:
            key = (missing.kind, missing.name, missing.held_by)
            counts[key] = counts.get(key, 0) + 1
            known = merged.get(key)
            if known is None:
                merged[key] = missing
            elif known.subjects != missing.subjects:
                subjects = tuple(dict.fromkeys((*known.subjects, *missing.subjects)))
                merged[key] = Missing(missing.kind, missing.name, missing.held_by, missing.question, subjects)
    ordered = sorted(
        merged, key=lambda key: (key[0] == "law", -counts[key], _PRIORITY.index(key[1]) if key[1] in _PRIORITY else len(_PRIORITY))
    )
    return [_question(merged[key]) for key in ordered]


def _question(missing: Missing) -> MissingFact:
    question = missing.question
    if missing.name == "composition" and missing.subjects:
        elements = joined([ELEMENT_NAMES.get(symbol, symbol) for symbol in missing.subjects])
        question = f"What is the content of {elements} in the goods, in percent by mass, by test report?"
    return MissingFact(kind=missing.kind, name=missing.name, held_by=missing.held_by, question=question)
