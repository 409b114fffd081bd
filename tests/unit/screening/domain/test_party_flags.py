"""Hits on lists of other jurisdictions, owners by loaded facts, and lists too old to rely on."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.screening.domain.basis import Basis, basis_of
from services.screening.domain.loads import Load
from services.screening.domain.ownership import Holder, Stake
from services.screening.domain.parties import compile_parties
from services.screening.domain.party_content import ListedName, Notice, PartyContent, PartyListSource
from services.screening.domain.screening import screen_order
from shared.contracts.order import EndUser, OrderSnapshot, Party
from shared.contracts.screening import Answer, LineScreening, ScreeningResult
from tests.unit.screening.making import TODAY, built_in_law, built_in_parties, line, order

US = PartyListSource(title="the US Entity List", jurisdiction="US", authority="BIS")


def load(**fields: Any) -> Load:
    standing = {"title": "the US lists", "lists": ["us_entity_list"], "entries": 1, "sha256": "0", "format": "csv"}
    return Load(**{**standing, "loaded_at": datetime(2026, 11, 20, 9, tzinfo=UTC), "max_age_days": 7, **fields})


def us(*names: str, **fields: Any) -> PartyContent:
    notice = Notice(list_name="us_entity_list", notice="85 FR 1", listed_on=date(2020, 12, 5), parties=[ListedName(name=n) for n in names])
    return PartyContent(lists={"us_entity_list": US}, notices=[notice], loads={"us": load(**fields)})


def owned(*stakes: tuple[str, str, int | None]) -> PartyContent:
    facts = [Stake(owner=Holder(name=a), owned=Holder(name=b), share_percent=share, source="a register") for a, b, share in stakes]
    return PartyContent(lists={}, ownership=facts)


def screened(snapshot: OrderSnapshot, *contents: PartyContent, on: date = TODAY, valid_on: date | None = None) -> ScreeningResult:
    basis = Basis(built_in_law(), compile_parties([built_in_parties().source, *contents]))
    again = basis_of(basis.contents())
    result, remade = (screen_order(snapshot, one, order_event_id="e", known_on=on, code="1", valid_on=valid_on) for one in (basis, again))
    assert result == remade
    return result


def only(result: ScreeningResult) -> LineScreening:
    return result.lines[0]


CHAIR = line(description="Office chair", origin_country="CN")
MAGNETS = line(description="SmCo permanent magnets", origin_country="CN")


def test_a_hit_on_a_us_list_is_a_question_of_us_law_and_none_of_chinas() -> None:
    result = only(screened(order(CHAIR, supplier=Party(name="Far Field Institute")), us("Far Field Institute")))
    assert result.answers["CN"] == only(screened(order(CHAIR, supplier=Party(name="Far Field Institute")))).answers["CN"]
    assert result.answers["US"].answer is Answer.NEEDS_INFORMATION
    (flag,) = result.answers["US"].flags
    assert flag.name == "listed_party"
    assert "Far Field Institute (seller) is on the US Entity List by 85 FR 1, listed 5 December 2020" in flag.sentence
    assert [question.kind for question in result.questions] == ["law"]
    assert [hit.list_name for hit in result.party_hits] == ["us_entity_list"]


def test_a_list_too_old_flags_every_line_and_is_touched() -> None:
    fresh, stale = (screened(order(CHAIR), us("Far Field Institute"), on=day) for day in (date(2026, 11, 27), date(2026, 11, 28)))
    assert "US" not in only(fresh).answers
    assert "stale:us" not in fresh.touched
    answer = only(stale).answers["US"]
    assert answer.answer is Answer.NEEDS_INFORMATION
    assert [flag.name for flag in answer.flags] == ["party_list_stale"]
    assert "as of 20 November 2026 (8 days ago, 7 are the most)" in answer.flags[0].sentence
    assert "stale:us" in stale.touched


def test_the_moment_for_which_a_file_stands_counts_and_not_its_loading() -> None:
    old = screened(order(CHAIR), us("Far Field Institute", as_of=datetime(2026, 7, 31, tzinfo=UTC)), on=date(2026, 11, 20))
    assert only(old).answers["US"].flags[0].name == "party_list_stale"


def test_a_list_without_an_age_never_grows_old() -> None:
    assert "US" not in only(screened(order(CHAIR), us("Far Field Institute", max_age_days=None), on=date(2027, 11, 20))).answers


def test_an_owner_by_loaded_facts_is_reported_with_the_chain() -> None:
    snapshot = order(CHAIR, supplier=Party(name="Quiet Trading GmbH"))
    result = only(screened(snapshot, owned(("TDK Corporation", "Middle Ltd", 80), ("Middle Ltd", "Quiet Trading", 55))))
    (hit,) = result.party_hits
    assert (hit.role, hit.list_entry) == ("seller_owner", "TDK Corporation")
    (flag,) = [flag for flag in result.answers["CN"].flags if flag.name == "listed_owner"]
    assert "TDK Corporation holds 80 % of Middle Ltd (a register), Middle Ltd holds 55 % of Quiet Trading (a register)" in flag.sentence


@pytest.mark.parametrize(
    ("stakes", "refused"),
    [
        ([("TDK Corporation", "Works", 60)], True),
        ([("TDK Corporation", "Works", 40)], False),
        ([("TDK Corporation", "Works", 30), ("ENEOS Corporation", "Works", 25)], True),
        ([("TDK Corporation", "Middle", 50), ("Middle", "Works", 50)], True),
        ([("TDK Corporation", "Middle", 49), ("Middle", "Works", 100)], False),
    ],
)
def test_the_half_rule_of_no_61_reaches_what_listed_owners_hold(stakes: list[tuple[str, str, int | None]], refused: bool) -> None:
    """On a day on which Article 1(3) was in force, for goods of Chinese origin traded outside China."""
    on = date(2025, 10, 20)
    listed = PartyContent(
        lists={},
        notices=[
            Notice(
                list_name="watch_list",
                notice="an earlier notice",
                listed_on=date(2025, 1, 1),
                parties=[ListedName(name="TDK Corporation"), ListedName(name="ENEOS Corporation")],
            )
        ],
    )
    snapshot = order(MAGNETS, ship_from="JP", destination="VN", end_user=EndUser(name="Works", user_class="civil"))
    result = only(screened(snapshot, listed, owned(*stakes), on=on, valid_on=on))
    limbs = {(finding.limb, finding.answer) for finding in result.findings}
    assert (("art2_listed", Answer.PRESUMPTION_OF_DENIAL) in limbs) is refused


def test_a_share_that_nobody_states_is_asked_for() -> None:
    on = date(2025, 10, 20)
    listed = PartyContent(
        lists={},
        notices=[Notice(list_name="watch_list", notice="an earlier notice", listed_on=date(2025, 1, 1), parties=[ListedName(name="TDK")])],
    )
    snapshot = order(MAGNETS, ship_from="JP", destination="VN", end_user=EndUser(name="Works", user_class="civil"))
    result = only(screened(snapshot, listed, owned(("TDK", "Works", None)), on=on, valid_on=on))
    assert result.answers["CN"].answer is Answer.NEEDS_INFORMATION
    assert "end_user_owner_share" in [question.name for question in result.questions]


def test_ownership_facts_too_old_are_told_where_every_line_has_an_answer() -> None:
    facts = owned(("A", "B", 60)).model_copy(update={"loads": {"ownership": load(lists=[], title="holdings")}})
    answer = only(screened(order(CHAIR), facts, on=date(2026, 12, 24))).answers["CN"]
    assert [flag.name for flag in answer.flags] == ["party_list_stale"]
    assert "The ownership facts holdings (ownership) stand as of 20 November 2026" in answer.flags[0].sentence
