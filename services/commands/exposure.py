"""`orestream exposure` and `orestream exposure what-if`: what open orders are exposed to, today and if prices were others."""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args

import typer
from rich.table import Table

from services.commands.running import on_bus
from services.commands.terminal import Json, console, print_json, refuse

if TYPE_CHECKING:
    from decimal import Decimal

    from services.pricing_risk.domain.portfolio import Dimension
    from services.pricing_risk.domain.price_scenarios import PriceScenario
    from services.pricing_risk.exposure_view import ChangeView, ExposureView, ScenarioView, WorstLineView
    from services.pricing_risk.exposures import Exposures
    from shared.bus import Bus

exposure_commands = typer.Typer(invoke_without_command=True, help="What open orders are exposed to, and what it can cost more.")

Result = TypeVar("Result")
By = Annotated[str, typer.Option(help="element, supplier, country, buyer_unit or currency.")]
Worst = Annotated[int, typer.Option(min=0, max=1_000, help="How many lines are listed.")]


@exposure_commands.callback()
def exposure(context: typer.Context, by: By = "element", worst: Worst = 10, as_json: Json = False) -> None:
    """Exposure to prices and cost-at-risk of all open lines of the running system."""
    if context.invoked_subcommand is not None:
        return
    from services.pricing_risk.exposure_view import exposure_view

    dimension = _dimension(by)

    async def read(exposures: "Exposures") -> "ExposureView":
        return exposure_view(await exposures.portfolio(datetime.now(UTC).date()), dimension, worst)

    found = _on_exposures(read)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _show(found)


@exposure_commands.command("what-if")
def what_if(
    file: Annotated[Path | None, typer.Argument(help="A question as JSON, as POST /v1/price-scenarios takes it.")] = None,
    shock: Annotated[
        list[str] | None,
        typer.Option(help="ELEMENTS[@MARKET]=CHANGE: Dy,Tb@EX_CN=+30 is 30 % more outside China, Nd=x2 twice the price. Several times."),
    ] = None,
    cut: Annotated[
        list[str] | None,
        typer.Option(help="ELEMENTS[@MARKET]=PERCENT of the supply that an embargo or a quota takes away: Ga@EX_CN=60. Several times."),
    ] = None,
    lifted: Annotated[
        str | None, typer.Option(help="The suspension of controls is lifted for these ELEMENTS, or for all: prices do as they did then.")
    ] = None,
    scenario: Annotated[list[str] | None, typer.Option(help="S1 to S5 of the pricing policy happens again. Several times.")] = None,
    currency: Annotated[list[str] | None, typer.Option(help="CNY=+5 is 5 % dearer against all others. Several times.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far ahead a scenario of the past is looked at.")] = 90,
    by: By = "element",
    worst: Worst = 10,
    as_json: Json = False,
) -> None:
    """Exposure and worst lines before and after what is supposed; nothing is stored."""
    from services.pricing_risk.exposure_view import scenario_view

    asked = _question(file, shock or [], cut or [], lifted, scenario or [], currency or [], days)
    dimension = _dimension(by)

    async def ask(exposures: "Exposures") -> "ScenarioView":
        try:
            found = await exposures.what_if(asked, datetime.now(UTC).date())
        except ValueError as error:
            refuse(str(error))
        return scenario_view(found, dimension, worst)

    answer = _on_exposures(ask)
    if as_json:
        print_json(answer.model_dump(mode="json"))
    else:
        _show_change(answer)


def _on_exposures(work: "Callable[[Exposures], Awaitable[Result]]") -> Result:
    from services.pricing_risk.exposures import Exposures
    from services.pricing_risk.policy_file import load_policy
    from services.pricing_risk.price_histories import PriceHistories
    from services.pricing_risk.series_book import SeriesBook
    from services.pricing_risk.settings import Settings
    from shared.yaml_document import DocumentRefused

    try:
        policy = load_policy(Settings.from_environment(os.environ).policy_file).policy
    except DocumentRefused as error:
        refuse(str(error))

    async def run(bus: "Bus") -> Result:
        return await work(Exposures(bus, SeriesBook(bus), PriceHistories(bus), policy))

    return on_bus(run, "pricing-risk")


def _dimension(text: str) -> "Dimension":
    from services.pricing_risk.domain.portfolio import Dimension

    known = get_args(Dimension)
    if text not in known:
        refuse(f"Exposure is not grouped by {text!r}; --by takes {', '.join(known)}.")
    return text  # type: ignore[return-value]


def _question(
    file: Path | None, shocks: list[str], cuts: list[str], lifted: str | None, scenarios: list[str], currencies: list[str], days: int
) -> "PriceScenario":
    from pydantic import ValidationError

    from services.pricing_risk.domain.price_scenarios import PriceScenario

    try:
        if file is not None:
            if shocks or cuts or lifted or scenarios or currencies:
                refuse("Ask by a file or by options, not by both.")
            return PriceScenario.model_validate_json(file.read_bytes())
        events = [_cut(text) for text in cuts]
        if lifted is not None:
            events.append({"kind": "suspension_lifted", "elements": [] if lifted == "all" else lifted.split(",")})
        asked = {
            "shocks": [_shock(text) for text in shocks],
            "events": events,
            "scenarios": scenarios,
            "currencies": [_currency(text) for text in currencies],
            "horizon_days": days,
        }
        return PriceScenario.model_validate(asked)
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror}.")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "/".join(map(str, first["loc"])) or "the question"
        refuse(f"{place}: {first['msg'].removeprefix('Value error, ')}.")


