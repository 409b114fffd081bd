"""What the ledger reads of a service's result: of screening all of it, of any other service what every result says."""

from pydantic import Field

from shared.contracts.base import Contract
from shared.contracts.envelope import Event
from shared.contracts.order import OrderKey
from shared.contracts.screening import ScreeningEvent, ScreeningResult


class ResultHead(Contract):
    order_key: OrderKey
    revision: int = Field(ge=1)
    round: int = Field(ge=1)
    outcome: str | None = None
    failure: str | None = None
    versions: dict[str, str] = {}


ResultEvent = Event[ResultHead]

ResultData = ResultHead | ScreeningResult


def read_result(service: str, content: bytes) -> ResultEvent | ScreeningEvent:
    """Raises pydantic's ValidationError."""
    if service == "screening":
        return ScreeningEvent.model_validate_json(content)
    return ResultEvent.model_validate_json(content)
