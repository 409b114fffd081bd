"""What the data holds of the law there is: modelled, flagged or absent, per regime, instrument and limb, and the lists with their gaps."""

from collections.abc import Iterable
from datetime import date

from pydantic import BaseModel, ConfigDict

from services.screening.domain.instrument import Coverage, Effect, Instrument, Regime
from services.screening.domain.law import Law, LawView, Limb
from services.screening.domain.party_content import Notice, NotLoaded, PartyContent

_OF_EFFECT: dict[Effect, Coverage] = {"flag": "flagged", "absent": "absent"}


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class LimbCoverage(_Told):
    """`modelled`: it decides an answer; `flagged`: it is said beside the answer; `absent`: it says that the text is missing."""

    limb: str
    coverage: Coverage
    effect: Effect
    status: str
    sentence: str


class ItemCoverage(_Told):
    code: str
    title: str


class InstrumentCoverage(_Told):
    instrument: str
    name: str
    title: str
    coverage: Coverage
    draft: bool
    suspends: list[str]
    note: str | None
    items: list[ItemCoverage]
    limbs: list[LimbCoverage]


class NoticeNotLoaded(_Told):
    notice: str
    listed_on: date
    names: int
    note: str | None


class ListCoverage(_Told):
    """`names` are those in the data; `not_loaded` are notices that are known of, whose names are not."""

    list_name: str
    title: str
    names: int
    notices: list[str]
    not_loaded: list[NoticeNotLoaded]


class RegimeCoverage(_Told):
    regime: str
    title: str
    jurisdiction: str
    coverage: Coverage
    sentence: str
    instruments: list[InstrumentCoverage]
    lists: list[ListCoverage]


class CoverageReport(_Told):
    regulations_version: str
    parties_version: str
    on: date
    regimes: list[RegimeCoverage]


ADDED = "added_here"
_ADDED_SENTENCE = "Instruments and lists that were added here; the common terms that Orestream ships with name no regime for them."


def coverage_of(law: Law, parties: PartyContent, parties_version: str, on: date) -> CoverageReport:
    """Everything the data holds, and every regime known of that it does not hold, as known on a day."""
    view = law.as_known_on(on)
    named = {name for regime in law.common.regimes for name in regime.instruments}
    named_lists = {name for regime in law.common.regimes for name in regime.lists}
    regimes = [_regime(regime, regime.instruments, regime.lists, view, parties, on) for regime in law.common.regimes]
    added = [instrument for instrument in sorted(law.instruments) if instrument not in named]
    added_lists = [name for name in parties.lists if name not in named_lists]
    if added or added_lists:
        jurisdiction = law.instruments[added[0]].jurisdiction if added else parties.lists[added_lists[0]].jurisdiction
        other = Regime(id=ADDED, title="Added here", jurisdiction=jurisdiction, coverage="modelled", sentence=_ADDED_SENTENCE)
        regimes.append(_regime(other, added, added_lists, view, parties, on))
    return CoverageReport(regulations_version=law.version, parties_version=parties_version, on=on, regimes=regimes)


def coverage_of_limb(limb: Limb) -> Coverage:
    return _OF_EFFECT.get(limb.effect, "modelled")


def _regime(
    regime: Regime, instruments: Iterable[str], lists: Iterable[str], view: LawView, parties: PartyContent, on: date
) -> RegimeCoverage:
    told_lists = [_list(name, parties) for name in lists if name in parties.lists]
    # Names that a user has loaded are found on orders and shown beside the answer, whatever the data ships with.
    loaded = regime.coverage == "absent" and any(one.names for one in told_lists)
    return RegimeCoverage(
        regime=regime.id,
        title=regime.title,
        jurisdiction=regime.jurisdiction,
        coverage="flagged" if loaded else regime.coverage,
        sentence=regime.sentence,
        instruments=[_instrument(view.law.instruments[name], view, on) for name in instruments if name in view.law.instruments],
        lists=told_lists,
    )


def _instrument(instrument: Instrument, view: LawView, on: date) -> InstrumentCoverage:
    limbs = [view.law.limbs[f"{instrument.id}#{limb.id}"] for limb in instrument.limbs]
    return InstrumentCoverage(
        instrument=instrument.id,
        name=instrument.name,
        title=instrument.title,
        coverage=instrument.coverage,
        draft=instrument.status == "draft",
        suspends=[reference for act in instrument.suspends for reference in act.limbs],
        note=instrument.note,
        items=[ItemCoverage(code=item.code, title=item.title) for item in instrument.items],
        limbs=[
            LimbCoverage(
                limb=limb.id,
                coverage=coverage_of_limb(limb),
                effect=limb.effect,
                status=view.timeline(limb).at(on).status.name.lower(),
                sentence=limb.source.sentence.format(goods="The goods", needs="need"),
            )
            for limb in limbs
        ],
    )


def _list(name: str, parties: PartyContent) -> ListCoverage:
    notices: list[Notice] = [notice for notice in parties.notices if notice.list_name == name]
    missing: list[NotLoaded] = [notice for notice in parties.not_loaded if notice.list_name == name]
    return ListCoverage(
        list_name=name,
        title=parties.lists[name].title,
        names=sum(len(notice.parties) for notice in notices),
        notices=[notice.notice for notice in notices],
        not_loaded=[
            NoticeNotLoaded(notice=one.notice, listed_on=one.listed_on, names=one.names, note=one.note)
            for one in sorted(missing, key=lambda one: one.listed_on)
        ],
    )
