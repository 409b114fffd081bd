"""A recorded screening made again: what `orestream replay` compares with the bytes in the book."""

from collections.abc import Mapping
from importlib.metadata import version

from services.screening.domain.basis import basis_of
from services.screening.domain.result import screened
from shared.contracts.order import OrderEvent


def recompute_screening(order: bytes, references: Mapping[str, bytes]) -> bytes:
    """The screening event that the running code makes of recorded inputs: the order event, and by kind the reference data as announced."""
    event = OrderEvent.model_validate_json(order)
    return screened(event, basis_of(references), version("orestream")).encode()
