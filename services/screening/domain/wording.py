"""Sentences for the person who buys: what applies, since when, under which code; what is missing and whom to ask."""

import re
from collections.abc import Iterable
from datetime import date

from services.screening.domain.facts import LineFacts
from services.screening.domain.instrument import Instrument
from services.screening.domain.judgement import Outcome
from services.screening.domain.law import LawView, Limb
from services.screening.domain.parties import Listing
from services.screening.domain.truth import Missing
from services.screening.domain.truth import missing as missing_of
from services.screening.domain.validity import Span, Status
from services.screening.domain.words import element_names, joined
from shared.contracts.screening import Answer, MissingFact


def day_text(day: date) -> str:
    """4 April 2025."""
    return f"{day.day} {day:%B %Y}"


def short_name(name: str) -> str:
    """An instrument's number and year where it has them: "No.18 of 2025"."""
    numbered = re.search(r"No\.\d+ of \d{4}", name)
    return numbered[0] if numbered else name


def outcome_sentence(outcome: Outcome, code: str | None, title: str, view: LawView) -> str:
    """One sentence or two on what the limb says on the day; goods that it controls fall under `code` and are called `title`."""
    party = outcome.party.listing.id if outcome.party is not None else None
    exemption = outcome.exempted_by.key if outcome.exempted_by is not None else None
    carve_out = outcome.carve_out.id if outcome.carve_out is not None else None
    key = (outcome.key, outcome.span.starts_on, code, title, outcome.near, outcome.missing, party, exemption, carve_out)
    sentence = view.sentences.get(key)
    if sentence is None:
        draft = draft_behind(outcome, view)
        text = _sentence(outcome, code, title, view)
        sentence = view.sentences.keep(key, f"{text} {draft.unconfirmed_sentence}" if draft is not None else text)
    return sentence


def named_under(outcome: Outcome, facts: LineFacts) -> tuple[str | None, str]:
    """The control code, or the codes in question, and what the goods are called under them."""
    if not outcome.items:
        return None, "the transaction"
    if len(outcome.items) > 1:
        return ", ".join(item.code for item in outcome.items), "one of several items"
    return outcome.items[0].named(facts)


def draft_behind(outcome: Outcome, view: LawView) -> Instrument | None:
    """The draft on which an outcome rests: that of its limb, or of the act that suspends it. One that has lapsed is behind nothing."""
    span = outcome.span
    if span.status in (Status.ENDED, Status.NOT_ISSUED, Status.LIFTED):
        return None
    if outcome.limb.instrument.status == "draft":
        return outcome.limb.instrument
    act = view.law.instruments.get(span.suspension.instrument) if span.suspension is not None else None
    return act if act is not None and act.status == "draft" else None


def rule_sentence(limb: Limb, code: str, title: str) -> str:
    """What a limb in force says of goods that it controls, as a buyer reads it."""
    reference = f"{code}, {short_name(limb.instrument.name)}"
    text = f"{_said(limb, title)} ({reference}, in force since {day_text(limb.source.valid_from)})."
    return f"{text} {limb.instrument.unconfirmed_sentence}".rstrip()


def _sentence(outcome: Outcome, code: str | None, title: str, view: LawView) -> str:
    if outcome.party is not None:
        return _on_party(outcome, outcome.party.listing)
    limb, span = outcome.limb, outcome.span
    reference = ", ".join(part for part in (code, short_name(limb.instrument.name)) if part)
    rule = _said(limb, title)
    if outcome.carve_out is not None:
        return f"{outcome.carve_out.sentence} ({reference}.)"
    if outcome.near and outcome.items:
        return f"{outcome.items[0].below} ({reference}.)"
    if outcome.exempted_by is not None:
        exemption = outcome.exempted_by
        return f"{_said(exemption, title)} ({reference}, {exemption.id})."
    if span.status is Status.SUSPENDED:
        return f"{rule}: that is what {reference} would say; it is suspended{_by(span, view)}, so nothing is needed now, and it may revive."
    if span.status is Status.SUSPENDED_AS_STATED:
        return f"{rule}: that is what {reference} would say; {_as_stated(span, view)}"
    if span.status is Status.UNSETTLED:
        return (
            f"Not settled: {reference} was suspended{_by(span, view)}, and no notice of an extension was seen. "
            f"Either it binds again ({rule}) or that is not needed."
        )
    if outcome.answer is Answer.NEEDS_INFORMATION and outcome.missing:
        if limb.effect == "unsettled" and outcome.items and all(missing.kind == "law" for missing in outcome.missing):
            return f"{rule} ({reference})."
        open_points = joined([missing_clause(missing) for missing in _leading(outcome)[:2]])
        if not outcome.items:
            return f"{rule} ({reference}). Whether that applies cannot be said yet: {open_points}."
        return f"Whether the goods are controlled ({reference}: {title}) cannot be said yet: {open_points}."
    if outcome.answer is Answer.NOT_CONTROLLED:
        return f"{reference} ({title}) does not bind on the day{_binds(span, limb)}"
    return f"{rule} ({reference}, in force since {day_text(limb.source.valid_from)})."


