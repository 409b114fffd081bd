import copy

import pytest

from shared.contracts.compatibility import breaking_differences, problems
from shared.contracts.registry import CONTRACTS, json_schema


def test_the_committed_schemas_and_samples_are_what_the_models_say() -> None:
    assert problems(write=False) == []


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_is_compatible_with_itself(name: str) -> None:
    assert breaking_differences(json_schema(name), json_schema(name)) == []


def test_a_new_optional_property_breaks_nobody() -> None:
    new = json_schema("order_document.v1")
    new["properties"]["extra"] = {"type": "string"}
    assert breaking_differences(json_schema("order_document.v1"), new) == []


def test_what_breaks_a_reader_is_named() -> None:
    old = json_schema("order_document.v1")
    gone, required, retyped, narrowed = (copy.deepcopy(old) for _ in range(4))
    del gone["$defs"]["OrderLine"]["properties"]["description"]
    required["required"].append("currency")
    retyped["$defs"]["OrderKey"]["properties"]["company"] = {"type": "integer"}
    narrowed["properties"]["status"]["enum"].remove("held")
    assert breaking_differences(old, gone) == ["/lines/*/description: is gone"]
    assert breaking_differences(old, required) == ["/currency: has become required"]
    assert breaking_differences(old, retyped) == ["/order_key/company: type was ['string'], is ['integer']"]
    assert breaking_differences(old, narrowed) == ["/status: no longer takes ['held']"]
