"""What is seen in purchase-order lines: lines.yaml holds them with the right answers."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.screening.domain.goods import Goods
from services.screening.domain.recognition import recognise
from shared.chemistry.elements import WATCHED
from shared.contracts.order import SnapshotLine

GROUPS: dict[str, list[dict[str, Any]]] = yaml.safe_load(Path(__file__).with_name("lines.yaml").read_text(encoding="utf-8"))
LOOKED_FOR = WATCHED | {"C"}


def goods_of(description: str) -> Goods:
    return recognise(SnapshotLine(line_id="10", description=description or None))


def interval(value: Any) -> tuple[Decimal | None, Decimal | None]:
    low, high = value if isinstance(value, list) else (value, value)
    return (None if low is None else Decimal(str(low)), None if high is None else Decimal(str(high)))


def seen(goods: Goods, case: dict[str, Any]) -> dict[str, Any]:
    """What was seen of everything that the case speaks of, in the case's own terms."""
    certain = sorted({m.element for m in goods.materials if m.certain and not m.below_detection and m.element in LOOKED_FOR})
    candidates = {m.element for m in goods.materials if not m.certain and m.element in LOOKED_FOR}
    intervals = {parameter.name: (parameter.value.minimum, parameter.value.maximum) for parameter in goods.parameters}
    shares = {
        m.element: round(m.mass_share_percent.minimum, 1) for m in goods.materials if m.certain and m.mass_share_percent.minimum is not None
    }
    return {
        "quiet": not certain and not candidates,
        "has": certain,
        "maybe": sorted(candidates & set(case.get("maybe", ()))),
        "product": goods.products[0] if goods.products else None,
        "kinds": sorted(set(goods.products) & set(case.get("kinds", ()))),
        "substance": case.get("substance") if case.get("substance") in {m.substance for m in goods.materials} else None,
        "family": goods.magnet_family,
        "grade": goods.magnet_grade,
        "sintered": goods.sintered,
        "described": goods.described,
        "features": sorted({feature.name for feature in goods.features} & set(case.get("features", ()))),
        "absent": sorted(goods.absent_elements & set(case.get("absent", ()))),
        "parameters": {name: intervals.get(name) for name in case.get("parameters", ())},
        "share": {element: shares.get(element) for element in case.get("share", ())},
    }


def wanted(case: dict[str, Any]) -> dict[str, Any]:
    expected = {key: value for key, value in case.items() if key != "line"}
    for key in ("has", "maybe", "kinds", "features", "absent"):
        if key in expected:
            expected[key] = sorted(expected[key])
    if "parameters" in expected:
        expected["parameters"] = {name: interval(value) for name, value in expected["parameters"].items()}
    if "share" in expected:
        expected["share"] = {element: round(Decimal(str(value)), 1) for element, value in expected["share"].items()}
    return expected


@pytest.mark.parametrize("case", [pytest.param(case, id=case["line"][:60]) for cases in GROUPS.values() for case in cases])
def test_a_line_is_read_as_a_buyer_would_read_it(case: dict[str, Any]) -> None:
    goods = goods_of(case["line"])
    expected = wanted(case)
    found = seen(goods, case)
    assert {key: found[key] for key in expected} == expected
    assert goods.contradictions == ()


def test_every_sighting_says_where_it_was_and_in_which_words() -> None:
    for case in (case for cases in GROUPS.values() for case in cases):
        goods = goods_of(case["line"])
        sightings = [m.sighting for m in goods.materials] + [p.sighting for p in goods.parameters] + [f.sighting for f in goods.features]
        assert all(sighting.provenance == "document" and sighting.evidence for sighting in sightings)
