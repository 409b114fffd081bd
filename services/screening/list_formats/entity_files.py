"""FollowTheMoney entities as OpenSanctions publishes them, one JSON object a line: whole files and deltas (ADD, MOD, DEL).

A delta changes single entities, and a party, its listing and its owner are entities of their own. So what is kept of a list is its
entities, each cut down to what screening needs; parties are put together from all of them anew.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO, Literal

from services.screening.list_formats.entries import (
    Entry,
    Holder,
    ListRead,
    ListRefused,
    RefusedRow,
    RowRefused,
    StakeRead,
    day_of,
    has_han,
    identifiers_of,
    name_text,
    other_names,
    percent_of,
)
from services.screening.list_formats.json_lines import json_lines
from services.screening.list_formats.opensanctions_csv import SCHEMATA, moment_of

Operation = Literal["ADD", "MOD", "DEL"]
Kept = dict[str, Any]
"""An entity cut down: schema, datasets, whether it is a target, and its properties by name."""

IDENTIFIERS = {
    "leiCode": "LEI",
    "uscCode": "USCC",
    "innCode": "INN",
    "ogrnCode": "OGRN",
    "dunsCode": "DUNS",
    "swiftBic": "BIC",
    "imoNumber": "IMO",
    "vatCode": "VAT",
    "cageCode": "CAGE",
    "uniqueEntityId": "UEI",
    "taxNumber": "TAX",
    "registrationNumber": "REG",
}
_LISTED = frozenset({"sanction", "sanction.counter", "export.control", "debarment"})
"""Topics of a party that stands on a list itself; `sanction.linked` and the like only say that it is near one."""
_OF_PARTIES = frozenset({"name", "alias", "weakAlias", "previousName", "abbreviation", "country", "jurisdiction", "topics", *IDENTIFIERS})
_OF_SANCTIONS = frozenset(
    {"entity", "program", "programId", "authority", "startDate", "listingDate", "endDate", "status", "sourceUrl", "authorityId", "unscId"}
)
_OF_STAKES = frozenset({"owner", "asset", "percentage", "startDate", "endDate", "sourceUrl", "date"})
_PROPERTIES = {**dict.fromkeys(SCHEMATA, _OF_PARTIES), "Sanction": _OF_SANCTIONS, "Ownership": _OF_STAKES}


@dataclass(slots=True)
class Changes:
    """What a file says of entities, in its order; for a whole file every operation is ADD."""

    operations: list[tuple[Operation, str, Kept | None, str]] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    records: int = 0
    as_of: datetime | None = None


def read_entities(stream: BinaryIO) -> Changes:
    """A whole file. Raises ListRefused."""
    return _read(stream, lambda value: ("ADD", value))


def read_delta(stream: BinaryIO) -> Changes:
    """Raises ListRefused."""
    return _read(stream, _operation)


def _operation(value: Mapping[str, Any]) -> tuple[Operation, Any]:
    operation = value.get("op")
    if operation not in ("ADD", "MOD", "DEL"):
        raise RowRefused(f"its `op` is {str(operation)[:20]!r}, none of ADD, MOD, DEL")
    return operation, value.get("entity")


def _read(stream: BinaryIO, unwrapped: Any) -> Changes:
    changes = Changes()
    for place, value in json_lines(stream):
        changes.records += 1
        try:
            if isinstance(value, ValueError):
                raise RowRefused(str(value))
            if not isinstance(value, dict):
                raise RowRefused("it is no object")
            operation, entity = unwrapped(value)
            if not isinstance(entity, dict) or not isinstance(entity.get("id"), str) or not 0 < len(entity["id"]) <= 500:
                raise RowRefused("it has no entity with an `id`")
            kept = None if operation == "DEL" else _kept(entity)
            changes.operations.append((operation, entity["id"], kept, place))
            seen = moment_of(entity.get("last_seen"))
            if seen is not None and (changes.as_of is None or seen > changes.as_of):
                changes.as_of = seen
        except RowRefused as error:
            changes.refused.append(RefusedRow(place, str(error)))
    ListRead(refused=changes.refused, records=changes.records).checked()
    return changes


def _kept(entity: Mapping[str, Any]) -> Kept | None:
    """None for entities of a kind that screening has no use for."""
    schema = entity.get("schema")
    if not isinstance(schema, str):
        raise RowRefused("it has no `schema`; load FollowTheMoney entities")
    wanted = _PROPERTIES.get(schema)
    if wanted is None:
        return None
    properties = entity.get("properties")
    if not isinstance(properties, dict):
        raise RowRefused("it has no `properties`")
    kept = {name: texts for name in sorted(properties) if name in wanted and (texts := _texts(properties[name]))}
    if schema in SCHEMATA:
        name_text(entity.get("caption") or next(iter(kept.get("name", ())), None), "caption")
    datasets = _texts(entity.get("datasets", []))
    return {
        "schema": schema,
        "caption": entity.get("caption"),
        "target": entity.get("target") is True,
        "datasets": datasets,
        "properties": kept,
    }


def _texts(values: Any) -> list[str]:
    """Values of a property as texts: an entity in full (nested files) stands for its id."""
    found = []
    for value in values if isinstance(values, list) else [values]:
        if isinstance(value, dict):
            value = value.get("id")
        if isinstance(value, str) and value:
            found.append(value)
    return found


def applied(changes: Changes, standing: Mapping[str, Kept]) -> dict[str, Kept]:
    """The entities after the changes. Raises ListRefused for a delta of another list: most of what it modifies is not there."""
    entities = dict(standing)
    modified = [entity_id for operation, entity_id, kept, _ in changes.operations if operation == "MOD" and kept is not None]
    strangers = [entity_id for entity_id in modified if entity_id not in standing]
    if len(strangers) * 2 > len(modified):
        raise ListRefused(
            "DELTA_DOES_NOT_FIT",
            f"The delta modifies {len(modified)} entities of which {len(strangers)} are not in the list ({strangers[0]}, …): it belongs to "
            "another list or a version in between is missing. Load the whole file.",
        )
    for operation, entity_id, kept, _ in changes.operations:
        if operation == "DEL" or kept is None:
            entities.pop(entity_id, None)
        else:
            entities[entity_id] = kept
    return entities


def assembled(entities: Mapping[str, Kept]) -> ListRead:
    """Parties on lists and stakes, put together from entities. A party listed twice is two entries."""
    found = ListRead(records=len(entities))
    listings: dict[str, list[tuple[str, Kept]]] = {}
    for entity_id, entity in entities.items():
        if entity["schema"] == "Sanction":
            for party in entity["properties"].get("entity", ()):
                listings.setdefault(party, []).append((entity_id, entity))
    for entity_id, entity in sorted(entities.items()):
        try:
            if entity["schema"] in SCHEMATA:
                found.entries.extend(_entries(entity_id, entity, listings.get(entity_id, [])))
            elif entity["schema"] == "Ownership":
                found.stakes.extend(_stakes(entity_id, entity, entities))
        except RowRefused as error:
            found.refused.append(RefusedRow(entity_id, str(error)))
    return found.checked()


def _entries(entity_id: str, entity: Kept, sanctions: Iterable[tuple[str, Kept]]) -> Iterator[Entry]:
    properties = entity["properties"]
    topics = set(properties.get("topics", ()))
    sanctions = sorted(sanctions)
    if not sanctions and not (topics & _LISTED or (entity["target"] and not topics)):
        return
    if topics and sanctions and not topics & _LISTED and not entity["target"]:
        return
    holder = _holder(entity)
    name_zh = None if has_han(holder.name) else next((alias for alias in holder.aliases if has_han(alias)), None)

    def entry(listing: tuple[str, ...], suffix: str, sanction: Mapping[str, list[str]]) -> Entry:
        listed_on = _day(sanction, "startDate", "listingDate")
        ended_on = _day(sanction, "endDate")
        return Entry(
            place=entity_id,
            entry_id=entity_id + suffix,
            name=holder.name,
            listing=(*listing, *sorted(topics)),
            name_zh=name_zh,
            aliases=tuple(alias for alias in holder.aliases if alias != name_zh),
            kind=SCHEMATA[entity["schema"]],
            countries=tuple(
                c.upper() for c in dict.fromkeys((*properties.get("country", ()), *properties.get("jurisdiction", ()))) if len(c) == 2
            ),
            identifiers=holder.identifiers,
            listed_on=listed_on,
            ended_on=ended_on if ended_on and (listed_on is None or ended_on > listed_on) else None,
            notice=next(iter((*sanction.get("authorityId", ()), *sanction.get("unscId", ()))), None),
            source=next(iter(sanction.get("sourceUrl", ())), None),
        )

    if not sanctions:
        yield entry(tuple(entity["datasets"]), "", {})
    for number, (_, sanction) in enumerate(sanctions):
        said = sanction["properties"]
        listing = (
            *said.get("program", ()),
            *said.get("programId", ()),
            *said.get("authority", ()),
            *(sanction["datasets"] or entity["datasets"]),
        )
        yield entry(listing, f"#{number}" if len(sanctions) > 1 else "", said)


def _day(properties: Mapping[str, list[str]], *names: str) -> date | None:
    for name in names:
        days = [day for text in properties.get(name, ()) if (day := _lenient_day(text)) is not None]
        if days:
            return min(days)
    return None


def _lenient_day(text: str) -> date | None:
    try:
        return day_of(text, "date")
    except RowRefused:
        return None


def _holder(entity: Kept) -> Holder:
    properties = entity["properties"]
    names = [name for key in ("name", "alias", "previousName") for name in properties.get(key, ())]
    names += [name for key in ("weakAlias", "abbreviation") for name in properties.get(key, ()) if _tells_apart(name)]
    name = name_text(entity.get("caption") or next(iter(names), None), "caption")
    return Holder(
        name,
        other_names(names, name),
        identifiers_of((scheme, value) for key, scheme in IDENTIFIERS.items() for value in properties.get(key, ())),
    )


def _tells_apart(weak: str) -> bool:
    """Whether a weak name is more than one short word, which half the world bears."""
    return len(weak.split()) > 1 or len(weak) > 8 or (has_han(weak) and len(weak) > 3)


def _stakes(entity_id: str, stake: Kept, entities: Mapping[str, Kept]) -> Iterator[StakeRead]:
    properties = stake["properties"]
    percents = [share for text in properties.get("percentage", ()) if (share := _lenient_percent(text)) is not None]
    for owner_id in properties.get("owner", ()):
        for owned_id in properties.get("asset", ()):
            owner, owned = entities.get(owner_id), entities.get(owned_id)
            if owner is None or owned is None or owner["schema"] not in SCHEMATA or owned["schema"] not in SCHEMATA:
                continue
            yield StakeRead(
                place=entity_id,
                owner=_holder(owner),
                owned=_holder(owned),
                share_percent=percents[0] if len(percents) == 1 else None,
                as_of=_day(properties, "startDate", "date"),
                ended_on=_day(properties, "endDate"),
                source=next(iter(properties.get("sourceUrl", ())), None) or f"OpenSanctions {entity_id}",
            )


def _lenient_percent(text: str) -> Any:
    try:
        return percent_of(text, "percentage")
    except RowRefused:
        return None
