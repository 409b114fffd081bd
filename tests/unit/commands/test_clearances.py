"""The CSV of hits: written for a spreadsheet, read back with what people filled in, a mistake named by its row."""

import csv
from datetime import date
from pathlib import Path

import click
import pytest
import typer

from services.commands.clearances import COLUMNS, read_csv, write_csv
from services.screening.clearing import Proposal, StandingHit
from services.screening.domain.parties import match, parties_of
from shared.contracts.order import Party
from tests.unit.screening.domain.test_clearances import entry, lists
from tests.unit.screening.making import TODAY, order


def standing(name: str) -> StandingHit:
    (party,) = match(parties_of(order(supplier=Party(name=name))), lists(entry(name=name)), TODAY)
    return StandingHit(("a" * 32, "b" * 32), party, "open", None)


def test_what_is_filled_in_is_proposed_whatever_the_spreadsheet_separates_with(tmp_path: Path) -> None:
    file = tmp_path / "hits.csv"
    write_csv(file, [standing("Zhernovik Rotor"), standing("莱茵金属")])
    assert read_csv(file) == []
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["party"] for row in rows] == ["Zhernovik Rotor", "莱茵金属"]
    rows[1] |= {"reason": "another town; another number", "valid_until": "2027-06-01"}
    for delimiter in ",;\t":
        with file.open("w", encoding="utf-8-sig", newline="") as stream:
            table = csv.DictWriter(stream, COLUMNS, delimiter=delimiter)
            table.writeheader()
            table.writerows(rows)
        assert read_csv(file) == [Proposal(("a" * 32, "b" * 32), "another town; another number", date(2027, 6, 1))]


def test_a_name_that_a_spreadsheet_would_run_is_text(tmp_path: Path) -> None:
    file = tmp_path / "hits.csv"
    write_csv(file, [standing("=HYPERLINK(Zhernovik)")])
    assert "'=HYPERLINK" in file.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("party,reason\nx,y\n", "has no column hit, valid_until"),
        ("", "has no column hit, reason, valid_until"),
        ("hit,reason,valid_until\na/b,another town,\n", "row 2: a clearance takes both a reason and a valid_until"),
        ("hit,reason,valid_until\na/b,,\na/b,another town,01.06.2027\n", "row 3: '01.06.2027' is not a day"),
        ("hit,reason,valid_until\nab,another town,2027-06-01\n", "'ab' names no hit"),
    ],
)
def test_a_mistake_is_refused_and_says_where(tmp_path: Path, text: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "hits.csv"
    file.write_text(text)
    with pytest.raises((typer.Exit, click.exceptions.Exit)):
        read_csv(file)
    assert why in capsys.readouterr().err


def test_bytes_that_are_no_text_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "hits.csv"
    file.write_bytes(b"hit,reason,valid_until\n\xff\xfe\x00")
    with pytest.raises((typer.Exit, click.exceptions.Exit)):
        read_csv(file)
    assert "cannot be read" in capsys.readouterr().err
