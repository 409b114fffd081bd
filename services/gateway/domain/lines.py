"""What the lines of an order must have before a service can judge them: an id of their own, and something that says what they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.contracts.order import Issue, OrderLine
from shared.units import unit_of


@dataclass(slots=True, frozen=True)
class LineIdentity:
    """`synthetic` ids are made from the position, because the sender gave none or gave one twice."""

    line_id: str
    synthetic: bool


def identities(lines: Sequence[OrderLine]) -> tuple[list[LineIdentity], list[Issue]]:
    """One id per line, in order and without doubles; given ids are kept verbatim."""
    given = [line.line_id for line in lines if line.line_id is not None]
    if len(given) == len(lines) and len(set(given)) == len(given):
        return [LineIdentity(line_id, False) for line_id in given], []
    taken = set(given)
    used: set[str] = set()
    found: list[LineIdentity] = []
    issues: list[Issue] = []
    for position, line in enumerate(lines, 1):
        if line.line_id is not None and line.line_id not in used:
            identity = LineIdentity(line.line_id, False)
        else:
            identity = LineIdentity(_free_id(position, taken), True)
            taken.add(identity.line_id)
            issues.append(_identity_issue(position, line, identity))
        used.add(identity.line_id)
        found.append(identity)
    return found, issues


def _free_id(position: int, taken: set[str]) -> str:
    wanted = f"position-{position}"
    while wanted in taken:
        wanted += "'"
    return wanted


def _identity_issue(position: int, line: OrderLine, identity: LineIdentity) -> Issue:
    told = f"carries the id {line.line_id} of a line before it" if line.line_id else "has no id"
    return Issue(
        code="LINE_ID_DOUBLE" if line.line_id else "LINE_ID_MISSING",
        path=f"/lines/{position - 1}/line_id",
        severity="warning",
        message=f"Line {position} {told} and goes by {identity.line_id}; give every line an id that stays the same when lines move.",
    )


def unscreenable_reason(line: OrderLine) -> str | None:
    """Why nobody can judge this line: a hold, never a pass. None where a service can try."""
    named = line.item.buyer_id or line.item.supplier_id or line.item.manufacturer_id or line.item.gtin
    described = line.description or line.classifications or line.composition or line.attributes
    if not named and not described:
        return "The line says neither which item it is nor what the goods are; add an item number or a description."
    if not named and line.quantity is None and line.price is None and line.net_amount is None and not line.classifications:
        return "The line looks like a comment: it has a text, but no item number, quantity or price."
    return None


def unit_issues(lines: Sequence[OrderLine]) -> list[Issue]:
    """Units that no table knows: the quantity is kept as it is, its mass stays unknown."""
    issues = []
    for position, line in enumerate(lines):
        for name in ("quantity", "net_weight"):
            quantity = getattr(line, name)
            if quantity is None or unit_of(quantity) is not None:
                continue
            issues.append(_unit_issue(f"/lines/{position}/{name}/unit", quantity.unit, quantity.unit_system))
    return issues


def _unit_issue(path: str, unit: str | None, unit_system: str) -> Issue:
    if unit is None:
        return Issue(code="UNIT_MISSING", path=path, severity="warning", message="The quantity has no unit, so its mass stays unknown.")
    return Issue(
        code="UNIT_UNKNOWN",
        path=path,
        severity="warning",
        message=f"The unit {unit} is in no table for {unit_system} codes, so the mass stays unknown; send a UNECE Recommendation 20 code "
        "such as KGM or C62, or give the item its weight in the item master.",
    )


def merged_reasons(given: Mapping[int, str], lines: Sequence[OrderLine]) -> dict[int, str]:
    """The reasons that reading gave, and those that the lines themselves give, by position."""
    reasons = {position: reason for position, line in enumerate(lines) if (reason := unscreenable_reason(line)) is not None}
    return {**reasons, **given}
