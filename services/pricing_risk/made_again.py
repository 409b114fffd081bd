"""A recorded price risk made again: what `orestream replay` compares with the bytes in the book."""

from importlib.metadata import version

from services.pricing_risk.domain.inputs import OrderReadEvent, ScreeningReadEvent
from services.pricing_risk.domain.pricing import LinePricing
from services.pricing_risk.domain.result import failed, priced, versions_of
from services.pricing_risk.policy_file import LoadedPolicy
from shared.contracts.price_risk import PriceRiskEvent
from shared.contracts.screening import NOT_MET


def made_again(order: bytes, screening: bytes, recorded: bytes, policy: bytes) -> bytes:
    """The price-risk event that the running code makes of recorded inputs: the order event, its screening, the policy as announced.

    Of the recorded result only what it names as its own inputs is read: the state of the series that it used. What failed for a reason of
    that day's machine fails again for the same reason.
    """
    event, answered = OrderReadEvent.model_validate_json(order), ScreeningReadEvent.model_validate_json(screening)
    result = PriceRiskEvent.model_validate_json(recorded).data
    loaded = LoadedPolicy.from_content(policy)
    versions = versions_of(loaded.version, version("orestream"))
    if result.outcome == "failed" and answered.data.outcome == "screened":
        cause = event if result.screening_event_id == NOT_MET else answered
        return failed(cause, result.screening_event_id, result.order_event_id, result.failure or "", versions).encode()
    pricing = LinePricing(loaded.policy)
    market = pricing.market({view.series: view for view in result.series})
    return priced(event, answered, market, pricing, versions).event.encode()
