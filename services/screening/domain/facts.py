"""The facts of one line as the law's conditions read them: about the trade (where from, where to, who, what for) and about the goods."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from services.screening.domain.end_use import Vocabularies
from services.screening.domain.goods import Goods, Material, Parameter
from services.screening.domain.truth import Unknown, Verdict, unknown_fact
from shared.contracts.order import OrderSnapshot, Provenance, SnapshotLine
from shared.contracts.screening import Confidence, UsedFact

if TYPE_CHECKING:
    from services.screening.domain.bill_of_materials import BillOfMaterials

_MAGNETIC_PRODUCTS = frozenset({"permanent_magnet", "magnet_assembly", "rotor_or_stator_assembly", "motor", "loudspeaker", "headphone"})
_LEFT_OPEN: Mapping[str | None, frozenset[str]] = {
    "NdFeB": frozenset({"Dy", "Tb"}),
    None: frozenset({"Dy", "Tb", "Sm"}),
}
"""What a magnet of a family may hold without its being said: grades hide dysprosium and terbium, an unknown family samarium, too."""
_ROUNDING_PERCENT = Decimal("0.1")
"""A composition that accounts for all but this much speaks of every element that matters."""

SHIP_FROM_UNKNOWN = unknown_fact("ship_from", "supplier", "From which country will the goods be shipped?")
DESTINATION_UNKNOWN = unknown_fact("destination", "buyer", "To which country do the goods go, and where are they used?")
ORIGIN_UNKNOWN = unknown_fact("origin", "supplier", "In which country were the goods made?")
INPUTS_ORIGIN_UNKNOWN = unknown_fact("inputs_origin", "supplier", "In which countries were the goods' rare-earth inputs made?")
END_USE_UNKNOWN = unknown_fact("end_use", "buyer", "Who will use the goods and for what; is the user or the use military?")
TECHNOLOGY_UNKNOWN = unknown_fact("technology_origin", "supplier", "Were the goods made with technology that came from China?")
PRODUCT_UNKNOWN = unknown_fact(
    "product",
    "supplier",
    "What are the goods: a raw material (metal, alloy, oxide, compound, target), a loose magnet, a part or a finished product?",
)


def content_unknown(elements: tuple[str, ...]) -> Unknown:
    return unknown_fact("composition", "supplier", "What is the composition of the goods, in percent by mass, by test report?", elements)


def in_component(fact: str, component: str) -> str:
    """The name of a fact about one component: `composition/ROTOR-7`."""
    return f"{fact}/{component}"


def component_content_unknown(elements: tuple[str, ...], component: str) -> Unknown:
    return unknown_fact(
        in_component("composition", component),
        "supplier",
        f"What is the composition of component {component}, in percent by mass, by test report?",
        elements,
    )


def substance_form_unknown(element: str) -> Unknown:
    return unknown_fact(
        "substance_form", "supplier", "In which form are the goods: metal, alloy, oxide, another compound or a mixture?", (element,)
    )


@dataclass(slots=True, frozen=True)
class TradeFacts:
    """Where the goods come from and go to, who uses them and for what. None is unknown."""

    ship_from: str | None = None
    destination: str | None = None
    origin: str | None = None
    inputs_origin: str | None = None
    end_user_country: str | None = None
    end_user_class: str | None = None
    named: frozenset[str] = frozenset()
    """The end-use vocabularies that the order's words name."""
    technology_origin: str | None = None
    end_use: str | None = field(default=None, compare=False)
    """What the order says of the use, as it says it: conditions read `named`."""
    read_from: frozenset[tuple[str, Provenance]] = field(default=frozenset(), compare=False)
    """Where facts come from that the order's document does not state."""

    def leaves(self, country: str) -> Verdict:
        """Whether the goods leave the customs territory of `country`. An order without a destination counts as leaving, and so does one
        that goes to a place inside for an end user outside."""
        stays = self.destination == country and self.end_user_country in (None, country)
        if self.ship_from is None:
            return False if stays else SHIP_FROM_UNKNOWN
        return self.ship_from == country and not stays

    def traded_outside(self, country: str) -> Verdict:
        """Whether the goods go from one country to another, neither of them `country`."""
        if country in (self.ship_from, self.destination):
            return False
        if self.ship_from is None:
            return SHIP_FROM_UNKNOWN
        if self.destination is None:
            return DESTINATION_UNKNOWN
        return self.ship_from != self.destination

    def goes_to(self, countries: frozenset[str]) -> Verdict:
        if self.destination in countries or self.end_user_country in countries:
            return True
        return DESTINATION_UNKNOWN if self.destination is None else False

    def comes_from(self, countries: frozenset[str]) -> Verdict:
        return ORIGIN_UNKNOWN if self.origin is None else self.origin in countries

    def inputs_come_from(self, countries: frozenset[str]) -> Verdict:
        if self.inputs_origin is not None:
            return self.inputs_origin in countries
        return True if self.origin in countries else INPUTS_ORIGIN_UNKNOWN

    def used_by(self, classes: frozenset[str]) -> Verdict:
        return END_USE_UNKNOWN if self.end_user_class is None else self.end_user_class in classes

    def made_with_technology_from(self, country: str) -> Verdict:
        return TECHNOLOGY_UNKNOWN if self.technology_origin is None else self.technology_origin == country


