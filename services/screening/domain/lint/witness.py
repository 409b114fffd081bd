"""Goods and trades made to satisfy one way of a condition: a witness that the condition, as compiled, can be other than false."""

import random
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, cast

from services.screening.domain import instrument as source
from services.screening.domain.bill_of_materials import BillOfMaterials, bill_of_materials, with_parts
from services.screening.domain.facts import LineFacts, TradeFacts, line_facts
from services.screening.domain.goods import Feature, FeatureName, Goods, Interval, Material, Parameter, Product, Sighting
from services.screening.domain.lint.logic import Atom, Conjunction, Range, measured
from services.screening.domain.recognition.chemistry import describe
from shared.contracts.order import Component, ControlFacts, SnapshotLine

_SEEN = Sighting("document", "made to satisfy a condition")
_ABROAD = ("DE", "FR", "AU", "BR")
_TRIES = 12
"""The first try takes the first of every choice, the others take any."""


def witnesses(way: Conjunction, regions: Mapping[str, frozenset[str]]) -> Iterator[LineFacts]:
    """Facts that satisfy the atoms of a way, as far as one can tell without the compiled condition; the same ones every time."""
    for number in range(_TRIES):
        yield _Maker(way, regions, random.Random(number) if number else None).facts()


class _Maker:
    def __init__(self, way: Conjunction, regions: Mapping[str, frozenset[str]], chance: random.Random | None) -> None:
        self.asked = [atom.condition for atom in way if atom.holds]
        self.excluded = [atom.condition for atom in way if not atom.holds]
        self.way: tuple[Atom, ...] = way
        self.regions = regions
        self.chance = chance

    def facts(self) -> LineFacts:
        goods, trade = self._goods(), self._trade()
        shares = [span.middle() for (name, _), (span, _) in self._measured().items() if name == "controlled_share"]
        return line_facts(goods, trade) if not shares else with_parts(_with_us_content(goods, shares[0]), trade)

    def _one(self, values: list[str], excluded: set[str] | None = None) -> str | None:
        left = [value for value in values if value not in (excluded or ())]
        if not left:
            return None
        return self.chance.choice(left) if self.chance is not None else left[0]

    def _chosen(self, model: type[source.Source], name: str) -> list[str]:
        """One value for each condition of a model that is to hold, none of those that are excluded."""
        excluded = {value for c in self.excluded if isinstance(c, model) for value in getattr(c, name)}
        chosen: list[str] = []
        for condition in self.asked:
            if isinstance(condition, model):
                values = list(getattr(condition, name))
                if chosen and not excluded.issuperset(chosen) and set(values) & set(chosen):
                    continue
                value = self._one(values, excluded)
                if value is not None and value not in chosen:
                    chosen.append(value)
        return chosen

    def _shared(self, model: type[source.Source], name: str, all_values: list[str]) -> str | None:
        """The one value that satisfies all conditions of a model, of facts that have one value."""
        asked = [set(getattr(c, name)) for c in self.asked if isinstance(c, model)]
        excluded = {value for c in self.excluded if isinstance(c, model) for value in getattr(c, name)}
        if asked:
            return self._one(sorted(set.intersection(*asked)), excluded)
        return self._one([value for value in all_values if value not in excluded]) if excluded else None

    def _goods(self) -> Goods:
        products = tuple(cast(Product, kind) for kind in self._chosen(source.ProductIs, "product"))
        features = tuple(Feature(cast(FeatureName, name), _SEEN) for name in self._chosen(source.HasFeature, "feature"))
        family: Any = self._shared(source.MagnetFamilyIs, "magnet_family", list(_FAMILIES))
        magnetic = "permanent_magnet" in products or any(isinstance(c, source.MagnetFamilyIs) for c in self.asked)
        materials = self._materials()
        codes = [self._one(list(c.tariff)) for c in self.asked if isinstance(c, source.TariffLineIs)]
        return Goods(
            products=products,
            product_sighting=_SEEN if products else None,
            product_certain=bool(products),
            materials=materials,
            parameters=self._parameters(),
            tariff_codes=tuple(code for code in codes if code is not None),
            magnet_family=family if magnetic else None,
            composition_complete=True if materials else None,
            composition_remainder_percent=Decimal(0) if materials else None,
            features=features,
            described=True,
        )

    def _materials(self) -> tuple[Material, ...]:
        shares = {elements: span.middle() for (name, elements), (span, _) in self._measured().items() if name == "mass_share"}
        found: list[Material] = []
        for atom in self.asked:
            match atom:
                case source.Present():
                    element = self._one(list(atom.present)) or ""
                    form = self._one(list(atom.substance_class or ())) or ("compound" if atom.substance else "element")
                    substance = self._one(list(atom.substance or ()))
                    found.append(_material(element, form, substance, _share_of(shares, element)))
                case source.Stated() | source.AboveTrace():
                    elements = list(atom.stated if isinstance(atom, source.Stated) else atom.above_trace)
                    element = self._one(elements) or ""
                    found.append(_material(element, None, None, _share_of(shares, element) or Decimal(5)))
                case source.Substance():
                    substance = self._one(list(atom.substance)) or ""
                    stuff = describe(substance)
                    found += [_material(element, stuff.substance_class, substance, None) for element in stuff.elements or ("X",)]
                case source.MassShare():
                    element = self._one(list(atom.mass_share)) or ""
                    found.append(_material(element, None, None, shares[tuple(atom.mass_share)]))
                case source.ValueShare():
                    element = self._one(list(atom.value_share)) or ""
                    span, _ = self._measured()["value_share", tuple(atom.value_share)]
                    found.append(
                        Material(
                            element, _SEEN, value_share_percent=Interval(span.middle(), span.middle()), origin_country=atom.inputs_from
                        )
                    )
                case _:
                    pass
        return tuple(_one_form(found))

    def _measured(self) -> dict[tuple[str, tuple[str, ...]], tuple[Range, bool]]:
        return measured(self.asked)

    def _parameters(self) -> tuple[Parameter, ...]:
        spans = {
            name: span for (name, _), (span, _) in self._measured().items() if name not in ("mass_share", "value_share", "controlled_share")
        }
        for condition in self.excluded:
            if isinstance(condition, source.Measured):
                spans.setdefault(condition.parameter, _beyond(condition))
        # Bounds that exclude each other are met by silence.
        return tuple(Parameter(name, Interval(span.middle(), span.middle()), _SEEN) for name, span in spans.items() if not span.empty)

    def _trade(self) -> TradeFacts:
        leaves = next((c.leaves for c in self.asked if isinstance(c, source.Leaves)), None)
        outside = any(isinstance(c, source.TradedOutside) for c in self.asked)
        ship_from = leaves or (_ABROAD[0] if outside else None)
        excluded = {
            c for one in self.excluded if isinstance(one, source.DestinationIs) for name in one.destination for c in self._countries(name)
        }
        wanted = [
            [c for name in one.destination for c in sorted(self._countries(name))]
            for one in self.asked
            if isinstance(one, source.DestinationIs)
        ]
        goes_to = [self._one(countries, excluded) for countries in wanted]
        elsewhere = self._one([country for country in _ABROAD if country not in (ship_from, *excluded)])
        return TradeFacts(
            ship_from=ship_from,
            destination=goes_to[0] if goes_to else elsewhere,
            end_user_country=goes_to[1] if len(goes_to) > 1 else None,
            origin=self._shared(source.OriginIs, "origin", list(_ABROAD)),
            inputs_origin=self._shared(source.InputsOriginIs, "inputs_origin", list(_ABROAD)),
            end_user_class=self._shared(source.EndUserClassIs, "end_user_class", ["civil", "military"]),
            named=frozenset(c.end_use for c in self.asked if isinstance(c, source.EndUseNames)),
            technology_origin=next((c.technology_from for c in self.asked if isinstance(c, source.TechnologyFrom)), None),
        )

    def _countries(self, name: str) -> frozenset[str]:
        return self.regions.get(name, frozenset({name}))


