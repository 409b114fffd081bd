"""A clearance sets exactly one hit aside, until its day, by two people, and dies when what matched changes on either side."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.screening.domain.basis import Basis, basis_of
from services.screening.domain.clearances import (
    NO_CLEARANCES,
    ClearanceRefused,
    Clearances,
    Pair,
    compile_clearances,
    confirmed,
    hit_key,
    is_successor,
    pair_of,
    proposed,
    reached_by_clearances,
    revoked,
    state_of,
)
from services.screening.domain.instrument import Signed
from services.screening.domain.parties import ListedParty, PartyList, compile_parties, match, parties_of
from services.screening.domain.party_content import ListedName, Notice, PartyContent, PartyListSource
from services.screening.domain.screening import screen_order
from shared.contracts.clearance import Clearance
from shared.contracts.order import OrderSnapshot, Party
from shared.contracts.screening import Answer, ScreeningResult
from tests.unit.screening.making import TODAY, built_in_law, line, order

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
ANNA, BEN = Signed(name="Anna", key_id="a1", at=NOW), Signed(name="Ben", key_id="b1", at=NOW)
UNTIL = date(2027, 5, 1)
REASON = "another registry number and another town"
US = PartyListSource(title="the US Entity List", jurisdiction="US", authority="BIS")
OURS = PartyListSource(title="our own list", jurisdiction="OWN", authority="Compliance")
CHAIR = line(description="Office chair", origin_country="CN")


def entry(**fields: Any) -> ListedName:
    return ListedName(**{"name": "Zhernovik Rotor Works", "entry_id": "E-1", "identifiers": {"REG": ["12345678"]}, **fields})


def lists(listed: ListedName | None = None, *, list_name: str = "us_entity_list", **fields: Any) -> PartyList:
    notice = Notice(**{"list": list_name, "notice": "85 FR 1", "listed_on": date(2020, 12, 5), "parties": [listed or entry()], **fields})
    return compile_parties([PartyContent(lists={"us_entity_list": US, "ours": OURS}, notices=[notice])])


def bought_from(name: str = "Zhernovik Rotor Works Ltd", **fields: Any) -> OrderSnapshot:
    return order(CHAIR, supplier=Party(name=name, **fields))


def hit_of(snapshot: OrderSnapshot | None = None, listed: PartyList | None = None) -> ListedParty:
    (found,) = match(parties_of(snapshot or bought_from()), listed or lists(), TODAY)
    return found


def pair(snapshot: OrderSnapshot | None = None, listed: PartyList | None = None) -> Pair:
    found = pair_of(hit_of(snapshot, listed).hit)
    assert found is not None
    return found


def cleared(hit: ListedParty | None = None, until: date = UNTIL) -> Clearance:
    return confirmed(proposed(hit or hit_of(), REASON, until, ANNA), BEN)


def screened(snapshot: OrderSnapshot, clearances: Clearances, listed: PartyList | None = None, on: date = TODAY) -> ScreeningResult:
    basis = Basis(built_in_law(), listed or lists(), clearances)
    again = basis_of(basis.contents(), Basis(built_in_law(), basis.parties))
    result, remade = (screen_order(snapshot, one, order_event_id="e", known_on=on, code="1") for one in (basis, again))
    assert result.model_dump_json() == remade.model_dump_json()
    return result


def test_a_cleared_hit_is_reported_and_decides_nothing() -> None:
    before = screened(bought_from(), NO_CLEARANCES)
    assert before.lines[0].answers["US"].answer is Answer.NEEDS_INFORMATION
    after = screened(bought_from(), compile_clearances([cleared()]))
    nobody = screened(order(CHAIR, supplier=Party(name="Quiet Trading GmbH")), NO_CLEARANCES)
    assert after.lines[0].answers == nobody.lines[0].answers
    assert after.lines[0].questions == nobody.lines[0].questions
    (hit,) = after.lines[0].party_hits
    assert (hit.cleared_by, hit.cleared_until, hit.cleared_because) == ("Anna and Ben", UNTIL, REASON)
    assert hit.model_copy(update=dict.fromkeys(("clearance_id", "cleared_by", "cleared_until", "cleared_because"))) == hit_of().hit
    assert after.versions["clearances"] != before.versions["clearances"] == NO_CLEARANCES.version


def test_a_change_of_clearances_reaches_exactly_the_orders_with_the_hit() -> None:
    clearances = compile_clearances([cleared()])
    reached = reached_by_clearances(NO_CLEARANCES, clearances)
    assert reached == reached_by_clearances(clearances, NO_CLEARANCES) == {hit_key(*pair())}
    for state in (NO_CLEARANCES, clearances):
        assert reached <= set(screened(bought_from(), state).touched)
        assert not reached & set(screened(bought_from("Quiet Trading GmbH"), state).touched)
        assert not reached & set(screened(bought_from(), state, lists(list_name="ours")).touched)


def test_one_clearance_holds_for_the_party_in_every_role_and_writing() -> None:
    clearances = compile_clearances([cleared()])
    for fields in (
        {"forwarder": Party(name="ZHERNOVIK ROTOR WORKS, LTD.")},
        {"ship_to": Party(name="Zhernovik Rotor Works")},
    ):
        hits = screened(order(CHAIR, **fields), clearances).lines[0].party_hits  # type: ignore[arg-type]
        assert [hit.cleared_until for hit in hits] == [UNTIL]
    manufactured = line(description="Office chair", origin_country="CN", manufacturer=Party(name="Zhernovik Rotor Works Ltd"))
    chairs = screened(order(manufactured, CHAIR.model_copy(update={"line_id": "20"})), clearances).lines
    assert [[hit.cleared_until for hit in one.party_hits] for one in chairs] == [[UNTIL], []]


def test_it_ends_on_its_day_and_the_order_is_judged_again_then() -> None:
    clearances = compile_clearances([cleared()])
    assert screened(bought_from(), clearances).recheck_on == UNTIL
    last = screened(bought_from(), clearances, on=UNTIL - timedelta(days=1))
    assert last.lines[0].party_hits[0].cleared_by is not None
    ended = screened(bought_from(), clearances, on=UNTIL)
    assert ended.lines[0].party_hits[0].cleared_by is None
    assert ended.lines[0].answers["US"].answer is Answer.NEEDS_INFORMATION
    assert ended.recheck_on is None


def test_what_was_not_known_yet_on_a_day_clears_nothing_on_it() -> None:
    yesterday = TODAY - timedelta(days=1)
    before = screened(bought_from(), compile_clearances([cleared()]), on=yesterday)
    assert before.lines[0].party_hits[0].cleared_by is None
    assert before.recheck_on == TODAY


def test_of_two_for_one_hit_the_one_that_holds_longer_acts() -> None:
    renewed = cleared(until=date(2027, 9, 1))
    both = compile_clearances([renewed, cleared()])
    assert screened(bought_from(), both).lines[0].party_hits[0].cleared_until == date(2027, 9, 1)
    assert both.content == compile_clearances([cleared(), renewed]).content
    assert screened(bought_from(), both, on=UNTIL).lines[0].party_hits[0].cleared_by is not None


MATCHED: dict[str, Callable[[], Pair]] = {
    "the name on the order": lambda: pair(bought_from("Zhernovick Rotor Works Ltd")),
    "the listed name": lambda: pair(None, lists(entry(name="Zhernovick Rotor Works"))),
    "an identifier on the list": lambda: pair(None, lists(entry(identifiers={"REG": ["87654321"]}))),
    "one more identifier on the list": lambda: pair(None, lists(entry(identifiers={"REG": ["12345678"], "TAX": ["9988"]}))),
    "an identifier on the order": lambda: pair(bought_from(identifiers={"REG": "12345678"})),
    "the country on the order": lambda: pair(bought_from(country="CN")),
    "the country on the list": lambda: pair(None, lists(entry(countries=["CN"]))),
    "which entry it is": lambda: pair(None, lists(entry(entry_id="E-2"))),
    "which list it is": lambda: pair(None, lists(list_name="ours")),
}
UNMATCHED: dict[str, Callable[[], Pair]] = {
    "case, punctuation and legal form": lambda: pair(bought_from("ZHERNOVIK ROTOR WORKS, INC.")),
    "the supplier's number": lambda: pair(bought_from(id="V-77")),
    "a number that cannot be one": lambda: pair(bought_from(identifiers={"LEI": "unknown"})),
    "another alias": lambda: pair(None, lists(entry(aliases=["Wholly Different Holdings"]))),
    "the notice's source": lambda: pair(None, lists(source="S99")),
    "the day of listing": lambda: pair(None, lists(listed_on=date(2021, 1, 1))),
    "a suspension": lambda: pair(None, lists(suspended_from=date(2026, 1, 1), suspended_to=date(2099, 1, 1))),
}


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in MATCHED.items()])
def test_a_change_of_what_matched_voids_it(change: Callable[[], Pair]) -> None:
    changed = change()
    assert changed != pair()
    assert state_of(cleared(), TODAY, {changed}) == "void"


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in UNMATCHED.items()])
def test_a_change_of_what_did_not_matter_leaves_it(change: Callable[[], Pair]) -> None:
    assert change() == pair()


@given(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["Zhernovik Rotor Works", "Zhernovick Rotor Works", "Zhernovich Rotor Works"]),
            "entry_id": st.sampled_from(["E-1", "E-2", None]),
            "identifiers": st.sampled_from([{}, {"REG": ["12345678"]}, {"REG": ["12345678", "23456789"]}, {"TAX": ["12345678"]}]),
            "aliases": st.sampled_from([[], ["Elsewhere Holdings"]]),
        }
    ),
    st.sampled_from(["Zhernovik Rotor Works", "Zhernovik Rotor Works GmbH", "zhernovik rotor works", "Zhernovik Rotor Works of Elsewhere"]),
)
def test_a_hit_stays_cleared_while_and_only_while_all_that_matched_is_the_same(fields: dict[str, Any], name: str) -> None:
    listed = lists(entry(**fields))
    hits = screened(bought_from(name), compile_clearances([cleared()]), listed).lines[0].party_hits
    same_entry = {key: fields[key] for key in ("name", "entry_id", "identifiers")} == {
        "name": "Zhernovik Rotor Works",
        "entry_id": "E-1",
        "identifiers": {"REG": ["12345678"]},
    }
    same_party = name != "Zhernovik Rotor Works of Elsewhere"
    for hit in hits:
        assert (hit.cleared_by is not None) is (same_entry and same_party)


def test_it_takes_two_people_with_two_keys() -> None:
    waiting = proposed(hit_of(), REASON, UNTIL, ANNA)
    assert compile_clearances([waiting]).by_pair == {}
    for same in (ANNA, Signed(name=" anna", key_id="other", at=NOW), Signed(name="Somebody", key_id="a1", at=NOW)):
        with pytest.raises(ClearanceRefused, match="somebody else with another key has to confirm it"):
            confirmed(waiting, same)
    done = confirmed(waiting, BEN)
    assert confirmed(done, ANNA) == done
    with pytest.raises(ValidationError, match="it takes two people"):
        Clearance.model_validate({**json.loads(done.model_dump_json()), "confirmed_by": "ANNA"})


def test_it_needs_a_reason_and_an_end_that_is_near() -> None:
    for reason, until, why in (
        ("no", UNTIL, "'no' is none"),
        (REASON, TODAY, "not after today"),
        (REASON, date(2030, 1, 1), "731 days from today are the most"),
    ):
        with pytest.raises(ClearanceRefused, match=why):
            proposed(hit_of(), reason, until, ANNA)
    late = Signed(name="Ben", key_id="b1", at=datetime(2027, 5, 1, tzinfo=UTC))
    with pytest.raises(ClearanceRefused, match="ended on 2027-05-01"):
        confirmed(proposed(hit_of(), REASON, UNTIL, ANNA), late)


def test_whoever_is_entitled_revokes_alone_and_for_good() -> None:
    gone = revoked(cleared(), ANNA)
    assert compile_clearances([gone]).version == NO_CLEARANCES.version
    assert revoked(gone, BEN) == gone
    assert state_of(gone, TODAY, {pair()}) == "revoked"
    with pytest.raises(ClearanceRefused, match="was revoked by Anna"):
        confirmed(gone, BEN)


def test_its_state_follows_from_the_day_and_the_hits() -> None:
    waiting = proposed(hit_of(), REASON, UNTIL, ANNA)
    assert state_of(waiting, TODAY, {pair()}) == "proposed"
    assert state_of(cleared(), TODAY, {pair()}) == "active"
    assert state_of(cleared(), UNTIL, {pair()}) == "expired"
    assert state_of(cleared(), TODAY, set()) == "void"


def test_a_changed_entry_is_told_from_a_stranger() -> None:
    for listed in (lists(entry(identifiers={})), lists(entry(entry_id="E-9")), lists(entry(name="Zhernovick Rotor Works"))):
        assert is_successor(hit_of(None, listed), cleared())
    stranger = lists(entry(name="Zhernovick Rotor Works", entry_id="E-9"))
    assert not is_successor(hit_of(None, stranger), cleared())
    assert not is_successor(hit_of(None, lists(list_name="ours")), cleared())
    assert is_successor(hit_of(bought_from(country="CN")), cleared())
    assert not is_successor(hit_of(bought_from("Zhernovick Rotor Works Ltd")), cleared())
    assert not is_successor(hit_of(), cleared())