TRADE_FACT_NAMES = (
    "ship_from",
    "destination",
    "origin",
    "inputs_origin",
    "end_user_country",
    "end_user_class",
    "end_use",
    "technology_origin",
)
_END_USE_NOTES = frozenset({"end_use", "end-use", "end use", "purpose", "project"})
_TECHNOLOGY_ATTRIBUTES = frozenset({"technology_origin", "technology origin"})


class OrderTrade:
    """What an order says about the trade of all its lines; `of` gives one line's facts, the same object for the same facts."""

    def __init__(self, order: OrderSnapshot, vocabularies: Vocabularies) -> None:
        self._vocabularies = vocabularies
        self.currency = order.currency
        read_from: dict[str, Provenance] = {}
        self._sellers = {party.country for party in (order.exporter, order.supplier) if party is not None and party.country is not None}
        self._ship_from = order.ship_from.country if order.ship_from else None
        end_user = order.end_user
        destination = order.ship_to.country if order.ship_to else None
        if destination is None:
            destination = (end_user.country if end_user else None) or (order.buyer.country if order.buyer else None)
            read_from["destination"] = "inferred"
        self._destination = destination
        self._end_user_country = end_user.country if end_user else None
        self._end_user_class = end_user.user_class if end_user else None
        self._end_use = order.end_use_text
        self._words = tuple(
            text for text in (order.end_use_text, order.project, *(n.text for n in order.texts if n.kind.lower() in _END_USE_NOTES)) if text
        )
        for name, key in (("ship_from", "ship_from.country"), ("destination", "ship_to.country"), ("end_user_country", "end_user.country")):
            if key in order.provenance:
                read_from.setdefault(name, order.provenance[key])
        self._read_from = read_from
        self._seen: dict[tuple[object, ...], TradeFacts] = {}

    def of(self, line: SnapshotLine) -> TradeFacts:
        """A Chinese supplier or exporter is taken to ship from China, and a supplier in the country of origin from there; a buyer without a
        ship-to address is taken to receive the goods at home. Such facts are marked as inferred."""
        origin = line.origin_country
        named = self._vocabularies.named_in("\n".join((*self._words, *_line_words(line))))
        technology = next((a.value.strip().upper() for a in line.attributes if a.name.lower() in _TECHNOLOGY_ATTRIBUTES), None)
        origin_read = line.provenance.get("origin_country", "document")
        inputs_read = line.provenance.get("inputs_origin_country", "document")
        key = (origin, line.inputs_origin_country, line.end_use_text, named, technology, origin_read, inputs_read)
        facts = self._seen.get(key)
        if facts is None:
            facts = self._seen[key] = self._facts(line, named, technology, origin_read, inputs_read)
        return facts

    def _facts(
        self, line: SnapshotLine, named: frozenset[str], technology: str | None, origin_read: Provenance, inputs_read: Provenance
    ) -> TradeFacts:
        read_from = {**self._read_from, "origin": origin_read, "inputs_origin": inputs_read}
        ship_from = self._ship_from
        if ship_from is None:
            if "CN" in self._sellers:
                ship_from = "CN"
            elif line.origin_country is not None and self._sellers == {line.origin_country}:
                ship_from = line.origin_country
            read_from["ship_from"] = "inferred"
        return TradeFacts(
            ship_from=ship_from,
            destination=self._destination,
            origin=line.origin_country,
            inputs_origin=line.inputs_origin_country,
            end_user_country=self._end_user_country,
            end_user_class=self._end_user_class,
            end_use=line.end_use_text or self._end_use,
            named=named,
            technology_origin=technology,
            read_from=frozenset(item for item in read_from.items() if item[1] != "document"),
        )


def _line_words(line: SnapshotLine) -> tuple[str, ...]:
    words = [line.end_use_text, line.project, line.description]
    if line.texts:
        words += [note.text for note in line.texts if note.kind.lower() in _END_USE_NOTES]
    return tuple(text for text in words if text)


