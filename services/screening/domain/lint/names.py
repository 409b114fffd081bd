"""Names: what is written and never used, and what is used and nowhere written."""

from collections.abc import Collection, Iterator, Sequence

from services.screening.domain import instrument as source
from services.screening.domain.lint.finding import COMMON, LintFinding, Path, error, warning
from services.screening.domain.lint.logic import conditions_of, nodes


def unused(common: source.CommonTerms, instruments: Sequence[source.Instrument]) -> Iterator[LintFinding]:
    used_in_common: set[tuple[str, str]] = {("regions", name) for prior in common.delays for name in prior.destinations}
    for definition in common.definitions.values():
        used_in_common |= set(_named_in(definition))
    for instrument in instruments:
        used: set[tuple[str, str]] = set()
        for _, condition, _ in conditions_of(instrument):
            used |= set(_named_in(condition))
        used_in_common |= {name for name in used if name[0] != "definitions" or name[1] not in instrument.definitions}
        used_in_common |= {("documents", limb.documents) for limb in instrument.limbs if limb.documents is not None}
        used |= _cited(instrument)
        for kind, names in (
            ("definitions", list(instrument.definitions)),
            ("unsettled", list(instrument.unsettled)),
            ("citations", list(instrument.citations)),
        ):
            yield from _never(instrument.id, kind, [name for name in names if (kind, name) not in used])
        for position, carve_out in enumerate(instrument.carve_outs):
            if not any(item.carve_outs == "all" or carve_out.id in item.carve_outs for item in instrument.items):
                yield _unused(instrument.id, ("carve_outs", position), "carve_outs", carve_out.id)
    for kind, names in (
        ("definitions", list(common.definitions)),
        ("regions", list(common.regions)),
        ("vocabularies", list(common.vocabularies)),
        ("documents", list(common.documents)),
    ):
        yield from _never(COMMON, kind, [name for name in names if (kind, name) not in used_in_common])


def _never(instrument: str, kind: str, names: Sequence[str]) -> Iterator[LintFinding]:
    for name in names:
        yield _unused(instrument, (kind, name), kind, name)


def _unused(instrument: str, path: Path, kind: str, name: str) -> LintFinding:
    what = {"vocabularies": "vocabulary", "documents": "list of documents"}.get(kind, kind.rstrip("s").replace("_", "-"))
    sentence = f"The {what} {name} is never used. Delete it, or use it where it was meant for."
    return warning("never_used", instrument, path, name, sentence)


def _named_in(condition: source.Condition) -> Iterator[tuple[str, str]]:
    for _, part in nodes(condition, ()):
        match part:
            case source.Defined():
                yield "definitions", part.defined
            case source.EndUseNames():
                yield "vocabularies", part.end_use
            case source.DestinationIs():
                yield from (("regions", name) for name in part.destination)
            case source.AboveTrace() | source.ValueShare() | source.Unsettled():
                yield "unsettled", part.unsettled
            case _:
                pass


def _cited(instrument: source.Instrument) -> set[tuple[str, str]]:
    keys = [item.citation for item in instrument.items]
    keys += [limb.citation for limb in instrument.limbs]
    keys += [carve_out.citation for carve_out in instrument.carve_outs]
    keys += [question.citation for question in instrument.unsettled.values() if question.citation is not None]
    keys += [act.stated_end.citation for act in instrument.suspends if act.stated_end is not None]
    if instrument.suspends:
        # A suspension has no key of its own: the instrument's first citation is its text.
        keys += list(instrument.citations)[:1]
    return {("citations", key) for key in keys}


def unknown(common: source.CommonTerms, instruments: Sequence[source.Instrument], lists: Collection[str] | None) -> Iterator[LintFinding]:
    """Regions, groups and lists that nothing describes; the compiler refuses what else is missing."""
    for name, countries in common.regions.items():
        for country in countries:
            if country not in COUNTRIES:
                sentence = f"The region {name} holds {country!r}, which is no country code (ISO 3166)."
                yield error("unknown_region", COMMON, ("regions", name), name, sentence)
    groups = {item.group for instrument in instruments for item in instrument.items}
    for position, prior in enumerate(common.delays):
        for name in prior.destinations:
            if name not in common.regions and name not in COUNTRIES:
                sentence = f"{name!r} is neither a country code nor a region of the common terms. Write one, or describe the region."
                yield error("unknown_region", COMMON, ("delays", position, "destinations"), name, sentence)
        yield from _groups(COMMON, ("delays", position, "groups"), prior.groups, groups)
    for instrument in instruments:
        controlled = {item.group for one in instruments if one.jurisdiction == instrument.jurisdiction for item in one.items}
        for path, condition, _ in conditions_of(instrument):
            for where, part in nodes(condition, path):
                yield from _countries(instrument.id, where, part, common)
        for position, limb in enumerate(instrument.limbs):
            if limb.upon is not None:
                yield from _groups(instrument.id, ("limbs", position, "upon", "groups"), limb.upon.groups, controlled)
            for name in limb.party.lists if limb.party is not None else []:
                if lists is not None and name not in lists:
                    sentence = (
                        f"The limb {limb.id} binds parties on the list {name!r}, which no file of parties describes. Its lists: "
                        f"{', '.join(sorted(lists))}."
                    )
                    yield error("unknown_list", instrument.id, ("limbs", position, "party", "lists"), name, sentence)


