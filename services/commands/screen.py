"""`orestream screen`: a document, an item master or all open orders, judged on another day or under another law; nothing is stored."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress
from rich.table import Table

from services.commands.running import on_bus
from services.commands.terminal import Json, console, day, print_json, refuse

if TYPE_CHECKING:
    from services.what_if.asking import WhatIf
    from services.what_if.files import Screened
    from shared.bus import Bus


def screen(
    file: Annotated[Path | None, typer.Argument(help="One order file of any supported format, or an item master.")] = None,
    open_orders: Annotated[bool, typer.Option("--open-orders", help="All open orders of the running system instead of a file.")] = False,
    valid_on: Annotated[
        str | None, typer.Option(help="The day the goods leave, YYYY-MM-DD; default: what each line says, else today.")
    ] = None,
    known_on: Annotated[str | None, typer.Option(help="The day whose state of knowledge is used; default: today.")] = None,
    in_force: Annotated[list[str], typer.Option(help="An instrument taken as in force, by id, name, or number and year.")] = [],  # noqa: B006
    lifted: Annotated[list[str], typer.Option(help="An instrument taken as lifted.")] = [],  # noqa: B006
    item_master: Annotated[bool, typer.Option("--item-master", help="The file is an item master: judge every item as if ordered.")] = False,
    ship_from: Annotated[str | None, typer.Option(help="Of an item master: country the items leave; default: their origin.")] = None,
    ship_to: Annotated[str | None, typer.Option(help="Of an item master: country they go to.")] = None,
    items: Annotated[Path | None, typer.Option(help="Item master for an order file, JSON, NDJSON or CSV.")] = None,
    suppliers: Annotated[Path | None, typer.Option(help="Supplier master, JSON, NDJSON or CSV.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="Columns of a CSV order file, as JSON.")] = None,
    as_json: Json = False,
) -> None:
    """Screen without storing. With a day, a state of knowledge or a scenario it says, too, what differs from today's answers: by reason,
    and in three sums of value (certain, unknown, certainly not)."""
    from services.screening.domain.law import Scenario, UnknownInstrument
    from services.what_if import files
    from services.what_if.asking import WhatIf

    question = WhatIf(day(valid_on), day(known_on), Scenario(frozenset(in_force), frozenset(lifted)))
    if (file is None) != open_orders:
        refuse("Name one file, or say --open-orders.")
    try:
        if file is None:
            if not question.supposes:
                refuse("Say what to suppose: --valid-on, --known-on, --in-force or --lifted.")
            result = _of_open_orders(question)
        else:
            result = files.screen_file(
                file,
                question,
                now=datetime.now(UTC),
                kind="items" if item_master else "orders",
                ship_from=ship_from,
                ship_to=ship_to,
                items_file=items,
                suppliers_file=suppliers,
                mapping_file=mapping,
            )
    except (files.FileError, UnknownInstrument) as error:
        refuse(str(error))
    if as_json:
        print_json(result.as_json())
    else:
        _show(result)
    raise typer.Exit(1 if result.rejected and not result.orders else 0)


def _of_open_orders(question: "WhatIf") -> "Screened":
    from services.screening.domain.difference import Difference
    from services.what_if.files import Screened
    from services.what_if.open_orders import Running

    async def ask(bus: "Bus") -> Difference:
        running = Running(os.environ, bus, lambda: datetime.now(UTC))
        difference = Difference()
        with Progress(transient=True, disable=not console.is_terminal) as progress:
            judged = progress.add_task("judging open orders", total=await running.count_open())
            await running.ask_open_orders(question, difference, lambda orders: progress.advance(judged, orders))
        return difference

    return Screened(question, (), (), on_bus(ask, "gateway"))


def _show(result: "Screened") -> None:
    if result.orders:
        grid = Table("order", "line", "answer", "instrument", "why, and what to ask", expand=True)
        for order in result.orders:
            for line in order.lines:
                for jurisdiction, answer in line.answers.items():
                    questions = [f"Ask the {each.held_by}: {each.question}" for each in line.questions if each.kind == "fact"]
                    leading = next((finding for finding in line.findings if finding.jurisdiction == jurisdiction), None)
                    grid.add_row(
                        order.order_key.order_id,
                        line.line_id,
                        f"{jurisdiction} {answer.answer}",
                        " ".join(filter(None, (leading.instrument, leading.control_code))) if leading else "",
                        " ".join([leading.sentence if leading else answer.how, *questions[:1]]),
                    )
        console.print(grid)
    if result.question.supposes:
        _show_difference(result.difference.as_json())
    for refused in result.rejected:
        console.print(f"refused {refused.place}: {refused.message}", highlight=False, markup=False)


def _show_difference(difference: dict[str, Any]) -> None:
    sums = Table("", "certain", "unknown", "certainly not", title="Lines and their value: needs a licence or is barred?")
    for name, state in (("today", difference["today"]), ("supposed", difference["supposed"])):
        for jurisdiction, worth in state.items():
            sums.add_row(f"{jurisdiction} {name}", *(_worth(worth[certainty]) for certainty in ("certain", "unknown", "certainly_not")))
    console.print(sums)
    changes = Table("answer", "lines", "orders", "value", "why", title="What would be answered otherwise", expand=True)
    for change in difference["changes"]:
        changes.add_row(
            f"{change['jurisdiction']} {change['before']} → {change['after']}",
            str(change["lines"]),
            str(change["orders"]),
            _worth(change),
            " ".join(filter(None, (change["instrument"], change["sentence"]))),
        )
    console.print(changes if difference["changes"] else f"Nothing in {difference['orders']} orders would be answered otherwise.")


def _worth(worth: dict[str, Any]) -> str:
    value = ", ".join(f"{amount} {currency}" for currency, amount in worth["value"].items())
    without = f"{worth['lines_without_value']} without value" if worth["lines_without_value"] else ""
    return "; ".join(filter(None, (f"{worth['lines']} lines", value, without)))
