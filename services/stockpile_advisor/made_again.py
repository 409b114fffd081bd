"""A recorded supply risk made again: what `orestream replay` compares with the bytes in the book."""

from importlib.metadata import version

from services.stockpile_advisor.domain.indices import indices_of
from services.stockpile_advisor.domain.inputs import OrderReadEvent, ScreeningReadEvent
from services.stockpile_advisor.domain.result import by_item, failed, supply_risk, versions_of
from services.stockpile_advisor.policy_file import LoadedPolicy
from services.stockpile_advisor.reference_files import reference_shares
from shared.contracts.screening import NOT_MET
from shared.contracts.supply_risk import SupplyRiskEvent


def made_again(order: bytes, screening: bytes, recorded: bytes, policy: bytes) -> bytes:
    """The supply-risk event that the running code makes of recorded inputs: the order event, its screening, the policy as announced.

    Of the recorded result only what it names as its own inputs is read: the advice that its lines were answered with. What failed for a
    reason of that day's machine fails again for the same reason.
    """
    event, answered = OrderReadEvent.model_validate_json(order), ScreeningReadEvent.model_validate_json(screening)
    result = SupplyRiskEvent.model_validate_json(recorded).data
    versions = versions_of(LoadedPolicy.from_content(policy).version, version("orestream"))
    if result.outcome == "failed" and answered.data.outcome == "screened":
        cause = event if result.screening_event_id == NOT_MET else answered
        return failed(cause, result.screening_event_id, result.order_event_id, result.failure or "", versions).encode()
    return supply_risk(event, answered, by_item(result.advice), indices_of(reference_shares()), versions).encode()
