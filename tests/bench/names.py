"""Names of parties: what the matcher finds and what it mistakes, and how long a name takes against the 25,921 parties of the US lists.

The labelled pairs of `samples/parties` are halved by a hash: parameters and threshold were chosen on `tuning`, `checking` shows what they
are worth elsewhere. Beside it nomenklatura's logic-v2 on the same pairs, where it installs (into build/nomenklatura, not the product).
Times are of the processor, since nothing here waits.
"""

import csv
import gc
import hashlib
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from services.screening.domain.names import THRESHOLD, NameEntry, NameIndex, compare
from services.screening.domain.names.comparing import compare_prepared
from services.screening.domain.names.prepared import Kind, prepare, prepare_anew
from services.screening.domain.names.simplified import TO_SIMPLIFIED
from tests.bench.figure import Figure

SAMPLES = Path("../shared/samples/parties")
_KINDS: dict[str, Kind] = {"Person": "person", "Company": "organisation", "Organization": "organisation", "Vessel": "vessel"}
_US_KINDS: dict[str, Kind] = {"Individual": "person", "Entity": "organisation", "Vessel": "vessel", "Aircraft": "aircraft"}
ASKED = 1_200
SCANNED = 60
RANDOM_PAIRS = 5_000
Pair = dict[str, str]


def run() -> list[Figure]:
    if not SAMPLES.exists():
        print("  no sample parties here: nothing to measure")
        return []
    return [*_labelled(), *_chinese(), *_large_list()]


# --- labelled pairs ----------------------------------------------------------------------------------------------------------------------


def labelled_pairs() -> list[Pair]:
    with (SAMPLES / "name_pairs.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def score(pair: Pair) -> float:
    return round(compare(pair["name1"], pair["name2"], _KINDS.get(pair["schema"])).score, 3)


def f1(pairs: Sequence[Pair], scores: Sequence[float], threshold: float) -> float:
    found = [(pair["is_match"] == "true", value >= threshold) for pair, value in zip(pairs, scores, strict=True)]
    right = sum(same and hit for same, hit in found)
    wrong = sum(same != hit for same, hit in found)
    return 2 * right / (2 * right + wrong)


def strong_missed(pairs: Sequence[Pair], scores: Sequence[float]) -> list[Pair]:
    return [
        pair
        for pair, value in zip(pairs, scores, strict=True)
        if (pair["is_match"], pair["quality"]) == ("true", "STRONG") and value < THRESHOLD
    ]


def _for_tuning(pair: Pair) -> bool:
    return bool(hashlib.sha256(f"{pair['name1']}|{pair['name2']}".encode()).digest()[0] & 1)


def _labelled() -> list[Figure]:
    pairs = labelled_pairs()
    scores = [score(pair) for pair in pairs]
    theirs = _of_nomenklatura(pairs)
    figures: list[Figure] = []
    for name, chosen in (("all", lambda pair: True), ("tuning", _for_tuning), ("checking", lambda pair: not _for_tuning(pair))):
        places = [place for place, pair in enumerate(pairs) if chosen(pair)]
        some = [pairs[place] for place in places]
        ours = f1(some, [scores[place] for place in places], THRESHOLD)
        if theirs is None:
            figures.append(_figure(f"names_f1_{name}", ours, ""))
            continue
        other = f1(some, [theirs[place] for place in places], THRESHOLD)
        figures.append(_figure(f"names_f1_{name}_nomenklatura", other, ""))
        figures.append(
            {"name": f"names_f1_{name}", "value": ours, "unit": "", "compared_with": f"names_f1_{name}_nomenklatura", "ratio": ours / other}
        )
    return [*figures, _figure("names_strong_pairs_missed", len(strong_missed(pairs, scores)), "pairs")]


def _of_nomenklatura(pairs: Sequence[Pair]) -> list[float] | None:
    """Its scores, or None where it cannot be installed."""
    place = Path("build/nomenklatura")
    python = place / "bin/python"
    uv = str(Path(sys.executable).with_name("uv"))
    try:
        if not python.exists():
            subprocess.run([uv, "venv", "--quiet", str(place)], check=True, capture_output=True, timeout=60)
        if subprocess.run([str(python), "-c", "import nomenklatura"], capture_output=True, timeout=60).returncode:
            subprocess.run(
                [uv, "pip", "install", "--quiet", "-p", str(python), "nomenklatura==4.17.4"], check=True, capture_output=True, timeout=240
            )
        asked = json.dumps([(pair["schema"], pair["name1"], pair["name2"]) for pair in pairs])
        script = str(Path(__file__).with_name("nomenklatura_scores.py"))
        told = subprocess.run([str(python), script], input=asked, text=True, check=True, capture_output=True, timeout=120)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"  nomenklatura does not install here and is not compared with: {error}")
        return None
    return [float(value) for value in json.loads(told.stdout)]


