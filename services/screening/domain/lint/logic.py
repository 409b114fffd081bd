"""What a condition comes to: the ways in which it can be true, and whether such a way contradicts itself.

A condition is taken apart into conjunctions of atoms (disjunctive normal form), depth first, and a branch is left as soon as its atoms
exclude each other. An unsettled question and a tariff line never make a condition true; they keep it open, and count as possible.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.screening.domain import instrument as source
from services.screening.domain.lint.finding import Path


@dataclass(slots=True, frozen=True)
class Atom:
    """A condition without parts, and whether it is to hold."""

    condition: source.Source
    holds: bool


Conjunction = tuple[Atom, ...]

_ELEMENT_FIELDS: Final = ("present", "stated", "above_trace", "mass_share", "value_share")
_STEPS: Final = 20_000
"""So many atoms are looked at per condition; a condition beyond that is left to the search for a witness."""

_MATERIAL_KINDS = """
ore concentrate metal alloy oxide compound mixture powder ingot master_alloy wafer epitaxial_wafer single_crystal sputtering_target
ceramic phosphor calcined_catalyst polishing_powder thermal_spray_powder hydrogen_storage_material magnetocaloric_material
magnetostrictive_material diamond_powder reagent
"""
_FINISHED_KINDS = """
motor loudspeaker headphone sensor magnetic_consumer_article lens solar_module electronic_device battery_cell battery_pack wire_saw
grinding_wheel production_equipment software_or_technology rotor_or_stator_assembly
"""
_MATERIALS: Final = frozenset(_MATERIAL_KINDS.split())
_FINISHED: Final = frozenset(_FINISHED_KINDS.split())
"""Goods may be of several kinds at once (a metal that is a powder), but nothing is a material of the first and goods of the second."""


class Exhausted(Exception):
    """The condition has more ways than were looked at."""


@dataclass(slots=True)
class Ways:
    """The ways in which conditions can hold together. `contradiction` is why a way that was left cannot be."""

    definitions: Mapping[str, source.Condition]
    listed: Sequence[str]
    contradiction: str | None = None
    _steps: int = 0

    def of(self, *conditions: source.Condition, holds: bool = True) -> Iterator[Conjunction]:
        """Raises Exhausted where there are too many to tell."""
        return self._walk([(condition, holds) for condition in conditions], ())

    def _walk(self, todo: list[tuple[source.Condition, bool]], found: Conjunction) -> Iterator[Conjunction]:
        if not todo:
            yield found
            return
        (condition, holds), rest = todo[0], todo[1:]
        match condition:
            case source.Not():
                yield from self._walk([(condition.negated, not holds), *rest], found)
            case source.Defined():
                yield from self._walk([(self.definitions[condition.defined], holds), *rest], found)
            case source.AllOf() | source.AnyOf():
                parts = condition.all if isinstance(condition, source.AllOf) else condition.any
                if isinstance(condition, source.AllOf) == holds:
                    yield from self._walk([*((part, holds) for part in parts), *rest], found)
                else:
                    for part in parts:
                        yield from self._walk([(part, holds), *rest], found)
            case _:
                self._steps += 1
                if self._steps > _STEPS:
                    raise Exhausted
                together = (*found, Atom(resolved(condition, self.listed), holds))
                reason = contradiction(together)
                if reason is None:
                    yield from self._walk(rest, together)
                elif self.contradiction is None:
                    self.contradiction = reason


def resolved(condition: source.Condition, listed: Sequence[str]) -> source.Source:
    """The condition with the item's elements in place of `listed`."""
    for name in _ELEMENT_FIELDS:
        if getattr(condition, name, None) == "listed":
            return condition.model_copy(update={name: list(listed)})
    return condition


def nodes(condition: source.Condition, path: Path) -> Iterator[tuple[Path, source.Condition]]:
    """A condition and all its parts, each with the path that leads to it in its file."""
    yield path, condition
    match condition:
        case source.AllOf():
            for position, part in enumerate(condition.all):
                yield from nodes(part, (*path, "all", position))
        case source.AnyOf():
            for position, part in enumerate(condition.any):
                yield from nodes(part, (*path, "any", position))
        case source.Not():
            yield from nodes(condition.negated, (*path, "not"))
        case _:
            pass


def conditions_of(instrument: source.Instrument) -> Iterator[tuple[Path, source.Condition, Sequence[str]]]:
    """Every condition that an instrument writes, with its path and the elements that `listed` stands for there."""
    every = [element for item in instrument.items for element in item.elements]
    for name, definition in instrument.definitions.items():
        yield ("definitions", name), definition, every
    for position, item in enumerate(instrument.items):
        yield ("items", position, "when"), item.when, item.elements
        for number, threshold in enumerate(item.thresholds):
            yield ("items", position, "thresholds", number), threshold, item.elements
        for number, subcode in enumerate(item.subcodes):
            yield ("items", position, "subcodes", number, "when"), subcode.when, item.elements
    for position, carve_out in enumerate(instrument.carve_outs):
        yield ("carve_outs", position, "when"), carve_out.when, every
    for position, limb in enumerate(instrument.limbs):
        yield ("limbs", position, "when"), limb.when, ()


