"""Every finding of the linter is provoked by a small bad instrument, and not by its good twin; the shipped set has no errors."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from services.screening.checking import CheckReport, check
from services.screening.domain.lint.names import COUNTRIES
from services.screening.regulation_files import PARTIES, REGULATIONS

ON = date(2026, 11, 22)
COMMON = """\
licences_modelled: [CN]
regions: {}
negations: {words: [not]}
"""
GOOD = """\
id: xx-test-1-2026
name: Test No.1 of 2026
title: a test
jurisdiction: CN
authority: the ministry
issued: 2026-01-01
citations:
  text: {source: S00, checked_on: 2026-11-02, confidence: high}
items:
  - code: dysprosium
    title: dysprosium metal
    group: things
    elements: [Dy]
    when:
      all:
        - product: [metal, powder]
        - present: listed
          as: [element]
    thresholds:
      - parameter: purity_percent
        at_least: 99.0
    tariff:
      - {code: "2805301200", year: 2025}
    citation: text
limbs:
  - id: export
    effect: licence_required
    items: all
    when: {leaves: CN}
    valid_from: 2026-01-01
    sentence: "{goods} {needs} a licence."
    citation: text
"""
SUSPENSION = """\
id: xx-pause-2-2026
name: Test No.2 of 2026
title: a pause
jurisdiction: CN
authority: the ministry
issued: 2026-02-01
citations:
  text: {source: S00, checked_on: 2026-11-02, confidence: high}
suspends:
  - limbs: [xx-test-1-2026]
    starts_on: 2026-02-01
    printed_end: 2026-12-01
    checked_on: 2026-11-02
"""
SECOND_LIMB = """\
  - id: second
    effect: licence_required
    items: all
    when: {leaves: CN}
    valid_from: 2026-07-01
    sentence: "{goods} {needs} a licence."
    citation: text
