"""What an answer to a question changes: a row of the item master, with its components, or a row of the supplier master."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from shared.contracts.answer import FactAnswer
from shared.contracts.master_data import Evidence, Item, Supplier
from shared.contracts.order import Attribute, Component, Constituent, ControlFacts

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
    new = {_spoken_of(each) for each in told}
    documented = [each.model_copy(update={**dict(evidence_of(answer))}) for each in told]
    return [*(each for each in known if _spoken_of(each) not in new), *documented]


def _spoken_of(constituent: Constituent) -> tuple[str, str | None, bool]:
    """A share of value and a share of mass are different facts about a substance."""
    return constituent.substance.casefold(), constituent.in_part, "value" in constituent.share.casefold()


# Facts about a component ------------------------------------------------------------------------------------------------------------


def component_of(fact: str) -> tuple[str, str | None]:
    """A fact's own name, and the component it is about where it is about one (`composition/ROTOR-7`)."""
    name, _, component = fact.partition("/")
    return name, component or None


OF_THE_LIST: Final = frozenset({"mass", "value", "us_controlled_content"})
"""Facts that hold for a component in this whole, so that they stand in the whole's list."""


def answered_component(item: Item, component: str, answer: FactAnswer, composition: Sequence[Constituent]) -> Item | None:
    """The item with the answer in its list of components; None where the component's own row is the place for it. Raises AnswerRefused."""
    found = [each for each in _all(item.components) if component in (each.item_id, each.description)]
    own_row = found[0].item_id is not None and not found[0].composition if found else True
    if answer.fact not in OF_THE_LIST and own_row:
        return None
    if not found:
        raise AnswerRefused(f"The item master lists no component {component} of {item.item_id}; send the item with its components.")
    return item.model_copy(update={"components": _replaced(item.components, component, answer, composition)})


def _all(components: Sequence[Component]) -> list[Component]:
    return [each for component in components for each in (component, *_all(component.components))]


def _replaced(components: Sequence[Component], name: str, answer: FactAnswer, composition: Sequence[Constituent]) -> list[Component]:
    return [
        _answered(each, answer, composition)
        if name in (each.item_id, each.description)
        else each.model_copy(update={"components": _replaced(each.components, name, answer, composition)})
        for each in components
    ]


def _answered(component: Component, answer: FactAnswer, composition: Sequence[Constituent]) -> Component:
    match answer.fact:
        case "composition" | "value_share":
            changed: dict[str, Any] = {"composition": _merged(component.composition, composition, answer)}
        case "inputs_origin":
            changed = {"inputs_origin_country": country_of(answer)}
        case "mass":
            if (answer.unit or "kg").casefold() not in ("kg", "kgm"):
                raise AnswerRefused(f"The mass of a component is given in kilograms, not in {answer.unit}.")
            changed = {"mass_kg": _amount(answer.value.casefold().removesuffix("kg"))}
        case "value":
            changed = {"value": _amount(answer.value), "currency": _currency(answer.unit) or component.currency}
        case "us_controlled_content":
            said = {"yes": True, "true": True, "no": False, "false": False}.get(answer.value.strip().casefold())
            if said is None:
                raise AnswerRefused(f"{answer.value!r} does not say whether the component holds controlled US content; write yes or no.")
            changed = {"control": (component.control or ControlFacts()).model_copy(update={"us_controlled_content": said})}
        case _:
            raise AnswerRefused(f"{answer.fact} of a component cannot be answered by itself; send the item with its components.")
    return component.model_copy(update={**changed, **dict(evidence_of(answer))})


def _currency(unit: str | None) -> str | None:
    code = unit.strip().upper() if unit is not None else None
    if code is not None and (len(code) != 3 or not code.isascii() or not code.isalpha()):
        raise AnswerRefused(f"{unit} is no currency; write an ISO 4217 code such as EUR into `unit`.")
    return code


def _amount(value: str) -> Decimal:
    try:
        amount = Decimal(value.strip())
    except InvalidOperation:
        amount = Decimal(-1)
    if not 0 <= amount < Decimal(10) ** 12:
        raise AnswerRefused(f"{value!r} is no amount; write a number such as 0.25.")
    return amount
