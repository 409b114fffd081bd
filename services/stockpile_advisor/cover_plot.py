"""The stock to come of one item in one plant, drawn: a fan over all simulated paths, what is to come, and the days that matter."""

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, date, timedelta
from textwrap import fill
from typing import Any, Final, Literal

from services.stockpile_advisor.domain.inbound import UnitOfStock, quantity_in
from services.stockpile_advisor.domain.situation import AdviceInputs
from shared.contracts.supply_risk import FanPoint, MaterialAdvice

_INK: Final = "#22303c"
_FAN: Final = "#3b7ea1"
_LINE: Final = "#8a6d3b"
_LAW: Final = "#b3403a"
_ORDER: Final = "#2e7d4f"
_MOST_MARKS: Final = 8
_HIGHEST_LEVEL: Final = 2.5
"""Of the fan's height: a level beyond would press the fan flat."""

_LONGEST_LABEL: Final = 64


def drawn(advice: MaterialAdvice, inputs: AdviceInputs, kind: Literal["svg", "png"]) -> bytes:
    """The picture's bytes; the same advice gives the same SVG."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "orestream", "svg.fonttype": "path", "font.size": 10, "text.parse_math": False}):
        figure = Figure(figsize=(11, 5.6), layout="constrained")
        (FigureCanvasSVG if kind == "svg" else FigureCanvasAgg)(figure)
        axes = figure.add_subplot()
        _draw(axes, _printable(advice), inputs)
        picture = io.BytesIO()
        figure.savefig(picture, format=kind, dpi=120, metadata={"Date": None} if kind == "svg" else {"Software": None})
    return picture.getvalue()


def _printable(advice: MaterialAdvice) -> MaterialAdvice:
    """Without characters that XML has no place for; names are what a plant's system says."""
    said = {name: getattr(advice, name) for name in ("plant", "item_id", "description", "unit", "sentence")}
    return advice.model_copy(
        update={
            name: "".join(character if character.isprintable() else " " for character in text)
            for name, text in said.items()
            if text is not None
        }
    )


def _draw(axes: Any, advice: MaterialAdvice, inputs: AdviceInputs) -> None:
    from matplotlib import dates

    name = f"{advice.description} ({advice.item_id})" if advice.description else advice.item_id
    axes.set_title(f"{_short(name, 70)} in {advice.plant}", loc="left", fontsize=13, color=_INK, fontweight="bold", pad=22)
    axes.text(0, 1.015, _said(advice), transform=axes.transAxes, fontsize=9.5, color=_INK, va="bottom")
    axes.set_ylabel(f"on hand, {advice.unit}", color=_INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="y", color="#e4e8eb", linewidth=0.8)
    axes.set_axisbelow(True)
    if not advice.fan:
        # Wrapped here: matplotlib takes what stands between dollars for a formula where it wraps.
        told = fill(_short(advice.sentence, 160), 100)
        axes.text(0.5, 0.5, told, transform=axes.transAxes, ha="center", va="center", color=_INK)
        axes.set_xticks([])
        axes.set_yticks([])
        return
    today = advice.made_at.astimezone(UTC).date()
    until = _until(advice, today)
    top = _policy(axes, advice, _fan(axes, advice, today, until), today, until)
    axes.set_xlim(today, until)
    axes.set_ylim(0, top * 1.32 or 1)
    _receipts(axes, inputs, today, until)
    _days(axes, advice, today, until)
    axes.figure.legend(loc="outside lower left", ncols=6, frameon=False, fontsize=9, handlelength=1.8, columnspacing=1.6)
    locator: Any = dates.AutoDateLocator(maxticks=12)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def _said(advice: MaterialAdvice) -> str:
    decision = advice.decision.replace("_", " ")
    quantity = f" {advice.quantity:f} {advice.unit}" if advice.quantity is not None else ""
    by = f" by {advice.order_by}" if advice.order_by is not None else ""
    cover = f", {advice.days_of_cover:.0f} days of cover" if advice.days_of_cover is not None else ""
    return f"{decision}{quantity}{by}{cover} on {advice.made_at.astimezone(UTC).date()}; the fan: if nothing more is ordered"


def _until(advice: MaterialAdvice, today: date) -> date:
    """As far as anything happens: until the fan lies flat, and past the days that matter."""
    points = advice.fan
    last = points[-1]
    flat = next((point.on for point in points if abs(point.p95 - last.p95) <= 0.01 * points[0].p50), last.on)
    days = [flat, today + timedelta(days=120), *(clock.on for clock in advice.rule_clocks)]
    days += [day for day in (advice.order_by, advice.last_safe_order_on) if day is not None]
    return min(last.on, max(days) + timedelta(days=21))


def _fan(axes: Any, advice: MaterialAdvice, today: date, until: date) -> float:
    points = [point for point in advice.fan if point.on <= until]
    if advice.usable is not None and points[0].on > today:
        stands = float(advice.usable)
        points.insert(0, FanPoint(on=today, p05=stands, p25=stands, p50=stands, p75=stands, p95=stands))
    days = [point.on for point in points]
    wide = [point.p05 for point in points], [point.p95 for point in points]
    narrow = [point.p25 for point in points], [point.p75 for point in points]
    axes.fill_between(days, *wide, color=_FAN, alpha=0.18, lw=0, label="on hand, 5 to 95 %")
    axes.fill_between(days, *narrow, color=_FAN, alpha=0.35, lw=0, label="25 to 75 %")
    axes.plot(days, [point.p50 for point in points], color=_FAN, lw=2, label="median")
    return max(point.p95 for point in points)


