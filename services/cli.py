"""`orestream`: the services in one process or alone, one-shot screening, replay, checks.

Exit codes: 0 done; 1 the thing asked about is not as it should be (a case wrong, a chain broken, a replay that differs); 2 the command cannot
be carried out as given.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.table import Table as Grid

main = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
dead_letters_commands = typer.Typer(no_args_is_help=True, help="What could not be handled: look at it, try it again, drop it.")
ledger_commands = typer.Typer(no_args_is_help=True, help="The book of decisions.")
regulations_commands = typer.Typer(no_args_is_help=True, help="The law as data.")
keys_commands = typer.Typer(no_args_is_help=True, help="API keys.")
main.add_typer(dead_letters_commands, name="dead-letters")
main.add_typer(ledger_commands, name="ledger")
main.add_typer(regulations_commands, name="regulations")
main.add_typer(keys_commands, name="keys")

console = Console()
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Result = TypeVar("Result")


def _refuse(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(2)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))


@main.command()
def up(
    port: Annotated[int | None, typer.Option(help="HTTP port; 0 takes a free one. Default: ORESTREAM_HTTP_PORT or 8080.")] = None,
) -> None:
    """Run every service in this process until it is told to stop; without ORESTREAM_REDIS_URL on an embedded Redis."""
    from services.process import SERVICES

    _serve(tuple(SERVICES), port, embedded=True)


@main.command()
def service(name: str, port: Annotated[int | None, typer.Option(help="HTTP port; 0 takes a free one.")] = None) -> None:
    """Run one service: gateway, screening, ledger or notification."""
    from services.process import SERVICES

    if name not in SERVICES:
        _refuse(f"There is no service {name!r}; there are {', '.join(sorted(SERVICES))}.")
    _serve((name,), port, embedded=False)


def _serve(names: tuple[str, ...], port: int | None, *, embedded: bool) -> None:
    from services import process

    environment = dict(os.environ) if port is None else {**os.environ, "ORESTREAM_HTTP_PORT": str(port)}
    try:
        process.main(names, environment, embedded=embedded, announce=lambda url: print(f"{' and '.join(names)} at {url}", flush=True))
    except process.SettingsError as error:
        _refuse(str(error))


@main.command()
def demo(as_json: Json = False) -> None:
    """Send the demo's orders through the running services on an embedded Redis and SQLite and show what comes out."""
    from services.demo.run import run

    raise typer.Exit(run(console, as_json=as_json))


@main.command()
def screen(
    file: Annotated[Path, typer.Argument(help="One order file of any supported format.")],
    valid_on: Annotated[
        str | None, typer.Option(help="The day the goods leave, YYYY-MM-DD; default: what each line says, else today.")
    ] = None,
    items: Annotated[Path | None, typer.Option(help="Item master, JSON, NDJSON or CSV.")] = None,
    suppliers: Annotated[Path | None, typer.Option(help="Supplier master, JSON, NDJSON or CSV.")] = None,
    as_json: Json = False,
) -> None:
    """Screen one order file; nothing is stored."""
    from services import one_shot

    try:
        result = one_shot.screen_file(file, now=datetime.now(UTC), valid_on=_day(valid_on), items_file=items, suppliers_file=suppliers)
    except one_shot.FileError as error:
        _refuse(str(error))
    if as_json:
        _print_json(result.as_json())
    else:
        result.render(console)
    raise typer.Exit(1 if result.rejected and not result.orders else 0)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        _refuse(f"{text!r} is not a day; write YYYY-MM-DD.")


@regulations_commands.command("test")
def regulations_test(file: Annotated[Path, typer.Argument(help="Cases with the right answers (YAML).")], as_json: Json = False) -> None:
    """Run a file of cases against the law as data and print per case expected, got and why, and the score."""
    from services import one_shot

    try:
        report = one_shot.run_cases(file)
    except one_shot.FileError as error:
        _refuse(str(error))
    if as_json:
        _print_json(report.as_json())
    else:
        console.print(report.as_text(), highlight=False, markup=False)
    raise typer.Exit(0 if report.all_right else 1)
