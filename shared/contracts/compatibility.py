"""Holds the contracts still: compares the models with the committed schemas and reads the golden samples back.

`python -m shared.contracts.compatibility` checks; with `--write` it exports the schemas, and refuses a difference that would break a
reader: such a change is a new `.v2` beside the old one.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.contracts.registry import CONTRACTS, json_schema

SCHEMAS = Path(__file__).parent / "schemas"
SAMPLES = Path(__file__).parent / "samples"

Schema = dict[str, Any]


def breaking_differences(old: Schema, new: Schema) -> list[str]:
    """Sentences on what would break a reader or an event already written: a property gone, required or of another type, a value gone."""
    return list(_differences(old, new, old.get("$defs", {}), new.get("$defs", {}), "", set()))


def _differences(old: Schema, new: Schema, old_defs: Schema, new_defs: Schema, path: str, seen: set[tuple[str, str]]) -> Iterator[str]:
    if "$ref" in old and "$ref" in new:
        pair = (old["$ref"], new["$ref"])
        if pair in seen:
            return
        seen = seen | {pair}
    old, new = _resolve(old, old_defs), _resolve(new, new_defs)
    where = path or "the document"
    if set(_types(old)) - set(_types(new)):
        yield f"{where}: type was {_types(old)}, is {_types(new)}"
        return
    gone = [value for value in old.get("enum", []) if value not in new.get("enum", [value])]
    if gone:
        yield f"{where}: no longer takes {gone}"
    for name, schema in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"{path}/{name}: is gone"
        else:
            yield from _differences(schema, new["properties"][name], old_defs, new_defs, f"{path}/{name}", seen)
    for name in new.get("required", []):
        if name not in old.get("required", []):
            yield f"{path}/{name}: has become required"
    for kind in ("items", "additionalProperties"):
        if isinstance(old.get(kind), dict) and isinstance(new.get(kind), dict):
            yield from _differences(old[kind], new[kind], old_defs, new_defs, f"{path}/*", seen)
    for before, after in zip(_alternatives(old), _alternatives(new), strict=False):
        yield from _differences(before, after, old_defs, new_defs, path, seen)


def _resolve(schema: Schema, definitions: Schema) -> Schema:
    return definitions[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def _alternatives(schema: Schema) -> list[Schema]:
    alternatives: list[Schema] = schema.get("anyOf", [])
    return alternatives


def _types(schema: Schema) -> list[str]:
    if "type" in schema:
        return [schema["type"]]
    return sorted({kind for alternative in _alternatives(schema) for kind in _types(alternative)})


def problems(*, write: bool) -> list[str]:
    """What is wrong, one sentence each. With `write` the compatible differences are written instead of reported."""
    found: list[str] = []
    for name in CONTRACTS:
        path = SCHEMAS / f"{name}.json"
        new = json_schema(name)
        text = json.dumps(new, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        if path.exists():
            breaking = breaking_differences(json.loads(path.read_text()), new)
            found += [f"{name}: {sentence}; a change that breaks a reader is a new version beside this one" for sentence in breaking]
            if breaking:
                continue
        if not path.exists() or path.read_text() != text:
            if write:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
            else:
                found.append(
                    f"{name}: the committed schema is not what the model says; run python -m shared.contracts.compatibility --write"
                )
        found += _sample_problems(name)
    return found


def _sample_problems(name: str) -> Iterator[str]:
    samples = sorted(SAMPLES.glob(f"{name}*.json"))
    if not samples:
        yield f"{name}: no golden sample in {SAMPLES.name}/"
    for sample in samples:
        data = sample.read_bytes().strip()
        if CONTRACTS[name].model_validate_json(data).model_dump_json().encode() != data:
            yield f"{sample.name}: reading and writing the sample does not give the same bytes"


def main(arguments: list[str]) -> int:
    found = problems(write="--write" in arguments)
    for sentence in found:
        print(sentence, file=sys.stderr)  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