def _shock(text: str) -> dict[str, Any]:
    elements, market, change = _parts(text, "Dy@EX_CN=+30 or Nd=x2")
    how = {"factor": change[1:]} if change.startswith("x") else {"percent": change.removeprefix("+").removesuffix("%").strip()}
    return {"elements": [] if elements == ["all"] else elements, "market": market, **how}


def _cut(text: str) -> dict[str, Any]:
    elements, market, change = _parts(text, "Ga@EX_CN=60")
    percent = change.removesuffix("%").strip()
    cuts = {"outside_cut_percent": percent if market != "CN" else None, "inside_cut_percent": percent if market == "CN" else None}
    return {"kind": "quota", "elements": elements, **cuts}


def _currency(text: str) -> dict[str, Any]:
    names, _, change = _parts(text, "CNY=+5")
    return {"currency": names[0], "percent": change.removeprefix("+").removesuffix("%").strip()}


def _parts(text: str, example: str) -> tuple[list[str], str | None, str]:
    what, equals, change = text.partition("=")
    names, _, market = what.partition("@")
    if not equals or not names or not change:
        refuse(f"{text!r} cannot be read; write it as in {example}.")
    return [name.strip() for name in names.split(",")], market or None, change.strip()


def _show(found: "ExposureView") -> None:
    total = found.total
    grid = Table(found.by, "lines", "not fully known", "market value", "exposure", "shortfall 97.5 %", "alone", "FX", "hedgeable")
    for name, figures in [*((group.name or "nobody says", group) for group in found.groups), ("all", total)]:
        grid.add_row(
            name,
            str(figures.lines),
            str(figures.unknown_lines or ""),
            _money(figures.market_value_money),
            _money(figures.exposure_money),
            _money(figures.expected_shortfall_975_money),
            _money(figures.expected_shortfall_975_alone_money),
            _percent(figures.exchange_rate_share),
            _percent(figures.hedgeable_share),
        )
    console.print(grid)
    console.print(
        f"On {found.as_of}, in {found.currency}: {_money(total.exposure_money)} not priced yet and not hedged. It can cost "
        f"{found.cost_at_risk_95_money:,} more (95 %), {found.cost_at_risk_99_money:,} (99 %), in the worst 2.5 % of cases "
        f"{_money(total.expected_shortfall_975_money)} on average, by {found.method.scenarios} joint scenarios.",
        highlight=False,
    )
    if found.method.series_by_proxy:
        console.print(f"Without enough of a common past, at their own worst: {', '.join(found.method.series_by_proxy)}.", highlight=False)
    if found.method.series_without_risk:
        series = ", ".join(found.method.series_without_risk)
        console.print(f"{_money(total.exposure_without_risk_money)} have a price and no risk: {series}.", highlight=False)
    _show_lines("The lines that add most", found.worst_lines)
    for missing in found.missing:
        console.print(f"Missing: {missing.what} ({missing.lines} lines).", highlight=False, markup=False)


def _show_change(found: "ScenarioView") -> None:
    for effect in found.supposed:
        console.print(f"{effect.series}: {effect.sentence}", highlight=False, markup=False)
    for what in found.without_effect:
        console.print(f"Without effect: {what}", highlight=False, markup=False)
    grid = Table(found.by, "exposure before", "after", "change", "shortfall 97.5 % before", "after", "change")
    for group in found.groups:
        grid.add_row(group.name or "nobody says", *_change(group.exposure_money), *_change(group.expected_shortfall_975_money))
    grid.add_row("all", *_change(found.exposure_money), *_change(found.expected_shortfall_975_money))
    console.print(grid)
    cost = found.cost_money
    before, after, change = _change(cost)
    told = f"In {found.currency}, the open lines whose cost is known cost {after} instead of {before}: {change}."
    console.print(told, highlight=False)
    _show_lines("The lines that add most, before", found.worst_lines_before)
    _show_lines("The lines that add most, after", found.worst_lines_after)
    for missing in found.missing:
        console.print(f"Not valued: {missing.what} ({missing.lines} lines).", highlight=False, markup=False)


def _show_lines(title: str, lines: "list[WorstLineView]") -> None:
    if not lines:
        return
    grid = Table("order", "line", "goods", "supplier", "priced", "exposure", "shortfall 97.5 %", title=title)
    for line in lines:
        goods = line.description or line.item_id or " ".join(line.elements)
        priced = f"{line.pricing} {line.pricing_on or ''}".strip()
        money = (_money(line.exposure_money), _money(line.expected_shortfall_975_money))
        grid.add_row(line.order_key, line.line_id, goods[:60], line.supplier or "", priced, *money)
    console.print(grid)


def _change(change: "ChangeView") -> tuple[str, str, str]:
    return _money(change.before), _money(change.after), "?" if change.change is None else f"{change.change:+,}"


def _money(amount: "Decimal | None") -> str:
    return "?" if amount is None else f"{amount:,}"


def _percent(share: Any) -> str:
    return "" if share is None else f"{100 * share:.0f} %"
