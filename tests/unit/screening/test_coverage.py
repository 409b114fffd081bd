"""What coverage says is so: what is modelled decides a line, what is flagged is flagged on one, what is absent says so on one."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from services.screening import cases
from services.screening.domain.basis import Basis
from services.screening.domain.coverage import ADDED, CoverageReport, coverage_of, coverage_of_limb
from services.screening.domain.instrument import Instrument, Regime
from services.screening.domain.law import Item, Law, Limb, compile_law
from services.screening.domain.lint.reach import item_open, witnesses_of
from services.screening.domain.parties import ListedName, Notice, PartyContent, PartyListSource, compile_parties
from services.screening.http.coverage import coverage_routes
from shared.contracts.screening import Answer, LineScreening
from tests.unit.screening.making import TODAY, built_in_law, built_in_parties

OWN = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
LIMBS = sorted(built_in_law().limbs)
ITEMS = [item.key for item in built_in_law().items]


@lru_cache
def lines() -> tuple[LineScreening, ...]:
    """The lines of all our own cases, screened."""
    return tuple(
        result.screening for file in OWN for result in cases.run(file, built_in_law(), built_in_parties()).results
    )  # fmt: skip


def decides(limb: Limb, line: LineScreening) -> bool:
    for finding in line.findings:
        if finding.instrument != limb.instrument.id:
            continue
        if limb.effect == "exempt" and finding.answer is Answer.EXEMPT and f"{finding.instrument}#{finding.limb}" in limb.exempts:
            return True
        if finding.limb == limb.id and finding.answer is not Answer.NOT_CONTROLLED:
            return True
    return False


def flags(limb: Limb, line: LineScreening) -> bool:
    return any(flag == limb.flag for answer in line.answers.values() for flag in answer.flags)


@pytest.mark.parametrize("key", LIMBS)
def test_every_limb_does_on_some_line_what_coverage_says(key: str) -> None:
    limb = built_in_law().limbs[key]
    told = coverage_of_limb(limb)
    if told == "absent":
        assert limb.flag is not None
        assert limb.flag.name == "coverage_absent"
    does = decides if told == "modelled" else flags
    assert any(does(limb, line) for line in lines())


@pytest.mark.parametrize("key", ITEMS)
def test_every_item_is_a_candidate_for_goods_made_to_be_it(key: str) -> None:
    law = built_in_law()
    item = next(one for one in law.items if one.key == key)
    assert any(item_open(item, facts) and item in law.candidates(facts) for facts in witnesses_of(item, law))


def report(law: Law | None = None, parties: PartyContent | None = None) -> CoverageReport:
    return coverage_of(law or built_in_law(), parties or built_in_parties().source, "v", TODAY)


def test_every_instrument_and_list_stands_under_exactly_one_regime() -> None:
    told = report()
    instruments = [instrument.instrument for regime in told.regimes for instrument in regime.instruments]
    lists = [one.list_name for regime in told.regimes for one in regime.lists]
    assert sorted(instruments) == sorted(built_in_law().instruments)
    assert sorted(lists) == sorted(built_in_parties().source.lists)


def test_the_regimes_that_are_not_in_the_data_are_served_as_absent_with_a_sentence() -> None:
    told = {regime.regime: regime for regime in report().regimes}
    for name in ("eu_dual_use", "un_sanctions", "gb_controls", "jp_controls", "us_financial_sanctions"):
        assert told[name].coverage == "absent"
        assert not told[name].instruments
        assert len(told[name].sentence) > 30
    assert {regime.coverage for regime in report().regimes} == {"modelled", "flagged", "absent"}


def test_a_regime_is_what_its_instruments_are() -> None:
    for regime in report().regimes:
        for instrument in regime.instruments:
            assert instrument.coverage == regime.coverage, (regime.regime, instrument.instrument)
            if instrument.coverage == "absent":
                assert "absent" in {limb.coverage for limb in instrument.limbs}


def test_notices_whose_names_are_missing_are_told_with_their_number() -> None:
    (control,) = (one for regime in report().regimes for one in regime.lists if one.list_name == "export_control_list")
    missing = {one.notice: one.names for one in control.not_loaded}
    assert missing["MOFCOM listing of 29 June 2026"] == 20
    assert control.names > 60
    assert "MOFCOM No.11 of 2026" in control.notices


def test_a_list_that_a_user_loads_makes_an_absent_regime_flagged() -> None:
    loaded = PartyContent(
        lists={"jp_meti_eul": PartyListSource(title="End User List", jurisdiction="CN", authority="METI")},
        notices=[Notice(list_name="jp_meti_eul", notice="N", listed_on=date(2026, 1, 1), parties=[ListedName(name="X")])],
    )
    parties = compile_parties([built_in_parties().source, loaded]).source
    (japan,) = (regime for regime in report(parties=parties).regimes if regime.regime == "jp_controls")
    assert (japan.coverage, [one.names for one in japan.lists]) == ("flagged", [1])


def test_a_list_of_the_buyers_own_is_told_apart() -> None:
    loaded = PartyContent(
        lists={"not_again": PartyListSource(title="Not again", jurisdiction="OWN", authority="Purchasing")},
        notices=[Notice(list_name="not_again", notice="N", listed_on=date(2026, 1, 1), parties=[ListedName(name="X")])],
    )
    told = report(parties=compile_parties([built_in_parties().source, loaded]).source)
    (other,) = (regime for regime in told.regimes if regime.regime == ADDED)
    assert (other.jurisdiction, [one.list_name for one in other.lists]) == ("OWN", ["not_again"])


def test_an_instrument_added_here_is_told_apart() -> None:
    law = built_in_law()
    one = law.instruments["cn-mofcom-1-2026"]
    added = Instrument.model_validate(
        {**one.model_dump(by_alias=True), "id": "freeze-1-2026", "status": "draft", "lapses_on": "2026-12-31"}
    )
    told = report(compile_law(law.common, [*law.instruments.values(), added]))
    (other,) = (regime for regime in told.regimes if regime.regime == ADDED)
    assert [(instrument.instrument, instrument.draft) for instrument in other.instruments] == [("freeze-1-2026", True)]


def test_a_regime_without_a_sentence_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="sentence"):
        Regime.model_validate({"id": "x", "title": "X", "jurisdiction": "CN", "coverage": "absent"})


async def test_coverage_is_served() -> None:
    def require(scope: str) -> Callable[..., Awaitable[object]]:
        async def let_through() -> None:
            return None

        return let_through

    basis = Basis(built_in_law(), built_in_parties())
    application = FastAPI()
    application.include_router(coverage_routes(lambda: basis, require, lambda: datetime(2026, 11, 22, 8, tzinfo=UTC)), prefix="/v1")
    async with AsyncClient(transport=ASGITransport(application), base_url="http://screening") as client:
        today: dict[str, Any] = (await client.get("/v1/coverage")).json()
        later: dict[str, Any] = (await client.get("/v1/coverage", params={"on": "2026-11-27"})).json()
    assert today["regulations_version"] == built_in_law().version

    def status(told: dict[str, Any]) -> str:
        (limb,) = (
            limb
            for regime in told["regimes"]
            for instrument in regime["instruments"]
            for limb in instrument["limbs"]
            if (instrument["instrument"], limb["limb"]) == ("cn-mofcom-46-2024", "art2")
        )
        return str(limb["status"])

    assert (status(today), status(later)) == ("suspended", "unsettled")


def test_an_item_of_the_law_is_never_left_out() -> None:
    told = {
        (instrument.instrument, item.code) for regime in report().regimes for instrument in regime.instruments for item in instrument.items
    }
    assert told == {tuple(item.key.split("#", 1)) for item in _items()}


def _items() -> tuple[Item, ...]:
    return built_in_law().items