# Contradictions -------------------------------------------------------------------------------------------------------------------


def contradiction(atoms: Sequence[Atom]) -> str | None:
    """Why the atoms cannot all hold, as a clause; None where nothing says so."""
    new = atoms[-1]
    for other in atoms[:-1]:
        yes, no = (new, other) if new.holds else (other, new)
        if yes.holds and not no.holds and implies(yes.condition, no.condition):
            return f"it wants {spoken(yes.condition)} and excludes {spoken(no.condition)}"
    asked = [atom.condition for atom in atoms if atom.holds]
    excluded = [atom.condition for atom in atoms if not atom.holds]
    return _kinds(asked, excluded) or _single_values(asked, excluded) or _territory(asked) or _ranges(asked)


def _kinds(asked: Sequence[source.Source], excluded: Sequence[source.Source]) -> str | None:
    products: list[frozenset[str]] = [frozenset(c.product) for c in asked if isinstance(c, source.ProductIs) and c.if_absent != "true"]
    no_products = {kind for c in excluded if isinstance(c, source.ProductIs) for kind in c.product}
    no_features = {name for c in excluded if isinstance(c, source.HasFeature) for name in c.feature}
    for kinds in products:
        if kinds <= no_products:
            return f"every kind of {_list(kinds)} is excluded"
    for position, kinds in enumerate(products):
        for others in products[:position]:
            if not any(_go_together(one, other) for one in kinds for other in others):
                return f"nothing is of the kinds {_list(others)} and {_list(kinds)} at once"
    for condition in asked:
        if isinstance(condition, source.HasFeature) and no_features.issuperset(condition.feature):
            return f"every feature of {_list(condition.feature)} is excluded"
    return None


def _go_together(one: str, other: str) -> bool:
    return not ((one in _MATERIALS and other in _FINISHED) or (one in _FINISHED and other in _MATERIALS))


def _single_values(asked: Sequence[source.Source], excluded: Sequence[source.Source]) -> str | None:
    """Facts of which goods and orders have one value each."""
    for model, name in ((source.MagnetFamilyIs, "magnet_family"), (source.OriginIs, "origin"), (source.EndUserClassIs, "end_user_class")):
        wanted = [
            frozenset(getattr(c, name)) for c in asked if isinstance(c, model) and getattr(c, "if_absent", None) != "true"
        ]  # fmt: skip
        if wanted:
            left = frozenset.intersection(*wanted).difference(*(getattr(c, name) for c in excluded if isinstance(c, model)))
            if not left:
                return f"no {name.replace('_', ' ')} is left of {', '.join(map(_list, wanted))}"
    return None


def _territory(asked: Sequence[source.Source]) -> str | None:
    left = {c.leaves for c in asked if isinstance(c, source.Leaves)}
    outside = {c.traded_outside for c in asked if isinstance(c, source.TradedOutside)}
    if len(left) > 1:
        return f"goods leave one customs territory, not {_list(left)}"
    if left & outside:
        return f"goods that leave {_list(left)} are not traded outside it"
    return None


@dataclass(slots=True)
class Range:
    """What several bounds leave of a number line."""

    low: Decimal | None = None
    low_open: bool = False
    high: Decimal | None = None
    high_open: bool = False

    def narrow(self, bounds: source.Bounds) -> None:
        for value, is_open in ((bounds.at_least, False), (bounds.more_than, True)):
            if value is not None and (self.low is None or value > self.low or (value == self.low and is_open)):
                self.low, self.low_open = value, is_open
        for value, is_open in ((bounds.at_most, False), (bounds.less_than, True)):
            if value is not None and (self.high is None or value < self.high or (value == self.high and is_open)):
                self.high, self.high_open = value, is_open

    @property
    def empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def inside(self, other: "Range") -> bool:
        low = other.low is None or (
            self.low is not None and (self.low > other.low or (self.low == other.low and (self.low_open or not other.low_open)))
        )
        high = other.high is None or (
            self.high is not None and (self.high < other.high or (self.high == other.high and (self.high_open or not other.high_open)))
        )
        return low and high

    def middle(self) -> Decimal:
        """Some value within."""
        if self.low is None:
            return self.high - (1 if self.high_open else 0) if self.high is not None else Decimal(1)
        if self.high is None:
            return self.low + (Decimal("0.000001") if self.low_open else 0)
        return (self.low + self.high) / 2


def range_of(bounds: source.Bounds) -> Range:
    found = Range()
    found.narrow(bounds)
    return found


