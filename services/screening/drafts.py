"""Drafts: rules that a person enters while orders flow. They act at once, and a second person confirms them or they lapse."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.screening.domain.freeze import LAPSES_AFTER, LAPSES_WITHIN, FreezeRule, draft_of
from services.screening.domain.instrument import Instrument, Signed
from services.screening.domain.law import Law
from services.screening.domain.wording import rule_sentence
from services.screening.installed import INSTRUMENTS, RowChanges
from services.screening.references import References


class DraftRefused(ValueError):
    """What was asked cannot be done with this rule; the sentence says why."""


class UnknownDraft(LookupError):
    """No rule of this id was entered here."""


@dataclass(slots=True, frozen=True)
class Changed:
    """A rule as it stands now, what a buyer reads of it, and the keys of the open orders that its change reaches."""

    instrument: Instrument
    sentences: tuple[str, ...]
    reached: frozenset[str]
    withdrawn: bool = False


class Drafts:
    def __init__(self, references: References, clock: Callable[[], datetime]) -> None:
        self._references = references
        self._clock = clock

    def signed(self, name: str, key_id: str | None = None) -> Signed:
        return Signed(name=name, key_id=key_id, at=self._clock())

    async def all(self) -> list[Instrument]:
        """Everything that was entered and not withdrawn, confirmed or not, the oldest first."""
        rows = [Instrument.model_validate_json(row) async for _, row in self._references.installed.instruments.scan()]
        return sorted(rows, key=lambda one: (one.entered.at.isoformat() if one.entered else "", one.id))

    async def freeze(self, rule: FreezeRule, by: Signed, *, dry_run: bool = False) -> Changed:
        """Raises FreezeRefused or DraftRefused, and LawError where the rule fits with nothing."""
        return await self._enter(draft_of(rule, (await self._references.current()).law, by), by, dry_run=dry_run)

    async def enter(self, instrument: Instrument, by: Signed, *, dry_run: bool = False) -> Changed:
        """An unconfirmed announcement as a whole instrument. Raises DraftRefused, and LawError where it does not compile."""
        draft = instrument.model_copy(
            update={
                "status": "draft",
                "lapses_on": instrument.lapses_on or by.at.date() + LAPSES_AFTER,
                "entered": by,
                "confirmed": None,
                "withdrawal": None,
            }
        )
        today = by.at.date()
        if draft.lapses_on is None or not today < draft.lapses_on <= today + LAPSES_WITHIN:
            raise DraftRefused(f"{draft.id} lapses on {draft.lapses_on}; that is to be after today, and within {LAPSES_WITHIN.days} days.")
        return await self._enter(draft, by, dry_run=dry_run)

    async def _enter(self, draft: Instrument, by: Signed, *, dry_run: bool) -> Changed:
        (row,) = await self._references.installed.instruments.get_many([draft.id])
        if row is not None:
            standing = Instrument.model_validate_json(row)
            if standing.entered is None or not standing.entered.same_person(by) or standing.status != "draft" or _differs(standing, draft):
                raise DraftRefused(f"{_state(standing)} Withdraw it first, or enter a rule that says something else.")
            draft = standing
        elif draft.id in (await self._references.current()).law.instruments:
            raise DraftRefused(
                f"{draft.id} is in the law already. A draft adds to the law and replaces nothing, because it may lapse: give it another id."
            )
        return await self._put(draft, dry_run=dry_run)

    async def confirm(self, draft_id: str, by: Signed) -> Changed:
        """Raises UnknownDraft, and DraftRefused where this person may not, or the rule is no draft any more."""
        draft = await self._find(draft_id)
        if draft.status != "draft":
            raise DraftRefused(_state(draft))
        if draft.entered is not None and draft.entered.same_person(by):
            raise DraftRefused(f"{draft.entered.name} entered {draft.id}; somebody else has to confirm it.")
        if draft.lapses_on is not None and draft.lapses_on <= by.at.date():
            raise DraftRefused(f"{draft.id} lapsed on {draft.lapses_on}, and orders have been judged without it since; enter it again.")
        return await self._put(draft.model_copy(update={"status": "confirmed", "lapses_on": None, "confirmed": by}))

    async def withdraw(self, draft_id: str, by: Signed) -> Changed:
        """A draft goes at once. A confirmed rule goes when a second person withdraws it, too; until then it acts.

        Raises UnknownDraft, and DraftRefused where the second person is the first one.
        """
        rule = await self._find(draft_id)
        if rule.status == "confirmed" and rule.withdrawal is None:
            return await self._put(rule.model_copy(update={"withdrawal": by}))
        if rule.status == "confirmed" and rule.withdrawal is not None and rule.withdrawal.same_person(by):
            raise DraftRefused(f"{rule.withdrawal.name} asked for the withdrawal of {rule.id}; somebody else has to withdraw it, too.")
        _, reached = await self._references.change({INSTRUMENTS: {rule.id: None}})
        return Changed(rule, (), reached.get("regulations", frozenset()), withdrawn=True)

    async def _find(self, draft_id: str) -> Instrument:
        (row,) = await self._references.installed.instruments.get_many([draft_id])
        if row is None:
            raise UnknownDraft(f"No rule {draft_id!r} was entered here; `orestream regulations drafts` lists those that were.")
        return Instrument.model_validate_json(row)

    async def _put(self, rule: Instrument, *, dry_run: bool = False) -> Changed:
        changes: RowChanges = {INSTRUMENTS: {rule.id: rule.model_dump_json(by_alias=True, exclude_defaults=True).encode()}}
        change = self._references.would_reach if dry_run else self._references.change
        basis, reached = await change(changes)
        return Changed(rule, tuple(sentences_of(rule.id, basis.law)), reached.get("regulations", frozenset()))


def sentences_of(instrument_id: str, law: Law) -> list[str]:
    """What an instrument's limbs say of the items that they control, as a buyer reads it, each sentence once."""
    said = [
        rule_sentence(limb, item.code, item.title)
        for item in law.items
        for limb in item.limbs
        if limb.instrument.id == instrument_id and limb.flag is None
    ]
    said += [limb.source.sentence for limb in law.limbs.values() if limb.instrument.id == instrument_id and limb.source.items is None]
    return list(dict.fromkeys(said))


def _differs(standing: Instrument, draft: Instrument) -> bool:
    signed = {"entered": None, "lapses_on": None}
    return standing.model_copy(update=signed) != draft.model_copy(update=signed)


def _state(rule: Instrument) -> str:
    entered = f" entered by {rule.entered.name} on {rule.entered.at.date()}" if rule.entered else " entered"
    if rule.confirmed is not None:
        return f"{rule.id} is{entered} and confirmed by {rule.confirmed.name}."
    return f"{rule.id} is{entered} and waits for a second person to confirm it."
