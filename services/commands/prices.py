"""`orestream prices`: price lists out of files into the running system, and prices that were wrong out of it again."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from services.commands.backtest import backtest
from services.commands.reporting import put_in_pieces, rows_of, tell
from services.commands.running import on_bus
from services.commands.terminal import Json, console, day, print_json, refuse

if TYPE_CHECKING:
    from services.gateway.domain.recorded import Recorded
    from services.gateway.formats.prices import Assumed, ReadPrice
    from shared.bus import Bus
    from shared.contracts.price import PriceTick

prices_commands = typer.Typer(no_args_is_help=True, help="Quoted prices: into the system, out of it again, and what they are worth.")
prices_commands.command("backtest")(backtest)

ROWS_AT_ONCE = 2_000

Said = Annotated[str | None, typer.Option(help="For rows that do not say it.")]


@prices_commands.command("import")
def prices_import(
    file: Annotated[Path, typer.Argument(help="Prices as JSON, NDJSON or CSV.")],
    material: Annotated[
        str | None, typer.Option(help='What is quoted: "Nd", "NdPr", "Neodymium oxide"; of an exchange rate "CNY/USD".')
    ] = None,
    form: Annotated[str | None, typer.Option(help="oxide, metal, alloy, compound, concentrate, magnet or currency.")] = None,
    substance: Annotated[str | None, typer.Option(help="The formula that is quoted, where it is not the usual oxide.")] = None,
    purity_percent: Said = None,
    contained_percent: Annotated[str | None, typer.Option(help="Mass of the element in an alloy, a magnet or a concentrate.")] = None,
    market: Annotated[str | None, typer.Option(help="CN, EX_CN or FX.")] = None,
    basis: Annotated[str | None, typer.Option(help="assessed, ask, transacted or volume_backed.")] = None,
    currency: Said = None,
    unit: Annotated[str | None, typer.Option(help="kg, t, lb, dmtu …")] = None,
    tax: Annotated[str | None, typer.Option(help="included or excluded; prices in CNY have to say it.")] = None,
    tax_percent: Said = None,
    incoterm: Said = None,
    source: Annotated[str | None, typer.Option(help="Who quotes.")] = None,
    decimal: Annotated[str | None, typer.Option(help='The decimal mark of the numbers: "." or ",".')] = None,
    dates: Annotated[str | None, typer.Option(help="The order of the days: YMD, DMY or MDY.")] = None,
    as_json: Json = False,
) -> None:
    """Report the prices of a file to the running system; what the file leaves out is said here for all its rows.

    Exit code 1 where a row was refused, 2 where none could be read.
    """
    from services.gateway.formats.prices import read_prices
    from services.gateway.formats.rows import ReadRow
    from services.gateway.prices import price_name

    assumed = _assumed(
        material=material,
        form=form,
        substance=substance,
        purity_percent=purity_percent,
        contained_percent=contained_percent,
        market=market,
        basis=basis,
        currency=currency,
        unit=unit,
        tax=tax,
        tax_percent=tax_percent,
        incoterm=incoterm,
        source=source,
        decimal=decimal,
        dates=dates,
    )

    def read(data: bytes, kind: str) -> Iterator["ReadPrice"]:
        return read_prices(data, kind, None, assumed)

    found = rows_of(file, read)
    recorded = _put([entry.row for entry in found if isinstance(entry, ReadRow)])
    tell(found, recorded, price_name, as_json=as_json)


@prices_commands.command("withdraw")
def prices_withdraw(
    series: Annotated[
        str, typer.Argument(help="As import and GET /v1/prices name it: material/form/purity/market/basis/currency/incoterm.")
    ],
    days: Annotated[list[str], typer.Argument(help="The days whose prices are taken back, YYYY-MM-DD.")],
    source: Annotated[str, typer.Option(help="Whose prices they are.")],
    as_json: Json = False,
) -> None:
    """Take prices back: the series then stands as if they had never come."""
    from services.gateway.formats.rows import ReadRow
    from services.gateway.prices import price_name
    from shared.contracts.price import withdrawal

    try:
        ticks = [withdrawal(series, source, each) for text in days if (each := day(text)) is not None]
    except ValueError:
        refuse(f"{series} is not the name of a series; it has seven parts, such as Nd/oxide/-/CN/assessed/CNY/-.")
    found = [ReadRow(str(tick.as_of), tick) for tick in ticks]
    tell(found, _put(ticks), price_name, as_json=as_json)


@prices_commands.command("list")
def prices_list(
    material: Annotated[str | None, typer.Option(help="Only series of this material, such as Nd, or CNY of exchange rates.")] = None,
    as_json: Json = False,
) -> None:
    """Every price series as it stands: price per kg of the element, how old, in which regime, and the premium outside China."""
    from services.pricing_risk.series_book import SeriesBook
    from services.pricing_risk.series_overview import SeriesOverview, SeriesToday

    async def read(bus: "Bus") -> list[SeriesToday]:
        return await SeriesOverview(bus, SeriesBook(bus)).today(datetime.now(UTC).date(), material)

    found = on_bus(read, "pricing-risk")
    if as_json:
        print_json({"series": [each.model_dump(mode="json") for each in found]})
        return
    grid = Table("series", "price per kg", "as of", "days old", "source", "prices", "held", "usual daily move", "regime", "premium")
    for each in found:
        grid.add_row(
            each.series,
            f"{float(each.price):.6g} {each.currency}",
            str(each.as_of),
            str(each.stale_days),
            each.source,
            str(each.ticks),
            str(each.held or ""),
            f"{each.sigma_1d:.2%}" if each.sigma_1d is not None else "",
            each.regime,
            f"{each.premium.percent:+.1f} %" if each.premium is not None else "",
        )
    console.print(grid)


@prices_commands.command("held")
def prices_held(
    material: Annotated[str | None, typer.Option(help="Only series of this material, such as Nd, or CNY of exchange rates.")] = None,
    as_json: Json = False,
) -> None:
    """Prices that wait for a second source or the next quote, or were kept out, and why: the latest days first."""
    from services.pricing_risk.series_book import SeriesBook
    from services.pricing_risk.series_overview import HeldPrice, SeriesOverview

    async def read(bus: "Bus") -> list[HeldPrice]:
        return await SeriesOverview(bus, SeriesBook(bus)).held(material)

    found = on_bus(read, "pricing-risk")
    if as_json:
        print_json({"held": [each.model_dump(mode="json") for each in found]})
        return
    grid = Table("day", "series", "source", "quoted", "outcome", "why")
    for each in found:
        grid.add_row(str(each.as_of), each.series, each.source, each.quoted, each.outcome, each.sentence)
    console.print(grid)


def _assumed(**said: str | None) -> "Assumed":
    from pydantic import ValidationError

    from services.gateway.formats.canonical import sentence_of
    from services.gateway.formats.prices import Assumed

    try:
        return Assumed.model_validate({name: value for name, value in said.items() if value is not None})
    except ValidationError as error:
        mistake = error.errors(include_url=False)[0]
        refuse(sentence_of(mistake, f"--{str(mistake['loc'][0]).replace('_', '-')}"))


def _put(ticks: Sequence["PriceTick"]) -> list["Recorded"]:
    """What became of each, in their order. They go in by the day."""
    from services.gateway.prices import PriceIntake

    async def put(bus: "Bus", piece: Sequence["PriceTick"]) -> list["Recorded"]:
        return await PriceIntake(bus).put(piece, datetime.now(UTC), None)

    by_day = sorted(range(len(ticks)), key=lambda at: ticks[at].as_of)
    recorded = dict(zip(by_day, put_in_pieces([ticks[at] for at in by_day], put, "prices", ROWS_AT_ONCE), strict=True))
    return [recorded[at] for at in range(len(ticks))]