def measured(atoms: Iterable[source.Source]) -> dict[tuple[str, tuple[str, ...]], tuple[Range, bool]]:
    """By parameter, or by the one element whose share is meant: what the bounds leave, and whether silence satisfies them all."""
    found: dict[tuple[str, tuple[str, ...]], tuple[Range, bool]] = {}
    for atom in atoms:
        match atom:
            case source.Measured():
                key: tuple[str, tuple[str, ...]] = (atom.parameter, ())
                silent = atom.if_absent == "true"
            case source.MassShare():
                key, silent = ("mass_share", tuple(atom.mass_share)), False
            case source.ValueShare():
                key, silent = ("value_share", tuple(atom.value_share)), False
            case source.ControlledShare():
                key, silent = ("controlled_share", (atom.controlled_share,)), False
            case _:
                continue
        span, before = found.get(key, (Range(), True))
        span.narrow(atom)
        found[key] = (span, silent and before)
    return found


def is_percent(name: str) -> bool:
    return name in ("mass_share", "value_share", "controlled_share") or name.endswith("_percent")


_CAN_EXCEED_HUNDRED: Final = frozenset({"elongation_percent"})


def _ranges(asked: Sequence[source.Source]) -> str | None:
    least = Decimal(0)
    for (name, elements), (span, silence_is_enough) in measured(asked).items():
        what = " ".join((name.replace("_", " "), *(["of", "/".join(elements)] if elements else [])))
        if span.empty and not silence_is_enough:
            return f"no {what} is from {span.low} to {span.high}"
        if is_percent(name) and name not in _CAN_EXCEED_HUNDRED and not silence_is_enough:
            if span.low is not None and (span.low > 100 or (span.low == 100 and span.low_open)):
                return f"no {what} is above {span.low} %"
            if span.high is not None and (span.high < 0 or (span.high == 0 and span.high_open)):
                return f"no {what} is below {span.high} %"
        if name == "mass_share" and len(elements) == 1 and span.low is not None:
            least += span.low
    return f"the shares by mass that it wants come to {least} %" if least > 100 else None


# Implication ----------------------------------------------------------------------------------------------------------------------


def implies(one: source.Source, other: source.Source) -> bool:
    """Whether goods of which `one` is true are goods of which `other` is true, as far as the wording shows."""
    if one == other:
        return True
    match one, other:
        case source.ProductIs(), source.ProductIs():
            return set(one.product) <= set(other.product) and (one.if_absent != "true" or other.if_absent == "true")
        case source.MagnetFamilyIs(), source.MagnetFamilyIs():
            return set(one.magnet_family) <= set(other.magnet_family) and (one.if_absent != "true" or other.if_absent == "true")
        case source.HasFeature(), source.HasFeature():
            return set(one.feature) <= set(other.feature)
        case source.OriginIs(), source.OriginIs():
            return set(one.origin) <= set(other.origin)
        case source.DestinationIs(), source.DestinationIs():
            return set(one.destination) <= set(other.destination)
        case source.EndUserClassIs(), source.EndUserClassIs():
            return set(one.end_user_class) <= set(other.end_user_class)
        case source.TariffLineIs(), source.TariffLineIs():
            return all(any(code.startswith(short) for short in other.tariff) for code in one.tariff)
        case source.Substance(), source.Substance():
            return set(one.substance) <= set(other.substance)
        case source.Present(), source.Present():
            return (
                set(one.present) <= set(other.present)
                and _within(one.substance_class, other.substance_class)
                and _within(one.substance, other.substance)
            )
        case source.Stated(), source.Stated():
            return set(one.stated) <= set(other.stated)
        case source.Stated(), source.Present():
            return set(one.stated) <= set(other.present) and other.substance_class is None and other.substance is None
        case source.Measured(), source.Measured():
            return (
                one.parameter == other.parameter
                and range_of(one).inside(range_of(other))
                and (one.if_absent != "true" or other.if_absent == "true")
            )
        case source.MassShare(), source.MassShare():
            return set(one.mass_share) <= set(other.mass_share) and range_of(one).inside(range_of(other))
        case _:
            return False


def _within(one: Sequence[str] | None, other: Sequence[str] | None) -> bool:
    return other is None or (one is not None and set(one) <= set(other))


def covers(wider: Sequence[Conjunction], narrower: Sequence[Conjunction]) -> bool:
    """Whether every way of `narrower` is also a way of `wider`."""
    return all(any(all(_follows(atom, given) for atom in way) for way in wider) for given in narrower)


def _follows(atom: Atom, given: Conjunction) -> bool:
    return any(
        atom.holds == one.holds
        and (implies(one.condition, atom.condition) if atom.holds else implies(atom.condition, one.condition))
        for one in given
    )  # fmt: skip


# Words ----------------------------------------------------------------------------------------------------------------------------


def spoken(condition: source.Source) -> str:
    """A condition in the words of its file."""
    said = condition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    said.pop("question", None)
    said.pop("fact", None)
    return ", ".join(f"{key} {value if not isinstance(value, list) else _list(value)}" for key, value in said.items())


def _list(values: Iterable[str]) -> str:
    return "[" + ", ".join(sorted(values)) + "]"
