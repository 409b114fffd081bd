"""The dashboard *Procurement risk* as code: `python deploy/grafana/procurement_risk.py` writes dashboards/procurement-risk.json beside it.

The JSON is committed, because Grafana reads it; a test holds the two together. Figures of streams take the greatest of what the processes
say: each of them reports every group.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "dashboards" / "procurement-risk.json"
DATASOURCE = {"type": "prometheus", "uid": "prometheus"}
WIDTH = 24

NEEDS_LICENCE = 'answer=~"licence_required|presumption_of_denial|prohibited"'
ANSWER_COLOURS = {
    "prohibited": "dark-red",
    "presumption_of_denial": "red",
    "licence_required": "orange",
    "needs_information": "yellow",
    "suspended": "purple",
    "exempt": "blue",
    "not_controlled": "green",
    "not_screenable": "semi-dark-red",
}
GRADE_COLOURS = {
    "severe": "dark-red",
    "high": "red",
    "medium": "orange",
    "low": "green",
    "unknown": "yellow",
    "not_exposed": "text",
}
REGIME_COLOURS = {"spike": "dark-red", "rally": "orange", "unwind": "blue", "calm": "green"}
DECISION_COLOURS = {
    "cannot_fix": "dark-red",
    "order_now": "orange",
    "reduce": "blue",
    "wait": "green",
    "unknown": "yellow",
    "not_tracked": "text",
}
GRADED = "sum(orestream_price_graded_lines_total{grade=~"
DISPOSITION_COLOURS = {"hold": "red", "review": "yellow", "release_with_conditions": "blue", "release": "green"}


@dataclass(frozen=True)
class Query:
    """`legend` in Grafana's {{label}} form."""

    expression: str
    legend: str = ""


@dataclass(frozen=True)
class Panel:
    """`says` is what a reader takes from it; counters in figures count since the process started."""

    title: str
    says: str
    queries: tuple[Query, ...]
    kind: str = "timeseries"
    unit: str = "short"
    width: int = 8
    height: int = 8
    colours: tuple[tuple[str, str], ...] = ()
    thresholds: tuple[tuple[float, str], ...] = ()


def figure(title: str, says: str, expression: str, **settings: Any) -> Panel:
    return Panel(title, says, (Query(expression),), kind="stat", width=4, height=4, **settings)


def bars(title: str, says: str, expression: str, legend: str, **settings: Any) -> Panel:
    return Panel(title, says, (Query(expression, legend),), kind="bargauge", **settings)


RED_WHEN_ANY = ((0, "green"), (1, "red"))

