"""Conditions of the law, compiled from data into functions of the facts. An unknown says which fact, or which question of law, is open."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from services.screening.domain import instrument as source
from services.screening.domain.bill_of_materials import LEFT_OUT, BillOfMaterials, Range, ValueInput
from services.screening.domain.facts import (
    INPUTS_ORIGIN_UNKNOWN,
    PRODUCT_UNKNOWN,
    LineFacts,
    TradeFacts,
    in_component,
    substance_form_unknown,
)
from services.screening.domain.goods import UNKNOWN_INTERVAL, Material
from services.screening.domain.truth import Unknown, Verdict, all_of, any_of, negate, unknown_fact
from services.screening.domain.words import element_names

Test = Callable[[LineFacts], Verdict]
TradeTest = Callable[[TradeFacts], Verdict]

MAGNET_FAMILY_UNKNOWN = unknown_fact("magnet_family", "supplier", "Of which material are the magnets: NdFeB, SmCo, ferrite or AlNiCo?")
VALUE_SHARE_UNKNOWN = unknown_fact(
    "value_share",
    "supplier",
    "What share of the value of the goods are Chinese inputs of samarium, dysprosium, gadolinium, terbium, lutetium, scandium and yttrium?",
)


class ConditionError(ValueError):
    """A condition that cannot be compiled; `path` leads to it in the instrument's file."""

    def __init__(self, path: tuple[str | int, ...], reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


@dataclass(slots=True, frozen=True)
class Scope:
    """What names in a condition stand for. `mentions` collects the facts that the condition reads."""

    definitions: Mapping[str, source.Condition]
    questions: Mapping[str, Unknown]
    regions: Mapping[str, frozenset[str]]
    vocabularies: frozenset[str]
    listed: tuple[str, ...] = ()
    mentions: set[str] = field(default_factory=set)
    families: set[str] = field(default_factory=set)
    within: tuple[str, ...] = ()
    """Definitions being compiled, so that one cannot contain itself."""


def compile_condition(condition: source.Condition, scope: Scope, path: tuple[str | int, ...]) -> Test:
    """A test of a line's facts; raises ConditionError."""
    match condition:
        case source.AllOf():
            return _all([compile_condition(part, scope, (*path, "all", i)) for i, part in enumerate(condition.all)])
        case source.AnyOf():
            return _any([compile_condition(part, scope, (*path, "any", i)) for i, part in enumerate(condition.any)])
        case source.Not():
            test = compile_condition(condition.negated, scope, (*path, "not"))
            return lambda facts: negate(test(facts))
        case source.Defined():
            return compile_condition(_definition(condition, scope, path), _inside(scope, condition.defined), path)
        case source.Present():
            return _present(condition, _elements(condition.present, scope, path), scope)
        case source.Stated():
            return _stated(_elements(condition.stated, scope, path), scope)
        case source.Substance():
            return _substance(frozenset(condition.substance), scope.listed, scope)
        case source.AboveTrace():
            return _above_trace(condition, _elements(condition.above_trace, scope, path), scope, path)
        case source.Measured():
            scope.mentions.add(condition.parameter)
            return _measured(condition)
        case source.MassShare():
            return _mass_share(condition, _elements(condition.mass_share, scope, path), scope)
        case source.ValueShare():
            return _value_share(condition, _elements(condition.value_share, scope, path), scope, path)
        case source.ControlledShare():
            return _controlled_share(condition, scope)
        case source.ProductIs():
            scope.mentions.add("product")
            return _product(condition)
        case source.HasFeature():
            return _feature(condition)
        case source.MagnetFamilyIs():
            scope.mentions.add("magnet_family")
            scope.families.update(condition.magnet_family)
            return _magnet_family(condition)
        case source.TariffLineIs():
            return _tariff(condition)
        case source.Unsettled():
            question = _question(condition.unsettled, scope, (*path, "unsettled"))
            return lambda facts: question
        case _:
            trade_test = compile_trade_condition(condition, scope, path)
            return lambda facts: trade_test(facts.trade)


def compile_trade_condition(condition: source.Condition, scope: Scope, path: tuple[str | int, ...]) -> TradeTest:
    """A test of a line's trade alone; a condition that reads the goods is refused (ConditionError)."""
    match condition:
        case source.AllOf():
            parts = [compile_trade_condition(part, scope, (*path, "all", i)) for i, part in enumerate(condition.all)]
            return lambda trade: all_of(part(trade) for part in parts)
        case source.AnyOf():
            parts = [compile_trade_condition(part, scope, (*path, "any", i)) for i, part in enumerate(condition.any)]
            return lambda trade: any_of(part(trade) for part in parts)
        case source.Not():
            test = compile_trade_condition(condition.negated, scope, (*path, "not"))
            return lambda trade: negate(test(trade))
        case source.Defined():
            return compile_trade_condition(_definition(condition, scope, path), _inside(scope, condition.defined), path)
        case source.Leaves():
            scope.mentions.update(("ship_from", "destination"))
            country = condition.leaves
            return lambda trade: trade.leaves(country)
        case source.TradedOutside():
            scope.mentions.update(("ship_from", "destination"))
            outside = condition.traded_outside
            return lambda trade: trade.traded_outside(outside)
        case source.OriginIs():
            scope.mentions.add("origin")
            origins = frozenset(condition.origin)
            return lambda trade: trade.comes_from(origins)
        case source.InputsOriginIs():
            scope.mentions.add("inputs_origin")
            inputs_origins = frozenset(condition.inputs_origin)
            return lambda trade: trade.inputs_come_from(inputs_origins)
        case source.DestinationIs():
            scope.mentions.update(("destination", "end_user_country"))
            destinations = _countries(condition.destination, scope, (*path, "destination"))
            return lambda trade: trade.goes_to(destinations)
        case source.EndUserClassIs():
            scope.mentions.add("end_user_class")
            classes = frozenset(condition.end_user_class)
            return lambda trade: trade.used_by(classes)
        case source.EndUseNames():
            scope.mentions.add("end_use")
            vocabulary = condition.end_use
            if vocabulary not in scope.vocabularies:
                raise ConditionError((*path, "end_use"), f"there is no vocabulary {vocabulary!r} in the common terms")
            return lambda trade: vocabulary in trade.named
        case source.TechnologyFrom():
            scope.mentions.add("technology_origin")
            technology_origin = condition.technology_from
            return lambda trade: trade.made_with_technology_from(technology_origin)
        case source.Unsettled():
            question = _question(condition.unsettled, scope, (*path, "unsettled"))
            return lambda trade: question
        case _:
            raise ConditionError(
                path, f"{type(condition).__name__} reads the goods; a limb's `when` reads the trade only (put it into an item)"
            )


def _definition(condition: source.Defined, scope: Scope, path: tuple[str | int, ...]) -> source.Condition:
    name = condition.defined
    if name not in scope.definitions:
        raise ConditionError((*path, "defined"), f"nothing is defined under {name!r}, neither here nor in the common terms")
    if name in scope.within:
        raise ConditionError((*path, "defined"), f"the definition {name!r} contains itself")
    return scope.definitions[name]


def _inside(scope: Scope, name: str) -> Scope:
    return replace(scope, within=(*scope.within, name))


def _elements(named: source.Elements, scope: Scope, path: tuple[str | int, ...]) -> tuple[str, ...]:
    if named == "listed":
        if not scope.listed:
            raise ConditionError(path, "`listed` stands for the item's elements, and the item lists none")
        elements = scope.listed
    else:
        elements = tuple(named)
    scope.mentions.update(elements)
    return elements


def _countries(names: list[str], scope: Scope, path: tuple[str | int, ...]) -> frozenset[str]:
    countries: set[str] = set()
    for name in names:
        if name in scope.regions:
            countries.update(scope.regions[name])
        elif len(name) == 2 and name.isupper():
            countries.add(name)
        else:
            raise ConditionError(path, f"{name!r} is neither a country code nor a region of the common terms")
    return frozenset(countries)


def _question(key: str, scope: Scope, path: tuple[str | int, ...]) -> Unknown:
    if key not in scope.questions:
        raise ConditionError(path, f"the instrument has no `unsettled` question {key!r}")
    return scope.questions[key]


def _all(parts: list[Test]) -> Test:
    if len(parts) == 1:
        return parts[0]

    def test(facts: LineFacts) -> Verdict:
        unknowns: list[Unknown] = []
        for part in parts:
            verdict = part(facts)
            if verdict is False:
                return False
            if verdict is not True:
                unknowns.append(verdict)
        return all_of(unknowns) if unknowns else True

    return test


def _any(parts: list[Test]) -> Test:
    if len(parts) == 1:
        return parts[0]

    def test(facts: LineFacts) -> Verdict:
        unknowns: list[Unknown] = []
        for part in parts:
            verdict = part(facts)
            if verdict is True:
                return True
            if verdict is not False:
                unknowns.append(verdict)
        return any_of(unknowns) if unknowns else False

    return test


def _in_any_part(test: Test) -> Test:
    """Of goods made of parts: whether any of them, or the goods as they describe themselves, passes the test."""
    return lambda facts: test(facts) if facts.bill is None else any_of([test(part) for part in facts.parts])


def _is_there(material: Material) -> bool:
    return not material.below_detection and material.mass_share_percent.maximum != 0


def _present(condition: source.Present, elements: tuple[str, ...], scope: Scope) -> Test:
    classes = frozenset(condition.substance_class) if condition.substance_class else None
    substances = frozenset(condition.substance) if condition.substance else None

    def verdict(facts: LineFacts, material: Material) -> Verdict:
        if not _is_there(material) or facts.outdone(material):
            return False
        if classes is not None and material.substance_class not in classes:
            return substance_form_unknown(material.element) if material.substance_class is None else False
        if substances is not None and material.substance not in substances:
            return substance_form_unknown(material.element) if material.substance is None else False
        return True if material.certain else facts.content_unknown((material.element,))

    wanted = frozenset(elements)

    def test(facts: LineFacts) -> Verdict:
        unknowns: list[Unknown] = []
        for element, materials in facts.by_element.items():
            if element in wanted:
                for material in materials:
                    found = verdict(facts, material)
                    if found is True:
                        return True
                    if found is not False:
                        unknowns.append(found)
        if not facts.speaks_of_all:
            silent = tuple(e for e in elements if e not in facts.by_element and facts.absence(e) is not False)
            if silent:
                unknowns.append(facts.content_unknown(silent))
        return any_of(unknowns) if unknowns else False

    return _in_any_part(test)


def _stated(elements: tuple[str, ...], scope: Scope) -> Test:
    def test(facts: LineFacts) -> Verdict:
        for element in elements:
            for material in facts.by_element.get(element, ()):
                if material.certain and _is_there(material):
                    return True
        return False

    return _in_any_part(test)


def _substance(substances: frozenset[str], listed: tuple[str, ...], scope: Scope) -> Test:
    scope.mentions.update(listed)

    def test(facts: LineFacts) -> Verdict:
        verdict: Verdict = False
        for materials in facts.by_element.values():
            for material in materials:
                if material.substance not in substances and material.substance is not None:
                    continue
                if not _is_there(material) or facts.outdone(material):
                    continue
                if material.substance is not None:
                    if material.certain:
                        return True
                    verdict = facts.content_unknown(listed or (material.element,))
                elif material.substance is None and material.element in listed and material.substance_class in (None, "compound"):
                    verdict = substance_form_unknown(material.element)
        if verdict is False and listed and not any(element in facts.by_element for element in listed):
            return all_of(facts.absence(element) for element in listed)
        return verdict

    return _in_any_part(test)


def _compare(bounds: source.Bounds, low: Decimal | None, high: Decimal | None, beyond: bool = False) -> bool | None:
    """Whether every value between `low` and `high` satisfies the bounds (True), none does (False), or some do (None).

    `beyond` says that the two ends are not among the values themselves.
    """
    result: bool | None = True
    for limit, below, strict in (
        (bounds.at_least, False, False),
        (bounds.more_than, False, True),
        (bounds.at_most, True, False),
        (bounds.less_than, True, True),
    ):
        if limit is None:
            continue
        # For an upper bound the roles of the two ends are exchanged.
        near, far = (high, low) if below else (low, high)
        if near is not None and ((near < limit if below else near > limit) or (near == limit and (beyond or not strict))):
            continue
        if far is not None and ((far > limit if below else far < limit) or (far == limit and (beyond or strict))):
            return False
        result = None
    return result


def _if_absent(choice: Literal["ask", "true", "false"], unknown: Unknown) -> Verdict:
    return unknown if choice == "ask" else choice == "true"


def _measured(condition: source.Measured) -> Test:
    name = condition.parameter
    spoken = name.rsplit("_", 1)
    readable = _PARAMETER_NAMES.get(name, name.replace("_", " ") if len(spoken) == 1 else f"{spoken[0].replace('_', ' ')} in {spoken[1]}")
    unknown = unknown_fact(name, condition.held_by, f"What is the {readable} of the goods?")
    absent = _if_absent(condition.if_absent, unknown)

    def test(facts: LineFacts) -> Verdict:
        parameter = facts.parameters.get(name)
        if parameter is None:
            return absent
        result = _compare(condition, *parameter.value, parameter.beyond)
        return unknown if result is None else result

    return test


_PARAMETER_NAMES = {
    "purity_percent": "purity in percent",
    "particle_size_um": "particle size in µm",
    "density_g_cm3": "density in g/cm³",
    "flexural_strength_mpa": "flexural strength in MPa",
    "compaction_density_g_cm3": "compaction density in g/cm³",
    "specific_capacity_mah_g": "specific capacity in mAh/g",
    "energy_density_wh_kg": "energy density in Wh/kg",
    "dislocation_density_per_cm2": "dislocation density per cm²",
    "transmission_percent": "transmission of visible light in percent",
    "medium_heavy_share_of_reo_percent": "share of medium and heavy rare earths in the rare-earth oxide content",
    "grit_um": "grit size in µm",
    "capacity_m3_per_day": "capacity in m³ a day",
}


def _mass_share(condition: source.MassShare, elements: tuple[str, ...], scope: Scope) -> Test:
    scope.mentions.add("mass_share")

    def share_of_whole(facts: LineFacts, bill: BillOfMaterials, element: str) -> Verdict:
        answered = bill.mass_share(element)
        interval = answered.range.percent()
        result = _compare(condition, interval.minimum, interval.maximum)
        decides = answered.widest() if result is None else answered.largest()
        if decides is not None:
            said = f"{_spoken(answered.range)} % of mass is {element_names([element])}: {_decides(decides.part)}"
            facts.note("mass_share", said, bill.provenance)
        if result is not None:
            return result
        if decides is not None and decides.content.width == 0:
            return _amount_unknown("mass", decides.part)
        return facts.content_unknown((element,))

    def share(facts: LineFacts, element: str) -> Verdict:
        if facts.bill is not None:
            return share_of_whole(facts, facts.bill, element)
        materials = facts.by_element.get(element)
        if materials is None:
            return facts.absence(element)
        verdict: Verdict = False
        measured = [material for material in materials if material.certain and material.mass_share_percent != UNKNOWN_INTERVAL]
        for material in measured or [material for material in materials if not facts.outdone(material)]:
            interval = material.mass_share_percent
            result = _compare(condition, interval.minimum, interval.maximum) if material.certain else None
            if result is True:
                return True
            if result is None:
                verdict = facts.content_unknown((element,))
        return verdict

    return lambda facts: any_of(share(facts, element) for element in elements)


_ADJECTIVES = {"CN": "Chinese"}


def _spoken(share: Range) -> str:
    """A share in percent, "0.08–0.12", as far as digits mean something."""
    low, high = (float(bound * 100) for bound in share)
    return f"{low:.3g}" if share.width == 0 else f"{low:.3g}–{high:.3g}"


def _decides(part: str) -> str:
    return f"{part} decides" if part == LEFT_OUT else f"component {part} decides"


def _amount_unknown(measure: str, part: str) -> Unknown:
    if part == LEFT_OUT:
        return unknown_fact(
            "components", "supplier", "Which parts are missing in the list of components, and what are their mass and value?"
        )
    return unknown_fact(in_component(measure, part), "supplier", f"What is the {measure} of component {part} in one unit of the goods?")


def _value_share_over_parts(
    condition: source.ValueShare, elements: tuple[str, ...], country: str, question: Unknown, facts: LineFacts, bill: BillOfMaterials
) -> Verdict:
    """The same law as for goods without components, over what the walk finds in each of them."""
    inputs = [(each, origin) for each in bill.value_inputs(frozenset(elements)) if (origin := each.comes_from(country)) is not False]
    share = bill.value_share(frozenset(elements), country)
    if not inputs:
        facts.note("value_share", f"no input from {country} in any component", bill.provenance)
        return False

    def decided(by: ValueInput, verdict: Verdict) -> Verdict:
        facts.note("value_share", f"{_spoken(share)} % of value from {country}: {_decides(by.part)}", bill.provenance)
        return verdict

    def certainly(each: ValueInput, origin: bool | None) -> bool:
        interval = each.range.percent()
        return origin is True and _compare(condition, interval.minimum, interval.maximum) is True

    enough = [each for each, origin in inputs if certainly(each, origin)]
    if enough:
        return decided(max(enough, key=lambda each: each.range.low), True)
    largest = max((each for each, _ in inputs), key=lambda each: each.range.high)
    if _compare(condition, None, share.percent().maximum) is False:
        return decided(largest, False)
    if share.low > 0 and _compare(condition, share.percent().minimum, None) is True:
        return decided(max((each for each, origin in inputs if origin), key=lambda each: each.range.low), question)
    # Of parts that something points to the widest is asked about first: an answer about the others seldom settles anything.
    suspected = bill.suspected(frozenset(elements))
    widest, origin = max(inputs, key=lambda one: (one[0].part in suspected, one[0].range.width if one[1] else one[0].range.high))
    if widest.part == LEFT_OUT:
        return decided(widest, _amount_unknown("value", LEFT_OUT))
    seen = bill.elements_of(widest.part)
    there = element_names([element for element in elements if element in seen] or elements)
    if origin is None and widest.range.width == 0:
        asked = f"In which country were the inputs of {there} in component {widest.part} made?"
        return decided(widest, unknown_fact(in_component("inputs_origin", widest.part), "supplier", asked))
    if widest.content.width == 0:
        return decided(widest, _amount_unknown("value", widest.part))
    asked_for = f"{_ADJECTIVES.get(country, country)} {there} inputs"
    asked = f"What is the value share of {asked_for} in component {widest.part}, in percent of its value?"
    return decided(widest, unknown_fact(in_component("value_share", widest.part), "supplier", asked))


def _controlled_share(condition: source.ControlledShare, scope: Scope) -> Test:
    scope.mentions.add("us_controlled_share")

    def test(facts: LineFacts) -> Verdict:
        bill = facts.bill
        if bill is None:
            return False
        answered = bill.us_controlled_share()
        interval = answered.range.percent()
        result = _compare(condition, interval.minimum, interval.maximum)
        decides = answered.widest() if result is None else answered.largest()
        if decides is None:
            return result is True
        said = f"{_spoken(answered.range)} % of value is controlled US content: {_decides(decides.part)}"
        facts.note("us_controlled_share", said, bill.provenance)
        if result is not None:
            return result
        if decides.content.width == 0 or decides.part == LEFT_OUT:
            return _amount_unknown("value", decides.part)
        asked = f"Is component {decides.part} of US origin and controlled for where the goods go, or what share of its value is?"
        return unknown_fact(in_component("us_controlled_content", decides.part), "supplier", asked)

    return test


def _value_share(condition: source.ValueShare, elements: tuple[str, ...], scope: Scope, path: tuple[str | int, ...]) -> Test:
    question = _question(condition.unsettled, scope, (*path, "unsettled"))
    scope.mentions.update(("inputs_origin", "value_share"))
    country = condition.inputs_from

    def comes_from_there(facts: LineFacts, material: Material) -> Verdict:
        if material.origin_country is not None:
            return material.origin_country == country
        return facts.trade.inputs_come_from(frozenset((country,)))

    def test(facts: LineFacts) -> Verdict:
        if facts.bill is not None:
            return _value_share_over_parts(condition, elements, country, question, facts, facts.bill)
        spoken = [m for element in elements for m in _valued(facts.by_element.get(element, ()))]
        spoken = [material for material in spoken if material.certain] or spoken
        inputs = [(m.value_share_percent, comes_from_there(facts, m)) for m in spoken]
        inputs = [(share, origin) for share, origin in inputs if origin is not False]
        if not inputs:
            # Nothing of these elements comes from there as far as anybody says; silence about the elements themselves stays unknown.
            return False if spoken else all_of([any_of(facts.absence(element) for element in elements), VALUE_SHARE_UNKNOWN])
        if any(origin is True and _compare(condition, share.minimum, share.maximum) is True for share, origin in inputs):
            return True
        highs = [share.maximum for share, _ in inputs]
        if (
            all(high is not None for high in highs)
            and _compare(condition, None, sum((h for h in highs if h is not None), Decimal(0))) is False
        ):
            return False
        lows = [share.minimum for share, origin in inputs if origin is True and share.minimum is not None]
        if lows and _compare(condition, sum(lows, Decimal(0)), None) is True:
            return question
        unknowns: list[Verdict] = []
        if any(share.minimum is None for share, _ in inputs):
            unknowns.append(VALUE_SHARE_UNKNOWN)
        if any(origin is not True for _, origin in inputs):
            unknowns.append(INPUTS_ORIGIN_UNKNOWN)
        return all_of(unknowns or [VALUE_SHARE_UNKNOWN])

    return test


def _valued(materials: tuple[Material, ...]) -> list[Material]:
    """The readings that give a share of value, or all where none does."""
    there = [material for material in materials if _is_there(material)]
    return [material for material in there if material.value_share_percent != UNKNOWN_INTERVAL] or there


def _above_trace(condition: source.AboveTrace, elements: tuple[str, ...], scope: Scope, path: tuple[str | int, ...]) -> Test:
    question = _question(condition.unsettled, scope, (*path, "unsettled"))
    tolerated = condition.tolerated_percent
    together = tuple(condition.together)

    def least(materials: tuple[Material, ...]) -> Decimal:
        """Several readings of one element are readings of one share: the highest counts, they are not added up."""
        return max((m.mass_share_percent.minimum or Decimal(0) for m in materials if _is_there(m)), default=Decimal(0))

    def beside(element: str) -> list[str]:
        return [other for other in together if other != element] if element in together else []

    def left_out(facts: LineFacts, element: str) -> bool:
        """Whether a composition or a measured share speaks of another of `together` and not of this one.

        Words that exclude only the other ("no Dy added") say nothing of this one.
        """
        stated = facts.goods.composition_complete is not None
        return any(other in facts.certain or (stated and other in facts.goods.absent_elements) for other in beside(element))

    def verdict(facts: LineFacts, element: str) -> Verdict:
        materials = facts.certain.get(element)
        if materials is None:
            suspected = any(not facts.outdone(material) for material in facts.by_element.get(element, ()))
            if left_out(facts, element):
                return False
            return facts.content_unknown((element,)) if suspected else facts.absence(element)
        if all(material.below_detection for material in materials):
            limits = [m.mass_share_percent.maximum for m in materials if m.mass_share_percent.maximum is not None]
            limit = max(limits, default=Decimal(0))
            return False if limit < tolerated else question if limit == tolerated else facts.content_unknown((element,))
        there = tuple(material for material in materials if _is_there(material))
        if not there:
            return False
        if all(m.mass_share_percent.minimum is None and m.mass_share_percent.maximum is None for m in there):
            return True
        for material in there:
            # One of the two is above a trace where both together are more than tolerated; which one makes no difference.
            total = material.sum_percent.minimum
            if total is not None and material.sum_of.issubset(together) and total > tolerated:
                return True
        low = least(there)
        if low > tolerated or (low > 0 and low + sum(least(facts.certain.get(other, ())) for other in beside(element)) > tolerated):
            return True
        highs = [m.mass_share_percent.maximum for m in there if m.mass_share_percent != UNKNOWN_INTERVAL]
        if all(high is not None and high <= tolerated for high in highs):
            return question
        return facts.content_unknown((element,))

    if len(elements) == 1:
        (only,) = elements
        return _in_any_part(lambda facts: verdict(facts, only))
    return _in_any_part(lambda facts: any_of([verdict(facts, element) for element in elements]))


def _product(condition: source.ProductIs) -> Test:
    kinds = frozenset(condition.product)
    absent = _if_absent(condition.if_absent, PRODUCT_UNKNOWN)

    def test(facts: LineFacts) -> Verdict:
        if not facts.products:
            return absent
        if kinds.isdisjoint(facts.products):
            return False
        return True if facts.goods.product_certain else PRODUCT_UNKNOWN

    return test


def _feature(condition: source.HasFeature) -> Test:
    names = frozenset(condition.feature)
    absent: Verdict = unknown_fact(condition.fact, "supplier", condition.question) if condition.question and condition.fact else False

    def test(facts: LineFacts) -> Verdict:
        return absent if names.isdisjoint(facts.features) else True

    return test


def _magnet_family(condition: source.MagnetFamilyIs) -> Test:
    families = frozenset(condition.magnet_family)
    absent = _if_absent(condition.if_absent, MAGNET_FAMILY_UNKNOWN)

    def test(facts: LineFacts) -> Verdict:
        family = facts.goods.magnet_family
        return absent if family is None else family in families

    return test


def _tariff(condition: source.TariffLineIs) -> Test:
    prefixes = tuple(condition.tariff)
    indicated = unknown_fact("product", "supplier", condition.question)

    def test(facts: LineFacts) -> Verdict:
        codes = facts.goods.tariff_codes
        if any(code.startswith(prefixes) for code in codes):
            return True if condition.decides else indicated
        # A code of fewer digits may be completed to one that is meant.
        unclear = not codes or any(prefix.startswith(code) for code in codes for prefix in prefixes)
        return indicated if condition.decides and unclear else False

    return test
