"""Contract values without the checks: for what is computed here, in types that are right by construction, many thousand times a second."""

from typing import Any, Final, TypeVar

from shared.contracts.base import Contract

Value = TypeVar("Value", bound=Contract)

_put: Final = object.__setattr__


def filled(like: Value, values: dict[str, Any]) -> Value:
    """`like` with other values: what pydantic's `model_copy(update=values)` gives, at half of what that costs.

    The values are not checked, and which fields were given is not noted: of that only `exclude_unset` would tell.
    """
    made = like.__class__.__new__(like.__class__)
    _put(made, "__dict__", like.__dict__ | values)
    _put(made, "__pydantic_fields_set__", like.__pydantic_fields_set__)
    _put(made, "__pydantic_extra__", None)
    _put(made, "__pydantic_private__", None)
    return made
