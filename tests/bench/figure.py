"""One line of the bench: a value, and what stood beside it in the same run."""

from typing import TypedDict


class Figure(TypedDict):
    """`ratio` is `value` over the value of `compared_with`, or None where nothing is compared."""

    name: str
    value: float
    unit: str
    compared_with: str | None
    ratio: float | None