@dataclass(slots=True)
class LineFacts:
    """What conditions on goods read: `Goods`, keyed for lookup, and the line's trade."""

    goods: Goods
    trade: TradeFacts
    by_element: Mapping[str, tuple[Material, ...]]
    certain: Mapping[str, tuple[Material, ...]]
    """The same without mere candidates."""
    products: frozenset[str]
    features: frozenset[str]
    parameters: Mapping[str, Parameter]
    identified: bool
    """A reading names the substance for certain, so that what it does not name is not in the goods."""
    left_open: frozenset[str]
    """Elements that may be in the goods all the same, because magnets seldom say."""
    speaks_of_all: bool
    """The readings tell the goods whole: an element that none of them speaks of is not in them."""
    known: frozenset[str]
    """Names of the facts that somebody states."""
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By item, the control code and title that the goods were found to fall under."""
    _used: dict[str, UsedFact | None] = field(default_factory=dict)
    part: str | None = None
    """The component that these goods are, where they are one."""
    bill: "BillOfMaterials | None" = None
    """The walk over the components of goods that have some."""
    parts: tuple["LineFacts", ...] = ()
    """With a bill of materials: the goods and each of their parts by themselves, as far as they may hold something."""

    def content_unknown(self, elements: tuple[str, ...]) -> Unknown:
        """The question what the goods hold of the elements, about the component that leaves it open."""
        if self.part is not None:
            return component_content_unknown(elements, self.part)
        if self.bill is None:
            return content_unknown(elements)
        widest = [part for element in elements if (part := self.bill.mass_share(element).widest()) is not None]
        return (
            component_content_unknown(elements, max(widest, key=lambda part: part.range.width).part)
            if widest
            else content_unknown(elements)
        )

    def note(self, name: str, value: str, provenance: Provenance) -> None:
        """Keeps what an evaluation found out, so that findings can say it (`used`); only names in `known` are asked for."""
        self._used[name] = _fact(name, value, provenance, "high")

    def absence(self, element: str) -> Verdict:
        """What holds for an element of which no reading speaks."""
        if self.bill is not None:
            return False if self.bill.excludes(element) else self.content_unknown((element,))
        if self.speaks_of_all or element in self.goods.absent_elements:
            return False
        if (self.identified or self.goods.magnet_family is not None) and element not in self.left_open:
            return False
        return self.content_unknown((element,))

    def outdone(self, material: Material) -> bool:
        """Whether a weak suspicion (a group of elements, a heading) is answered by a reading that says what the goods are."""
        if self.bill is not None:
            return not material.certain and self.bill.excludes(material.element)
        return not material.certain and material.sighting.confidence == "low" and self.identified and material.element not in self.left_open

    def used(self, name: str) -> UsedFact | None:
        """The fact of this name as it goes into a finding (`Dy`, `product`, `ship_from`, a parameter's name); None where it is unknown."""
        if name not in self.known:
            return None
        if name not in self._used:
            self._used[name] = self._read(name)
        return self._used[name]

    def _read(self, name: str) -> UsedFact | None:
        goods = self.goods
        sighting = None
        if name in self.by_element:
            sighting = self.by_element[name][0].sighting
            value = sighting.evidence
            name = f"{name} content"
        elif name == "product":
            sighting = goods.product_sighting
            value = goods.products[0] if goods.products else ""
        elif name == "magnet_family":
            sighting = goods.product_sighting
            value = goods.magnet_family or ""
        elif name in self.parameters:
            sighting = next(parameter.sighting for parameter in goods.parameters if parameter.name == name)
            value = sighting.evidence
        elif name in TRADE_FACT_NAMES:
            return _trade_fact(name, getattr(self.trade, name), next((p for n, p in self.trade.read_from if n == name), "document"))
        if sighting is None or not value:
            return None
        return _fact(name, value, sighting.provenance, sighting.confidence)


def _trade_fact(name: str, value: str | None, provenance: Provenance) -> UsedFact | None:
    return None if value is None else _fact(name, value, provenance, "medium" if provenance == "inferred" else "high")


@lru_cache(maxsize=8192)
def _fact(name: str, value: str, provenance: Provenance, confidence: Confidence) -> UsedFact:
    return UsedFact(name=name, value=value, provenance=provenance, confidence=confidence)


def speaks_of_the_whole(goods: Goods) -> bool:
    """Whether a stated composition leaves no room for an element that it doesn't name."""
    remainder = goods.composition_remainder_percent
    return goods.composition_complete is True and (remainder is None or remainder <= _ROUNDING_PERCENT)


def may_be_magnetic(goods: Goods) -> bool:
    return goods.magnet_family is not None or not _MAGNETIC_PRODUCTS.isdisjoint(goods.products)


def line_facts(goods: Goods, trade: TradeFacts, *, part: str | None = None) -> LineFacts:
    by_element: dict[str, tuple[Material, ...]] = {}
    certain: dict[str, tuple[Material, ...]] = {}
    identified = False
    for material in goods.materials:
        element = material.element
        by_element[element] = (*by_element[element], material) if element in by_element else (material,)
        if material.certain:
            certain[element] = (*certain[element], material) if element in certain else (material,)
            identified = identified or not material.below_detection
    left_open = _LEFT_OPEN.get(goods.magnet_family, frozenset()) if may_be_magnetic(goods) else frozenset()
    known = {name for name in TRADE_FACT_NAMES if getattr(trade, name) is not None}
    known.update(by_element)
    if goods.products:
        known.add("product")
    if goods.magnet_family is not None:
        known.add("magnet_family")
    parameters = {parameter.name: parameter for parameter in goods.parameters}
    known.update(parameters)
    return LineFacts(
        goods=goods,
        trade=trade,
        by_element=by_element,
        certain=certain,
        products=frozenset(goods.products),
        features=frozenset(feature.name for feature in goods.features),
        parameters=parameters,
        identified=identified,
        left_open=left_open,
        speaks_of_all=speaks_of_the_whole(goods) or ((identified or goods.magnet_family is not None) and not left_open),
        known=frozenset(known),
        part=part,
    )