def _said(limb: Limb, title: str) -> str:
    """The limb's sentence about goods of this title, without its full stop."""
    needs = "need" if _is_plural(title) else "needs"
    sentence = limb.source.sentence.format(goods=title, needs=needs).rstrip(".")
    return sentence[:1].upper() + sentence[1:]


_AFTER_HEAD = re.compile(r"\s(?:of|for|from|with|containing|made|above|below|up|in|made|and their)\s|\s\(")


def _is_plural(title: str) -> bool:
    """Whether the noun that a title is about, before what is said of it, is a plural or an enumeration."""
    head = _AFTER_HEAD.split(title, maxsplit=1)[0]
    return "," in head or " and " in head or head.endswith("s")


def _on_party(outcome: Outcome, listing: Listing) -> str:
    rule = outcome.limb.source.sentence.rstrip(".")
    since = f" since {day_text(listing.listed_on)}" if listing.listed_on is not None else ""
    listed = f"{listing.name} is on {listing.list_title}{since} ({listing.notice})"
    status = outcome.span.status
    if status is Status.UNSETTLED:
        act = outcome.span.suspension
        until = f" until {day_text(act.printed_end)}" if act is not None and act.printed_end is not None else ""
        return f"{listed}; the listing was suspended{until}, and no word on an extension was seen. If it binds again: {rule}."
    if status in (Status.SUSPENDED, Status.SUSPENDED_AS_STATED):
        return f"{listed}; the listing is suspended. If it revives: {rule}."
    if outcome.answer is Answer.NEEDS_INFORMATION and outcome.missing:
        return f"{listed}. {rule}. Whether that applies cannot be said yet: {joined([missing_clause(m) for m in _leading(outcome)[:2]])}."
    return f"{listed}. {rule}."


def _by(span: Span, view: LawView) -> str:
    act = span.suspension
    if act is None:
        return ""
    until = f" until {day_text(act.printed_end)}" if act.printed_end else ""
    instrument = view.law.instruments.get(act.instrument)
    return f"{until} by {short_name(instrument.name) if instrument else act.instrument}"


def _as_stated(span: Span, view: LawView) -> str:
    act = span.suspension
    if act is None or act.printed_end is None or act.stated_end is None:
        return "its suspension has been prolonged as far as was stated."
    instrument = view.law.instruments.get(act.instrument)
    said = next((one.stated_end.by for one in instrument.suspends if one.stated_end), "the authority") if instrument else "the authority"
    return (
        f"its suspension ended on {day_text(act.printed_end)} by its text, {said} stated an extension to {day_text(act.stated_end)}, "
        "and no notice of that was seen: have a person check."
    )


def _binds(span: Span, limb: Limb) -> str:
    if span.status in (Status.ANNOUNCED, Status.NOT_ISSUED):
        return f": it applies from {day_text(limb.source.valid_from)}."
    if span.status is Status.ENDED:
        return ": it has ended."
    return " in this scenario."


def human_check(outcome: Outcome, view: LawView) -> str | None:
    """Why a person has to look although there is an answer."""
    if outcome.span.status is Status.SUSPENDED_AS_STATED:
        return "The printed end of the suspension has passed: " + _as_stated(outcome.span, view)
    return outcome.limb.source.human_check


