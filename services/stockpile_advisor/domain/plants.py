"""Which plant goods come to: the one that names the order's ship-to number, else the only one that keeps the item."""

from collections.abc import Iterable, Sequence


def plant_of(ship_to_id: str | None, keepers: Iterable[tuple[str, Sequence[str]]]) -> str | None:
    """`keepers`: plants that keep the item, each with the ship-to numbers that its report names.

    None where none of them does, several keep the item and it is not said which, or several claim one ship-to number.
    """
    by_plant = {plant: set(ship_to_ids) for plant, ship_to_ids in keepers}
    claiming = [plant for plant, ship_to_ids in by_plant.items() if ship_to_id is not None and ship_to_id in ship_to_ids]
    if claiming:
        return claiming[0] if len(claiming) == 1 else None
    return next(iter(by_plant)) if len(by_plant) == 1 else None