# --- English and Chinese ------------------------------------------------------------------------------------------------------------------


_HAN_FORMS = re.compile("(股份有限公司|有限责任公司|有限公司|株式会社|集团|公司)$")
_HAN_SHORT = (("股份有限公司", "公司"), ("有限公司", "公司"), ("株式会社", "(株)"), ("公司", ""))
_FORMS = re.compile(
    r",?\s+(Co\.,? Ltd\.?|Inc\.?|Corporation|Corp\.?|LLC\.?|Ltd\.?|Limited Partnership|Limited|GmbH|Company|S\.r\.l\.|a\.s\.)$"
)
_SHORT = (("Corporation", "Corp."), ("Limited", "Ltd"), ("Incorporated", "Inc"), ("Company", "Co"))
_TRADITIONAL: dict[int, int] = {}
for _traditional, _simplified in TO_SIMPLIFIED.items():
    _TRADITIONAL.setdefault(_simplified, _traditional)
FORMS: dict[str, tuple[str, Callable[[str], str]]] = {
    "chinese": ("Chinese name", lambda name: name),
    "traditional": ("Chinese name", lambda name: name.translate(_TRADITIONAL)),
    "chinese_without_form": ("Chinese name", lambda name: _HAN_FORMS.sub("", name)),
    "chinese_abbreviated": ("Chinese name", lambda name: _abbreviated(name, _HAN_SHORT)),
    "english": ("Name", lambda name: name),
    "english_without_form": ("Name", lambda name: _FORMS.sub("", name)),
    "english_abbreviated": ("Name", lambda name: _abbreviated(name, _SHORT)),
}
"""By kind of a name, the column it is made of and how."""


def _abbreviated(name: str, short: Iterable[tuple[str, str]]) -> str:
    for form, abbreviation in short:
        if name.endswith(form):
            return name.removesuffix(form) + abbreviation
    return name


