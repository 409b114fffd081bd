"""What differs between two states of an order, as JSON pointers in which a line goes by its id, not by its position."""

from collections.abc import Iterator, Mapping
from typing import Any

MOST_PATHS = 500
"""An order in which more than this differs says only which parts do."""

JsonObject = Mapping[str, Any]


def changed_paths(before: JsonObject, after: JsonObject) -> list[str]:
    """Both are orders as JSON, `lines` a list of objects with `line_id`. Lists other than `lines` differ as a whole."""
    paths = sorted(_differences(before, after, ""))
    if len(paths) <= MOST_PATHS:
        return paths
    parts = sorted({"/".join(path.split("/")[:3]) for path in paths})
    return parts if len(parts) <= MOST_PATHS else sorted({"/".join(path.split("/")[:2]) for path in paths})


def _differences(before: JsonObject, after: JsonObject, path: str) -> Iterator[str]:
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        here = f"{path}/{_escaped(name)}"
        if old == new:
            continue
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _differences(old, new, here)
        elif name == "lines" and not path:
            yield from _differences(_by_id(old or ()), _by_id(new or ()), here)
        else:
            yield here


def _by_id(lines: Any) -> dict[str, JsonObject]:
    return {line["line_id"]: line for line in lines}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