def _policy(axes: Any, advice: MaterialAdvice, top: float, today: date, until: date) -> float:
    """The stock that the policy asks for, or the level at which to order. How high the picture is; a level far above it is told of."""
    rate = float(advice.consumption_per_day or 0)
    days = advice.policy_days if advice.policy_days is not None else advice.advised_cover_days
    if not rate or days is None:
        return top
    level = rate * float(days)
    said = f"policy: {days} days" if advice.policy_days is not None else f"order level: {days:.0f} days"
    if level <= _HIGHEST_LEVEL * top or not top:
        axes.plot([today, until], [level, level], color=_LINE, lw=1.4, ls=(0, (6, 3)), label=said)
        return max(top, level)
    told = f"↑ {said}, {level:,.0f} {advice.unit}"
    axes.annotate(
        told, (1, 1), (0, 3), xycoords="axes fraction", textcoords="offset points", ha="right", va="bottom", color=_LINE, fontsize=9
    )
    return top


def _receipts(axes: Any, inputs: AdviceInputs, today: date, until: date) -> None:
    """What is expected on which day at the earliest, as marks along the axis; quantities where they do not stand too close."""
    coming = sorted(_expected(inputs, today))
    shown = [(on, quantity, sure) for on, quantity, sure in coming if today <= on <= until][: 3 * _MOST_MARKS]
    for at, (on, quantity, sure) in enumerate(shown):
        axes.plot([on], [0], marker="^", ms=9, color=_ORDER, mfc=_ORDER if sure else "white", clip_on=False, zorder=5, ls="")
        if at < _MOST_MARKS and (not at or (on - shown[at - 1][0]).days > (until - today).days / 24):
            axes.annotate(
                f"+{quantity:g}",
                (on, 0),
                (0, 9),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=8.5,
                color=_ORDER,
            )
    for sure, said in ((True, "receipt"), (False, "earliest receipt, if its licence comes")):
        if any(each[2] is sure for each in shown):
            axes.plot([], [], marker="^", ms=8, color=_ORDER, mfc=_ORDER if sure else "white", ls="", label=said)


def _expected(inputs: AdviceInputs, today: date) -> Iterator[tuple[date, float, bool]]:
    """Day, quantity, and whether no licence stands before it."""
    report = inputs.report
    unit = UnitOfStock.of(report.unit, report.mass_kg_per_unit)
    transit = timedelta(days=report.shipping_days or 0)
    for line in inputs.inbound:
        for part in line.parts:
            quantity = quantity_in(line, part.quantity, unit)
            if quantity is None or part.received_on is not None or line.prohibited:
                continue
            left = part.departed_on
            leaves = left if left is not None else max(today, part.leaves_on or (part.due_on - transit if part.due_on else today))
            yield max(today, leaves + transit), float(quantity), left is not None or not line.waits_for_a_licence
    for receipt in report.receipts:
        yield max(today, receipt.expected_on), float(receipt.quantity), True


def _days(axes: Any, advice: MaterialAdvice, today: date, until: date) -> None:
    """Vertical lines with what they are, on levels of their own where they lie close together."""
    marks: list[tuple[date, str, str]] = []
    if advice.order_by is not None:
        marks.append((advice.order_by, "order by", _ORDER))
    if advice.last_safe_order_on is not None and advice.last_safe_order_on != advice.order_by:
        marks.append((advice.last_safe_order_on, "last safe order", _ORDER))
    by_day: dict[date, str] = {}
    for clock in advice.rule_clocks:
        by_day.setdefault(clock.on, f"law: {clock.before.replace('_', ' ')} → {clock.after.replace('_', ' ')}")
    marks += [(on, said, _LAW) for on, said in by_day.items()]
    _place(axes, sorted(mark for mark in marks if today <= mark[0] <= until)[:_MOST_MARKS], today, until)


def _place(axes: Any, marks: Sequence[tuple[date, str, str]], today: date, until: date) -> None:
    span = max(1, (until - today).days)
    taken: list[float] = []
    for on, said, colour in marks:
        begins = (on - today).days / span
        label = _short(f"{on:%d %b %Y}: {said}", _LONGEST_LABEL)
        width = 0.0088 * len(label)
        leftwards = begins + width > 1
        low, high = (begins - width, begins) if leftwards else (begins, begins + width)
        level = next((at for at, end in enumerate(taken) if end <= low), len(taken))
        if level == len(taken):
            taken.append(high)
        else:
            taken[level] = high
        axes.axvline(on, color=colour, lw=1.2, ls=(0, (2, 2)), zorder=3, ymax=0.97 - 0.055 * level)
        axes.annotate(
            label,
            (begins, 0.97 - 0.055 * level),
            (-4 if leftwards else 4, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="right" if leftwards else "left",
            va="top",
            fontsize=8.5,
            color=colour,
        )


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