ROWS: tuple[tuple[str, tuple[Panel, ...]], ...] = (
    (
        "Orders at risk",
        (
            figure("Orders accepted", "Order snapshots that came in.", 'sum(orestream_gateway_orders_total{outcome="accepted"})'),
            figure("Lines assessed", "Lines of final assessments.", 'sum(orestream_assessed_lines_total{jurisdiction="CN"})'),
            figure(
                "Lines that need a licence",
                "China: a licence is required, will hardly be granted, or the delivery is prohibited.",
                f'sum(orestream_assessed_lines_total{{jurisdiction="CN",{NEEDS_LICENCE}}}) or vector(0)',
                thresholds=((0, "green"), (1, "orange")),
            ),
            figure(
                "Lines with a question open",
                "Somebody has to be asked before there is an answer.",
                'sum(orestream_assessed_lines_total{jurisdiction="CN",answer="needs_information"}) or vector(0)',
                thresholds=((0, "green"), (1, "yellow")),
            ),
            figure(
                "Orders on hold",
                "Final decisions that hold the order.",
                'sum(orestream_decisions_total{kind="final",disposition="hold"}) or vector(0)',
                thresholds=RED_WHEN_ANY,
            ),
            figure(
                "Decided without a result",
                "Results that had not come when a decision was due.",
                "sum(orestream_missing_results_total) or vector(0)",
                thresholds=RED_WHEN_ANY,
            ),
            bars(
                "Lines by answer",
                "What export control says, per jurisdiction.",
                "sum by (jurisdiction, answer) (orestream_assessed_lines_total)",
                "{{jurisdiction}} {{answer}}",
                colours=tuple(ANSWER_COLOURS.items()),
            ),
            bars(
                "Value that needs a licence",
                "Net value of the lines that need a licence under Chinese law, per currency (currencies are not added up).",
                f'sum by (currency, answer) (orestream_assessed_value_total{{jurisdiction="CN",{NEEDS_LICENCE}}}) or vector(0)',
                "{{currency}} {{answer}}",
                colours=tuple(ANSWER_COLOURS.items()),
            ),
            bars(
                "Decisions",
                "What the policy made of the answers.",
                "sum by (kind, disposition) (orestream_decisions_total)",
                "{{kind}} {{disposition}}",
                colours=tuple(DISPOSITION_COLOURS.items()),
            ),
            Panel(
                "Lines a minute by answer",
                "Where the flow changes: a supplier's goods, a regulation, a list.",
                (Query('60 * sum by (answer) (rate(orestream_assessed_lines_total{jurisdiction="CN"}[$__rate_interval]))', "{{answer}}"),),
                width=12,
                colours=tuple(ANSWER_COLOURS.items()),
            ),
            Panel(
                "From order to assessment",
                "How long an order waits for its final assessment; the promise is one second.",
                tuple(
                    Query(
                        f"histogram_quantile({quantile}, sum by (le) (rate(orestream_order_to_final_seconds_bucket[$__rate_interval])))",
                        f"{float(quantile):.0%}",
                    )
                    for quantile in ("0.5", "0.99")
                ),
                unit="s",
                width=12,
            ),
        ),
    ),
    (
        "Price risk",
        (
            figure(
                "Lines at price risk",
                "Lines of final assessments that can cost much more before their price is set.",
                f'{GRADED}"high|severe"}}) or vector(0)',
                thresholds=((0, "green"), (1, "orange")),
            ),
            figure(
                "Price risk unknown",
                "Of the lines that hold something with a price, how many nobody can say the risk of: a price, a mass or a rate is missing.",
                f'({GRADED}"unknown"}}) / ({GRADED}"low|medium|high|severe|unknown"}}) > 0)) or vector(0)',
                unit="percentunit",
                thresholds=((0, "green"), (0.2, "yellow"), (0.5, "red")),
            ),
            figure(
                "Prices held",
                "Prices that wait for a second voice, or were kept out.",
                "sum(max by (series) (orestream_price_held)) or vector(0)",
                thresholds=((0, "green"), (1, "orange")),
            ),
            Panel(
                "Cost-at-risk",
                "Expected shortfall (97.5 %) of all open lines together: the mean of the worst cases before their prices are set.",
                (Query("max by (currency) (orestream_price_expected_shortfall)", "{{currency}}"),),
                "stat",
                width=6,
                height=4,
            ),
            figure(
                "Open lines not valued",
                "Open lines of which a price, a content or an exchange rate is missing: they are in no sum here.",
                "max(orestream_price_unknown_lines) or vector(0)",
                thresholds=((0, "green"), (1, "yellow")),
            ),
            bars(
                "Alerts on prices",
                "Series of which an alert is firing: jumps, regimes, premiums, sources that disagree, feeds that are silent.",
                "max by (kind, severity) (orestream_price_alerts_firing) or vector(0)",
                "{{kind}} {{severity}}",
            ),
            bars(
                "Exposure by element",
                "Money of open lines whose price is not set yet, less hedges, in the reporting currency.",
                "max by (element, currency) (orestream_price_exposure)",
                "{{element}} {{currency}}",
            ),
            bars(
                "Cost-at-risk by element",
                "Each element's part of the expected shortfall of all open lines; the parts add up.",
                "max by (element, currency) (orestream_price_cost_at_risk)",
                "{{element}} {{currency}}",
            ),
            bars(
                "Lines by grade of price risk",
                "Expected shortfall before the price is set, over the value of the line.",
                "sum by (grade) (orestream_price_graded_lines_total)",
                "{{grade}}",
                colours=tuple(GRADE_COLOURS.items()),
            ),
            Panel(
                "Price per series",
                "Last price per kg of contained element, without tax, in the currency of the quote.",
                (Query("max by (series, currency) (orestream_price)", "{{series}} {{currency}}"),),
                width=12,
            ),
            bars(
                "Regime of each series",
                "Calm, rally, spike or unwind, by the cumulative sums of its daily returns.",
                "max by (series, regime) (orestream_price_regime) == 1",
                "{{series}} {{regime}}",
                width=12,
                colours=tuple(REGIME_COLOURS.items()),
            ),
            Panel(
                "Premium outside China",
                "What a series outside China is dearer than the one inside.",
                (Query("max by (series) (orestream_price_premium_percent)", "{{series}}"),),
                unit="percent",
            ),
            bars(
                "Prices held by reason",
                "Why prices were kept out of the state: a jump, another unit or currency, sources that disagree.",
                'sum by (reason) (orestream_price_ticks_total{outcome="held"}) or vector(0)',
                "{{reason}}",
            ),
            Panel(
                "Age of price feeds",
                "Days since the day of the last price of each series.",
                (Query("max by (series) (orestream_price_tick_age_seconds) / 86400", "{{series}}"),),
                unit="d",
            ),
        ),
    ),
    (
        "Stock",
        (
            figure(
                "Items to order now",
                "Items of plants whose stock and open orders keep to the service level no longer.",
                'max(orestream_supply_decisions{decision="order_now"}) or vector(0)',
                thresholds=((0, "green"), (1, "orange")),
            ),
            figure(
                "Items no order helps",
                "Items of plants that run out before an order of today is there.",
                'max(orestream_supply_decisions{decision="cannot_fix"}) or vector(0)',
                thresholds=RED_WHEN_ANY,
            ),
            figure(
                "Advice unknown",
                "Items of plants of which a fact is missing: a consumption, a lead time.",
                'max(orestream_supply_decisions{decision="unknown"}) or vector(0)',
                thresholds=((0, "green"), (1, "yellow")),
            ),
            figure(
                "Least cover",
                "Days that the usable stock of the scarcest item lasts.",
                "min(orestream_supply_days_of_cover)",
                unit="d",
                thresholds=((0, "red"), (30, "orange"), (60, "green")),
            ),
            figure(
                "Stock reports stale",
                "Items of plants whose last report is older than the supply policy allows: their advice rests on old figures.",
                "max(orestream_stock_reports_stale) or vector(0)",
                thresholds=((0, "green"), (1, "orange")),
            ),
            figure(
                "Advice not made",
                "Advice that could not be made; the log says of which item and why.",
                "sum(orestream_supply_advice_failed_total) or vector(0)",
                thresholds=RED_WHEN_ANY,
            ),
            bars(
                "Advice by decision",
                "What is advised for the items of all plants.",
                "max by (decision) (orestream_supply_decisions)",
                "{{decision}}",
                colours=tuple(DECISION_COLOURS.items()),
            ),
            bars(
                "Days of cover",
                "Days that usable stock lasts, the scarcest first.",
                "sort(bottomk(15, max by (plant, item) (orestream_supply_days_of_cover)))",
                "{{plant}} {{item}}",
                unit="d",
            ),
            bars(
                "Probability of running out",
                "Within 90 days, if nothing is ordered.",
                'sort_desc(topk(15, max by (plant, item) (orestream_supply_probability_short{days="90"})))',
                "{{plant}} {{item}}",
                unit="percentunit",
            ),
            bars(
                "Time to recover less time to survive",
                "Days between the last of the stock and the arrival of an order of today, in the median; below zero stock lasts.",
                "sort_desc(topk(15, "
                'max by (plant, item) (orestream_supply_time_to_recover_days{quantile="p50"}) '
                "- on (plant, item) max by (plant, item) (orestream_supply_time_to_survive_days)))",
                "{{plant}} {{item}}",
                unit="d",
            ),
            bars(
                "Order lines by stock decision",
                "Lines of final assessments by what is advised for their item.",
                "sum by (decision) (orestream_supply_advised_lines_total)",
                "{{decision}}",
                colours=tuple(DECISION_COLOURS.items()),
            ),
            bars(
                "Alerts on stock",
                "Alerts raised since the processes started.",
                'sum by (kind) (orestream_supply_alerts_total{state="firing"}) or vector(0)',
                "{{kind}}",
            ),
            Panel(
                "Looks at advice a minute",
                "Advice held against what it rests on, by what may have changed.",
                (Query("60 * sum by (reason) (rate(orestream_supply_advice_asked_total[$__rate_interval]))", "{{reason}}"),),
                width=12,
            ),
            Panel(
                "Advice made a minute",
                "Of the looks, those that found something changed and had the advice made again.",
                (Query("60 * sum by (reason) (rate(orestream_supply_advice_made_total[$__rate_interval]))", "{{reason}}"),),
                width=12,
            ),
        ),
    ),
    (
        "Law, lists and what is open",
        (
            figure(
                "Oldest party list",
                "Age of the loaded list that is nearest its limit; past 100 % no answer relies on it.",
                "max(orestream_party_list_age_seconds / on (instance, list) orestream_party_list_max_age_seconds) or vector(0)",
                unit="percentunit",
                thresholds=((0, "green"), (0.75, "yellow"), (1, "red")),
            ),
            figure(
                "Law or lists behind",
                "Kinds of reference data that a process could not take over; it judges by the last good ones.",
                "max(orestream_references_behind)",
                thresholds=RED_WHEN_ANY,
            ),
            figure(
                "Waiting to be judged anew",
                "Open orders not yet compared with a change of law, lists, licences or clearances.",
                "max(orestream_resubmissions_waiting)",
                thresholds=((0, "green"), (1, "yellow")),
            ),
            Panel(
                "Orders judged anew a minute",
                "Because data changed, a day came, or a result was late.",
                (Query("60 * sum(rate(orestream_orders_asked_again_total[$__rate_interval]))"),),
                width=12,
                height=4,
            ),
            bars(
                "Value without an answer",
                "Net value of lines that nobody can say it of yet, per currency: a fact is missing, or the line cannot be screened.",
                'sum by (currency, answer) (orestream_assessed_value_total{jurisdiction="CN",answer=~"needs_information|not_screenable"}) '
                "or vector(0)",
                "{{currency}} {{answer}}",
                colours=tuple(ANSWER_COLOURS.items()),
            ),
            bars(
                "Lines without a value",
                "Lines whose value or currency the order leaves out: they are in no sum of money here.",
                "sum by (jurisdiction, answer) (orestream_assessed_lines_without_value_total) or vector(0)",
                "{{jurisdiction}} {{answer}}",
                colours=tuple(ANSWER_COLOURS.items()),
            ),
            Panel(
                "Age of party lists",
                "Days since the moment for which each loaded list stands; lists that come with Orestream do not age.",
                (Query("max by (list) (orestream_party_list_age_seconds) / 86400 or vector(0)", "{{list}}"),),
                unit="d",
            ),
        ),
    ),
    (
        "Telling others",
        (
            Panel(
                "Webhook attempts a minute",
                "By outcome; anything but delivered is tried again.",
                (
                    Query(
                        "60 * sum by (endpoint, outcome) (rate(orestream_webhook_attempts_total[$__rate_interval]))",
                        "{{endpoint}} {{outcome}}",
                    ),
                ),
            ),
            Panel(
                "Oldest delivery that is due",
                "How long the delivery that waits longest has been due.",
                (Query("max by (endpoint) (orestream_webhook_oldest_due_age_seconds)", "{{endpoint}}"),),
                unit="s",
            ),
            Panel(
                "From event to 2xx",
                "99 of 100 deliveries reached their receiver within.",
                (
                    Query(
                        "histogram_quantile(0.99, sum by (endpoint, le) "
                        "(rate(orestream_webhook_latency_seconds_bucket[$__rate_interval])))",
                        "{{endpoint}}",
                    ),
                ),
                unit="s",
            ),
        ),
    ),
    (
        "Streams and services",
        (
            figure(
                "Services ready",
                "Services that can work, of six: what-if counts beside screening.",
                "count(sum by (service) (orestream_service_ready) > 0) or vector(0)",
                thresholds=((0, "red"), (6, "green")),
            ),
            figure(
                "Dead letters",
                "Entries and documents kept for a person.",
                "sum(max by (stream, group) (orestream_dead_letters)) or vector(0)",
                thresholds=((0, "green"), (1, "orange")),
            ),
            Panel(
                "Processes",
                "Processes that answer, by version.",
                (Query("count by (version, python) (orestream_build_info)", "{{version}}"),),
                "stat",
                width=4,
                height=4,
            ),
            Panel(
                "Requests a second",
                "HTTP by route and status.",
                (Query("sum by (route, status) (rate(orestream_http_requests_total[$__rate_interval]))", "{{route}} {{status}}"),),
                width=12,
                height=4,
            ),
            Panel(
                "Entries not yet read",
                "Lag per stream and group, where the server can tell.",
                (Query("max by (stream, group) (orestream_stream_lag)", "{{stream}} → {{group}}"),),
            ),
            Panel(
                "Entries in hand",
                "Read and not finished.",
                (Query("max by (stream, group) (orestream_stream_pending)", "{{stream}} → {{group}}"),),
            ),
            Panel(
                "Oldest entry not read",
                "How far behind a group is.",
                (Query("max by (stream, group) (orestream_stream_oldest_undelivered_age_seconds)", "{{stream}} → {{group}}"),),
                unit="s",
            ),
        ),
    ),
)


