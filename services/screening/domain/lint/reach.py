"""Conditions that can never be true, branches that say nothing, items and subcodes that nothing reaches."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from services.screening.domain import instrument as source
from services.screening.domain.facts import LineFacts
from services.screening.domain.law import Item, Law
from services.screening.domain.lint.finding import LintFinding, Path, error, warning
from services.screening.domain.lint.logic import (
    Conjunction,
    Exhausted,
    Ways,
    conditions_of,
    covers,
    is_percent,
    nodes,
    range_of,
    resolved,
    spoken,
)
from services.screening.domain.lint.witness import witnesses
from services.screening.domain.recognition.chemistry import describe
from services.screening.domain.recognition.lexicon_substances import SUBSTANCES
from services.screening.domain.truth import all_of
from shared.chemistry.elements import MOLAR_MASS
from shared.chemistry.formula import parse_formula

_WAYS_TRIED: Final = 300
_BRANCH_WAYS: Final = 40
"""Branches with more ways than that are not compared."""


def unreachable(law: Law) -> Iterator[LintFinding]:
    for name, definition in law.common.definitions.items():
        yield from _conditions("common", ("definitions", name), definition, law.common.definitions, [*MOLAR_MASS])
    told: set[tuple[str, Path]] = set()
    for instrument in law.instruments.values():
        definitions = definitions_of(instrument, law.common)
        for path, condition, listed in conditions_of(instrument):
            for finding in _conditions(instrument.id, path, condition, definitions, listed):
                if finding.severity == "error":
                    told.add((finding.instrument, finding.path[:2]))
                yield finding
        for position, limb in enumerate(instrument.limbs):
            yield from _limb(instrument, position, limb, law)
    for item in law.items:
        # What makes an item impossible is told once, where it stands.
        yield from (one for one in _item(item, law) if one.name != "unreachable" or (one.instrument, one.path) not in told)


def definitions_of(instrument: source.Instrument, common: source.CommonTerms) -> Mapping[str, source.Condition]:
    return {**common.definitions, **instrument.definitions}


# Conditions by themselves ---------------------------------------------------------------------------------------------------------


def _conditions(
    instrument: str, path: Path, condition: source.Condition, definitions: Mapping[str, source.Condition], listed: Sequence[str]
) -> Iterator[LintFinding]:
    """What is wrong with a condition or one of its parts, whatever stands around it; the innermost part is named."""
    impossible: set[Path] = set()
    for where, part in reversed(list(nodes(condition, path))):
        if any(inner[: len(where)] == where for inner in impossible):
            continue
        subject = _subject(path)
        if isinstance(part, source.Measured) and part.parameter not in PARAMETERS:
            sentence = (
                f"Nothing reads the parameter {part.parameter}, so that it stays unknown. Parameters: {', '.join(sorted(PARAMETERS))}."
            )
            yield error("unknown_parameter", instrument, where, subject, sentence)
        unknown_forms = list(_forms(part, listed))
        for sentence in unknown_forms:
            yield error("unknown_form", instrument, where, subject, sentence)
        reason = None if unknown_forms else _never(part, definitions, listed)
        if reason is not None:
            impossible.add(where)
            yield error("unreachable", instrument, where, subject, f"This can never be true: {reason}. Mend the condition or delete it.")
            continue
        if isinstance(part, source.AnyOf):
            yield from _branches(instrument, where, subject, part, definitions, listed)
        if isinstance(part, source.Measured | source.MassShare) and _always(part):
            yield warning("redundant", instrument, where, subject, f"“{spoken(part)}” is true of everything; delete it or mend the bound.")


def _subject(path: Path) -> str:
    return ".".join(str(part) for part in path[:4])


def _never(condition: source.Condition, definitions: Mapping[str, source.Condition], listed: Sequence[str]) -> str | None:
    ways = Ways(definitions, listed)
    try:
        return None if next(ways.of(condition), None) is not None else ways.contradiction or "it has no way to be true"
    except Exhausted:
        return None


def _always(bounds: source.Measured | source.MassShare) -> bool:
    name = bounds.parameter if isinstance(bounds, source.Measured) else "mass_share"
    span = range_of(bounds)
    from_zero = span.high is None and span.low is not None and (span.low < 0 or (span.low == 0 and not span.low_open))
    to_hundred = (
        is_percent(name) and span.low is None and span.high is not None and (span.high > 100 or (span.high == 100 and not span.high_open))
    )
    return from_zero or to_hundred


def _branches(
    instrument: str,
    path: Path,
    subject: str,
    condition: source.AnyOf,
    definitions: Mapping[str, source.Condition],
    listed: Sequence[str],
) -> Iterator[LintFinding]:
    ways: list[list[Conjunction]] = []
    for part in condition.any:
        try:
            ways.append(list(islice(Ways(definitions, listed).of(part), _BRANCH_WAYS + 1)))
        except Exhausted:
            ways.append([])
    told: set[int] = set()
    for position, mine in enumerate(ways):
        for other, theirs in enumerate(ways):
            if other == position or other in told or not 0 < len(mine) <= _BRANCH_WAYS or not 0 < len(theirs) <= _BRANCH_WAYS:
                continue
            if covers(theirs, mine):
                told.add(position)
                sentence = (
                    f"Branch {position + 1} says nothing: branch {other + 1} is true whenever it is. Delete it, or narrow branch "
                    f"{other + 1}."
                )
                yield warning("redundant", instrument, (*path, "any", position), subject, sentence)
                break


def _forms(condition: source.Condition, listed: Sequence[str]) -> Iterator[str]:
    """Elements and substances that do not exist, or do not go together."""
    resolved_one = resolved(condition, listed)
    elements: Sequence[str] = ()
    substances: Sequence[str] = ()
    match resolved_one:
        case source.Present():
            elements, substances = list(resolved_one.present), resolved_one.substance or ()
        case source.Substance():
            substances = resolved_one.substance
        case source.Stated():
            elements = list(resolved_one.stated)
        case source.AboveTrace():
            elements = [*resolved_one.above_trace, *resolved_one.together]
        case source.MassShare():
            elements = list(resolved_one.mass_share)
        case source.ValueShare():
            elements = list(resolved_one.value_share)
        case _:
            return
    for element in dict.fromkeys(elements):
        if element not in MOLAR_MASS:
            yield f"There is no element {element}."
    for substance in substances:
        if substance not in SUBSTANCES and parse_formula(substance) is None:
            yield (
                f"{substance!r} is neither a formula nor a substance that recognition names, so nothing is ever found to be "
                "it. Write its formula."
            )
        elif elements and isinstance(resolved_one, source.Present):
            held = describe(substance).elements
            if held and not set(held) & set(elements):
                yield f"{substance} holds none of {', '.join(elements)}: the element is never in the goods in that form."
    if isinstance(resolved_one, source.Present) and resolved_one.substance_class and resolved_one.substance:
        classes = {describe(substance).substance_class for substance in resolved_one.substance}
        if not classes & set(resolved_one.substance_class):
            written = ", ".join(resolved_one.substance)
            yield f"{written} is {' or '.join(sorted(map(str, classes)))}, not {' or '.join(resolved_one.substance_class)}."
    if isinstance(resolved_one, source.Present) and resolved_one.substance_class == ["oxide"]:
        for element in elements:
            if element in _NO_OXIDE:
                yield f"{element} has no oxide that is traded; the form does not exist."


_NO_OXIDE: Final = frozenset({"He", "Ne", "Ar", "F", "O"})


_PARAMETER_NAMES = """
purity_percent particle_size_um grit_um size_mm diameter_mm inner_diameter_mm wall_thickness_mm length_mm width_mm height_mm thickness_mm
density_g_cm3 compaction_density_g_cm3 strength_mpa flexural_strength_mpa tensile_strength_mpa compressive_strength_mpa elastic_limit_mpa
pressure_gpa power_kw frequency_mhz flux_density_t volume_m3 capacity_m3_per_day energy_density_wh_kg specific_capacity_mah_g
dislocation_density_per_cm2 transmission_percent elongation_percent medium_heavy_share_of_reo_percent rare_earth_oxide_percent
"""
PARAMETERS: Final = frozenset(_PARAMETER_NAMES.split())
"""What recognition reads from attributes and text."""


# Items ----------------------------------------------------------------------------------------------------------------------------


def _item(item: Item, law: Law) -> Iterator[LintFinding]:
    instrument_id = item.key.partition("#")[0]
    instrument = law.instruments[instrument_id]
    position = next(number for number, one in enumerate(instrument.items) if one.code == item.code)
    written = instrument.items[position]
    path: Path = ("items", position)
    ways = Ways(definitions_of(instrument, law.common), written.elements)
    found, contradicted = _witnesses(ways, [written.when, *written.thresholds], law)
    live = [facts for facts in found if item_open(item, facts)]
    if not live:
        if contradicted is not None:
            yield error(
                "unreachable", instrument_id, path, item.code, f"Nothing can be {item.code}: {contradicted}. Mend `when` or `thresholds`."
            )
        elif any(all_of((item.identity(facts), item.threshold(facts) if item.threshold else True)) is not False for facts in found):
            sentence = f"Every kind of goods that was tried for {item.code} is carved out. Narrow `carve_outs`, or delete the item."
            yield error("unreachable", instrument_id, path, item.code, sentence)
        else:
            sentence = f"None of {len(found)} kinds of goods made to be {item.code} was. Write a case that it decides, or mend `when`."
            yield warning("unreachable", instrument_id, path, item.code, sentence)
        return
    if not any(item in law.candidates(facts) for facts in live):
        sentence = (
            f"Goods that are {item.code} are not found to be candidates for it: give it their elements, magnet family, kinds, "
            "features or tariff lines."
        )
        yield error("not_pointed_to", instrument_id, path, item.code, sentence)
    for number, subcode in enumerate(written.subcodes):
        narrowed, _ = _witnesses(Ways(definitions_of(instrument, law.common), written.elements), [subcode.when, written.when], law)
        if not any(item.named(facts) == (subcode.code, subcode.title) for facts in narrowed):
            sentence = (
                f"No goods made for {subcode.code} ({subcode.title}) are named so: an earlier subcode takes them, or the item "
                "excludes them."
            )
            yield warning("shadowed_subcode", instrument_id, (*path, "subcodes", number), subcode.title, sentence)


def item_open(item: Item, facts: LineFacts) -> bool:
    """Whether the goods are, or may be, the item."""
    if item.identity(facts) is False or (item.threshold is not None and item.threshold(facts) is False):
        return False
    return not any(carve_out.test(facts) is True for carve_out in item.carve_outs)


def witnesses_of(item: Item, law: Law) -> Iterator[LineFacts]:
    """Goods made to be an item."""
    instrument = law.instruments[item.key.partition("#")[0]]
    written = item.source
    found, _ = _witnesses(Ways(definitions_of(instrument, law.common), written.elements), [written.when, *written.thresholds], law)
    return (facts for facts in found if item_open(item, facts))


def _witnesses(ways: Ways, conditions: list[source.Condition], law: Law) -> tuple[list[LineFacts], str | None]:
    """Facts for the first ways in which the conditions hold together, or why they have none."""
    found: list[LineFacts] = []
    try:
        for way in islice(ways.of(*conditions), _WAYS_TRIED):
            found += witnesses(way, law.regions)
    except Exhausted:
        return found, None
    return found, None if found else ways.contradiction or "its parts exclude each other"


# Limbs ----------------------------------------------------------------------------------------------------------------------------


def _limb(instrument: source.Instrument, position: int, limb: source.Limb, law: Law) -> Iterator[LintFinding]:
    found, contradicted = _witnesses(Ways(definitions_of(instrument, law.common), ()), [limb.when], law)
    if contradicted is None and all(law.limbs[f"{instrument.id}#{limb.id}"].when(facts.trade) is False for facts in found):
        sentence = f"None of {len(found)} trades made for the limb {limb.id} meets its `when`. Write a case that it decides, or mend it."
        yield warning("unreachable", instrument.id, ("limbs", position, "when"), limb.id, sentence)
