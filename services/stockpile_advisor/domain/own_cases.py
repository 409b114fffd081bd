"""A licence as evidence of how long licences take."""

from services.stockpile_advisor.domain.licence_delay import Outcome
from services.stockpile_advisor.domain.situation import OwnCase
from shared.contracts.licence import Licence


def own_case(licence: Licence) -> OwnCase | None:
    """None of a general licence, and where nobody says since when the case has been with the authority.

    A case that was returned for supplement and filed again has taken since its first filing: that is what the goods wait for.
    """
    filed = [step.on for step in licence.history if step.state in ("filed", "pending")]
    if licence.kind != "individual" or not filed or licence.state == "not_filed":
        return None
    filed_on = min(filed)
    if licence.state not in ("approved", "refused"):
        return OwnCase(licence.licence_id, filed_on, None, "pending")
    decided = [step.on for step in licence.history if step.state == licence.state and step.on >= filed_on]
    if not decided:
        return None
    outcome: Outcome = "approved" if licence.state == "approved" else "rejected"
    return OwnCase(licence.licence_id, filed_on, min(decided), outcome)
