"""Licences as evidence of how long licences take."""

from datetime import date
from typing import Any

import pytest

from services.stockpile_advisor.domain.own_cases import own_case
from services.stockpile_advisor.domain.situation import OwnCase
from shared.contracts.licence import Licence

FILED, BACK, AGAIN, DECIDED = date(2026, 3, 1), date(2026, 4, 1), date(2026, 4, 20), date(2026, 6, 1)


def licence(state: str, *steps: tuple[str, date], **said: Any) -> Licence:
    history = [{"state": name, "on": on} for name, on in steps]
    return Licence.model_validate(
        {"licence_id": "L", "exporter": {"name": "X"}, "elements": ["Dy"], "state": state, "history": history, **said}
    )


@pytest.mark.parametrize(
    ("case", "found"),
    [
        (licence("filed", ("filed", FILED)), OwnCase("L", FILED, None, "pending")),
        (licence("approved", ("filed", FILED), ("approved", DECIDED)), OwnCase("L", FILED, DECIDED, "approved")),
        (licence("refused", ("filed", FILED), ("refused", DECIDED)), OwnCase("L", FILED, DECIDED, "rejected")),
        (licence("returned", ("filed", FILED), ("returned", BACK)), OwnCase("L", FILED, None, "pending")),
        (
            licence("approved", ("filed", FILED), ("returned", BACK), ("filed", AGAIN), ("approved", DECIDED)),
            OwnCase("L", FILED, DECIDED, "approved"),
        ),
        (licence("approved", ("approved", DECIDED)), None),
        (licence("not_filed"), None),
        (licence("approved", ("filed", FILED), ("approved", DECIDED), kind="general"), None),
        (licence("approved", ("filed", FILED), ("approved", BACK), ("approved", DECIDED)), OwnCase("L", FILED, BACK, "approved")),
    ],
)
def test_a_case_runs_from_its_first_filing_to_its_decision(case: Licence, found: OwnCase | None) -> None:
    assert own_case(case) == found
