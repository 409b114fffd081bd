"""Supply-risk indices by element, from the tables that are shipped."""

import pytest

from services.stockpile_advisor.domain.indices import indices_of
from services.stockpile_advisor.reference_files import reference_shares

INDICES = indices_of(reference_shares())


def test_dysprosium_is_processed_in_one_country() -> None:
    index = INDICES["Dy"]
    assert (index.stage, index.top_country, index.above_crma_benchmark) == ("processing", "CN", True)
    assert index.supply_risk == pytest.approx(5.1, abs=0.2)  # heavy rare earths, EU 2023
    assert index.edition.startswith("shares EU CRM 2023; import reliance, recycling and substitution EU CRM 2017 and 2023;")


def test_what_the_tables_do_not_know_is_not_zero() -> None:
    unknown = [index for index in INDICES.values() if index.supply_risk is None]
    assert all(index.stage is None for index in unknown)
    assert all(index.supply_risk is None or index.supply_risk > 0 for index in INDICES.values())
