"""Backtests of price files: reading a price a day out of whatever a file looks like, and drawing what came of the bounds."""

import csv
import io
import json
import math
import re
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.pricing_risk.domain.backtest.running import Backtest

_DAY_NAMES = ("date", "day", "as_of", "asof", "observation_date", "trade_date", "time", "timestamp", "period", "datum", "日期")
_PRICE_NAMES = ("mid", "price", "close", "settle", "value", "avg", "average", "mean", "last", "spot", "均价", "价格")
_LOW_NAMES, _HIGH_NAMES = ("low", "min", "最低"), ("high", "max", "最高")
_DAY_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d %b %Y", "%b %d, %Y", "%d-%b-%Y")
_ABSENT = frozenset({"", "-", ".", "na", "n/a", "nan", "null", "none"})
_MOST_REPEATED = 0.1
"""Share of rows of a day that was there already with another price, beyond which the file holds more than one series."""


class FileUnusable(ValueError):
    """Says what is wrong with a file and what to do."""


@dataclass(slots=True, frozen=True)
class Past:
    """The prices of one series, one a day, positive, in the order of days."""

    file: Path
    column: str
    """What the prices were taken from, in the file's words."""
    days: tuple[date, ...]
    prices: tuple[float, ...]
    remarks: Mapping[str, int]
    """Of rows that gave no price, or not as they stood: words → how many."""


