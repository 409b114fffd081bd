"""`orestream licences` and `orestream shipments`: cases and deliveries out of a file into the running system, and what is left."""

import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.table import Table

from services.commands.reporting import put_in_pieces, rows_of, tell
from services.commands.running import on_bus
from services.commands.terminal import Json, console, print_json, refuse
from shared.contracts.base import Contract

if TYPE_CHECKING:
    from services.gateway.domain.recorded import Recorded
    from services.gateway.formats.rows import ReadRow, RefusedRow
    from shared.bus import Bus
    from shared.contracts.licence import Licence
    from shared.contracts.shipment import Shipment

licences_commands = typer.Typer(no_args_is_help=True, help="Licence cases: what is applied for, granted, drawn and left.")
shipments_commands = typer.Typer(no_args_is_help=True, help="Deliveries of order lines on their way.")

Row = TypeVar("Row", bound=Contract)


@licences_commands.command("import")
def licences_import(file: Annotated[Path, typer.Argument(help="Licence cases as JSON, NDJSON or CSV.")], as_json: Json = False) -> None:
    """Report licence cases to the running system; orders that they may cover are screened again."""
    from services.gateway.formats.licences import read_licences
    from services.gateway.licences import LicenceIntake

    async def put(bus: "Bus", rows: Sequence["Licence"]) -> list["Recorded"]:
        return await LicenceIntake(bus).put(rows, datetime.now(UTC), None)

    _import(file, read_licences, lambda licence: licence.licence_id, put, "licences", as_json=as_json)


@licences_commands.command("list")
def licences_list(as_json: Json = False) -> None:
    """Every licence case with what is drawn, promised and left of it."""
    from services.screening.licence_cases import LicenceCases
    from services.screening.licence_overview import LicenceStanding, standings

    async def read(bus: "Bus") -> list[LicenceStanding]:
        cases, today = LicenceCases(bus), datetime.now(UTC).date()
        found: list[LicenceStanding] = []
        while page := await standings(bus, cases, today, after=found[-1].licence_id if found else None):
            found += page
        return found

    found = on_bus(read, "screening")
    if as_json:
        print_json({"licences": [each.model_dump(mode="json") for each in found]})
        return
    grid = Table("licence", "exporter", "state", "since", "until", "granted", "drawn", "promised", "left", "waiting", "orders")
    for each in found:
        amounts = (each.quantity, each.drawn, each.promised, each.left, each.waiting)
        grid.add_row(
            each.licence_id,
            each.exporter.name or each.exporter.id or "",
            f"{each.state}{' general' if each.kind == 'general' else ''}",
            str(each.since or ""),
            str(each.valid_until or ""),
            *(f"{amount:f} {each.unit or ''}".strip() if amount is not None else "" for amount in amounts),
            str(len(each.orders)),
        )
    console.print(grid)


@shipments_commands.command("import")
def shipments_import(file: Annotated[Path, typer.Argument(help="Shipments as JSON, NDJSON or CSV.")], as_json: Json = False) -> None:
    """Report deliveries of order lines to the running system; what has left is judged by the law of its day."""
    from concurrent.futures import ThreadPoolExecutor

    from services.gateway.formats.shipments import read_shipments
    from services.gateway.intake import Intake
    from services.gateway.master_data import MasterData
    from services.gateway.settings import Settings
    from services.gateway.store import OrderStore

    try:
        settings = Settings.from_environment(os.environ)
    except ValueError as error:
        refuse(str(error))

    async def put(bus: "Bus", rows: Sequence["Shipment"]) -> list["Recorded"]:
        with ThreadPoolExecutor(max_workers=1) as executor:
            store = OrderStore(bus, settings.closed_order_retention)
            intake = Intake(bus, store, MasterData(bus), settings.cancellation_policy, executor)
            return await intake.report(rows, datetime.now(UTC), None)

    _import(file, read_shipments, lambda shipment: shipment.shipment_id, put, "shipments", as_json=as_json)


def _import(
    file: Path,
    read: Callable[[bytes, str], Iterator["ReadRow[Row] | RefusedRow"]],
    id_of: Callable[[Row], str],
    put: Callable[["Bus", Sequence[Row]], Awaitable[list["Recorded"]]],
    what: str,
    *,
    as_json: bool,
) -> None:
    from services.gateway.formats.rows import ReadRow

    found = rows_of(file, read)
    recorded = put_in_pieces([entry.row for entry in found if isinstance(entry, ReadRow)], put, what)
    tell(found, recorded, id_of, as_json=as_json)
