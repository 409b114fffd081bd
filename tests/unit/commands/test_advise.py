"""How `orestream advise` shows one advice."""

from decimal import Decimal

import pytest

from services.commands.advise import _show_one
from services.stockpile_advisor.domain.advice import advise
from tests.unit.stockpile_advisor.domain.made_inputs import HOME, NOW, POLICY, inputs


def test_expected_loss_stands_with_its_parts_and_what_is_not_known_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    source = HOME.model_copy(update={"country": "CN"})
    stands = inputs(on_hand=Decimal(450), sources=[source], shortage_cost_per_unit=Decimal(900), currency="USD")
    _show_one(advise(stands, POLICY, NOW))
    said = " ".join(capsys.readouterr().out.split())
    assert "expected loss by embargoes │ ? USD" in said
    assert "Loss: Stop of exports of controlled minerals (10% a year): margin 846,000.00, price ? USD" in said
    assert "GeoPolRisk of Dy: ?" in said
