"""Terms that contradict themselves are told at intake, with the place."""

from typing import Any

import pytest

from services.gateway.domain.enrichment import Catalogue
from services.gateway.domain.pricing_terms import terms_issues
from services.gateway.domain.snapshot import snapshot_of
from shared.contracts.price import PricingTerms
from tests.unit.gateway.orders import MOMENT, line, received

INDEX = {"index": {"material": "Nd"}}
PERIOD = {"quotation_from": "2026-11-01", "quotation_to": "2026-11-30"}


@pytest.mark.parametrize(
    "terms",
    [
        {"kind": "fixed"},
        {"kind": "fixed", "priced_at": "order"},
        {"kind": "index", **INDEX, "priced_at": "shipment"},
        {"kind": "index", **INDEX, "priced_at": "date", "pricing_on": "2026-12-01"},
        {"kind": "average", **INDEX, **PERIOD},
        {"kind": "formula", **INDEX, "factor": "1.1", "premium": "-5", "hedged_percent": "50"},
    ],
)
def test_terms_that_hold_together_are_silent(terms: dict[str, Any]) -> None:
    assert list(terms_issues(PricingTerms.model_validate(terms), "/lines/0/pricing")) == []


@pytest.mark.parametrize(
    ("terms", "paths"),
    [
        ({"kind": "index"}, ["index"]),
        ({"kind": "average", **INDEX}, ["quotation_from", "quotation_to"]),
        ({"kind": "average", **INDEX, "quotation_from": "2026-11-30", "quotation_to": "2026-11-01"}, ["quotation_to"]),
        ({"kind": "fixed", **INDEX, "premium": "3"}, ["index", "premium"]),
        ({"kind": "formula", **INDEX, "factor": "0"}, ["factor"]),
        ({"kind": "index", **INDEX, "priced_at": "date"}, ["pricing_on"]),
        ({"kind": "index", **INDEX, "priced_at": "shipment", "pricing_on": "2026-12-01"}, ["pricing_on"]),
    ],
)
def test_terms_that_do_not_are_told_where(terms: dict[str, Any], paths: list[str]) -> None:
    found = list(terms_issues(PricingTerms.model_validate(terms), "/lines/0/pricing"))
    assert [issue.path for issue in found] == [f"/lines/0/pricing/{path}" for path in paths]
    assert all(issue.severity == "warning" and issue.message.endswith(".") for issue in found)


def test_an_order_carries_the_warning() -> None:
    snapshot = snapshot_of(received(lines=[line(pricing={"kind": "average", **INDEX})]), Catalogue(), MOMENT)
    assert [(issue.code, issue.path) for issue in snapshot.issues if issue.code.startswith("PRICING")] == [
        ("PRICING_TERMS_INCOMPLETE", "/lines/0/pricing/quotation_from"),
        ("PRICING_TERMS_INCOMPLETE", "/lines/0/pricing/quotation_to"),
    ]
