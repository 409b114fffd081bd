"""What is made without the checks is what the checks let through."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.contracts.base import Contract
from tests.unit.pricing_risk.domain.made_inputs import AT_SHIPMENT, exchange, line, material, priced_line, screened, series


def _values(of: Any) -> Iterator[Contract]:
    if isinstance(of, Contract):
        yield of
        for each in vars(of).values():
            yield from _values(each)
    elif isinstance(of, list):
        for each in of:
            yield from _values(each)


@pytest.mark.parametrize(
    "line_says",
    [
        {},
        {"pricing": AT_SHIPMENT},
        {"pricing": AT_SHIPMENT, "value": None},
        {"pricing": {"kind": "formula", "factor": "0.9"}, "price": None},
    ],
)
@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY"])
def test_every_field_stands_in_its_place_with_its_type(line_says: dict[str, Any], currency: str) -> None:
    screening = screened(material(), material("Tb", ("1", "2")), delay_days=30)
    priced = priced_line(line(**line_says), screening, series(), exchange("USD", "EUR", "0.9"), currency=currency)
    made = [*_values(priced.risk), *_values(priced.position)]
    assert len(made) > 5
    for value in made:
        assert list(vars(value)) == list(type(value).model_fields)
        assert type(value).model_validate(value.model_dump()) == value
        assert type(value).model_validate_json(value.model_dump_json()) == value
