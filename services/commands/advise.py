"""`orestream advise`: what the stockpile advisor advises, what it would, a picture of the stock to come, and the published exams."""

import asyncio
import csv
import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.table import Table

from services.commands.running import on_bus
from services.commands.terminal import Json, console, print_json, refuse

if TYPE_CHECKING:
    from decimal import Decimal

    from services.stockpile_advisor.domain.exam import Answer, ExamRow
    from services.stockpile_advisor.questions import Questions, WhatIfAnswer
    from shared.bus import Bus
    from shared.contracts.supply_risk import MaterialAdvice

advise_commands = typer.Typer(invoke_without_command=True, help="What to order by when for each item of each plant, and why.")

Result = TypeVar("Result")


@advise_commands.callback()
def advise(
    context: typer.Context,
    plant: Annotated[str | None, typer.Option(help="Only this plant.")] = None,
    item: Annotated[str | None, typer.Option(help="Only this item.")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the stock to come of one item of one plant into this file (.png or .svg).")
    ] = None,
    as_json: Json = False,
) -> None:
    """The advice of the running system; of one item of one plant with its causes, alternatives and sensitivity."""
    if context.invoked_subcommand is not None:
        return
    if plot is not None:
        if plant is None or item is None:
            refuse("--plot draws one item of one plant; give --plant and --item.")
        if plot.suffix.lower() not in (".png", ".svg"):
            refuse(f"{plot} cannot be drawn: its name ends in neither .png nor .svg.")
    found = _read(plant, item, plot)
    if as_json:
        print_json({"advice": [advice.model_dump(mode="json") for advice in found]})
    elif plant is not None and item is not None and found:
        _show_one(found[0])
    else:
        _show_all(found)
    if plot is not None and found and not as_json:
        console.print(f"Drawn into {plot}.", highlight=False, markup=False)