def missing_clause(missing: Missing) -> str:
    """What is open, as a clause: "the content of dysprosium is not known"."""
    if missing.kind == "law":
        return "the law does not settle it"
    fact, _, component = missing.name.partition("/")
    if fact == "composition" and missing.subjects:
        return f"the content of {element_names(missing.subjects)}{f' in component {component}' if component else ''} is not known"
    if fact == "value_share" and component:
        return f"the value share of the inputs in component {component} is not known"
    if missing.name == "product":
        return "what the goods are is not known"
    if missing.name == "components":
        return "the list of components does not name every part"
    return f"the {fact.replace('_', ' ')}{f' of component {component}' if component else ''} is not known"


_PRIORITY = (
    "description", "ship_from", "destination", "origin", "end_use", "end_user_owner_share", "composition", "product", "magnet_family",
    "substance_form", "value_share", "inputs_origin",
)  # fmt: skip
"""Among questions that settle as much as each other, the one that is answered most easily comes first."""
_WITHIN_PRODUCT = frozenset({"magnet_family", "substance_form"})
"""What is answered along with the question what the goods are."""


def _leading(outcome: Outcome) -> list[Missing]:
    """What is missing for one outcome, the first to ask first. Questions of law wait for the facts, but for whether a limb binds."""
    found = outcome.missing
    if any(missing.kind == "fact" for missing in found):
        found = tuple(missing for missing in found if missing.kind == "fact" or missing.name.endswith(".binding"))
    if any(missing.name == "product" for missing in found):
        found = tuple(missing for missing in found if missing.name not in _WITHIN_PRODUCT)
    elements = tuple(dict.fromkeys(symbol for item in outcome.items for symbol in item.elements))
    if elements:
        found = tuple(_about(missing, elements) for missing in found)
    merged: dict[tuple[str, str], Missing] = {}
    for missing in found:
        _merge(merged, missing)
    return sorted(merged.values(), key=_priority)


def _about(missing: Missing, elements: tuple[str, ...]) -> Missing:
    """The question narrowed to the item's own elements: its partners in a compound are told by the same answer."""
    own = tuple(symbol for symbol in missing.subjects if symbol in elements)
    if missing.name.partition("/")[0] != "composition" or own == missing.subjects:
        return missing
    return missing_of(missing.kind, missing.name, missing.held_by, missing.question, own or elements)


def _merge(merged: dict[tuple[str, str], Missing], missing: Missing) -> None:
    key = (missing.kind, missing.name)
    known = merged.get(key)
    if known is None:
        merged[key] = missing
    elif known.subjects != missing.subjects:
        subjects = tuple(dict.fromkeys((*known.subjects, *missing.subjects)))
        merged[key] = missing_of(missing.kind, missing.name, missing.held_by, missing.question, subjects)


def _priority(missing: Missing) -> tuple[bool, int]:
    name = missing.name.partition("/")[0]
    return missing.kind == "law", _PRIORITY.index(name) if name in _PRIORITY else len(_PRIORITY)


def questions(outcomes: Iterable[Outcome]) -> list[MissingFact]:
    """What is missing, each thing once: the fact that would settle most first, open questions of law last."""
    counts: dict[tuple[str, str], int] = {}
    merged: dict[tuple[str, str], Missing] = {}
    for outcome in outcomes:
        for missing in _leading(outcome):
            counts[missing.kind, missing.name] = counts.get((missing.kind, missing.name), 0) + 1
            _merge(merged, missing)
    ordered = sorted(merged.values(), key=lambda missing: (missing.kind == "law", -counts[missing.kind, missing.name], _priority(missing)))
    return [_question(missing) for missing in ordered]


def _question(missing: Missing) -> MissingFact:
    question = missing.question
    fact, _, component = missing.name.partition("/")
    if fact == "composition" and missing.subjects:
        where = f"component {component}" if component else "the goods"
        question = f"What is the content of {element_names(missing.subjects)} in {where}, in percent by mass, by test report?"
    return MissingFact(kind=missing.kind, name=missing.name, held_by=missing.held_by, question=question)
