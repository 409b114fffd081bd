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


@regulations_commands.command("coverage")
def regulations_coverage(
    directory: Annotated[Path | None, typer.Option(help="Instruments in YAML; default: those that Orestream ships with.")] = None,
    on: Annotated[str | None, typer.Option(help="The day on which the limbs' status is told, YYYY-MM-DD; default: today.")] = None,
    as_json: Json = False,
) -> None:
    """What the data holds of the law there is, per regime: modelled, flagged, or absent."""
    from services.screening.domain.coverage import coverage_of
    from services.screening.regulation_files import REGULATIONS, FilesRefused, load_law, load_parties

    try:
        law, parties = load_law(directory or REGULATIONS), load_parties()
    except FilesRefused as error:
        refuse(str(error))
    report = coverage_of(law, parties.source, parties.version, day(on) or datetime.now(UTC).date())
    if as_json:
        print_json(report.model_dump(mode="json"))
        return
    for regime in report.regimes:
        console.print(f"{regime.coverage.upper():<9} {regime.jurisdiction}  {regime.title}", highlight=False, markup=False)
        console.print(f"          {regime.sentence}", highlight=False, markup=False, soft_wrap=True)
        for instrument in regime.instruments:
            console.print(f"          - {instrument.name}: {instrument.title}", highlight=False, markup=False, soft_wrap=True)
            for limb in instrument.limbs:
                status = limb.status.replace("_", " ")
                console.print(f"              {limb.coverage:<9} {limb.limb} ({status})", highlight=False, markup=False, soft_wrap=True)
        for one in regime.lists:
            missing = sum(notice.names for notice in one.not_loaded)
            sentence = (
                f"{one.title}: {one.names} names of {len(one.notices)} notices; {missing} names of {len(one.not_loaded)} not in the data"
            )
            console.print(f"          - {sentence}", highlight=False, markup=False, soft_wrap=True)
