"""Facts about an order that were answered, laid under what it says itself."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Final, get_args

from services.gateway.domain.answering import AnswerRefused, country_of
from shared.contracts.answer import FactAnswer
from shared.contracts.order import EndUser, OrderDocument, Party

_CLASSES: Final = get_args(get_args(EndUser.model_fields["user_class"].annotation)[0])


def checked(answer: FactAnswer) -> FactAnswer:
    """Raises AnswerRefused where an answer about an order cannot be read."""
    match answer.fact:
        case "destination":
            country_of(answer)
        case "end_use":
            _end_use(answer.value)
        case "end_user_owner_share":
            _share(answer.value)
    return answer


def with_answers(document: OrderDocument, answers: Iterable[dict[str, Any]]) -> OrderDocument:
    """The order with what was answered about it, where it does not say so itself: its own word stands."""
    for said in answers:
        answer = FactAnswer.model_validate({**said, "order_key": document.order_key})
        match answer.fact:
            case "destination" if document.ship_to is None or document.ship_to.country is None:
                document = document.model_copy(update={"ship_to": _with(document.ship_to, country=country_of(answer))})
            case "end_use":
                document = _with_end_use(document, answer.value)
            case "end_user_owner_share" if document.end_user is not None and document.end_user.owner_share_percent is None:
                end_user = document.end_user.model_copy(update={"owner_share_percent": _share(answer.value)})
                document = document.model_copy(update={"end_user": end_user})
    return document


def _with(party: Party | None, **fields: object) -> Party:
    return (party or Party()).model_copy(update=fields)


def _with_end_use(document: OrderDocument, value: str) -> OrderDocument:
    user_class, words = _end_use(value)
    end_user = document.end_user or EndUser()
    if end_user.user_class is None:
        document = document.model_copy(update={"end_user": end_user.model_copy(update={"user_class": user_class})})
    if words and document.end_use_text is None:
        document = document.model_copy(update={"end_use_text": words})
    return document


def _end_use(value: str) -> tuple[str, str]:
    """The class of the user and, after a colon, what the goods are used for."""
    said, _, words = value.partition(":")
    user_class = said.strip().lower().replace(" ", "_")
    if user_class not in _CLASSES:
        raise AnswerRefused(
            f"{value!r} does not answer end_use: write who uses the goods ({', '.join(_CLASSES)}) and, after a colon, for what "
            "(“civil: traction motors for trams”)."
        )
    return user_class, words.strip()


def _share(value: str) -> Decimal:
    try:
        share = Decimal(value.replace("%", "").strip().replace(",", "."))
    except InvalidOperation:
        share = Decimal(-1)
    if not 0 <= share <= 100:
        raise AnswerRefused(f"{value!r} is no share in percent.")
    return share
