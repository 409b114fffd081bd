"""Components of a line, from the order, the item master or free sub-lines: those that name items of the master are filled in from it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from services.gateway.domain.valuation import KILOGRAM
from shared.contracts.master_data import Evidence, Item
from shared.contracts.order import Component, Constituent, Issue, OrderLine
from shared.units import conversion, find_unit, unit_of

DEEPEST: Final = 8
MOST: Final = 500
_FILLED: Final = ("description", "origin_country", "inputs_origin_country", "classifications", "attributes", "composition", "control")


def item_ids_in(components: Sequence[Component]) -> Iterator[str]:
    """The numbers of the items that components name, at any depth."""
    for component in components:
        if component.item_id is not None:
            yield component.item_id
        yield from item_ids_in(component.components)


def documented(constituent: Constituent, evidence: Evidence | None) -> Constituent:
    if evidence is None or constituent.document is not None:
        return constituent
    return constituent.model_copy(update=dict(evidence))


@dataclass(slots=True)
class Resolving:
    """One line's components on their way through the item master; `issues` tell what could not be used."""

    find: Callable[[str], Item | None]
    """The row of the item master for an item's number."""
    issues: list[Issue] = field(default_factory=list)
    _count: int = 0

    def components(self, components: Sequence[Component], inside: tuple[str, ...], path: str) -> list[Component]:
        """The components filled in. `inside` are the numbers of the items they are part of, the outermost first."""
        found = []
        for position, component in enumerate(components):
            if self._count >= MOST:
                message = (
                    f"The bill of materials has more than {MOST} components; those from {path}/{position} on were left out. Send fewer."
                )
                found.append(Component(description="further components", fault=message))
                self._tell("TOO_MANY_COMPONENTS", f"{path}/{position}", message)
                break
            self._count += 1
            found.append(self._component(component, inside, f"{path}/{position}"))
        return found

    def _component(self, component: Component, inside: tuple[str, ...], path: str) -> Component:
        number = component.item_id
        if number is not None and number in inside:
            chain = " → ".join((*inside[inside.index(number) :], number))
            return self._cut(component, "COMPONENT_CYCLE", f"The item {number} contains itself ({chain}); correct the item master.", path)
        item = self.find(number) if number is not None else None
        filled = component if item is None else _filled(component, item)
        if not filled.components:
            return filled
        if path.count("/components/") >= DEEPEST:
            message = f"The component {number or path} is nested deeper than {DEEPEST} levels, so its parts were left out."
            return self._cut(filled, "COMPONENTS_TOO_DEEP", message, path)
        below = inside if number is None else (*inside, number)
        return filled.model_copy(update={"components": self.components(filled.components, below, f"{path}/components")})

    def _cut(self, component: Component, code: str, message: str, path: str) -> Component:
        self._tell(code, path, message)
        return component.model_copy(update={"components": [], "components_complete": None, "fault": message})

    def _tell(self, code: str, path: str, message: str) -> None:
        self.issues.append(Issue(code=code, path=path, severity="warning", message=message))


def _filled(component: Component, item: Item) -> Component:
    """What the row of the item master knows and the component doesn't say."""
    gained: dict[str, Any] = {name: getattr(item, name) for name in _FILLED if not getattr(component, name) and getattr(item, name)}
    if "composition" in gained:
        gained["composition"] = [documented(constituent, item.evidence.get("composition")) for constituent in item.composition]
    if gained:
        gained["read_from"] = "item_master"
    if component.mass_kg is None and component.mass_share_percent is None:
        mass = _mass(component, item)
        if mass is not None:
            gained["mass_kg"] = mass
    if not component.components and item.components:
        gained["components"] = item.components
        gained["components_complete"] = item.components_complete
    return component.model_copy(update=gained) if gained else component


_MOST_MASS: Final = Decimal(10) ** 12
_STEP: Final = Decimal("1e-12")


