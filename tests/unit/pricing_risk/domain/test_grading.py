"""From figures to words: grade, driver, confidence."""

from datetime import date
from typing import Any

import pytest

from services.pricing_risk.domain.grading import Grading
from shared.contracts.price_series import PremiumView
from tests.unit.pricing_risk.domain.made_inputs import AT_SHIPMENT, POLICY, exchange, line, material, priced_line, screened, series

GRADING = Grading(POLICY.policy.grades, POLICY.policy.confidence)


@pytest.mark.parametrize(
    ("shortfall", "grade"),
    [(0, "low"), (4.99, "low"), (5, "medium"), (14.99, "medium"), (15, "high"), (34.99, "high"), (35, "severe"), (None, "unknown")],
)
def test_grades_begin_at_their_thresholds(shortfall: float | None, grade: str) -> None:
    assert GRADING.grade(shortfall, 100.0, bounded=True) == grade


def test_without_a_value_or_a_bound_the_grade_is_unknown_unless_it_is_already_the_worst() -> None:
    assert GRADING.grade(1.0, None, bounded=True) == "unknown"
    assert GRADING.grade(1.0, 100.0, bounded=False) == "unknown"
    assert GRADING.grade(50.0, 100.0, bounded=False) == "severe"
    assert GRADING.grade(1.0, 0.0, bounded=True) == "severe"


def test_what_nobody_negotiates_over_is_low_whatever_its_share() -> None:
    assert GRADING.grade(80.0, 100.0, bounded=True, reported=93.0) == "low"
    assert GRADING.grade(80.0, 100.0, bounded=False, reported=93.0) == "unknown"
    assert GRADING.grade(300.0, 400.0, bounded=True, reported=300.0) == "severe"
    sample = line({**AT_SHIPMENT}, quantity={"value": "0.1", "unit": "KGM"}, value="90", mass_kg="0.1")
    wild = series(sigma_1d=0.08)
    assert priced_line(sample, screened(material()), wild).risk.grade == "low"
    assert priced_line(line(AT_SHIPMENT), screened(material()), wild).risk.grade == "severe"
    in_euro = priced_line(sample, screened(material()), wild, exchange("EUR", "USD", "1.1"), currency="EUR")
    assert in_euro.risk.grade == "low"
    assert "EUR/currency/-/FX/assessed/USD/-" in {view.series for view in in_euro.used}  # a replay needs it


def premium(regime: Any) -> PremiumView:
    return PremiumView(inside_series="Dy/oxide", percent=280.0, mean_log=1.0, z=3.0, regime=regime, since=date(2026, 11, 1))


@pytest.mark.parametrize(
    ("delay_days", "says", "driver"),
    [
        (0, {}, "price"),
        (300, {}, "licence_delay"),
        (0, {"premium": premium("spike")}, "premium"),
        (0, {"premium": premium("calm")}, "price"),
        (0, {"as_of": date(2026, 8, 1)}, "staleness"),
    ],
)
def test_the_driver_is_what_most_of_the_risk_comes_of(delay_days: int, says: dict[str, Any], driver: str) -> None:
    risk = priced_line(line(AT_SHIPMENT), screened(material(), delay_days=delay_days), series(**says)).risk
    assert risk.driver == driver


@pytest.mark.parametrize(
    ("line_says", "share", "says", "confidence"),
    [
        ({"pricing": AT_SHIPMENT}, "86.7", {}, "high"),
        ({"pricing": None}, "86.7", {}, "medium"),
        ({"pricing": AT_SHIPMENT}, "86.7", {"as_of": date(2026, 11, 10)}, "medium"),
        ({"pricing": AT_SHIPMENT}, "86.7", {"as_of": date(2026, 8, 1)}, "low"),
        ({"pricing": AT_SHIPMENT}, "86.7", {"prior_weight": 0.3}, "medium"),
        ({"pricing": AT_SHIPMENT}, ("30", "50"), {}, "medium"),
        ({"pricing": AT_SHIPMENT}, ("0", "50"), {}, "low"),
        ({"pricing": AT_SHIPMENT}, "86.7", {"market": "CN"}, "medium"),
    ],
)
def test_confidence_falls_with_reasons(line_says: dict[str, Any], share: Any, says: dict[str, Any], confidence: str) -> None:
    risk = priced_line(line(**line_says), screened(material("Dy", share)), series(**says)).risk
    assert risk.confidence == confidence
    assert bool(risk.confidence_reasons) == (confidence != "high")
