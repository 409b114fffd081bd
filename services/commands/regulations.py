"""`orestream regulations`: the law as data."""

from pathlib import Path
from typing import Annotated

import typer

from services.commands.terminal import Json, console, print_json, refuse

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
