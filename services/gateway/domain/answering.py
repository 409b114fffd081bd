"""What an answer to a question changes: a row of the item master, a row of the supplier master, or what is known of an order."""

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, get_args

from shared.contracts.answer import FactAnswer
from shared.contracts.master_data import Evidence, Item, Supplier
from shared.contracts.order import Attribute, Constituent, EndUser, OrderDocument, Party

MOST_PER_ORDER = 50

UNITS: Final = {
    "percent": "%",
    "mm": "mm",
    "um": "µm",
    "m3": "m³",
    "mhz": "MHz",
    "kw": "kW",
    "t": "tesla",
    "mpa": "MPa",
    "gpa": "GPa",
    "g_cm3": "g/cm³",
    "wh_kg": "Wh/kg",
    "mah_g": "mAh/g",
    "per_cm2": "/cm²",
    "m3_per_day": "m³/d",
}
"""By the end of a parameter's name, the unit that its value is in."""


class AnswerRefused(ValueError):
    """The answer cannot be used; the text says what is wrong with it."""


def answered_item(item: Item, answer: FactAnswer, composition: Sequence[Constituent]) -> Item:
    """`composition` is the answer's value as constituents, where the fact is the composition. Raises AnswerRefused."""
    evidence = {**item.evidence, answer.fact: evidence_of(answer)}
    match answer.fact:
        case "composition" | "value_share":
            return item.model_copy(update={"composition": _merged(item.composition, composition, answer), "evidence": evidence})
        case "origin":
            return item.model_copy(
                update={"origin_country": country_of(answer), "evidence": {**evidence, "origin_country": evidence_of(answer)}}
            )
        case "inputs_origin":
            return item.model_copy(update={"inputs_origin_country": country_of(answer), "evidence": evidence})
        case "description":
            return item.model_copy(update={"description": answer.value, "evidence": evidence})
    attribute = attribute_of(answer)
    others = [each for each in item.attributes if each.name != attribute.name]
    return item.model_copy(update={"attributes": [*others, attribute], "evidence": evidence})


def answered_supplier(supplier: Supplier, answer: FactAnswer) -> Supplier:
    """Raises AnswerRefused."""
    evidence = {**supplier.evidence, answer.fact: evidence_of(answer)}
    return supplier.model_copy(update={"ships_from_country": country_of(answer), "evidence": evidence})


def evidence_of(answer: FactAnswer) -> Evidence:
    return Evidence(document=answer.document, issuer=answer.issuer, issued_on=answer.issued_on, valid_until=answer.valid_until)


def country_of(answer: FactAnswer) -> str:
    """Two letters; names of countries were read before."""
    text = answer.value.strip().upper()
    if len(text) != 2 or not text.isalpha():
        raise AnswerRefused(f"{answer.value!r} answers {answer.fact} with no country that is known here; write two letters (ISO 3166-1).")
    return text


def attribute_of(answer: FactAnswer) -> Attribute:
    """A measured value under the parameter's name without its unit; anything else as it was said."""
    for ending in sorted(UNITS, key=len, reverse=True):
        if answer.fact.endswith(f"_{ending}"):
            name = answer.fact.removesuffix(f"_{ending}").replace("_", " ")
            return Attribute(name=name, value=answer.value, unit=answer.unit or UNITS[ending])
    return Attribute(name=answer.fact.replace("_", " "), value=answer.value, unit=answer.unit)


def _merged(known: Sequence[Constituent], told: Sequence[Constituent], answer: FactAnswer) -> list[Constituent]:
    """What is told of a substance replaces what was known of it in the same part."""
    if not told:
        raise AnswerRefused(f"{answer.value!r} states no composition; write it as in “Dy 0.3 wt%; Tb <0.01 wt%”.")
    new = {(each.substance.casefold(), each.in_part) for each in told}
    documented = [each.model_copy(update={**dict(evidence_of(answer))}) for each in told]
    return [*(each for each in known if (each.substance.casefold(), each.in_part) not in new), *documented]


# Facts about an order ---------------------------------------------------------------------------------------------------------------

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
