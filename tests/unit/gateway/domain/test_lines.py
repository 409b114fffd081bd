"""Every line has an id of its own, and says why where nobody can judge it."""

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.lines import identities, unscreenable_reason
from shared.contracts.order import OrderLine


@given(st.lists(st.one_of(st.none(), st.sampled_from(["10", "20", "position-2", "position-3"])), max_size=8))
def test_ids_are_unique_and_given_ones_are_kept(given_ids: list[str | None]) -> None:
    found, issues = identities([OrderLine(line_id=line_id) for line_id in given_ids])
    ids = [identity.line_id for identity in found]
    assert len(set(ids)) == len(given_ids)
    first_sightings = {line_id: position for position, line_id in reversed(list(enumerate(given_ids))) if line_id is not None}
    for line_id, position in first_sightings.items():
        assert (found[position].line_id, found[position].synthetic) == (line_id, False)
    assert len(issues) == sum(identity.synthetic for identity in found) == len(given_ids) - len(first_sightings)


def test_a_comment_line_is_held_and_a_described_one_is_not() -> None:
    assert "comment" in (unscreenable_reason(OrderLine(description="Delivery as agreed by phone")) or "")
    assert "item number" in (unscreenable_reason(OrderLine()) or "")
    assert unscreenable_reason(OrderLine.model_validate({"description": "Neodymium oxide", "quantity": {"value": "1"}})) is None
    assert unscreenable_reason(OrderLine.model_validate({"item": {"gtin": "4006381333931"}})) is None
    assert unscreenable_reason(OrderLine.model_validate({"classifications": [{"scheme": "HS", "code": "284690"}]})) is None
