"""A set of files is refused whole, with file, line and reason; what is read is what was written."""

import shutil
from pathlib import Path

import pytest

from services.screening.domain.law import law_from_content
from services.screening.domain.parties import parties_from_content
from services.screening.regulation_files import REGULATIONS, FilesRefused, load_law, load_parties

INSTRUMENT = """\
id: xx-test-1-2026
name: Test No.1 of 2026
number: 1
year: 2026
title: a test
jurisdiction: CN
authority: nobody
issued: 2026-01-01
citations:
  text: {source: S00, checked_on: 2026-01-02, confidence: high}
items:
  - code: item
    title: a thing
    group: things
    elements: [Dy]
    when:
      present: listed
    citation: text
limbs:
  - id: export
    effect: licence_required
    items: all
    when: {leaves: CN}
    valid_from: 2026-01-01
    sentence: "{goods} needs a licence."
    citation: text
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The common terms and nothing else."""
    shutil.copy(REGULATIONS / "common.yaml", tmp_path)
    return tmp_path


def refusal(directory: Path, text: str) -> tuple[str, int, str]:
    """What the one mistake in a file is said to be: its file, line and reason."""
    (directory / "instrument.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(FilesRefused) as refused:
        load_law(directory)
    (mistake,) = refused.value.mistakes
    assert str(mistake) == f"{mistake.file}:{mistake.line}: {mistake.reason}"
    return mistake.file.name, mistake.line, mistake.reason


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_the_sample_is_sound(directory: Path) -> None:
    (directory / "instrument.yaml").write_text(INSTRUMENT, encoding="utf-8")
    assert list(load_law(directory).limbs) == ["xx-test-1-2026#export"]


@pytest.mark.parametrize(
    ("old", "new", "at", "reason"),
    [
        ("present: listed", "presnt: listed", "presnt", "a condition is a mapping with one operator"),
        ("present: listed", "{product: [gadget]}", "gadget", "Input should be"),
        ("present: listed", "{defined: nothing}", "defined", "nothing is defined under 'nothing'"),
        ("leaves: CN", "product: [motor]", "when: {product", "reads the goods"),
        ("leaves: CN", "leaves: China", "leaves", "pattern"),
        ("valid_from: 2026-01-01", "valid_from: 2025-12-31", "valid_from", "cannot start before"),
        ("valid_from: 2026-01-01", "valid_from: 2026-01-01\n    valid_to: 2026-01-01", "id: export", "valid_to must come after valid_from"),
        ("    citation: text\nlimbs", "    citation: faq\nlimbs", "citation: faq", "not among the citations"),
        ("items: all", "items: [thing]", "items: [thing]", "has no item 'thing'"),
        ("elements: [Dy]", "elements: [Dysprosium]", "Dysprosium", "pattern"),
        ("group: things", "group: things\n    colour: red", "colour", "Extra inputs are not permitted"),
        ("group: things", "group: things\n    group: others", "group: others", "is there twice"),
        ("authority: nobody", "authority: [nobody", "authority", "is not YAML"),
        ("confidence: high", "confidence: certain", "certain", "Input should be 'high', 'medium' or 'low'"),
        ("title: a test", "title: 12", "title: 12", "valid string"),
        ("issued: 2026-01-01", "issued: soon", "issued", "valid date"),
        ("title: a test", 'title: "a\\0test"', "title", "cannot be seen"),
        ("present: listed", "all: &a [{present: listed}, {all: *a}]", "&a", "the alias *a is not taken"),
        ("{goods} needs a licence.", "{things} need a licence.", "{things}", "stand in braces"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_line_and_reason(directory: Path, old: str, new: str, at: str, reason: str) -> None:
    text = INSTRUMENT.replace(old, new)
    assert text != INSTRUMENT
    file, line, said = refusal(directory, text)
    assert file == "instrument.yaml"
    assert reason in said
    assert abs(line - line_of(text, at)) <= 1


def test_a_suspension_of_what_is_not_there_is_refused(directory: Path) -> None:
    dangling = (
        INSTRUMENT
        + "suspends:\n  - limbs: [xx-other-2-2026]\n    starts_on: 2026-02-01\n    printed_end: 2027-02-01\n    checked_on: 2026-01-02\n"
    )
    assert "no instrument 'xx-other-2-2026'" in refusal(directory, dangling)[2]
    unknown_limb = dangling.replace("xx-other-2-2026", "xx-test-1-2026#import")
    assert "has no limb 'import'" in refusal(directory, unknown_limb)[2]


def test_two_instruments_of_one_id_are_refused(directory: Path) -> None:
    (directory / "first.yaml").write_text(INSTRUMENT, encoding="utf-8")
    assert "two instruments have the id" in refusal(directory, INSTRUMENT)[2]


def test_an_item_that_nothing_points_to_or_controls_is_refused(directory: Path) -> None:
    text = INSTRUMENT.replace("    elements: [Dy]\n", "").replace("present: listed", "feature: [p507]")
    assert "nothing points to this item" in refusal(directory, text)[2]


def test_every_mistake_is_named_at_once(directory: Path) -> None:
    (directory / "one.yaml").write_text(INSTRUMENT.replace("leaves: CN", "leaves: china"), encoding="utf-8")
    (directory / "two.yaml").write_text("", encoding="utf-8")
    with pytest.raises(FilesRefused) as refused:
        load_law(directory)
    assert [mistake.file.name for mistake in refused.value.mistakes] == ["one.yaml", "two.yaml"]


def test_a_country_is_no_boolean_and_a_number_is_exact(directory: Path) -> None:
    text = INSTRUMENT.replace("{leaves: CN}", "{destination: [NO]}").replace(
        "present: listed", "{parameter: purity_percent, at_least: 99.99}"
    )
    (directory / "instrument.yaml").write_text(text, encoding="utf-8")
    content = load_law(directory).content.decode()
    assert '"destination":["NO"]' in content
    assert '"at_least":"99.99"' in content


def test_the_built_in_set_can_be_made_again_from_its_content() -> None:
    law, parties = load_law(), load_parties()
    assert law_from_content(law.content).version == law.version
    assert parties_from_content(parties.content).version == parties.version


def test_the_version_does_not_depend_on_the_order_of_files(directory: Path) -> None:
    other = INSTRUMENT.replace("xx-test-1-2026", "aa-test-2-2026").replace("Test No.1", "Test No.2")
    for names in (("a.yaml", "b.yaml"), ("b.yaml", "a.yaml")):
        for name, text in zip(names, (INSTRUMENT, other), strict=True):
            (directory / name).write_text(text, encoding="utf-8")
        if names[0] == "a.yaml":
            version = load_law(directory).version
    assert load_law(directory).version == version


def test_a_party_file_with_a_list_nobody_describes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "list.yaml"
    file.write_text("lists: {}\nnotices:\n  - {list: a_list, notice: N, listed_on: 2026-01-01, parties: [{name: X}]}\n", encoding="utf-8")
    with pytest.raises(FilesRefused, match="which no file describes"):
        load_parties(file)


def test_the_built_in_data_says_where_and_when_it_was_checked() -> None:
    for instrument in load_law().instruments.values():
        assert instrument.citations
        assert all(cited.source and cited.checked_on for cited in instrument.citations.values())
    assert all(notice.source and notice.checked_on for notice in load_parties().source.notices)
