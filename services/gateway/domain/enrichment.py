"""What master data adds to an order. The document's word stands; master data fills what is absent, and says so field by field.

Of 991 lines in 228 real orders 0.6 % stated an origin and none a tariff code: nearly every answer rests on what is added here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote

from services.gateway.domain.components import Resolving, documented
from services.gateway.domain.pricing_terms import terms_issues
from shared.contracts.master_data import Item, Supplier
from shared.contracts.order import Component, Issue, OrderDocument, OrderLine, Party, Price, Provenance, TextNote

TARIFF_SCHEMES = frozenset({"HS", "CN", "HTS", "CN_TARIFF"})

PARTY_FIELDS = ("name", "name_local", "address_lines", "city", "postcode", "region", "country", "identifiers")
SUPPLIER_ROLES = ("supplier", "exporter")
"""Parties of an order whose id is a number of the supplier master."""
ITEM_NUMBERS = ("buyer_id", "supplier_id", "manufacturer_id")
"""The numbers of a line's item by which a row of the item master may be found."""

STATED_LINE_FIELDS = (
    "description",
    "quantity",
    "price",
    "net_amount",
    "pricing",
    "budget_price",
    "standard_price",
    "net_weight",
    "requested_delivery",
    "expected_departure_on",
    "departed_on",
    "manufacturer",
    "origin_country",
    "inputs_origin_country",
    "classifications",
    "attributes",
    "composition",
    "components",
    "end_use_text",
)
NOTED_WHEN_MISSING = ("description", "quantity", "price", "manufacturer", "origin_country", "classifications", "composition")
"""Absences that somebody may have to fill; others are ordinary."""


def item_key(item_id: str, supplier_id: str | None = None) -> str:
    """The name of an item row: the supplier it holds for (empty: any) and the item's number."""
    return f"{quote(supplier_id or '', safe='')}/{quote(item_id, safe='')}"


@dataclass(slots=True, frozen=True)
class Catalogue:
    """The master data at hand: items by `item_key`, keys of items by manufacturer's part, suppliers by id."""

    items: Mapping[str, Item] = field(default_factory=dict)
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    suppliers: Mapping[str, Supplier] = field(default_factory=dict)


def catalogue_of(items: Iterable[Item], suppliers: Iterable[Supplier]) -> Catalogue:
    """For master data that is all in hand; of two rows with one key the later holds."""
    by_key = {item_key(item.item_id, item.supplier_id): item for item in items}
    parts: dict[str, tuple[str, ...]] = {}
    for key, item in by_key.items():
        if item.manufacturer_part is not None:
            parts[item.manufacturer_part] = (*parts.get(item.manufacturer_part, ()), key)
    return Catalogue(by_key, parts, {supplier.supplier_id: supplier for supplier in suppliers})


def item_keys_of(line: OrderLine, supplier_id: str | None) -> list[str]:
    """The rows that may describe this line's item, the most specific first: as this supplier delivers it, in general, by his number."""
    keys = []
    if line.item.buyer_id is not None:
        if supplier_id is not None:
            keys.append(item_key(line.item.buyer_id, supplier_id))
        keys.append(item_key(line.item.buyer_id))
    if line.item.supplier_id is not None and supplier_id is not None:
        keys.append(item_key(line.item.supplier_id, supplier_id))
    return keys


def component_keys(item_id: str, supplier_id: str | None) -> list[str]:
    """The rows that may describe a component, the most specific first: as the line's supplier delivers it, in general."""
    return [item_key(item_id, supplier_id), item_key(item_id)] if supplier_id is not None else [item_key(item_id)]


def supplier_ids_of(document: OrderDocument) -> set[str]:
    parties = (getattr(document, role) for role in SUPPLIER_ROLES)
    return {party.id for party in parties if party is not None and party.id is not None}


def _matching_items(line: OrderLine, supplier_id: str | None, catalogue: Catalogue) -> list[Item]:
    found = [catalogue.items[key] for key in item_keys_of(line, supplier_id) if key in catalogue.items]
    if found or line.item.manufacturer_id is None:
        return found
    by_part = [catalogue.items[key] for key in catalogue.parts.get(line.item.manufacturer_id, ()) if key in catalogue.items]
    from_supplier = [item for item in by_part if item.supplier_id is not None and item.supplier_id == supplier_id]
    if from_supplier:
        return from_supplier[:1]
    return by_part if len(by_part) == 1 else []


