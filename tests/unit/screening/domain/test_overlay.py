"""A loaded list over the built-in notices: known suspensions and ends hold, names are put together, and what a file dates itself holds."""

from datetime import date
from typing import Any

import pytest

from services.screening.domain.parties import PartyList, PartyOnOrder, compile_parties, match
from services.screening.domain.party_content import ListedName, Notice, NotLoaded, PartyContent
from services.screening.domain.validity import Status
from tests.unit.screening.making import TODAY, built_in_parties


def loaded(*names: str | ListedName, list_name: str = "export_control_list", listed_on: date | None = None, **fate: Any) -> PartyContent:
    parties = [name if isinstance(name, ListedName) else ListedName(name=name) for name in names]
    notice = Notice(list_name=list_name, notice="an entry", listed_on=listed_on, parties=parties, **fate)
    described = built_in_parties().source.lists[list_name]
    return PartyContent(lists={list_name: described}, notices=[notice])


def over_built_in(*contents: PartyContent) -> PartyList:
    return compile_parties([built_in_parties().source, *contents])


def status(parties: PartyList, name: str, day: date = TODAY, known_on: date = TODAY) -> list[Status]:
    return [hit.timeline.at(day).status for hit in match([PartyOnOrder("end_user", (name,))], parties, known_on)]


@pytest.mark.parametrize("listed_on", [None, date(2025, 4, 9), date(2025, 4, 10)])
def test_a_listing_that_has_ended_stays_ended_whatever_an_undated_file_says(listed_on: date | None) -> None:
    parties = over_built_in(loaded("Kratos Unmanned Aerial Systems Inc", listed_on=listed_on))
    assert status(parties, "Kratos Unmanned Aerial Systems, Inc.") == [Status.ENDED]


def test_a_suspended_listing_stays_suspended_and_is_found_under_the_names_of_both() -> None:
    parties = over_built_in(loaded(ListedName(name="Cyberlux Corp", name_zh="赛博勒克斯公司", aliases=["Cyberlux Drones"])))
    for name in ("Cyberlux Corporation", "赛博勒克斯公司", "Cyberlux Drones"):
        assert status(parties, name, date(2026, 11, 1), date(2026, 11, 1)) == [Status.SUSPENDED]


def test_a_party_that_a_notice_spells_otherwise_shares_its_fate_where_it_came_on_its_day() -> None:
    """No.13 of 2025, whose names the built-in list lacks, ended on 10 November 2025."""
    parties = over_built_in(loaded("Teal Wing Inc", listed_on=date(2025, 3, 4)), loaded("Other Wing", listed_on=date(2025, 9, 25)))
    assert status(parties, "Teal Wing Inc") == [Status.ENDED]
    assert status(parties, "Teal Wing Inc", date(2025, 6, 1)) == [Status.IN_FORCE]
    assert status(parties, "Other Wing") == [Status.IN_FORCE]


def test_a_new_listing_of_a_party_that_was_taken_off_binds() -> None:
    parties = over_built_in(loaded("Kratos Unmanned Aerial Systems, Inc.", listed_on=date(2026, 9, 1)))
    assert sorted(status(parties, "Kratos Unmanned Aerial Systems, Inc."), key=lambda one: one.name) == [Status.ENDED, Status.IN_FORCE]


def test_dates_that_a_file_gives_itself_hold() -> None:
    newer = loaded("Cubic Corporation", listed_on=date(2025, 4, 4), suspended_from=date(2025, 5, 14), suspended_to=date(2027, 1, 10))
    assert status(over_built_in(newer), "Cubic Corporation", date(2026, 12, 1)) == [Status.SUSPENDED]
    assert status(built_in_parties(), "Cubic Corporation", date(2026, 12, 1)) == [Status.UNSETTLED]


def test_an_overlay_of_ones_own_acts_on_another_loaded_list() -> None:
    """Files are read in the order of their names; which of two comes first makes no difference."""
    undated, dated = loaded("Copper Loom"), loaded("Copper Loom Ltd", ended_on=date(2026, 6, 1))
    for contents in ((undated, dated), (dated, undated)):
        assert status(over_built_in(*contents), "Copper Loom") == [Status.ENDED]


def test_a_party_on_two_lists_is_on_both() -> None:
    parties = over_built_in(loaded("Cubic Corporation", list_name="unreliable_entity_list"))
    hits = match([PartyOnOrder("end_user", ("Cubic Corporation",))], parties, TODAY)
    assert sorted(hit.listing.list_name for hit in hits) == ["export_control_list", "unreliable_entity_list"]


def test_a_notice_counts_as_missing_until_all_its_names_are_loaded() -> None:
    missing = NotLoaded(list_name="watch_list", notice="a notice", listed_on=date(2026, 6, 29), names=2)
    base = PartyContent(lists=built_in_parties().source.lists, not_loaded=[missing])
    one = loaded("Firm A", list_name="watch_list", listed_on=date(2026, 6, 29))
    two = loaded("Firm B", list_name="watch_list", listed_on=date(2026, 6, 29))
    assert compile_parties([base, one]).source.not_loaded == [missing]
    assert compile_parties([base, one, two]).source.not_loaded == []


def test_what_was_put_together_can_be_made_again_from_its_content() -> None:
    parties = over_built_in(loaded("Cubic Corp", ListedName(name="Copper Loom", identifiers={"LEI": ["X"]})), loaded("Copper Loom"))
    assert compile_parties([parties.source]).version == parties.version