def read_past(file: Path, column: str | None = None) -> Past:
    """A CSV file with a header, JSON or NDJSON; `column` where the name of the price does not tell it. Raises FileUnusable."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise FileUnusable(f"{file} is not text in UTF-8; save it as CSV or JSON in UTF-8.") from None
    except OSError as error:
        raise FileUnusable(f"{file} cannot be read: {error.strerror}.") from None
    if not text.strip():
        raise FileUnusable(f"{file} is empty.")
    rows: Sequence[Mapping[str, Any]]
    if text.lstrip()[:1] in ("{", "["):
        rows, column = _json_rows(file, text, column)
    else:
        rows = _csv_rows(file, text)
    if not rows:
        raise FileUnusable(f"{file} holds no rows.")
    names = list(dict.fromkeys(name for row in rows for name in row))
    day_name = _named(names, _DAY_NAMES)
    if day_name is None:
        raise FileUnusable(f"{file} has no column of days among {_listed(names)}; call one `date`.")
    price_names = _price_names(file, names, day_name, column)
    return _past(file, rows, day_name, price_names)


def _past(file: Path, rows: Sequence[Mapping[str, Any]], day_name: str, price_names: tuple[str, ...]) -> Past:
    remarks: Counter[str] = Counter()
    by_day: dict[date, float] = {}
    order: list[date] = []
    day_format = _day_format([str(row.get(day_name) or "") for row in rows])
    for row in rows:
        day = _day(str(row.get(day_name) or ""), day_format)
        values = [_number(row.get(name)) for name in price_names]
        if day is None:
            remarks["without a day"] += 1
        elif any(value is None for value in values):
            remarks["without a price"] += 1
        else:
            price = math.fsum(value for value in values if value is not None) / len(values)
            if not math.isfinite(price):
                remarks["whose price is no number"] += 1
            elif price <= 0:
                remarks["with a price of zero or below"] += 1
            elif day in by_day:
                remarks["that repeat a day with the same price" if by_day[day] == price else "replaced by a later one of the same day"] += 1
                by_day[day] = price
            else:
                by_day[day] = price
                order.append(day)
    column = " and ".join(price_names)
    if not by_day:
        raise FileUnusable(f"{file} has no row with a day in `{day_name}` and a price in `{column}`{_told(remarks)}.")
    if remarks["replaced by a later one of the same day"] > _MOST_REPEATED * len(rows):
        raise FileUnusable(f"{file} holds several prices of most days; it is more than one series. Put each into a file of its own.")
    days = sorted(by_day)
    backwards = sum(later < earlier for earlier, later in pairwise(order))
    if backwards != len(order) - 1:
        remarks["behind a later day, put in their place"] += backwards
    return Past(file, column, tuple(days), tuple(by_day[day] for day in days), {words: rows for words, rows in remarks.items() if rows})


def _csv_rows(file: Path, text: str) -> list[dict[str, str]]:
    sample = text[:8192]
    header = sample.splitlines()[0] if sample.strip() else ""
    delimiter = max((",", ";", "\t", "|"), key=header.count)
    try:
        return [
            {name.strip(): value for name, value in row.items() if isinstance(name, str) and isinstance(value, str)}
            for row in csv.DictReader(io.StringIO(text), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise FileUnusable(f"{file} is not CSV: {error}.") from None


def _json_rows(file: Path, text: str, column: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """A list of objects, one object a line, an object day → price, or an object of any of these, of which `column` may name one.

    With the rows comes what of `column` is still to be looked for in them.
    """
    try:
        held = json.loads(text)
    except json.JSONDecodeError as whole:
        try:
            held = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (json.JSONDecodeError, RecursionError):
            raise FileUnusable(f"{file} is not JSON: {whole.msg} in line {whole.lineno}.") from None
    except RecursionError:
        raise FileUnusable(f"{file} is JSON nested too deeply to be prices.") from None
    found = _rows_in(held)
    if found is not None:
        return found, column
    series = {name: rows for name, inner in held.items() if (rows := _rows_in(inner))} if isinstance(held, dict) else {}
    if column in series:
        return series[column], None
    if len(series) == 1:
        return next(iter(series.values())), column
    if series:
        raise FileUnusable(f"{file} holds {_listed(list(series))}; say which with --column.")
    raise FileUnusable(f"{file} is JSON, but not prices by day: give a list of objects with `date` and `price`.")


def _rows_in(held: Any) -> list[dict[str, Any]] | None:
    if isinstance(held, list) and held and all(isinstance(row, dict) for row in held):
        return held
    if (
        isinstance(held, dict)
        and held
        and all(_day(name, None) for name in held)
        and not any(isinstance(v, dict | list) for v in held.values())
    ):
        return [{"date": day, "price": price} for day, price in held.items()]
    return None


def _price_names(file: Path, names: Sequence[str], day_name: str, column: str | None) -> tuple[str, ...]:
    if column is not None:
        exact = next((name for name in names if name.casefold() == column.casefold()), None)
        if exact is None:
            raise FileUnusable(f"{file} has no column {column!r}; it has {_listed(names)}.")
        return (exact,)
    others = [name for name in names if name != day_name]
    if price := _named(others, _PRICE_NAMES):
        return (price,)
    low, high = _named(others, _LOW_NAMES), _named(others, _HIGH_NAMES)
    if low and high:
        return low, high
    if len(others) == 1:
        return (others[0],)
    raise FileUnusable(f"{file} has no column that is called a price among {_listed(names)}; say which with --column.")


def _named(names: Sequence[str], wanted: Sequence[str]) -> str | None:
    """The first name that is one of those wanted, else begins with one, else has one among its words; wanted ones in their order."""
    words = {name: [word for word in re.split(r"[\W_]+", name.casefold()) if word] for name in names}
    for fits in (
        lambda name, want: name.casefold() == want,
        lambda name, want: words[name][:1] == [want],
        lambda name, want: want in words[name] or (not want.isascii() and want in name),
    ):
        for want in wanted:
            for name in names:
                if fits(name, want):
                    return name
    return None


def _day_format(texts: Sequence[str]) -> str | None:
    """The format in which the most of a sample can be read: 03/04/2024 is told by those beside it."""
    sample = texts[:: max(1, len(texts) // 200)]
    counts = {form: sum(_day(text, form) is not None for text in sample) for form in _DAY_FORMATS}
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else None


def _day(text: str, day_format: str | None) -> date | None:
    text = text.strip()
    if day_format is None or day_format == "%Y-%m-%d":
        try:
            return datetime.fromisoformat(text).date()
        except ValueError:
            return None
    try:
        return datetime.strptime(text, day_format).date()  # noqa: DTZ007
    except ValueError:
        return None


def _number(value: Any) -> float | None:
    """None where there is none; NaN where what is there is no number."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    text = str(value).strip().replace("\u00a0", "").replace(" ", "").lstrip("$€£¥")
    if text.casefold() in _ABSENT:
        return None
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    elif re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+,\d+|[+-]?\d+,\d+", text):
        text = text.replace(".", "").replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return math.nan


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:12])
    return f"{shown} and {len(names) - 12} more" if len(names) > 12 else shown