"""


def report(directory: Path, *instruments: str, common: str = COMMON, on: date = ON) -> CheckReport:
    (directory / "common.yaml").write_text(common, encoding="utf-8")
    for number, text in enumerate(instruments):
        (directory / f"instrument_{number}.yaml").write_text(text, encoding="utf-8")
    return check(on, directory)


def found(checked: CheckReport) -> dict[str, str]:
    """Finding → severity, of what stands in the instruments and is not deliberate."""
    return {
        one.finding.name: one.finding.severity
        for one in checked.found
        if one.finding.deliberate is None and one.finding.instrument != "parties"
    }


def changed(old: str, new: str, text: str = GOOD) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def test_the_good_instrument_and_the_good_suspension_have_no_finding(tmp_path: Path) -> None:
    assert found(report(tmp_path, GOOD, SUSPENSION)) == {}


BAD = [
    # a change of the good instrument, the finding, its severity, and a word of its sentence
    ("items: all", "items: []", "gap", "error", "No limb controls dysprosium"),
    ("valid_from: 2026-01-01", "valid_from: 2025-12-31", "limb_start", "error", "before its instrument was issued"),
    ("checked_on: 2026-11-02", "checked_on: 2026-05-01", "stale_citation", "warning", "read again by 2026-10-28"),
    ("checked_on: 2026-11-02,", "checked_on: 2026-11-02, reread_on: 2026-11-20,", "stale_citation", "warning", "2026-11-20"),
    ("checked_on: 2026-11-02", "checked_on: 2026-11-23", "future_citation", "error", "after 2026-11-22"),
    ("authority: the ministry", "authority: the ministry\nstatus: draft", "draft", "error", "lapses_on"),
    ("authority: the ministry", "authority: the ministry\nstatus: draft\nlapses_on: 2026-11-01", "draft", "warning", "lapsed on"),
    ("2805301200", "2805501200", "tariff_line", "error", "no subheading 280550"),
    ("2805301200", "2838301200", "tariff_line", "error", "no heading 2838"),
    ("2805301200", "7701301200", "tariff_line", "error", "no chapter 77"),
    ("2805301200", "2933301200", "unverifiable_tariff_line", "warning", "293330"),
    ("2805301200", "8106101091", "tariff_conflict", "warning", "bismuth"),
    ("year: 2025", "year: 2031", "tariff_line", "error", "the tariff of 2031"),
    ("at_least: 99.0", "at_least: 100.1", "unreachable", "error", "no purity percent is above 100.1 %"),
    ("at_least: 99.0", "at_least: 99.0\n        less_than: 99.0", "unreachable", "error", "from 99.0 to 99.0"),
    ("at_least: 99.0", "at_least: 0", "redundant", "warning", "true of everything"),
    ("- product: [metal, powder]", "- product: [metal]\n        - not: {product: [metal, powder]}", "unreachable", "error", "excludes"),
    ("- product: [metal, powder]", "- product: [metal]\n        - product: [motor]", "unreachable", "error", "at once"),
    ("- product: [metal, powder]", "- origin: [CN]\n        - origin: [DE]", "unreachable", "error", "no origin is left"),
    ("- product: [metal, powder]", "- magnet_family: [SmCo]\n        - magnet_family: [NdFeB]", "unreachable", "error", "magnet family"),
    ("- product: [metal, powder]", "- mass_share: [Dy]\n          at_least: 60\n        - mass_share: [Fe]\n          at_least: 60",
     "unreachable", "error", "come to 120 %"),
    ("- product: [metal, powder]", "- leaves: CN\n        - traded_outside: CN", "unreachable", "error", "not traded outside"),
    ("- product: [metal, powder]", "- any: [{product: [metal]}, {product: [metal, powder]}]", "redundant", "warning", "Branch 1 says"),
    ("as: [element]", "substance: [Tb4O7]", "unknown_form", "error", "holds none of Dy"),
    ("as: [element]", "as: [oxide]\n          substance: [DyF3]", "unknown_form", "error", "DyF3 is compound, not oxide"),
    ("parameter: purity_percent", "parameter: pureness_percent", "unknown_parameter", "error", "Nothing reads"),
    ("as: [element]", "substance: [DyX]", "unknown_form", "error", "neither a formula"),
    ("elements: [Dy]", "elements: [Zz]", "unknown_form", "error", "no element Zz"),
    ("elements: [Dy]", "elements: [Dy]\n    subcodes: [{code: a, title: first, when: {product: [metal, powder]}}, "
     "{code: b, title: second, when: {product: [powder]}}]", "shadowed_subcode", "warning", "an earlier subcode"),
    ("    elements: [Dy]\n", "    elements: [Tb]\n", "not_pointed_to", "error", "candidates"),
    ("leaves: CN", "leaves: XQ", "unknown_region", "error", "no"),
    ("leaves: CN", "destination: [ATLANTIS]", "unknown_region", "error", "neither a country code nor a region"),
    ("items: all", "upon: {groups: [others]}", "unknown_group", "error", "Groups: things"),
    ("items: all", "party: {lists: [a_list], roles: [end_user]}\n    upon: {any_goods: true}", "unknown_list", "error", "no file"),
    ("authority: the ministry", "authority: the ministry\ncoverage: absent", "coverage", "error", "limb with effect absent"),
    ("authority: the ministry", "authority: the ministry\ncoverage: flagged", "coverage", "error", "limb with effect flag"),
    ("effect: licence_required", "effect: flag\n    flag: beware", "coverage", "error", "only flag"),
    ("citations:", "citations:\n  faq: {source: S1, checked_on: 2026-11-02, confidence: high}", "never_used", "warning", "faq"),
    ("items:\n", "unsettled: {trace: {question: Is a trace within it}}\nitems:\n", "never_used", "warning", "unsettled trace"),
    ("items:\n", "definitions: {solid: {product: [metal]}}\nitems:\n", "never_used", "warning", "definition solid"),
    ("limbs:\n", "carve_outs: [{id: toys, when: {product: [motor]}, sentence: Toys are outside., citation: text}]\nlimbs:\n",
     "never_used", "warning", "toys"),
    ("limbs:\n", "carve_outs: [{id: all, when: {product: [metal, powder]}, sentence: All are outside., citation: text}]\nlimbs:\n",
     "unreachable", "error", "carved out"),
    ("limbs:\n", "deliberate: [{finding: gap, subject: dysprosium, reason: It was one.}]\nlimbs:\n", "stale_reason", "warning", "Delete"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "name", "severity", "says"), BAD)
def test_a_bad_instrument_is_found_out(tmp_path: Path, old: str, new: str, name: str, severity: str, says: str) -> None:
    text = changed(old, new)
    if name == "never_used" and "toys" in new:
        text = changed('    tariff:\n      - {code: "2805301200"', '    carve_outs: []\n    tariff:\n      - {code: "2805301200"', text)
    if name == "not_pointed_to":
        text = changed("present: listed", "present: [Dy]", changed('    tariff:\n      - {code: "2805301200", year: 2025}\n', "", text))
    checked = report(tmp_path, text)
    assert found(checked).get(name) == severity, found(checked)
    mine = [one for one in checked.found if one.finding.name == name]
    assert any(says in one.finding.sentence for one in mine), [one.finding.sentence for one in mine]
    assert all(one.file.name == "instrument_0.yaml" and 1 <= one.line <= len(text.splitlines()) for one in mine)


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("valid_from: 2026-01-01", "valid_from: 2026-01-02", "limb_start"),
        ("checked_on: 2026-11-02", "checked_on: 2026-05-27", "stale_citation"),
        ("checked_on: 2026-11-02,", "checked_on: 2026-01-02, reread_on: 2027-01-01,", "stale_citation"),
        ("checked_on: 2026-11-02", "checked_on: 2026-11-22", "future_citation"),
        ("authority: the ministry", "authority: the ministry\nstatus: draft\nlapses_on: 2026-12-01", "draft"),
        ("2805301200", "2805301300", "tariff_line"),
        ("year: 2025", "year: 2027", "tariff_line"),
        ("at_least: 99.0", "at_least: 100", "unreachable"),
        ("at_least: 99.0", "at_least: 99.0\n        at_most: 99.0", "unreachable"),
        ("- product: [metal, powder]", "- product: [metal]\n        - not: {product: [powder]}", "unreachable"),
        ("- product: [metal, powder]", "- product: [metal]\n        - product: [powder]", "unreachable"),
        ("- product: [metal, powder]", "- origin: [CN, DE]\n        - origin: [DE]", "unreachable"),
        ("- product: [metal, powder]", "- parameter: size_mm\n          at_least: 5\n          if_absent: 'true'\n"
         "        - parameter: size_mm\n          less_than: 5\n          if_absent: 'true'", "unreachable"),
        ("- product: [metal, powder]", "- any: [{product: [metal]}, {product: [powder]}]", "redundant"),
        ("as: [element]", "substance: [Dy2O3]", "unknown_form"),
        ("as: [element]", "as: [oxide]\n          substance: [Dy2O3]", "unknown_form"),
        ("parameter: purity_percent", "parameter: transmission_percent", "unknown_parameter"),
        ("elements: [Dy]", "elements: [Dy]\n    subcodes: [{code: a, title: first, when: {product: [powder]}}, "
         "{code: b, title: second, when: {product: [metal, powder]}}]", "shadowed_subcode"),
        ("leaves: CN", "leaves: JP", "unknown_region"),
        ("items: all", "party: {lists: [watch_list], roles: [end_user]}\n    upon: {any_goods: true}", "unknown_list"),
        ("limbs:\n", "carve_outs: [{id: toys, when: {product: [motor]}, sentence: Toys are outside., citation: text}]\nlimbs:\n",
         "never_used"),
    ],
)  # fmt: skip
def test_its_good_twin_is_not(tmp_path: Path, old: str, new: str, name: str) -> None:
    assert name not in found(report(tmp_path, changed(old, new)))


@pytest.mark.parametrize(
    ("end", "gap", "overlap"), [("2026-06-01", True, False), ("2026-07-01", False, False), ("2026-08-01", False, True)]
)
def test_days_between_two_limbs_are_a_gap_and_days_of_both_an_overlap(tmp_path: Path, end: str, gap: bool, overlap: bool) -> None:
    text = changed("valid_from: 2026-01-01", f"valid_from: 2026-01-01\n    valid_to: {end}") + SECOND_LIMB
    assert found(report(tmp_path, text)) == {name: "error" for name, there in (("gap", gap), ("overlap", overlap)) if there}


def test_limbs_of_the_same_trade_overlap_however_it_is_written(tmp_path: Path) -> None:
    same = SECOND_LIMB.replace("{leaves: CN}", "{not: {not: {any: [{leaves: CN}]}}}")
    assert found(report(tmp_path, GOOD + same)) == {"overlap": "error"}


def test_limbs_of_another_trade_do_not_overlap(tmp_path: Path) -> None:
    assert found(report(tmp_path, GOOD + SECOND_LIMB.replace("leaves: CN", "leaves: JP"))) == {}


def test_items_with_equal_conditions_overlap_however_they_are_written(tmp_path: Path) -> None:
    start, stop = GOOD.index("  - code: dysprosium"), GOOD.index("limbs:")
    again = GOOD[start:stop].replace("code: dysprosium", "code: again")
    same = again.replace("- product: [metal, powder]", "- any: [{product: [metal, powder]}]")
    other = again.replace("at_least: 99.0", "less_than: 99.0")
    for twin in (again, same):
        assert found(report(tmp_path, GOOD[:stop] + twin + GOOD[stop:])) == {"overlap": "error"}
    assert found(report(tmp_path, GOOD[:stop] + other + GOOD[stop:])) == {}


STATED = "    stated_end: {ends_on: 2027-01-10, stated_on: 2026-09-28, by: the ministry, citation: text}\n    checked_on"


@pytest.mark.parametrize(
    ("printed_end", "more", "on", "lapsed"),
    [
        ("2026-12-01", "", date(2026, 11, 30), False),
        ("2026-12-01", "", date(2026, 12, 1), True),
        ("2026-11-10", STATED, date(2026, 11, 22), False),
        ("2026-11-10", STATED, date(2027, 1, 10), True),
        ("2026-12-01", "    ended_on: 2026-12-01\n    checked_on", date(2026, 12, 1), False),
    ],
)
def test_a_suspension_lapses_on_its_last_known_end(tmp_path: Path, printed_end: str, more: str, on: date, lapsed: bool) -> None:
    text = changed("printed_end: 2026-12-01", f"printed_end: {printed_end}", SUSPENSION)
    if more:
        text = changed("    checked_on", more, text)
    checked = report(tmp_path, GOOD, text, on=on)
    assert ("lapsed_suspension" in found(checked)) == lapsed
    if lapsed:
        (one,) = (one.finding for one in checked.found if one.finding.name == "lapsed_suspension" and one.finding.instrument != "parties")
        assert "the site of the ministry" in one.sentence


def test_a_suspension_of_what_is_not_there_dangles(tmp_path: Path) -> None:
    assert found(report(tmp_path, GOOD, changed("[xx-test-1-2026]", "[xx-other-3-2026]", SUSPENSION))) == {"dangling_suspension": "error"}
    assert found(report(tmp_path, GOOD, changed("[xx-test-1-2026]", '["xx-test-1-2026#import"]', SUSPENSION))) == {
        "dangling_suspension": "error"
    }


@pytest.mark.parametrize(("starts_on", "uncovered"), [("2026-12-05", True), ("2026-12-01", False), ("2026-11-20", False)])
def test_days_between_two_suspensions_are_told(tmp_path: Path, starts_on: str, uncovered: bool) -> None:
    after = changed("starts_on: 2026-02-01", f"starts_on: {starts_on}", changed("2026-12-01", "2027-12-01", SUSPENSION)).replace(
        "pause-2", "pause-3"
    )
    after = after.replace("No.2", "No.3")
    assert ("suspension_gap" in found(report(tmp_path, GOOD, SUSPENSION, after))) == uncovered


def test_a_deliberate_finding_is_told_with_its_reason_and_is_no_error(tmp_path: Path) -> None:
    bad = changed("2805301200", "2805501200")
    said = bad + 'deliberate:\n  - {finding: tariff_line, subject: "2805501200", reason: The notice prints it so.}\n'
    checked = report(tmp_path, said)
    assert found(checked) == {}
    assert not checked.errors
    assert [one.finding.deliberate for one in checked.found if one.finding.name == "tariff_line"] == ["The notice prints it so."]


@pytest.mark.parametrize(
    ("common", "name", "says"),
    [
        ("regions: {EU: [DE]}", "never_used", "The region EU"),
        ("regions: {EU: [QQ]}", "unknown_region", "'QQ'"),
        ("definitions: {solid: {product: [metal]}}\nregions: {}", "never_used", "The definition solid"),
        ("definitions: {odd: {all: [{product: [metal]}, {not: {product: [metal]}}]}}\nregions: {}", "unreachable", "never be true"),
        ("vocabularies: {war: {words: [war]}}\nregions: {}", "never_used", "The vocabulary war"),
        ("documents: {papers: [a paper]}\nregions: {}", "never_used", "The list of documents papers"),
        ("delays: [{jurisdiction: CN, groups: [others], p50_days: 1, p95_days: 2, evidence: e, source: s, confidence: low}]\nregions: {}",
         "unknown_group", "'others'"),
        ("delays: [{jurisdiction: CN, destinations: [MARS], p50_days: 1, p95_days: 2, evidence: e, source: s, confidence: low}]\n"
         "regions: {}", "unknown_region", "'MARS'"),
        ("regimes: [{id: a, title: A, jurisdiction: CN, coverage: modelled, sentence: All of it is there., instruments: [nothing]}]\n"
         "regions: {}", "coverage", "no instrument"),
        ("regimes: [{id: a, title: A, jurisdiction: CN, coverage: absent, sentence: Nothing is there., instruments: [xx-test-1-2026]}]\n"
         "regions: {}", "coverage", "said to be absent"),
        ("regimes: [{id: a, title: A, jurisdiction: CN, coverage: modelled, sentence: All of it is there.}]\nregions: {}",
         "coverage", "neither instruments nor lists"),
    ],
)  # fmt: skip
def test_the_common_terms_are_looked_at_too(tmp_path: Path, common: str, name: str, says: str) -> None:
    checked = report(tmp_path, GOOD, common=changed("regions: {}", common, COMMON))
    assert any(one.finding.name == name and says in one.finding.sentence for one in checked.found)


def test_files_that_are_refused_are_errors_with_their_line(tmp_path: Path) -> None:
    checked = report(tmp_path, changed("    valid_from: 2026-01-01\n", ""))
    (one,) = checked.errors
    assert one.finding.name == "refused"
    assert "valid_from" in one.finding.sentence
    assert checked.instruments == 0


def test_a_listing_whose_suspension_lapsed_says_who_has_to_look(tmp_path: Path) -> None:
    file = tmp_path / "list.yaml"
    text = (
        "lists:\n  a_list: {title: A list, jurisdiction: CN, authority: the ministry}\nnotices:\n"
        "  - {list: a_list, notice: N, listed_on: 2025-01-01, suspended_from: 2025-05-14, suspended_to: 2026-11-10, source: S, "
        "checked_on: 2026-11-02, parties: [{name: X}]}\n"
    )
    file.write_text(text, encoding="utf-8")
    (tmp_path / "law").mkdir()
    report(tmp_path / "law", GOOD)
    for on, lapsed in ((date(2026, 11, 9), False), (date(2026, 11, 10), True)):
        names = [one.finding.name for one in check(on, tmp_path / "law", (file,)).found]
        assert ("lapsed_suspension" in names) == lapsed


def test_the_shipped_law_has_no_errors_and_its_findings_have_places() -> None:
    checked = check(ON, REGULATIONS, (PARTIES,))
    assert [str(one.finding) for one in checked.errors] == []
    assert all(one.file.is_file() for one in checked.found)
    assert {one.finding.subject for one in checked.warnings} == {"MOFCOM No.21 of 2025"}


def test_the_command_exits_with_1_where_there_are_errors(tmp_path: Path) -> None:
    report(tmp_path, changed("items: all", "items: []"))
    command = [sys.executable, "-m", "services.cli", "regulations", "check", "--directory", str(tmp_path), "--on", "2026-11-22", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert told["errors"] >= 1
    assert {"finding", "severity", "file", "line", "instrument", "sentence"} <= told["findings"][0].keys()


def test_the_countries_are_all_of_iso_3166() -> None:
    assert len(COUNTRIES) == 249
