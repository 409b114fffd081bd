"""A freeze rule acts at once, on its goods only, says that it is unconfirmed, and is confirmed by somebody else or lapses."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.screening.domain.basis import Basis
from services.screening.domain.freeze import FreezeRefused, draft_of, read_freeze_rule
from services.screening.domain.instrument import Instrument, Signed
from services.screening.domain.law import Law, compile_law
from services.screening.domain.screening import screen_order
from services.screening.domain.touching import reached_by_change
from services.screening.drafts import Changed, DraftRefused, Drafts, UnknownDraft
from services.screening.installed import Installed
from services.screening.references import References
from shared.bus import Bus, BusSettings
from shared.contracts.order import Classification, OrderSnapshot
from shared.contracts.screening import Answer, LineScreening, ScreeningResult
from tests.unit.screening.making import TODAY, built_in_law, built_in_parties, line, order

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
ANNA, BEN = Signed(name="Anna", key_id="a1", at=NOW), Signed(name="Ben", key_id="b1", at=NOW)
GALLIUM = {
    "elements": ["gallium"],
    "effect": "prohibited",
    "valid_from": "2026-11-22",
    "reason": "MOFCOM is said to have stopped all gallium exports",
    "source": "telephone call with the exporter",
}


@pytest.fixture
async def references(redis_url: str) -> AsyncIterator[References]:
    bus = Bus(BusSettings(url=redis_url, group="screening"))
    references = References(bus, Installed(bus, Basis(built_in_law(), built_in_parties())), lambda: NOW)
    await references.put_in_force()
    yield references
    await bus.stop()


@pytest.fixture
def drafts(references: References) -> Drafts:
    return Drafts(references, lambda: NOW)


async def frozen(drafts: Drafts, **fields: Any) -> Changed:
    return await drafts.freeze(read_freeze_rule({**GALLIUM, **fields}), ANNA)


def screened(snapshot: OrderSnapshot, law: Law, known_on: date = TODAY) -> ScreeningResult:
    return screen_order(snapshot, Basis(law, built_in_parties()), order_event_id="e", known_on=known_on, code="1")


def line_under(law: Law, description: str, known_on: date = TODAY, **fields: Any) -> LineScreening:
    return screened(order(line(description=description, origin_country="CN"), **fields), law, known_on).lines[0]


def with_draft(given_rule: dict[str, Any]) -> tuple[Instrument, Law]:
    draft = draft_of(read_freeze_rule(given_rule), built_in_law(), ANNA)
    return draft, compile_law(built_in_law().common, [*built_in_law().instruments.values(), draft])


async def test_it_acts_at_once_and_every_answer_it_touches_says_unconfirmed(drafts: Drafts, references: References) -> None:
    changed = await frozen(drafts)
    assert changed.reached == {"element:Ga"}
    assert changed.instrument.id.startswith("draft-2026-11-22-ga-")
    assert changed.instrument.lapses_on == date(2026, 12, 6)
    (sentence,) = changed.sentences
    assert sentence == (
        "Goods containing gallium leaving China may not be exported: MOFCOM is said to have stopped all gallium exports (freeze, Freeze "
        "rule of 22 November 2026 on gallium, in force since 22 November 2026). Unconfirmed: no second person has confirmed this rule yet, "
        "entered by Anna; it lapses on 6 December 2026."
    )
    wafer = line_under(references.basis.law, "GaAs wafer 4 inch")
    assert wafer.answers["CN"].answer is Answer.PROHIBITED
    assert wafer.answers["CN"].how == sentence
    (finding,) = [one for one in wafer.findings if one.instrument == changed.instrument.id]
    assert finding.unconfirmed
    assert [one.unconfirmed for one in wafer.findings if one.instrument != changed.instrument.id].count(True) == 0
    other = line_under(references.basis.law, "Dysprosium oxide 99.5%")
    assert all(one.instrument != changed.instrument.id for one in other.findings)


async def test_a_second_person_confirms_it_and_the_first_may_not(drafts: Drafts, references: References) -> None:
    draft_id = (await frozen(drafts)).instrument.id
    for same in (ANNA, Signed(name="anna ", key_id="another key", at=NOW), Signed(name="Somebody", key_id="a1", at=NOW)):
        with pytest.raises(DraftRefused, match="somebody else has to confirm it"):
            await drafts.confirm(draft_id, same)
    changed = await drafts.confirm(draft_id, BEN)
    assert changed.reached == {"element:Ga"}
    assert (changed.instrument.confirmed, changed.instrument.entered, changed.instrument.lapses_on) == (BEN, ANNA, None)
    wafer = line_under(references.basis.law, "GaAs wafer 4 inch", known_on=date(2026, 12, 24))
    assert wafer.answers["CN"].answer is Answer.PROHIBITED
    assert not any(one.unconfirmed for one in wafer.findings)
    assert "nconfirmed" not in wafer.answers["CN"].how
    with pytest.raises(DraftRefused, match="confirmed by Ben"):
        await drafts.confirm(draft_id, BEN)
    with pytest.raises(UnknownDraft, match="draft-nothing"):
        await drafts.confirm("draft-nothing", BEN)


async def test_unconfirmed_it_lapses_by_its_date_and_the_orders_are_looked_at_again_then(drafts: Drafts, references: References) -> None:
    before = line_under(built_in_law(), "Gallium metal 6N", known_on=date(2026, 12, 6))
    draft = (await frozen(drafts)).instrument
    snapshot = order(line(description="Gallium metal 6N", origin_country="CN"))
    result = screened(snapshot, references.basis.law)
    assert result.lines[0].answers["CN"].answer is Answer.PROHIBITED
    assert result.recheck_on == date(2026, 12, 6)
    (cliff,) = [cliff for cliff in result.lines[0].cliffs if cliff.instrument == draft.id]
    assert (cliff.on, cliff.before, cliff.after) == (date(2026, 12, 6), Answer.PROHIBITED, before.answers["CN"].answer)
    assert "lapses unless a second person confirms it" in cliff.sentence
    lapsed = line_under(references.basis.law, "Gallium metal 6N", known_on=date(2026, 12, 6))
    assert lapsed.answers == before.answers
    assert not any(finding.unconfirmed for finding in lapsed.findings)
    later = Signed(name="Ben", key_id="b1", at=NOW + timedelta(days=14))
    with pytest.raises(DraftRefused, match="lapsed on 2026-12-06"):
        await drafts.confirm(draft.id, later)


async def test_goods_that_leave_after_it_may_lapse_are_frozen_as_well(drafts: Drafts, references: References) -> None:
    """Whether somebody confirms it is not known yet, and an unknown is never a pass."""
    await frozen(drafts)
    later = screened(
        order(line(description="Gallium metal 6N", origin_country="CN", expected_departure_on="2027-03-01")), references.basis.law
    )
    assert later.lines[0].answers["CN"].answer is Answer.PROHIBITED
    assert later.recheck_on == date(2026, 12, 6)


async def test_a_draft_is_withdrawn_by_one_person_and_a_confirmed_rule_by_two(drafts: Drafts, references: References) -> None:
    version = references.basis.law.version
    draft_id = (await frozen(drafts)).instrument.id
    assert (await drafts.withdraw(draft_id, ANNA)).reached == {"element:Ga"}
    assert references.basis.law.version == version
    await frozen(drafts)
    await drafts.confirm(draft_id, BEN)
    asked = await drafts.withdraw(draft_id, ANNA)
    assert (asked.withdrawn, asked.reached) == (False, frozenset())
    assert draft_id in references.basis.law.instruments
    with pytest.raises(DraftRefused, match="somebody else has to withdraw it"):
        await drafts.withdraw(draft_id, ANNA)
    assert (await drafts.withdraw(draft_id, BEN)).withdrawn
    assert references.basis.law.version == version
    assert await drafts.all() == []


async def test_the_same_rule_entered_again_is_the_same_rule(drafts: Drafts) -> None:
    first = await frozen(drafts)
    assert (await frozen(drafts)).instrument == first.instrument
    with pytest.raises(DraftRefused, match="waits for a second person"):
        await drafts.freeze(read_freeze_rule(GALLIUM), BEN)
    assert len(await drafts.all()) == 1


async def test_a_dry_run_says_what_would_be_and_changes_nothing(drafts: Drafts, references: References) -> None:
    version = references.basis.law.version
    changed = await drafts.freeze(read_freeze_rule(GALLIUM), ANNA, dry_run=True)
    assert changed.reached == {"element:Ga"}
    assert changed.sentences[0].startswith("Goods containing gallium")
    assert await drafts.all() == []
    assert (await references.current()).law.version == version


async def test_a_draft_replaces_no_law_because_it_may_lapse(drafts: Drafts) -> None:
    with pytest.raises(DraftRefused, match="give it another id"):
        await drafts.enter(built_in_law().instruments["cn-mofcom-gacc-18-2025"], ANNA)


async def test_an_unconfirmed_suspension_says_so_and_the_limb_binds_again_when_it_lapses(drafts: Drafts, references: References) -> None:
    suspension = (
        built_in_law()
        .instruments["cn-mofcom-gacc-70-2025"]
        .model_copy(update={"id": "cn-rumour", "name": "Rumour", "issued": date(2026, 11, 20), "deliberate": [], "limbs": [], "items": []})
    )
    act = suspension.suspends[0].model_copy(
        update={"limbs": ["cn-mofcom-gacc-18-2025"], "starts_on": date(2026, 11, 20), "printed_end": None, "stated_end": None}
    )
    changed = await drafts.enter(suspension.model_copy(update={"suspends": [act]}), ANNA)
    assert "element:Dy" in changed.reached
    oxide = line_under(references.basis.law, "Dysprosium oxide 99.5%")
    assert oxide.answers["CN"].states[0].answer is Answer.SUSPENDED
    assert {one.unconfirmed for one in oxide.findings if one.answer is Answer.SUSPENDED} == {True}
    assert "Unconfirmed: " in next(one.sentence for one in oxide.findings if one.answer is Answer.SUSPENDED)
    after = line_under(references.basis.law, "Dysprosium oxide 99.5%", known_on=date(2026, 12, 6))
    assert after.answers["CN"].answer is Answer.LICENCE_REQUIRED


GOODS = {
    "Gallium metal 6N": {"Ga"},
    "GaAs wafer 4 inch": {"Ga"},
    "Germanium dioxide 5N": {"Ge"},
    "Dysprosium oxide 99.5%": {"Dy"},
    "Sintered NdFeB magnet N42SH 20x10x5": {"Nd", "Dy", "Tb"},
    "Tungsten carbide powder": {"W"},
    "Indium ingot 4N": {"In"},
    "Bismuth telluride": {"Bi", "Te"},
    "Office chair": set(),
    "4711-0815": set(),
}
"""And the elements that are in them or may be."""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(["Ga", "Ge", "Dy", "Tb", "Nd", "W", "In", "Bi", "Te", "Sb"]), min_size=1, max_size=3, unique=True),
    st.sampled_from(["licence_required", "prohibited"]),
    st.sampled_from(["leaves", "origin"]),
)
def test_a_freeze_reaches_exactly_the_lines_of_its_elements(elements: list[str], effect: str, trade: str) -> None:
    how = {"leaves": "CN"} if trade == "leaves" else {"origin": ["CN"]}
    draft, law = with_draft({**GALLIUM, "elements": elements, "effect": effect, **how})
    reached = reached_by_change(built_in_law(), law)
    for description, contained in GOODS.items():
        snapshot = order(line(description=description, origin_country="CN"))
        before, after = screened(snapshot, built_in_law()), screened(snapshot, law)
        concerned = bool(contained & set(elements))
        assert bool(reached & set(before.touched)) is concerned, description
        touched = [finding for finding in after.lines[0].findings if finding.instrument == draft.id]
        assert bool(touched) is concerned, description
        assert all(finding.unconfirmed for finding in touched)
        if not concerned:
            assert after.lines[0] == before.lines[0]


@pytest.mark.parametrize(
    ("rule", "goods", "answer"),
    [
        ({"elements": [], "products": ["permanent magnet"]}, {"description": "Ferrite magnet Y30"}, Answer.PROHIBITED),
        ({"elements": ["Dy"], "products": ["permanent_magnet"]}, {"description": "NdFeB magnet with 3% Dy"}, Answer.PROHIBITED),
        ({"elements": ["Dy"], "products": ["permanent_magnet"]}, {"description": "Dysprosium oxide 99.5%"}, Answer.LICENCE_REQUIRED),
        ({"elements": [], "tariff": ["8708.99"]}, {"description": "Bracket", "code": "870899"}, Answer.PROHIBITED),
        ({"elements": [], "tariff": ["8708.99"]}, {"description": "Bracket", "code": "8708"}, Answer.NEEDS_INFORMATION),
        ({"elements": [], "tariff": ["8708.99"]}, {"description": "Bracket", "code": "870810"}, Answer.NOT_CONTROLLED),
        ({"destination": ["US"]}, {"description": "Gallium metal 6N"}, Answer.LICENCE_REQUIRED),
        ({"destination": ["EU"]}, {"description": "Gallium metal 6N"}, Answer.PROHIBITED),
    ],
)
def test_what_is_given_narrows_the_rule(rule: dict[str, Any], goods: dict[str, str], answer: Answer) -> None:
    _, law = with_draft({**GALLIUM, **rule})
    codes = [Classification(scheme="HS", code=goods["code"])] if "code" in goods else []
    snapshot = order(line(description=goods["description"], origin_country="CN", classifications=codes))
    assert screened(snapshot, law).lines[0].answers["CN"].answer is answer


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"elements": []}, "name what it is about"),
        ({"elements": ["lithium"]}, "goods are not read for lithium.*tariff lines instead"),
        ({"elements": ["Unobtainium"]}, "elements.0"),
        ({"elements": [], "products": ["gadget"]}, "products.0"),
        ({"elements": [], "tariff": ["85"]}, "tariff.0"),
        ({"effect": "maybe"}, "effect"),
        ({"reason": ""}, "reason"),
        ({"valid_from": "soon"}, "valid_from"),
        ({"destination": ["MARS"]}, "neither a country code nor a region"),
        ({"valid_to": "2026-11-22"}, "ends on 2026-11-22 before it starts"),
        ({"lapses_on": "2026-11-22"}, "after 2026-11-22"),
        ({"lapses_on": "2027-11-22"}, "within 92 days"),
        ({"reason": "stopped\x00 today"}, "cannot be seen"),
        ({"jurisdiction": "EU"}, "say which country the goods leave"),
    ],
)
def test_a_rule_that_says_nothing_clear_is_refused(rule: dict[str, Any], reason: str) -> None:
    with pytest.raises(FreezeRefused, match=reason):
        draft_of(read_freeze_rule({**GALLIUM, **rule}), built_in_law(), ANNA)


def test_braces_and_markup_in_a_reason_stay_what_they_are() -> None:
    _, law = with_draft({**GALLIUM, "reason": "stopped {goods} {0} [bold]"})
    assert "stopped {goods} {0} [bold]" in line_under(law, "Gallium metal 6N").answers["CN"].how


def test_a_long_rule_stays_readable() -> None:
    products = ["magnetic_consumer_article", "rotor_or_stator_assembly", "thermal_spray_powder", "magnetostrictive_material"]
    tariff = [f"{number}" for number in range(850000, 850400)]
    draft, law = with_draft({**GALLIUM, "elements": [], "products": products, "tariff": tariff, "reason": "a" * 500})
    assert len(draft.id) <= 80
    assert "one of 400 tariff lines from 850000 to 850399" in draft.items[0].title
    assert draft.id in law.instruments