_FAMILIES: Final = ("NdFeB", "SmCo", "ferrite", "AlNiCo", "SmFeN")


def _material(element: str, form: str | None, substance: str | None, share: Decimal | None) -> Material:
    return Material(
        element,
        _SEEN,
        substance=substance,
        substance_class=form,  # type: ignore[arg-type]
        mass_share_percent=Interval(share, share),
    )


def _with_us_content(goods: Goods, percent: Decimal) -> BillOfMaterials:
    content = Component(
        description="controlled US content",
        mass_share_percent=Decimal(100),
        value_share_percent=percent,
        origin_country="US",
        control=ControlFacts(us_controlled_content=True),
    )
    line = SnapshotLine(line_id="made", components=[content], components_complete=True)
    return bill_of_materials(line, goods, None, _described)


def _described(line: SnapshotLine) -> Goods:
    return Goods(described=True)


def _share_of(shares: Mapping[tuple[str, ...], Decimal], element: str) -> Decimal | None:
    return next((share for elements, share in shares.items() if element in elements), None)


def _one_form(materials: list[Material]) -> list[Material]:
    """Without the bare mentions of elements that another entry describes, whose form would stay open."""
    described = {m.element for m in materials if m.substance_class is not None or m.substance is not None}
    kept: list[Material] = []
    for material in materials:
        bare = material.substance_class is None and material.substance is None and material.value_share_percent == Interval()
        if bare and material.element in described and material.mass_share_percent == Interval():
            continue
        if material not in kept:
            kept.append(material)
    return kept


def _beyond(bounds: source.Bounds) -> Range:
    """A range that misses the bounds."""
    limit = bounds.at_least if bounds.at_least is not None else bounds.more_than
    if limit is not None:
        return Range(limit - 1, False, limit - 1, False)
    above = bounds.at_most if bounds.at_most is not None else bounds.less_than
    return Range((above or Decimal(0)) + 1, False, (above or Decimal(0)) + 1, False)