@advise_commands.command("what-if")
def what_if(
    plant: Annotated[str, typer.Option(help="The plant.")],
    item: Annotated[str, typer.Option(help="The item.")],
    delay_prior: Annotated[str | None, typer.Option(help='Another licence delay of the policy: "prioritised EU automotive".')] = None,
    delay_days: Annotated[str | None, typer.Option(help="Every licence takes so many days.")] = None,
    licence: Annotated[bool | None, typer.Option("--licence/--no-licence", help="Orders need a licence, or none does.")] = None,
    embargo_from: Annotated[str | None, typer.Option(help="Nothing leaves from that day on, YYYY-MM-DD.")] = None,
    embargo_days: Annotated[str | None, typer.Option(help="How long; default: until further notice.")] = None,
    embargo_probability: Annotated[str | None, typer.Option(help="That it comes at all; default: 1.")] = None,
    demand: Annotated[str | None, typer.Option(help="1.2 is a fifth more used, 0.5 half of it.")] = None,
    supplier_lost: Annotated[str | None, typer.Option(help="He delivers nothing any more.")] = None,
    as_json: Json = False,
) -> None:
    """The advice on one item before and after what is supposed; nothing is stored."""
    from pydantic import ValidationError

    from services.stockpile_advisor.questions import NotAnswerable, Supposed, UnknownPlace

    said = {
        "plant": plant,
        "item_id": item,
        "delay_prior": delay_prior,
        "delay_days": delay_days,
        "licence_needed": licence,
        "embargo_from": embargo_from,
        "embargo_days": embargo_days,
        "embargo_probability": embargo_probability,
        "demand_factor": demand,
        "supplier_lost": supplier_lost,
    }
    try:
        asked = Supposed.model_validate({name: value for name, value in said.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "/".join(map(str, first["loc"])) or "the question"
        refuse(f"{place}: {first['msg'].removeprefix('Value error, ')}.")

    async def ask(questions: "Questions") -> "WhatIfAnswer":
        try:
            return await questions.what_if(asked, datetime.now(UTC))
        except (NotAnswerable, UnknownPlace) as error:
            refuse(str(error))

    answer = _on_questions(ask)
    if as_json:
        print_json(answer.model_dump(mode="json"))
        return
    for sentence in answer.supposed:
        console.print(f"Supposed: {sentence}", highlight=False, markup=False)
    grid = Table("", "as it stands", "supposed")
    for (name, before), (_, after) in zip(_figures(answer.before), _figures(answer.after), strict=True):
        grid.add_row(name, before, after)
    console.print(grid)
    console.print(answer.after.sentence, highlight=False, markup=False)


@advise_commands.command("exam")
def exam(
    files: Annotated[list[Path] | None, typer.Argument(help="Published tables as CSV, known by their names.")] = None,
    failed_only: Annotated[bool, typer.Option("--failed", help="Only what does not pass.")] = False,
    as_json: Json = False,
) -> None:
    """Published answers beside ours: EU 2017, textbook, time to survive from the files given, EU 2023 from the shares that are shipped.

    Exit code 1 where an answer is further off than its exam allows.
    """
    from services.stockpile_advisor.domain.exam import exam_rows
    from services.stockpile_advisor.reference_files import reference_shares

    tables = {file.stem: _table(file) for file in files or []}
    shares = reference_shares()
    try:
        rows = exam_rows(
            tables,
            {name: [list(shares.stages(member).values()) for member in shares.members(name)] for name in shares.scores},
            {name: score.supply_risk for name, score in shares.scores.items()},
        )
    except (KeyError, ValueError) as error:
        refuse(f"The tables cannot be read as published: {error}.")
    passed = all(row.passed for row in rows)
    if as_json:
        print_json({"passed": passed, "rows": [_exam_json(row) for row in rows]})
    else:
        _show_exam(rows, failed_only=failed_only)
    raise typer.Exit(0 if passed else 1)


def _read(plant: str | None, item: str | None, plot: Path | None) -> "list[MaterialAdvice]":
    from services.stockpile_advisor.advice_book import AdviceBook

    async def read(bus: "Bus") -> "list[MaterialAdvice]":
        book = AdviceBook(bus)
        if plant is None or item is None:
            return [each for each in await book.all() if plant in (None, each.plant) and item in (None, each.item_id)]
        advice = await book.whole(plant, item)
        if advice is None:
            refuse(f"There is no advice on {item} in {plant}; `orestream stock import` reports what the plant holds.")
        if plot is not None:
            await _draw(bus, advice, plot)
        return [advice]

    return on_bus(read, "stockpile-advisor")


async def _draw(bus: "Bus", advice: "MaterialAdvice", plot: Path) -> None:
    from services.stockpile_advisor.cover_plot import drawn
    from services.stockpile_advisor.gathering import Gathering
    from shared.series_views import SeriesViews

    inputs = await (await Gathering(bus, SeriesViews(bus)).around()).inputs(advice.item_id)
    if advice.plant not in inputs:
        refuse(f"{advice.plant} keeps no {advice.item_id} any more.")
    try:
        picture = drawn(advice, inputs[advice.plant], "svg" if plot.suffix.lower() == ".svg" else "png")
        await asyncio.to_thread(plot.write_bytes, picture)
    except OSError as error:
        refuse(f"{plot} cannot be written: {error.strerror}.")


def _on_questions(work: "Callable[[Questions], Awaitable[Result]]") -> Result:
    from services.stockpile_advisor.gathering import Gathering
    from services.stockpile_advisor.policy_file import load_policy
    from services.stockpile_advisor.questions import Questions
    from services.stockpile_advisor.settings import Settings
    from shared.series_views import SeriesViews
    from shared.yaml_document import DocumentRefused

    try:
        policy = load_policy(Settings.from_environment(os.environ).policy_file).policy
    except DocumentRefused as error:
        refuse(str(error))

    async def run(bus: "Bus") -> Result:
        return await work(Questions(Gathering(bus, SeriesViews(bus)), policy))

    return on_bus(run, "stockpile-advisor")


def _show_all(found: "Sequence[MaterialAdvice]") -> None:
    if not found:
        console.print("No plant has reported stock; `orestream stock import` does.", highlight=False)
        return
    grid = Table("plant", "item", "advice", "quantity", "order by", "cover", "policy", "lasts", "order takes p50/p95", "short in 90 days")
    for each in found:
        grid.add_row(
            each.plant,
            each.item_id,
            each.decision.replace("_", " "),
            _amount(each.quantity, each.unit) if each.quantity is not None else "",
            str(each.order_by or ""),
            _days(each.days_of_cover),
            str(each.policy_days or ""),
            _days(each.time_to_survive_days),
            f"{each.time_to_recover_p50_days if each.time_to_recover_p50_days is not None else '?'}/"
            f"{each.time_to_recover_p95_days if each.time_to_recover_p95_days is not None else '?'}",
            _percent(each.probability_short.get("90")),
        )
    console.print(grid)
    for each in found:
        console.print(f"{each.plant} {each.item_id}: {each.sentence}", highlight=False, markup=False)


def _show_one(advice: "MaterialAdvice") -> None:
    console.print(advice.sentence, highlight=False, markup=False)
    grid = Table(f"{advice.item_id} in {advice.plant}", f"as of {advice.made_at:%Y-%m-%d %H:%M}")
    for name, value in _figures(advice):
        grid.add_row(name, value)
    console.print(grid)
    for element, risk in advice.geopolitical_risk.items():
        console.print(f"GeoPolRisk of {element}: {'?' if risk is None else f'{risk:.3g}'}", highlight=False, markup=False)
    for loss in advice.expected_losses:
        parts = f"margin {_money(loss.lost_margin)}, price {_money(loss.price_increase)} {advice.currency or ''}".rstrip()
        console.print(f"Loss: {loss.scenario} ({loss.probability:.0%} a year): {parts}", highlight=False, markup=False)
    for title, sentences in (
        ("Why", [cause.sentence for cause in advice.causes]),
        ("Otherwise", [other.sentence for other in advice.alternatives]),
        ("Law", [clock.sentence for clock in advice.rule_clocks]),
        ("Missing", [fact.question for fact in advice.missing]),
        ("Trusted less, because", advice.confidence_reasons),
    ):
        for sentence in sentences:
            console.print(f"{title}: {sentence}", highlight=False, markup=False)
    if advice.sensitivity:
        other = Table("if", "advice", "quantity", "order by", "short before it arrives")
        for each in advice.sensitivity:
            quantity = _amount(each.quantity, advice.unit) if each.quantity is not None else ""
            other.add_row(
                each.assumption, each.decision.replace("_", " "), quantity, str(each.order_by or ""), _percent(each.probability_short)
            )
        console.print(other)


def _figures(advice: "MaterialAdvice") -> list[tuple[str, str]]:
    cost, waiting = advice.cost, advice.cost_of_waiting
    money = advice.currency or ""
    figures = [
        ("advice", advice.decision.replace("_", " ")),
        ("quantity", _amount(advice.quantity, advice.unit) if advice.quantity is not None else "none"),
        ("order by", str(advice.order_by or "")),
        ("last order before the law changes", str(advice.last_safe_order_on or "")),
        ("usable", _amount(advice.usable, advice.unit)),
        ("on order", _amount(advice.inbound, advice.unit)),
        ("used a day", _amount(advice.consumption_per_day, advice.unit)),
        ("days of cover", f"{_days(advice.days_of_cover)} now, {_days(advice.days_of_cover_after)} after"),
        ("cover to order at", _days(advice.advised_cover_days)),
        ("lasts without orders", _days(advice.time_to_survive_days)),
        ("an order takes", f"{_days(advice.time_to_recover_p50_days)} days, 95 % within {_days(advice.time_to_recover_p95_days)}"),
    ]
    for within in ("30", "90", "180"):
        before, after = advice.probability_short.get(within), advice.probability_short_after.get(within)
        figures.append((f"short within {within} days", f"{_percent(before)}, with the order {_percent(after)}"))
    if cost is not None and waiting is not None:
        figures.append(("cost of the order", f"holding {cost.holding} {money}, shortage {cost.shortage} {money}"))
        figures.append(("cost without it", f"holding {waiting.holding} {money}, shortage {waiting.shortage} {money}"))
    else:
        figures += [("cost of the order", "?"), ("cost without it", "?")]
    expected = f"{_money(advice.expected_loss_money)} {money}".rstrip() if advice.expected_losses else ""
    figures.append(("expected loss by embargoes", expected))
    figures.append(("licence delay", advice.delay_prior or "no licence needed"))
    figures.append(("confidence", advice.confidence or "?"))
    return figures


def _amount(quantity: "Decimal | None", unit: str) -> str:
    if quantity is None:
        return "?"
    digits = max(0, 5 - quantity.adjusted()) if quantity else 0
    return f"{round(quantity, digits).normalize():,f} {unit}"


def _money(amount: "Decimal | None") -> str:
    return "?" if amount is None else f"{amount:,.2f}"


def _days(days: float | None) -> str:
    return "?" if days is None else f"{days:.0f}"


def _percent(share: float | None) -> str:
    return "?" if share is None else f"{share:.1%}"


def _table(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            return list(csv.DictReader(opened))
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror}.")
    except (UnicodeDecodeError, csv.Error) as error:
        refuse(f"{file} cannot be read as CSV in UTF-8: {error}.")


def _exam_json(row: "ExamRow") -> dict[str, Any]:
    return {"exam": row.exam, "question": row.question, "published": row.published, "ours": row.ours, "passed": row.passed}


def _show_exam(rows: "Sequence[ExamRow]", *, failed_only: bool) -> None:
    grid = Table("exam", "question", "published", "ours", "passed")
    for row in rows:
        if not (failed_only and row.passed):
            grid.add_row(row.exam, row.question, _answer(row.published), _answer(row.ours), "yes" if row.passed else "NO")
    console.print(grid)
    for name in dict.fromkeys(row.exam for row in rows):
        of_exam = [row for row in rows if row.exam == name]
        console.print(f"{name}: {sum(row.passed for row in of_exam)} of {len(of_exam)}", highlight=False)


def _answer(figures: "Answer") -> str:
    return ", ".join(f"{figure:.7g}" for figure in figures)
