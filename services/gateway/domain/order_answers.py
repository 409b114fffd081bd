"""Answers to questions about an order, kept with it; each makes its new snapshot."""

from collections.abc import Sequence
from dataclasses import replace

from services.gateway.domain.answering import AnswerRefused
from services.gateway.domain.order_facts import checked
from services.gateway.domain.recorded import Recorded, Reported
from services.gateway.domain.taking_in import Circumstances, OrderState, enrich_again
from shared.contracts.answer import FactAnswer


def answer_order(state: OrderState, answers: Sequence[FactAnswer], circumstances: Circumstances) -> Reported:
    """What answers do to one order: of two about one fact the later holds."""
    kept = {said["fact"]: said for said in state.answers}
    recorded: list[Recorded] = []
    for answer in answers:
        try:
            said = checked(answer).model_dump(mode="json", exclude_defaults=True, exclude={"order_key"})
        except AnswerRefused as error:
            recorded.append(Recorded("rejected", (str(error),)))
            continue
        if state.standing is None:
            recorded.append(Recorded("rejected", (f"No order {answer.order_key} has come in; an answer is about an order that has.",)))
        elif kept.get(answer.fact) == said:
            recorded.append(Recorded("unchanged"))
        else:
            kept[answer.fact] = said
            recorded.append(Recorded("stored", () if state.open else ("The order is cancelled or closed; no answer changes any more.",)))
    after = replace(state, answers=tuple(kept[fact] for fact in sorted(kept)))
    if after.answers == state.answers:
        return Reported(state, tuple(recorded), (), None)
    taken = enrich_again(after, circumstances)
    return Reported(taken.state if taken is not None else after, tuple(recorded), (), taken)