ITEM_DESCRIPTION = "item_master_description"
"""The kind of note that carries the item master's description beside the order's own, which is often shorter."""


@dataclass(slots=True)
class EnrichedLine:
    """`added` are the fields that master data gives a value; `provenance` covers them and all that the document states."""

    added: dict[str, Any]
    provenance: dict[str, Provenance]
    item: Item | None
    issues: list[Issue]


def enrich_line(
    line: OrderLine, position: int, supplier_id: str | None, catalogue: Catalogue, sub_lines: Sequence[Component] = ()
) -> EnrichedLine:
    """`sub_lines` are components that other lines of the order are; they count where nothing else tells the line's parts."""
    provenance: dict[str, Provenance] = {name: "document" for name in STATED_LINE_FIELDS if getattr(line, name)}
    enriched = EnrichedLine({}, provenance, None, [])
    if catalogue.items:
        for item in _matching_items(line, supplier_id, catalogue):
            _add_item(enriched, line, item, f"/lines/{position}")
    if line.components or sub_lines or "components" in enriched.added:
        _resolve_components(enriched, line, supplier_id, catalogue, sub_lines, f"/lines/{position}/components")
    for name in NOTED_WHEN_MISSING:
        provenance.setdefault(name, "missing")
    terms = line.pricing or enriched.added.get("pricing")
    if terms is not None:
        enriched.issues.extend(terms_issues(terms, f"/lines/{position}/pricing"))
    return enriched


def _add_item(enriched: EnrichedLine, line: OrderLine, item: Item, path: str) -> None:
    if enriched.item is None or enriched.item.net_weight_kg_per_unit is None:
        enriched.item = item
    for name in ("description", "manufacturer", "origin_country", "inputs_origin_country", "pricing"):
        _fill(enriched, name, getattr(line, name), getattr(item, name))
    for name in ("budget_price", "standard_price"):
        _fill(enriched, name, getattr(line, name), _per_unit_of_item(getattr(item, name), item))
    if line.description and item.description and line.description.casefold() != item.description.casefold():
        note = TextNote(kind=ITEM_DESCRIPTION, text=item.description, lang=item.description_lang)
        _merge(enriched, "texts", line.texts, [note], "kind")
    _merge(enriched, "classifications", line.classifications, item.classifications, "scheme")
    _merge(enriched, "attributes", line.attributes, item.attributes, "name")
    if item.manufacturer_part is not None and line.item.manufacturer_id is None and "item" not in enriched.added:
        enriched.added["item"] = line.item.model_copy(update={"manufacturer_id": item.manufacturer_part})
        enriched.provenance["item.manufacturer_id"] = "item_master"
    _add_composition(enriched, line, item, path)
    if item.components and not line.components and "components" not in enriched.added and _is_of_this_part(line, item):
        enriched.added["components"] = item.components
        enriched.provenance["components"] = "item_master"
        if item.components_complete is not None:
            enriched.added["components_complete"] = item.components_complete
    enriched.issues.extend(_disagreements(line, item, path))


def _per_unit_of_item(price: Price | None, item: Item) -> Price | None:
    """A price of the item master is one of the item's own unit where it says no other."""
    if price is None or price.per_unit is not None or item.unit is None:
        return price
    return price.model_copy(update={"per_unit": item.unit})


def _fill(enriched: EnrichedLine, name: str, stated: Any, known: Any) -> None:
    if stated is None and known is not None and name not in enriched.added:
        enriched.added[name] = known
        enriched.provenance[name] = "item_master"


def _merge(enriched: EnrichedLine, name: str, stated: Sequence[Any], known: Sequence[Any], key: str) -> None:
    """Entries that the document has none of its kind of; each added one is noted as `<field>/<kind>`."""
    have = list(enriched.added.get(name, stated))
    kinds = {getattr(entry, key) for entry in have}
    new = [entry for entry in known if getattr(entry, key) not in kinds]
    if not new:
        return
    enriched.added[name] = have + new
    enriched.provenance.setdefault(name, "item_master")
    for entry in new:
        enriched.provenance[f"{name}/{getattr(entry, key)}"] = "item_master"


