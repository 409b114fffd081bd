"""How commands read the book, and what they show of open orders: `orestream questions` and `orestream cliffs`."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from services.commands.terminal import Json, console, print_json, refuse

if TYPE_CHECKING:
    from services.ledger.settings import LedgerSettings


def ledger_settings() -> "LedgerSettings":
    """Refuses where there is no book."""
    from services.ledger.settings import LedgerSettings
    from services.process import ProcessSettings, SettingsError, with_defaults

    try:
        environment = with_defaults(os.environ, ProcessSettings.from_environment(os.environ))
        settings = LedgerSettings.from_environment(environment)
    except (SettingsError, ValueError) as error:
        refuse(str(error))
    path = settings.database_url.removeprefix("sqlite:///")
    if path != settings.database_url and not Path(path).exists():
        refuse(f"There is no book at {path}: set DATABASE_URL, or ORESTREAM_DATA_DIRECTORY to where `orestream up` keeps its data.")
    return settings


def questions(
    supplier: Annotated[str | None, typer.Option(help="Only this supplier, by id or name.")] = None,
    held_by: Annotated[str | None, typer.Option(help="Only what this one has: supplier, buyer, engineer or authority.")] = None,
    form: Annotated[Path | None, typer.Option("--csv", help="Write a form to fill in and to post to /v1/answers.")] = None,
    as_json: Json = False,
) -> None:
    """What is asked of whom about open orders, the question that settles most lines first."""
    from services.ledger import open_views, store
    from services.ledger.domain.questionnaire import HOLDERS, as_csv, questionnaires

    if held_by is not None and held_by not in HOLDERS:
        refuse(f"Nobody called {held_by!r} is asked; there are {', '.join(HOLDERS)}.")
    engine = store.open_engine(ledger_settings().database_url)
    try:
        with engine.connect() as connection:
            found = questionnaires(open_views.asked_lines(connection, supplier), held_by)
    finally:
        engine.dispose()
    if form is not None:
        form.write_text("\ufeff" + as_csv(found), encoding="utf-8", newline="")
    if as_json:
        print_json({"questionnaires": [each.as_json() for each in found]})
        return
    for each in found:
        grid = Table(
            "settles", "asked for", "about", "question", title=f"{each.supplier_name or each.supplier_id or 'no supplier'}: {each.held_by}"
        )
        for asked in each.questions:
            about = asked.order_key if asked.subject == "order" else asked.item_id or asked.description or ""
            grid.add_row(f"{asked.settles} lines", f"{len(asked.lines)} lines", about or "", asked.question)
        console.print(grid)
    if not found:
        console.print("No open line asks for anything.")


def cliffs(
    days: Annotated[int, typer.Option(min=1, max=366, help="How far ahead.")] = 366,
    as_json: Json = False,
) -> None:
    """On which coming day which open lines are answered otherwise, and to what."""
    from services.ledger import open_views, store
    from services.ledger.domain.cliffs import calendar

    today = datetime.now(UTC).date()
    last = today + timedelta(days=days)
    engine = store.open_engine(ledger_settings().database_url)
    try:
        with engine.connect() as connection:
            found = calendar(open_views.lines_ahead(connection, last), today, last)
    finally:
        engine.dispose()
    if as_json:
        print_json({"today": today.isoformat(), "cliffs": [each.as_json(today) for each in found]})
        return
    grid = Table("day", "answer", "lines then", "lines if late", "value", "rule", title="What changes for open orders", expand=True)
    for each in found:
        shown = each.as_json(today)
        value = ", ".join(f"{amount} {currency}" for currency, amount in shown["value"].items())
        grid.add_row(
            f"{each.edge.on} (in {shown['in_days']} days)",
            f"{each.edge.jurisdiction} {each.edge.before} → {each.edge.after}",
            str(each.expected),
            str(shown["lines_if_late"]),
            value,
            f"{each.edge.instrument}: {each.sentence}",
        )
    console.print(grid if found else f"No open line changes its answer within {days} days.")