def _mass(component: Component, item: Item) -> Decimal | None:
    """The quantity in kilograms, else times the item's weight. Without units both count pieces."""
    if component.quantity is None:
        return None
    unit = find_unit(component.unit or "C62", "UNKNOWN" if component.unit else "UNECE")
    per_unit = conversion(unit, KILOGRAM)
    if per_unit is None and item.net_weight_kg_per_unit is not None:
        if component.unit is not None and item.unit is not None and component.unit.upper() == item.unit.upper():
            per_unit = item.net_weight_kg_per_unit
        else:
            items = conversion(unit, find_unit(item.unit or "C62", "UNECE"))
            per_unit = items * item.net_weight_kg_per_unit if items is not None else None
    if per_unit is None or abs(component.quantity) > _MOST_MASS or abs(per_unit) > _MOST_MASS / 10**6:
        return None
    mass = component.quantity * per_unit
    return mass.quantize(_STEP) if abs(mass) < _MOST_MASS else None


# Sub-lines


def of_sub_lines(lines: Sequence[OrderLine]) -> dict[int, list[Component]]:
    """By the position of a line, the components that its sub-lines are.

    Sub-lines of an order may be parts of what the line above them orders, or goods beside it (a free sample, freight, an accessory at a
    price). They are taken for parts only where nothing else fits: none of a line's sub-lines has a price, each says an amount, and none is
    the same item as the line. They stay lines of their own all the same.
    """
    children: dict[str, list[int]] = {}
    for position, line in enumerate(lines):
        if line.parent_line_id is not None and line.parent_line_id != line.line_id:
            children.setdefault(line.parent_line_id, []).append(position)
    if not children:
        return {}
    at = {line.line_id: position for position, line in enumerate(lines) if line.line_id is not None}
    found: dict[int, list[Component]] = {}
    for parent_id, positions in children.items():
        parent = at.get(parent_id)
        if parent is not None and all(_is_part(lines[position], lines[parent]) for position in positions):
            found[parent] = [_as_component(lines, position, lines[parent], children, 1) for position in positions]
    return found


def _is_part(line: OrderLine, parent: OrderLine) -> bool:
    amounts = [amount for amount in (line.net_amount, line.price.amount if line.price is not None else None) if amount is not None]
    free = bool(amounts) and not any(amounts)
    counted = parent.quantity is not None and parent.quantity.value > 0 and line.quantity is not None and line.quantity.value > 0
    another = line.item.buyer_id is None or line.item.buyer_id != parent.item.buyer_id
    return free and counted and another and line.line_status not in ("cancelled",)


def _as_component(lines: Sequence[OrderLine], position: int, parent: OrderLine, children: Mapping[str, list[int]], depth: int) -> Component:
    line = lines[position]
    assert line.quantity is not None
    assert parent.quantity is not None
    per_kilogram = conversion(unit_of(line.quantity), KILOGRAM)
    net_weight = conversion(unit_of(line.net_weight), KILOGRAM) if line.net_weight is not None else None
    mass = line.quantity.value * per_kilogram if per_kilogram is not None else None
    if mass is None and line.net_weight is not None and net_weight is not None:
        mass = line.net_weight.value * net_weight
    below = children.get(line.line_id, []) if line.line_id is not None and depth < DEEPEST else []
    inner = line.components
    if not inner and below and all(_is_part(lines[one], line) for one in below):
        inner = [_as_component(lines, one, line, children, depth + 1) for one in below]
    return Component(
        item_id=line.item.buyer_id,
        description=line.description,
        description_lang=line.description_lang,
        quantity=_per(line.quantity.value, parent.quantity.value),
        unit=line.quantity.unit,
        mass_kg=_per(mass, parent.quantity.value) if mass is not None else None,
        origin_country=line.origin_country,
        inputs_origin_country=line.inputs_origin_country,
        classifications=line.classifications,
        attributes=line.attributes,
        composition=line.composition,
        components=inner,
        components_complete=line.components_complete,
        read_from="document",
    )


def _per(amount: Decimal, quantity: Decimal) -> Decimal | None:
    share = amount / quantity
    return share.quantize(_STEP) if abs(share) < _MOST_MASS else None
