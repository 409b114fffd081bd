"""What is said beside the answer of parties on lists, and of lists that are too old to say that nobody is on them.

A list has a jurisdiction of its own. China's rules on listed parties are law in the data; what a list of another jurisdiction forbids is
not, so a hit there is a question of law under that jurisdiction and changes no answer of another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.screening.domain.law import Law
from services.screening.domain.loads import Load, stale_key, stale_loads
from services.screening.domain.parties import ListedParty
from services.screening.domain.party_content import NO_NOTICE, PartyContent
from services.screening.domain.wording import day_text
from shared.contracts.screening import Answer, Flag, Jurisdiction, JurisdictionAnswer, LineScreening, MissingFact, PartyNotScreened

_FLAGS_OF_THEIR_OWN = frozenset({"export_control_list", "watch_list", "unreliable_entity_list", "countermeasures"})
_EVERYWHERE: Jurisdiction = "CN"
"""Has an answer on every line; what is of no jurisdiction is told there."""
_WEAKER = frozenset({Answer.SUSPENDED, Answer.EXEMPT, Answer.NOT_CONTROLLED})
"""Answers that an open question outweighs."""


def party_flags(bearing: Sequence[ListedParty], jurisdiction: Jurisdiction) -> list[Flag]:
    flags: dict[str, Flag] = {}
    for party in bearing:
        listing = party.listing
        if listing.jurisdiction != jurisdiction:
            continue
        if party.holding is not None:
            name, key = "listed_owner", f"listed_owner {listing.list_name if jurisdiction != 'CN' else ''}"
        else:
            name = key = listing.list_name if listing.list_name in _FLAGS_OF_THEIR_OWN else "listed_party"
            key = f"{key} {listing.list_name}"
        flags.setdefault(key, Flag(name=name, sentence=party_sentence(party)))
    return list(flags.values())


def party_sentence(party: ListedParty) -> str:
    listing = party.listing
    notice = "" if listing.notice == NO_NOTICE else f" by {listing.notice}"
    since = f"listed {day_text(listing.listed_on)}" if listing.listed_on is not None else "which does not say since when"
    role = party.role.replace("_", " ")
    sentence = f"{party.hit.name} ({role}) is on {listing.list_title}{notice}, {since}."
    if party.holding is not None:
        if party.holding.said:
            sentence += f" {party.holding.said}."
        if listing.jurisdiction == "CN":
            sentence += " The listing notices have no rule on subsidiaries; expect questions about control."
    return sentence


def with_lists_elsewhere(
    answers: dict[Jurisdiction, JurisdictionAnswer], bearing: Sequence[ListedParty], law: Law
) -> tuple[dict[Jurisdiction, JurisdictionAnswer], list[MissingFact]]:
    """The answers with those of jurisdictions on whose lists a party is while the data has no rule on that list, and what is open there."""
    answers = dict(answers)
    asked: dict[str, MissingFact] = {}
    for party in bearing:
        listing = party.listing
        jurisdiction = listing.jurisdiction
        if jurisdiction == "CN" or listing.list_name in law.lists_ruled_on:
            continue
        question = f"What does {listing.list_title} forbid with {party.hit.name} as {party.role.replace('_', ' ')}?"
        asked.setdefault(question, MissingFact(kind="law", name=f"{listing.list_name}.effect", held_by="authority", question=question))
        standing = answers.get(jurisdiction)
        if standing is None or standing.answer in _WEAKER:
            answers[jurisdiction] = JurisdictionAnswer(
                answer=Answer.NEEDS_INFORMATION,
                dual_use_licence="unknown",
                how=f"What follows for {party.hit.name} from {listing.list_title} is not in the data: a person has to settle it.",
                flags=standing.flags if standing is not None else party_flags(bearing, jurisdiction),
            )
    return answers, list(asked.values())


def with_not_screened(line: LineScreening, parties: Sequence[PartyNotScreened], content: PartyContent) -> LineScreening:
    """The line with the parties that lists say nothing of: flagged under the jurisdictions of the lists, which it leaves open."""
    told: dict[Jurisdiction, list[str]] = {}
    for party in parties:
        told.setdefault(content.lists[party.list_name].jurisdiction, []).append(party.sentence)
    answers = dict(line.answers)
    for jurisdiction, sentences in told.items():
        sentence = " ".join(dict.fromkeys(sentences))
        standing = answers.get(jurisdiction)
        if standing is None:
            standing = JurisdictionAnswer(answer=Answer.NEEDS_INFORMATION, dual_use_licence="unknown", how=sentence)
        flag = Flag(name="party_not_screenable", sentence=sentence)
        answers[jurisdiction] = standing.model_copy(update={"flags": [*standing.flags, flag]})
    return line.model_copy(update={"answers": answers, "parties_not_screened": list(parties)})


@dataclass(slots=True, frozen=True)
class StaleLists:
    """The lists that are too old on a day, as flags by jurisdiction, and the keys of what touches them."""

    flags: Mapping[Jurisdiction, Sequence[Flag]]
    touched: frozenset[str]

    def on(self, line: LineScreening) -> LineScreening:
        """The line as it is answered while the lists are too old: flagged, and unanswered where nothing else speaks."""
        answers = dict(line.answers)
        for jurisdiction, flags in self.flags.items():
            standing = answers.get(jurisdiction)
            if standing is None:
                told = " ".join(flag.sentence for flag in flags)
                standing = JurisdictionAnswer(answer=Answer.NEEDS_INFORMATION, dual_use_licence="unknown", how=told)
            answers[jurisdiction] = standing.model_copy(update={"flags": [*standing.flags, *flags]})
        return line.model_copy(update={"answers": answers})


def stale_lists(content: PartyContent, day: date) -> StaleLists | None:
    """None where every list is young enough."""
    stale = stale_loads(content.loads, day)
    if not stale:
        return None
    flags: dict[Jurisdiction, list[Flag]] = {}
    for name, load in stale.items():
        jurisdictions: list[Jurisdiction] = [content.lists[key].jurisdiction for key in load.lists if key in content.lists]
        for jurisdiction in dict.fromkeys(jurisdictions or [_EVERYWHERE]):
            flags.setdefault(jurisdiction, []).append(Flag(name="party_list_stale", sentence=_stale_sentence(name, load, day)))
    return StaleLists(flags, frozenset(map(stale_key, stale)))


def _stale_sentence(name: str, load: Load, day: date) -> str:
    what, nothing = ("The list", "that it names nobody of the order") if load.lists else ("The ownership facts", "that they show no owner")
    old = f"as of {day_text(load.stands_at.date())} ({load.age_days(day)} days ago, {load.max_age_days} are the most)"
    return f"{what} {load.title} ({name}) stand{'s' if load.lists else ''} {old}: {nothing} means nothing. Load a newer file."
