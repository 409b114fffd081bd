"""Goods that the law cannot tell apart are answered alike, and every word of evidence is their own."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from services.screening.domain.alike import likeness
from services.screening.domain.basis import Basis
from services.screening.domain.goods import Goods
from services.screening.domain.screening import screen_order
from shared.contracts.screening import LineScreening
from tests.unit.screening.making import built_in_law, built_in_parties, line, order

LINES = yaml.safe_load((Path(__file__).parents[1] / "recognition" / "lines.yaml").read_text())
TEXTS = [row["line"] for group in LINES.values() for row in group if row["line"]]


def test_a_likeness_is_made_of_all_that_is_known_of_goods() -> None:
    assert len(likeness(Goods(), built_in_law())) == len(Goods._fields), "a new field of Goods has to enter the likeness"


@pytest.mark.parametrize("place", [{"ship_from": "CN", "destination": "DE"}, {"ship_from": "DE", "destination": "US"}])
def test_judged_by_likeness_or_one_by_one_every_line_is_answered_the_same(place: dict[str, str]) -> None:
    basis = Basis(built_in_law(), built_in_parties())
    view = basis.law.as_known_on(date(2026, 11, 22))

    def screened(text: str) -> LineScreening:
        snapshot = order(line(description=text, origin_country=place["ship_from"]), **place)
        return screen_order(snapshot, basis, order_event_id="e", known_on=date(2026, 11, 22), code="1").lines[0]

    alike = 0
    together = []
    for text in TEXTS:
        held = len(view.alike)
        view.lines.clear()
        together.append(screened(text))
        alike += len(view.alike) == held
    assert alike > len(TEXTS) / 10, "the lines are not alike enough to show anything"
    for text, found in zip(TEXTS, together, strict=True):
        view.lines.clear()
        view.alike.clear()
        assert found == screened(text), text
