"""`orestream regulations`: the law as data."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from services.commands.terminal import Json, console, day, print_json, refuse

regulations_commands = typer.Typer(no_args_is_help=True, help="The law as data.")


@regulations_commands.command("test")
def regulations_test(file: Annotated[Path, typer.Argument(help="Cases with the right answers (YAML).")], as_json: Json = False) -> None:
    """Run a file of cases against the law as data and print per case expected, got and why, and the score."""
    from services.screening import cases
    from services.screening.domain.law import UnknownInstrument
    from services.screening.regulation_files import FilesRefused, load_law, load_parties

    try:
        report = cases.run(file, load_law(), load_parties())
    except (cases.CaseFileError, UnknownInstrument, FilesRefused) as error:
        refuse(str(error))
    if as_json:
        print_json(report.as_json())
    else:
        console.print(report.as_text(), highlight=False, markup=False)
    raise typer.Exit(0 if report.score() == 1 else 1)


@regulations_commands.command("check")
def regulations_check(
    directory: Annotated[Path | None, typer.Option(help="Instruments in YAML; default: those that Orestream ships with.")] = None,
    parties: Annotated[list[Path] | None, typer.Option(help="Files of listed parties; default: those that Orestream ships with.")] = None,
    on: Annotated[str | None, typer.Option(help="The day on which ends and check dates are looked at, YYYY-MM-DD; default: today.")] = None,
    reread_after_days: Annotated[
        int | None, typer.Option(min=1, help="A citation without a day of its own is read again after so many days; default: 180.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Look for gaps, overlaps, lapsed suspensions, conditions that nothing meets, tariff lines that do not exist and names nobody uses."""
    from services.screening.checking import check
    from services.screening.regulation_files import PARTIES, REGULATIONS

    if directory is not None and not directory.is_dir():
        refuse(f"There is no directory {directory}.")
    report = check(
        day(on) or datetime.now(UTC).date(), directory or REGULATIONS, tuple(parties or (PARTIES,)), reread_after_days=reread_after_days
    )
    if as_json:
        print_json(report.as_json())
    else:
        console.print(report.as_text(), highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(1 if report.errors else 0)
