"""What was promised for goods, held against what the order says of them: another user, another country, another use."""

import re
import unicodedata
from collections.abc import Collection, Iterator

from services.screening.domain.licensing.cover import Candidate
from services.screening.domain.licensing.matching import ElementsOf, exporter_of, goods_covered, item_numbers, same_party
from shared.contracts.licence import Licence, LicenceUsed, LicensedGoods, Undertaking
from shared.contracts.order import OrderSnapshot, Party, SnapshotLine
from shared.contracts.screening import Flag

FLAG = "undertaking_breach_risk"
BARRED_USES = {"military": "a military use", "mass_destruction": "weapons of mass destruction"}
"""End-use vocabularies that every end-user certificate for China excludes (regulation.md, section 2)."""

_WORD = re.compile(r"[^\W\d_]+")
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")
_EMPTY_WORDS = frozenset(
    (
        *("the", "and", "for", "with", "from", "into", "use", "used", "uses", "end", "only", "civil", "civilian", "purpose", "purposes"),
        *("product", "products", "production", "manufacture", "manufacturing", "not", "any", "goods", "part", "parts", "component"),
        *("components", "der", "die", "das", "und", "für", "von", "mit", "zur", "zum", "nur", "verwendung", "pour", "les", "des"),
        *("une", "avec", "para", "con", "del", "los"),
    )
)


def breaches(
    order: OrderSnapshot,
    line: SnapshotLine,
    codes: frozenset[str],
    elements: Collection[str],
    named_uses: Collection[str],
    candidates: Collection[Candidate],
    elements_of: ElementsOf,
) -> tuple[list[Flag], list[LicenceUsed]]:
    """The flags, and the licences whose undertakings are about the line. `named_uses`: vocabularies that the order's words name."""
    exporter = exporter_of(order)
    flags: list[Flag] = []
    about: list[LicenceUsed] = []
    for candidate in sorted(candidates, key=lambda each: each.licence.licence_id):
        licence = candidate.licence
        if not licence.undertakings or exporter is None or not same_party(licence.exporter, exporter):
            continue
        for undertaking in licence.undertakings:
            goods: LicensedGoods = undertaking if undertaking.names_goods else licence
            if goods_covered(goods, item_numbers(line), codes, elements, elements_of) is None:
                continue
            if all(used.licence is not licence for used in about):
                about.append(candidate.used())
            flags += [
                Flag(name=FLAG, sentence=f"{_promise(undertaking, licence)} {contradiction}")
                for contradiction in _contradictions(undertaking, order, line, named_uses)
            ]
    return flags, about


def _promise(undertaking: Undertaking, licence: Licence) -> str:
    document = undertaking.document or "the end-user certificate"
    given = f" of {undertaking.given_on}" if undertaking.given_on is not None else ""
    promised = ", ".join(
        filter(
            None,
            (
                f"“{undertaking.end_use}”" if undertaking.end_use else "",
                f"for {_name(undertaking.end_user)}" if undertaking.end_user is not None else "",
                f"in {undertaking.destination}" if undertaking.destination is not None else "",
            ),
        )
    )
    return f"For these goods {document}{given} (licence {licence.licence_id}) promised {promised or 'the declared use only'}."


def _contradictions(undertaking: Undertaking, order: OrderSnapshot, line: SnapshotLine, named_uses: Collection[str]) -> Iterator[str]:
    stated = line.end_use_text or order.end_use_text
    barred = [told for name, told in BARRED_USES.items() if name in named_uses]
    if barred:
        yield f"The order names {' and '.join(barred)}: the promise would be broken."
    elif undertaking.end_use is not None and stated is not None and _other_use(undertaking.end_use, stated):
        yield f"The order says “{stated}”: an end use other than promised."
    if undertaking.end_user is not None and order.end_user is not None and same_party(undertaking.end_user, order.end_user) is False:
        yield f"The order names {_name(order.end_user)} as end user: another than promised."
    destination = (order.end_user.country if order.end_user else None) or (order.ship_to.country if order.ship_to else None)
    if undertaking.destination is not None and destination is not None and destination != undertaking.destination:
        yield f"The order goes to {destination}: another country than promised."


def _other_use(promised: str, stated: str) -> bool:
    """Whether the two texts have no word in common that says anything. Texts in different scripts cannot be compared."""
    ours, theirs = _words(promised), _words(stated)
    if not ours or not theirs or _script(promised) != _script(stated):
        return False
    return not any(one.startswith(other) or other.startswith(one) for one in ours for other in theirs)


def _words(text: str) -> set[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    han = {run[at : at + 2] for run in _HAN.findall(folded) for at in range(max(1, len(run) - 1))}
    latin = {word for word in _WORD.findall(_HAN.sub(" ", folded)) if len(word) > 2 and word not in _EMPTY_WORDS}
    return han | latin


def _script(text: str) -> bool:
    return _HAN.search(text) is not None


def _name(party: Party) -> str:
    return party.name or party.name_local or party.id or "an unnamed party"
