"""Recorded results made again: what `orestream replay` compares with the bytes in the book."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Final

from services.ledger.domain.replay import Recompute
from services.pricing_risk.made_again import made_again as price_risk_made_again
from services.screening.domain.basis import basis_of
from services.screening.domain.licensing.cover import NO_LICENCES, Licences
from services.screening.domain.licensing.cover import recorded as as_recorded
from services.screening.domain.result import screened
from services.stockpile_advisor.made_again import made_again as supply_risk_made_again
from shared.contracts.order import OrderEvent
from shared.contracts.screening import ScreeningEvent


def recompute_screening(order: bytes, references: Mapping[str, bytes], recorded: bytes | None = None) -> bytes:
    """The screening event that the running code makes of recorded inputs: the order event, and by kind the reference data as announced.

    `recorded` is the screening as it was made: it carries the licences that it used, and what other orders had claimed of them.
    """
    event = OrderEvent.model_validate_json(order)
    licences = NO_LICENCES
    if recorded is not None:
        result = ScreeningEvent.model_validate_json(recorded).data
        licences = Licences(result.versions.get("licences"), tuple(map(as_recorded, result.licences)))
    return screened(event, basis_of(references), version("orestream"), licences).encode()


RECOMPUTE: Final[Mapping[str, Recompute]] = {
    "screening": lambda order, results, references: recompute_screening(order, references, results["screening"]),
    "pricing-risk": lambda order, results, references: price_risk_made_again(
        order, results["screening"], results["pricing-risk"], references["pricing_policy"]
    ),
    "stockpile-advisor": lambda order, results, references: supply_risk_made_again(
        order, results["screening"], results["stockpile-advisor"], references["supply_policy"]
    ),
}
"""By service."""
