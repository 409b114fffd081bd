"""`orestream prices backtest`: what the price bounds have been worth on a past, beside those of the textbook."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from services.commands.terminal import Json, console, day, print_json

if TYPE_CHECKING:
    from services.pricing_risk.backtesting import Past
    from services.pricing_risk.domain.backtest.running import AtHorizon, Backtest, Judged

_NOTHING = "–"


def backtest(
    files: Annotated[list[Path], typer.Argument(help="Price files: CSV with a header, JSON or NDJSON; one series each, one price a day.")],
    horizon: Annotated[list[int], typer.Option(min=1, help="Quotation days ahead; may be said more than once. Default: 20 and 63.")] = [],  # noqa: B006
    column: Annotated[str | None, typer.Option(help="The column of the price, where its name does not tell it.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Only forecasts from this day on count, YYYY-MM-DD; prices before it are learnt from.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="A PNG of price, bounds, exceedances and regimes; of several files one each.")] = None,
    as_json: Json = False,
) -> None:
    """Score the model's price bounds on a past it did not know, beside RiskMetrics, historical simulation and GARCH.

    Exit code 1 where a bar is missed: the 95 % bound exceeded on more than 9 % of days, the 99 % bound on more than 3 %, or a pinball loss
    over 1.5 times that of RiskMetrics. Exit code 2 where a file cannot be used.
    """
    from services.pricing_risk.backtesting import FileUnusable, draw, read_past
    from services.pricing_risk.domain.backtest.running import TooShort, run

    first, horizons = day(since), sorted(set(horizon)) or [20, 63]
    done: list[tuple[Past, Backtest, Path | None]] = []
    refused: list[str] = []
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        for file in files:
            try:
                past = read_past(file, column)
                task = progress.add_task(escape(file.name), total=len(past.days))

                def ticked(task: Any = task) -> None:
                    progress.advance(task)

                result = run(past.days, past.prices, horizons, since=first, ticked=ticked)
                target = plot if plot is None or len(files) == 1 else plot.with_stem(f"{plot.stem}-{file.stem}")
                if target is not None:
                    draw(past, result, target)
                done.append((past, result, target))
            except FileUnusable as error:
                refused.append(str(error))
            except TooShort as error:
                refused.append(f"{file}: {error}")
    if as_json:
        print_json({"files": [_as_json(*each) for each in done], "refused": refused, "met": all(result.met for _, result, _ in done)})
    else:
        for past, result, target in done:
            _show(past, result, target)
        if len(done) > 1:
            _show_all(done, horizons)
    for sentence in refused:
        print(sentence, file=sys.stderr)
    raise typer.Exit(2 if refused else 0 if all(result.met for _, result, _ in done) else 1)


def _show(past: "Past", result: "Backtest", target: Path | None) -> None:
    console.print(f"\n[bold]{escape(past.file.name)}[/bold]", highlight=False)
    sentences = [
        f"{len(past.days)} prices from {past.days[0]} to {past.days[-1]}, column {past.column}.",
        *(f"Rows {words}: {rows}." for words, rows in past.remarks.items()),
        f"The tick gate was applied, as to prices that come in; it kept {result.streamed.kept_out or 'none'} out of the model, "
        "and forecasts of days whose own price had to wait do not count.",
        f"The first {result.burn_in} prices are burn-in, of every model alike.",
    ]
    console.print(" ".join(sentences), highlight=False, markup=False, soft_wrap=True)
    for at in result.horizons:
        console.print(_table(at))
        console.print(_bars(at), highlight=False, markup=False, soft_wrap=True)
    for sentence in result.too_short:
        console.print(sentence, highlight=False, markup=False, soft_wrap=True)
    if target is not None:
        console.print(f"Drawn in {target}.", highlight=False, markup=False, soft_wrap=True)


def _table(at: "AtHorizon") -> Table:
    title = f"{at.horizon} quotation days ahead: {at.forecasts} forecasts from {at.first} to {at.last}, {at.blocks} of them not overlapping"
    caption = (
        f"p-values over all cuts into forecasts that do not overlap; Z2 (0 is right) speaks against a model at 5 % below "
        f"{at.z2_critical_normal:.2f} for normal and {at.z2_critical_t3:.2f} for t(3) losses; pinball in % and beside RiskMetrics'"
    )
    grid = Table(title=title, caption=caption, title_justify="left", caption_justify="left", title_style="", caption_style="dim")
    grid.add_column("model")
    for name in ("above\n95 % bound", "above\n99 % bound", "Kupiec p\n95 | 99", "Christoffersen p\n95 | 99", "Acerbi–Székely\nZ2"):
        grid.add_column(name, justify="right")
    for name in ("pinball 95\n× RiskMetrics", "pinball 99\n× RiskMetrics"):
        grid.add_column(name, justify="right")
    remarked = any(model.remark for model in at.models)
    if remarked:
        grid.add_column("remark")
    for model in at.models:
        grid.add_row(*map(escape, _row(model)), *([model.remark or ""] if remarked else []))
    return grid


def _row(model: "Judged") -> tuple[str, ...]:
    score, ratios = model.score, model.pinball_ratios
    if score is None or ratios is None:
        return (model.name, *[_NOTHING] * 7)
    return (
        model.name,
        f"{score.exceeded_95_percent:.1f} %",
        f"{score.exceeded_99_percent:.1f} %",
        f"{score.kupiec_95:.3f} | {score.kupiec_99:.3f}",
        f"{score.christoffersen_95:.3f} | {score.christoffersen_99:.3f}",
        _NOTHING if score.z2 is None else f"{score.z2:.2f}",
        f"{score.pinball_95:.2f}  × {ratios[0]:.2f}",
        f"{score.pinball_99:.2f}  × {ratios[1]:.2f}",
    )


def _bars(at: "AtHorizon") -> str:
    verdict = at.verdict
    bars = (
        ("95 % bound exceeded on ≤ 9 % of days", verdict.exceeded_95),
        ("99 % bound on ≤ 3 %", verdict.exceeded_99),
        ("pinball ≤ 1.5 × RiskMetrics'", verdict.pinball),
    )
    return "Bars: " + "; ".join(f"{name}: {'met' if met else 'MISSED'}" for name, met in bars) + "."


def _show_all(done: "list[tuple[Past, Backtest, Path | None]]", horizons: list[int]) -> None:
    console.print()
    met = sum(result.met for _, result, _ in done)
    console.print(f"All bars are met on {met} of {len(done)} series.", highlight=False)
    for horizon in horizons:
        own = [at.models[0] for _, result, _ in done for at in result.horizons if at.horizon == horizon]
        ratios = [model.pinball_ratios for model in own if model.pinball_ratios]
        at_95, at_99 = (sum(pair[level] <= 1 for pair in ratios) for level in (0, 1))
        console.print(
            f"{horizon} days ahead pinball is no greater than RiskMetrics' on {at_95} of {len(ratios)} at 95 % and on {at_99} at 99 %.",
            highlight=False,
        )


def _as_json(past: "Past", result: "Backtest", target: Path | None) -> dict[str, Any]:
    return {
        "file": str(past.file),
        "column": past.column,
        "prices": len(past.days),
        "first": past.days[0],
        "last": past.days[-1],
        "remarks": past.remarks,
        "gate": {"applied": True, "kept_out": result.streamed.kept_out},
        "burn_in": result.burn_in,
        "plot": target,
        "met": result.met,
        "horizons": [_horizon_as_json(at) for at in result.horizons],
        "too_short": result.too_short,
    }


def _horizon_as_json(at: "AtHorizon") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "horizon": at.horizon,
        "forecasts": at.forecasts,
        "not_overlapping": at.blocks,
        "first": at.first,
        "last": at.last,
        "z2_critical_5_percent": {"normal": at.z2_critical_normal, "t3": at.z2_critical_t3},
        "bars": {**asdict(at.verdict), "met": at.verdict.met},
        "models": [
            {
                "model": model.name,
                "remark": model.remark,
                "score": asdict(model.score) if model.score else None,
                "pinball_ratio_95": model.pinball_ratios[0] if model.pinball_ratios else None,
                "pinball_ratio_99": model.pinball_ratios[1] if model.pinball_ratios else None,
            }
            for model in at.models
        ],
    }