def dashboard() -> dict[str, Any]:
    panels: list[dict[str, Any]] = []
    y = 0
    for title, row in ROWS:
        panels.append(
            {"id": len(panels) + 1, "type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": _place(0, y, WIDTH, 1)}
        )
        y += 1
        x = highest = 0
        for panel in row:
            if x + panel.width > WIDTH:
                x, y, highest = 0, y + highest, 0
            panels.append(_panel(len(panels) + 1, panel, _place(x, y, panel.width, panel.height)))
            x, highest = x + panel.width, max(highest, panel.height)
        y += highest
    return {
        "uid": "procurement-risk",
        "title": "Procurement risk",
        "description": "Which lines are at risk and why, whether others were told, and whether Orestream itself is well.",
        "tags": ["orestream"],
        "schemaVersion": 41,
        "editable": False,
        "refresh": "10s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "panels": panels,
    }


def _place(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": width, "h": height}


def _panel(number: int, panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    instant = panel.kind != "timeseries"
    defaults: dict[str, Any] = {"unit": panel.unit}
    if panel.thresholds:
        steps = [{"value": None if value == 0 else value, "color": colour} for value, colour in panel.thresholds]
        defaults |= {"thresholds": {"mode": "absolute", "steps": steps}, "color": {"mode": "thresholds"}}
    overrides = [
        {
            "matcher": {"id": "byRegexp", "options": f"/(^| ){name}$/"},
            "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": colour}}],
        }
        for name, colour in panel.colours
    ]
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.says,
        "datasource": DATASOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults, "overrides": overrides},
        "options": _OPTIONS[panel.kind],
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": DATASOURCE,
                "expr": query.expression,
                "legendFormat": query.legend or "__auto",
                "instant": instant,
                "range": not instant,
            }
            for index, query in enumerate(panel.queries)
        ],
    }


_LAST_VALUE = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_OPTIONS: dict[str, dict[str, Any]] = {
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {"reduceOptions": _LAST_VALUE, "colorMode": "value", "graphMode": "none", "textMode": "auto", "orientation": "auto"},
    "bargauge": {"reduceOptions": _LAST_VALUE, "displayMode": "basic", "orientation": "horizontal", "showUnfilled": False},
}


def text() -> str:
    return json.dumps(dashboard(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
