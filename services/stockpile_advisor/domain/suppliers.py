"""Who a supplier is: his number tells him from others, however he is spelled; who has none goes by his name."""

from collections.abc import Iterable


class Suppliers:
    """One name for each of those that the report and open order lines know; `known`: number and name of each, as they stand there."""

    def __init__(self, known: Iterable[tuple[str | None, str | None]]) -> None:
        self._names: dict[str, str] = {}
        """By number, and by each name that stands beside a number."""
        taken: set[str] = set()
        named_first = sorted(known, key=lambda each: each[1] is None or each[1] == each[0])
        for number, written in named_first:
            if number is None:
                continue
            if number not in self._names:
                name = written or number
                self._names[number] = name if name not in taken else f"{name} ({number})"
                taken.add(name)
            if written is not None:
                self._names.setdefault(written, self._names[number])

    def name(self, number: str | None, written: str | None) -> str | None:
        """None of whom nobody names."""
        if number is not None:
            return self._names[number]
        return self._names.get(written, written) if written is not None else None