def _groups(instrument: str, path: Path, named: Sequence[str], known: Collection[str]) -> Iterator[LintFinding]:
    for name in named:
        if name not in known:
            sentence = f"No item is of the group {name!r}. Groups: {', '.join(sorted(known))}."
            yield error("unknown_group", instrument, path, name, sentence)


def _countries(instrument: str, path: Path, part: source.Condition, common: source.CommonTerms) -> Iterator[LintFinding]:
    match part:
        case source.DestinationIs():
            named = [name for name in part.destination if name not in common.regions]
        case source.OriginIs():
            named = part.origin
        case source.InputsOriginIs():
            named = part.inputs_origin
        case source.Leaves():
            named = [part.leaves]
        case source.TradedOutside():
            named = [part.traded_outside]
        case source.ValueShare():
            named = [part.inputs_from]
        case source.TechnologyFrom():
            named = [part.technology_from]
        case _:
            return
    for name in named:
        if name not in COUNTRIES:
            sentence = f"{name!r} is neither a country code (ISO 3166) nor a region of the common terms."
            yield error("unknown_region", instrument, path, name, sentence)


def regimes(common: source.CommonTerms, instruments: Sequence[source.Instrument], lists: Collection[str] | None) -> Iterator[LintFinding]:
    """Coverage as it is told must be the coverage there is."""
    ids = {instrument.id: instrument for instrument in instruments}
    told: dict[str, str] = {}
    for position, regime in enumerate(common.regimes):
        path: Path = ("regimes", position)
        for name in regime.instruments:
            if name not in ids:
                yield error(
                    "coverage",
                    COMMON,
                    (*path, "instruments"),
                    name,
                    f"The regime {regime.id} names {name!r}, which is no instrument of the data.",
                )
            if name in told:
                yield error(
                    "coverage",
                    COMMON,
                    (*path, "instruments"),
                    name,
                    f"{name} stands under {told[name]} and under {regime.id}; name it once.",
                )
            told[name] = regime.id
        for name in regime.lists if regime.coverage != "absent" else []:
            if lists is not None and name not in lists:
                yield error(
                    "coverage",
                    COMMON,
                    (*path, "lists"),
                    name,
                    f"The regime {regime.id} names the list {name!r}, which no file of parties describes.",
                )
        if regime.coverage == "absent" and any(name in ids and ids[name].coverage != "absent" for name in regime.instruments):
            sentence = f"The regime {regime.id} is said to be absent and has instruments that are not. Mend its `coverage`."
            yield error("coverage", COMMON, (*path, "coverage"), regime.id, sentence)
        if regime.coverage != "absent" and not regime.instruments and not regime.lists:
            sentence = f"The regime {regime.id} is said to be {regime.coverage} and has neither instruments nor lists."
            yield error("coverage", COMMON, (*path, "coverage"), regime.id, sentence)
    for instrument in instruments:
        if instrument.id not in told and common.regimes:
            sentence = f"No regime of the common terms names {instrument.id}: coverage tells of it as added here. Name it under `regimes`."
            yield warning("coverage", instrument.id, ("id",), instrument.id, sentence)
        effects = {limb.effect for limb in instrument.limbs}
        decides = bool(effects - {"flag", "absent"}) or bool(instrument.suspends)
        if instrument.coverage == "modelled" and not decides:
            sentence = "An instrument whose limbs only flag is `coverage: flagged`, one whose text is missing `coverage: absent`."
            yield error("coverage", instrument.id, ("id",), instrument.id, sentence)
        if instrument.coverage == "flagged" and "flag" not in effects:
            yield error("coverage", instrument.id, ("coverage",), instrument.id, "`coverage: flagged` needs a limb with effect flag.")
        if instrument.coverage == "absent" and "absent" not in effects:
            sentence = "`coverage: absent` needs a limb with effect absent, so that answers say so where it could bite."
            yield error("coverage", instrument.id, ("coverage",), instrument.id, sentence)


_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD
CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF
GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI
SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_CODES.split())
"""ISO 3166-1 alpha-2, officially assigned."""