def chinese_rows() -> list[Pair]:
    with (SAMPLES / "cn_sanctions.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def chinese_entries(rows: Sequence[Pair]) -> list[NameEntry]:
    return [
        NameEntry(
            str(place),
            tuple(filter(None, (row["Name"], row["Chinese name"], *row["Alias"].split(";")))),
            "person" if row["Type"] == "Person" else "organisation",
        )
        for place, row in enumerate(rows)
    ]


def share_found(rows: Sequence[Pair], index: NameIndex, form: str) -> float:
    column, made = FORMS[form]
    asked = [row for row in rows if row[column]]
    return sum(any(hit.entry.names[0] == row["Name"] for hit in index.search(made(row[column]))) for row in asked) / len(asked)


def random_pairs_matched(rows: Sequence[Pair], pairs: int = RANDOM_PAIRS) -> float:
    names = sorted({row["Chinese name"] for row in rows if row["Chinese name"]})
    rng = random.Random(3)
    return sum(compare(*rng.sample(names, 2)).score >= THRESHOLD for _ in range(pairs)) / pairs


def _chinese() -> list[Figure]:
    rows = chinese_rows()
    index = NameIndex(chinese_entries(rows))
    found = [_figure(f"names_found_{form}", 100 * share_found(rows, index, form), "%") for form in FORMS]
    return [*found, _figure("names_random_han_pairs_matched", 100 * random_pairs_matched(rows), "%")]


# --- a large list -------------------------------------------------------------------------------------------------------------------------


def us_entries() -> list[NameEntry]:
    packed = json.loads((SAMPLES / "us_consolidated_screening_list.json").read_text(encoding="utf-8"))
    return [
        NameEntry(f"{place:05}", (row["n"], *(row.get("a") or ())), _US_KINDS.get(row.get("t", "")), list_name="us")
        for place, row in enumerate(packed["entries"])
    ]


def names_to_ask(entries: Sequence[NameEntry], count: int) -> list[str]:
    """A third each of listed names, listed names with one letter wrong, and names that are not listed."""
    rng = random.Random(11)
    listed = [name for entry in entries for name in entry.names]
    others = [row["Name"] for row in chinese_rows()] + [pair["name1"] for pair in labelled_pairs()]
    third = count // 3
    return [
        *rng.sample(listed, third),
        *(_misspelt(name, rng) for name in rng.sample(listed, third)),
        *rng.sample(others, min(third, len(others))),
    ]


def _misspelt(name: str, rng: random.Random) -> str:
    place = rng.randrange(len(name))
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return rng.choice((name[:place] + name[place + 1 :], name[:place] + letter + name[place:], name[:place] + letter + name[place + 1 :]))


def full_scan(name: str, index: NameIndex) -> set[str]:
    """The entries that comparing with every name of the list finds."""
    asked = prepare(name)
    found = set()
    for entry in index.entries:
        person = None if entry.kind is None else entry.kind == "person"
        if any(compare_prepared(asked, prepare_anew(one, person)).score >= THRESHOLD for one in entry.names):
            found.add(entry.id)
    return found


def recall(names: Sequence[str], index: NameIndex) -> float:
    scanned = {name: full_scan(name, index) for name in names}
    met = sum(len(found & {hit.entry.id for hit in index.search(name)}) for name, found in scanned.items())
    return met / max(1, sum(map(len, scanned.values())))


def _large_list() -> list[Figure]:
    entries = us_entries()
    started = time.process_time()
    index = NameIndex(entries)
    built = time.process_time() - started
    gc.collect()
    gc.freeze()
    asked = names_to_ask(entries, 2 * ASKED)
    random.Random(7).shuffle(asked)
    for name in asked[:ASKED]:
        index.search(name)
    started = time.process_time()
    for name in asked[ASKED:]:
        index.search(name)
    new = (time.process_time() - started) / len(asked[ASKED:]) * 1e6
    started = time.process_time()
    for name in asked[ASKED:]:
        index.search(name)
    again = (time.process_time() - started) / len(asked[ASKED:]) * 1e6
    scanned = random.Random(5).sample(asked, SCANNED)
    started = time.process_time()
    share = recall(scanned, index)
    scan = (time.process_time() - started) / SCANNED * 1e6
    gc.unfreeze()
    return [
        _figure("names_index_built_s", built, "s"),
        _figure("names_full_scan_us_per_name", scan, "µs"),
        {"name": "names_us_per_new_name", "value": new, "unit": "µs", "compared_with": "names_full_scan_us_per_name", "ratio": new / scan},
        {
            "name": "names_us_per_name_again",
            "value": again,
            "unit": "µs",
            "compared_with": "names_full_scan_us_per_name",
            "ratio": again / scan,
        },
        _figure("names_of_full_scan_found", 100 * share, "%"),
    ]


def _figure(name: str, value: float, unit: str) -> Figure:
    return {"name": name, "value": value, "unit": unit, "compared_with": None, "ratio": None}