def _told(remarks: Mapping[str, int]) -> str:
    rows = "; ".join(f"{count} {words}" for words, count in remarks.items() if count)
    return f": rows {rows}" if rows else ""


# --- the picture ------------------------------------------------------------------------------------------------------------------------

_SHADES = {"rally": "#f2a65a", "spike": "#d7263d", "unwind": "#4f86c6"}


def draw(past: Past, result: "Backtest", target: Path) -> None:
    """A PNG: for each horizon the price, the bounds that were given for that day, where they were exceeded, and the regimes.

    Raises FileUnusable where it cannot be written.
    """
    import matplotlib

    matplotlib.use("Agg")
    import numpy as np
    from matplotlib import pyplot

    days, prices = np.array(past.days, dtype="datetime64[D]"), np.array(past.prices)
    figure, panels = pyplot.subplots(len(result.horizons), 1, figsize=(14, 5.2 * len(result.horizons)), sharex=True, squeeze=False)
    for panel, at in zip(panels[:, 0], result.horizons, strict=True):
        _draw_regimes(panel, days, result.streamed.regimes)
        panel.plot(days, prices, color="#1b1b1e", linewidth=1.1, label="price", zorder=3)
        judged = np.zeros(len(days), dtype=bool)
        judged[at.horizon :] = at.judged[: -at.horizon]
        for bound, colour, name in ((at.bounds.bound_95, "#2a7f62", "95 %"), (at.bounds.bound_99, "#7fb8a4", "99 %")):
            given = np.full(len(days), np.nan)
            given[at.horizon :] = (prices * np.exp(bound))[: -at.horizon]
            given[~judged] = np.nan
            panel.plot(days, given, color=colour, linewidth=0.9, label=f"{name} bound of {at.horizon} quotation days before", zorder=2)
            if name == "95 %":
                beyond = prices > given
        panel.scatter(
            days[beyond],
            prices[beyond],
            s=14,
            color="#d7263d",
            label=f"above the 95 % bound ({beyond.sum()} of {judged.sum()} days)",
            zorder=4,
        )
        own = at.models[0].score
        assert own is not None, "the streaming model always has a score"
        panel.set_title(
            f"{at.horizon} quotation days ahead: 95 % bound exceeded on {own.exceeded_95_percent:.1f} % of days, 99 % bound on "
            f"{own.exceeded_99_percent:.1f} %",
            loc="left",
            fontsize=12,
        )
        _scale(panel, max(past.prices))
        panel.set_ylabel(f"price ({past.column})")
        panel.grid(axis="both", color="#dddddd", linewidth=0.6, zorder=0)
        panel.margins(x=0.01)
        panel.legend(loc="upper left", fontsize=9, framealpha=0.9, ncols=2)
    figure.suptitle(past.file.stem, x=0.01, ha="left", fontsize=14, fontweight="bold")
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph")  # of file names in scripts that the font lacks
            figure.tight_layout()
            figure.savefig(target, dpi=110, format="png")
    except OSError as error:
        raise FileUnusable(f"{target} cannot be written: {error.strerror}.") from None
    finally:
        pyplot.close(figure)


def _draw_regimes(panel: Any, days: Any, regimes: Sequence[str]) -> None:
    named: set[str] = set()
    start = 0
    for tick in range(1, len(regimes) + 1):
        if tick < len(regimes) and regimes[tick] == regimes[start]:
            continue
        if shade := _SHADES.get(regimes[start]):
            end = days[min(tick, len(days) - 1)]
            panel.axvspan(days[start], end, color=shade, alpha=0.18, linewidth=0, label=None if regimes[start] in named else regimes[start])
            named.add(regimes[start])
        start = tick


def _scale(panel: Any, highest: float) -> None:
    """Logarithmic, since bounds are; ticks in plain figures."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    panel.set_yscale("log")
    panel.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 3.0, 5.0, 7.0), numticks=20))
    panel.yaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    panel.yaxis.set_minor_formatter(NullFormatter())
    bottom, top = panel.get_ylim()
    top = min(top, 3 * highest)  # a bound behind a spike may be a hundred times the price
    panel.set_ylim(bottom, top * (top / bottom) ** 0.18)  # room for the legend