def _add_composition(enriched: EnrichedLine, line: OrderLine, item: Item, path: str) -> None:
    """A composition belongs to the manufacturer's part: that of another part says nothing about these goods."""
    if not item.composition or line.composition or "composition" in enriched.added:
        return
    if not _is_of_this_part(line, item):
        enriched.issues.append(
            Issue(
                code="COMPOSITION_OF_ANOTHER_PART",
                path=f"{path}/composition",
                severity="warning",
                message=f"The order names the manufacturer's part {line.item.manufacturer_id}, the item master describes "
                f"{item.manufacturer_part}, so its composition was not used. Ask for that of the part ordered.",
            )
        )
        return
    evidence = item.evidence.get("composition")
    enriched.added["composition"] = [documented(constituent, evidence) for constituent in item.composition]
    enriched.provenance["composition"] = "item_master"


def _is_of_this_part(line: OrderLine, item: Item) -> bool:
    """What goods are made of belongs to the manufacturer's part."""
    return line.item.manufacturer_id is None or item.manufacturer_part is None or line.item.manufacturer_id == item.manufacturer_part


def _resolve_components(
    enriched: EnrichedLine, line: OrderLine, supplier_id: str | None, catalogue: Catalogue, sub_lines: Sequence[Component], path: str
) -> None:
    listed: Sequence[Component] = enriched.added.get("components") or line.components
    if not listed:
        listed, enriched.provenance["components"] = sub_lines, "inferred"
    resolving = Resolving(partial(_component_item, supplier_id, catalogue))
    inside = tuple(dict.fromkeys(number for number in (line.item.buyer_id, enriched.item.item_id if enriched.item else None) if number))
    resolved = resolving.components(listed, inside, path)
    if "components" in enriched.added or resolved != list(line.components):
        enriched.added["components"] = resolved
    enriched.issues.extend(resolving.issues)


def _component_item(supplier_id: str | None, catalogue: Catalogue, number: str) -> Item | None:
    return next((catalogue.items[key] for key in component_keys(number, supplier_id) if key in catalogue.items), None)


def _disagreements(line: OrderLine, item: Item, path: str) -> Iterator[Issue]:
    if line.origin_country is not None and item.origin_country is not None and line.origin_country != item.origin_country:
        yield Issue(
            code="ORIGIN_DISAGREES",
            path=f"{path}/origin_country",
            severity="warning",
            message=f"The order says the goods come from {line.origin_country}, the item master says {item.origin_country}; the order's "
            "word is used. Find out which is right.",
        )
    known = {code.scheme: code.code for code in item.classifications if code.scheme in TARIFF_SCHEMES}
    for stated in line.classifications:
        other = known.get(stated.scheme)
        if other is not None and not (other.startswith(stated.code) or stated.code.startswith(other)):
            yield Issue(
                code="TARIFF_CODE_DISAGREES",
                path=f"{path}/classifications",
                severity="warning",
                message=f"The order gives the {stated.scheme} code {stated.code}, the item master {other}; the order's is used. "
                "Find out which is right.",
            )


def enrich_parties(document: OrderDocument, catalogue: Catalogue) -> tuple[dict[str, Party], dict[str, Provenance], list[Issue]]:
    """The parties that gain something from the supplier master, where each gained field comes from, and what disagrees."""
    added: dict[str, Party] = {}
    provenance: dict[str, Provenance] = {}
    issues: list[Issue] = []
    for role in SUPPLIER_ROLES:
        party = getattr(document, role)
        supplier = catalogue.suppliers.get(party.id) if party is not None and party.id is not None else None
        if supplier is None:
            continue
        gained = {name: getattr(supplier, name) for name in PARTY_FIELDS if not getattr(party, name) and getattr(supplier, name)}
        if gained:
            added[role] = party.model_copy(update=gained)
            provenance.update({f"{role}.{name}": "supplier_master" for name in gained})
        if supplier.ships_from_country is not None and "ship_from" not in added and not (document.ship_from and document.ship_from.country):
            added["ship_from"] = (document.ship_from or Party()).model_copy(update={"country": supplier.ships_from_country})
            provenance["ship_from.country"] = "supplier_master"
        if party.country is not None and supplier.country is not None and party.country != supplier.country:
            issues.append(
                Issue(
                    code="SUPPLIER_COUNTRY_DISAGREES",
                    path=f"/{role}/country",
                    severity="warning",
                    message=f"The order puts {party.id} in {party.country}, the supplier master in {supplier.country}; the order's word "
                    "is used. Find out which is right.",
                )
            )
    return added, provenance, issues
