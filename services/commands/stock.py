"""`orestream stock import`: what plants hold of their items, out of a file into the running system."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.commands.reporting import put_in_pieces, rows_of, tell
from services.commands.terminal import Json, refuse

if TYPE_CHECKING:
    from services.gateway.domain.recorded import Recorded
    from services.gateway.formats.stock import AssumedOfStock, ReadStock
    from shared.bus import Bus
    from shared.contracts.stock import StockReport

stock_commands = typer.Typer(no_args_is_help=True, help="What plants hold of their items.")

Said = Annotated[str | None, typer.Option(help="For rows that do not say it.")]


@stock_commands.command("import")
def stock_import(
    file: Annotated[Path, typer.Argument(help="Stock reports as JSON, NDJSON or CSV.")],
    plant: Said = None,
    unit: Said = None,
    currency: Said = None,
    as_of: Annotated[str | None, typer.Option(help="As of when the stock is: a moment such as 2026-11-20T06:00Z.")] = None,
    decimal: Annotated[str | None, typer.Option(help='The decimal mark of the numbers: "." or ",".')] = None,
    dates: Annotated[str | None, typer.Option(help="The order of the days: YMD, DMY or MDY.")] = None,
    as_json: Json = False,
) -> None:
    """Report the stock of a file to the running system; what the file leaves out is said here for all its rows.

    Exit code 1 where a row was refused, 2 where none could be read.
    """
    from services.gateway.formats.rows import ReadRow
    from services.gateway.formats.stock import read_stock, stock_name
    from services.gateway.master_data import MasterData
    from services.gateway.stock import StockIntake

    assumed = _assumed(plant=plant, unit=unit, currency=currency, as_of=as_of, decimal=decimal, dates=dates)

    def read(data: bytes, kind: str) -> "Iterator[ReadStock]":
        return read_stock(data, kind, None, assumed)

    async def put(bus: "Bus", reports: "Sequence[StockReport]") -> "list[Recorded]":
        return await StockIntake(bus, MasterData(bus)).put(reports, datetime.now(UTC), None)

    found = rows_of(file, read)
    recorded = put_in_pieces([entry.row for entry in found if isinstance(entry, ReadRow)], put, "stock reports")
    tell(found, recorded, stock_name, as_json=as_json)


def _assumed(**said: str | None) -> "AssumedOfStock":
    from pydantic import ValidationError

    from services.gateway.formats.canonical import sentence_of
    from services.gateway.formats.stock import AssumedOfStock

    try:
        return AssumedOfStock.model_validate({name: value for name, value in said.items() if value is not None})
    except ValidationError as error:
        mistake = error.errors(include_url=False)[0]
        refuse(sentence_of(mistake, f"--{str(mistake['loc'][0]).replace('_', '-')}"))
