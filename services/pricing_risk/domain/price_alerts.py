"""What of a price series needs attention: conditions that hold or not, so that an alert fires once and resolves when its condition ends."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import exp, log
from typing import Any, Final, Literal

from services.pricing_risk.domain.gate import DISPUTE
from services.pricing_risk.domain.price_log import PriceFold
from shared.contracts.price_series import PremiumView, Regime

Kind = Literal["price_jump", "price_unconfirmed", "price_regime", "price_premium", "price_feed_stale", "price_sources_disagree"]
Severity = Literal["info", "warning", "critical"]

RECENT_DAYS: Final = 10
"""What lies further back is history: it changes the state and alerts nobody. Over the Chinese holiday weeks a quote stays recent."""
JUMP_SIGMAS: Final = 4.0
LEAST_JUMP: Final = 0.05
"""Log return: sticky series have sigmas of half a percent, of which four are no news."""
LARGE_JUMP: Final = 0.25
PREMIUM_OPENS_PERCENT: Final = 25.0
PREMIUM_CLOSES_PERCENT: Final = 20.0
"""Lower than where it opens, so that a premium on the edge does not flicker."""
LARGE_PREMIUM_PERCENT: Final = 100.0
UNCHANGED_RETURNS: Final = 60
CHINESE_TAX: Final = log(1.13)
_CLOSE_TO_TAX: Final = 0.004

WHILE_RECENT: Final[tuple[Kind, ...]] = ("price_jump", "price_unconfirmed", "price_sources_disagree", "price_regime", "price_premium")
STALE: Final[Kind] = "price_feed_stale"
OVERDUE_SIGN: Final = "overdue"


@dataclass(slots=True, frozen=True)
class Standing:
    """A series as the alerts look at it. `name`: for people; `premium_open`: an alert on the premium is firing."""

    series: str
    name: str
    currency: str
    fold: PriceFold
    premium: PremiumView | None
    premium_open: bool = False

    def money(self, price: float) -> str:
        return f"{price:.6g} {self.currency}"


@dataclass(slots=True, frozen=True)
class Condition:
    """`sign` tells this occurrence from another one of its kind."""

    sign: str
    severity: Severity
    summary: str
    cause: str
    evidence: Mapping[str, str]


@dataclass(slots=True, frozen=True)
class Raised:
    """An alert that is firing."""

    sign: str
    since: datetime
    severity: Severity
    summary: str

    def as_json(self) -> list[Any]:
        return [self.sign, self.since, self.severity, self.summary]

    @classmethod
    def of(cls, said: Sequence[Any]) -> "Raised":
        sign, since, severity, summary = said
        return cls(sign, datetime.fromisoformat(since), severity, summary)


@dataclass(slots=True, frozen=True)
class Notice:
    """An alert that begins or ends."""

    kind: Kind
    state: Literal["firing", "resolved"]
    severity: Severity
    since: datetime
    summary: str
    cause: str
    evidence: Mapping[str, str]


def is_recent(on: date, now: date) -> bool:
    return (now - on).days <= RECENT_DAYS


def turn(
    standing: Standing, raised: Mapping[Kind, Raised], kinds: Iterable[Kind], now: datetime
) -> tuple[list[Notice], dict[Kind, Raised]]:
    """What begins and what ends of the kinds looked at, and what is firing after that."""
    notices: list[Notice] = []
    after = dict(raised)
    for kind in kinds:
        condition = _stale(standing, now.date()) if kind == STALE else _CONDITIONS[kind](standing)
        firing = after.get(kind)
        if firing is not None and (condition is None or condition.sign != firing.sign):
            del after[kind]
            notices.append(Notice(kind, "resolved", firing.severity, firing.since, firing.summary, _end_of(kind, standing), {}))
        if condition is not None and kind not in after:
            after[kind] = Raised(condition.sign, now, condition.severity, condition.summary)
            notices.append(Notice(kind, "firing", condition.severity, now, condition.summary, condition.cause, condition.evidence))
    return notices, after


def withdrawn(raised: Mapping[Kind, Raised]) -> list[Notice]:
    """The end of all alerts of a series of which nothing is left."""
    told = "all prices of the series have been withdrawn"
    return [Notice(kind, "resolved", each.severity, each.since, each.summary, told, {}) for kind, each in raised.items()]


def _jump(standing: Standing) -> Condition | None:
    move = standing.fold.move
    if move is None or abs(move.log_return) < max(LEAST_JUMP, JUMP_SIGMAS * move.sigma_before):
        return None
    before, after = move.price_before, move.price_before * exp(move.log_return)
    percent = f"{100 * (exp(move.log_return) - 1):+.1f} %"
    cause = f"The price went from {standing.money(before)} to {standing.money(after)} per kg on {move.on}."
    if abs(abs(move.log_return) - CHINESE_TAX) <= _CLOSE_TO_TAX:
        cause += " That is close to the Chinese value-added tax of 13 %: is tax in the price, or out of it, by mistake?"
    return Condition(
        sign=f"{move.on}",
        severity="critical" if abs(move.log_return) >= LARGE_JUMP else "warning",
        summary=f"{standing.name} moved by {percent} in a day, {abs(move.log_return) / move.sigma_before:.0f} times its usual daily move.",
        cause=cause,
        evidence={
            "day": f"{move.on}",
            "change": percent,
            "price_before_per_kg": standing.money(before),
            "price_per_kg": standing.money(after),
            "usual_daily_move": f"{100 * move.sigma_before:.2f} %",
        },
    )


def _unconfirmed(standing: Standing) -> Condition | None:
    gate = standing.fold.gate
    waiting = gate.waiting
    if waiting is None or waiting.reason == "sources_disagree" or gate.last is None:
        return None
    quote = waiting.quote
    return Condition(
        sign=f"{waiting.reason}|{quote.source}",
        severity="warning",
        summary=f"An unconfirmed price of {standing.name}: {standing.money(quote.price)} per kg after {standing.money(gate.last.price)}. "
        "It is not computed with until a second source or the next quote bears it out.",
        cause=waiting.sentence,
        evidence={
            "day": f"{quote.on}",
            "source": quote.source,
            "price_per_kg": standing.money(quote.price),
            "price_before_per_kg": standing.money(gate.last.price),
            "factor": f"{quote.price / gate.last.price:.4g}",
            "looks_like": waiting.reason,
        },
    )


def _disagreeing(standing: Standing) -> Condition | None:
    gate = standing.fold.gate
    if gate.waiting is not None and gate.waiting.reason == "sources_disagree":
        cause, last = gate.waiting.sentence, gate.waiting.quote
    elif gate.last is not None:
        last = gate.last
        rivals = [quote for quote in gate.others.values() if abs(log(quote.price / last.price)) >= DISPUTE and quote.source != last.source]
        if not rivals:
            return None
        cause = f"{rivals[0].source} says {standing.money(rivals[0].price)} for {rivals[0].on}, {last.source} {standing.money(last.price)}."
    else:
        return None
    said = {quote.source: quote for quote in (*gate.others.values(), last)}
    return Condition(
        sign="disagree",
        severity="warning",
        summary=f"Sources of {standing.name} differ by a factor of three or more.",
        cause=cause,
        evidence={source: f"{standing.money(quote.price)} per kg on {quote.on}" for source, quote in sorted(said.items())},
    )


_REGIMES: Final[Mapping[Regime, tuple[Severity, str]]] = {
    "rally": ("warning", "is rallying: its daily rises add up beyond what is usual"),
    "spike": ("critical", "is spiking: within five quotation days it rose far beyond what is usual"),
    "unwind": ("info", "is falling back: its daily falls add up beyond what is usual"),
}


def _regime(standing: Standing) -> Condition | None:
    model = standing.fold.model
    if model.regime == "calm":
        return None
    severity, words = _REGIMES[model.regime]
    evidence = {
        "regime": model.regime,
        "since": f"{model.regime_since}",
        "price_per_kg": standing.money(model.last_price),
        "usual_daily_move": f"{100 * model.sigma_1d:.2f} %",
    }
    if model.return_20d is not None:
        evidence["change_over_20_quotation_days"] = f"{100 * (exp(model.return_20d) - 1):+.1f} %"
    direction, news_on = "fall" if model.regime == "unwind" else "rise", model.regime_news_on
    cause = f"Its regime is {model.regime} from {model.regime_since} on, by the cumulative sums of its daily returns."
    if news_on != model.regime_since:
        cause += f" They raised an alarm again on {news_on}."
    return Condition(
        sign=f"{direction}|{news_on}",
        severity=severity,
        summary=f"{standing.name} {words} (since {model.regime_since}).",
        cause=cause,
        evidence=evidence,
    )


def _premium(standing: Standing) -> Condition | None:
    premium = standing.premium
    if premium is None:
        return None
    from_percent = PREMIUM_CLOSES_PERCENT if standing.premium_open else PREMIUM_OPENS_PERCENT
    if premium.percent <= from_percent and premium.regime not in ("rally", "spike"):
        return None
    return Condition(
        sign="open",
        severity="critical" if premium.percent > LARGE_PREMIUM_PERCENT else "warning",
        summary=f"Outside China {standing.name} costs {premium.percent:.0f} % more than inside.",
        cause=f"The premium over {premium.inside_series} is above {PREMIUM_OPENS_PERCENT:.0f} %."
        if premium.percent > from_percent
        else f"The premium over {premium.inside_series} has been widening beyond what is usual since {premium.since}.",
        evidence={
            "premium": f"{premium.percent:.1f} %",
            "usual_premium": f"{100 * (exp(premium.mean_log) - 1):.1f} %",
            "premium_regime": premium.regime,
            "inside_series": premium.inside_series,
        },
    )


def _stale(standing: Standing, today: date) -> Condition | None:
    fold = standing.fold
    last, model = fold.gate.last, fold.model
    if last is None:
        return None
    days = (today - last.on).days
    if days > fold.gate.overdue_days:
        heard = fold.quotes[-1].on
        since = "Nothing has come since." if heard <= last.on else f"What came since, the last of {heard}, is held back."
        return Condition(
            sign=OVERDUE_SIGN,
            severity="warning",
            summary=f"The price of {standing.name} is stale: the last one is of {last.on}, {days} days ago.",
            cause=f"{since} By its own rhythm the next price was due within {fold.gate.overdue_days} days.",
            evidence={
                "last_price_on": f"{last.on}",
                "days": f"{days}",
                "overdue_after_days": f"{fold.gate.overdue_days}",
                "source": last.source,
            },
        )
    if model.returns >= UNCHANGED_RETURNS and model.zero_share == 1.0:
        return Condition(
            sign="unchanged",
            severity="info",
            summary=f"The price of {standing.name} has not changed for {UNCHANGED_RETURNS} quotation days.",
            cause=f"Since {model.changed_on} {last.source} repeats {standing.money(last.price)} per kg: no trade, or a feed that is stuck.",
            evidence={"changed_on": f"{model.changed_on}", "last_price_on": f"{last.on}", "source": last.source},
        )
    return None


_CONDITIONS: Final[Mapping[Kind, Callable[[Standing], Condition | None]]] = {
    "price_jump": _jump,
    "price_unconfirmed": _unconfirmed,
    "price_sources_disagree": _disagreeing,
    "price_regime": _regime,
    "price_premium": _premium,
}


def _end_of(kind: Kind, standing: Standing) -> str:
    gate, model = standing.fold.gate, standing.fold.model
    last = gate.last
    stands = "no price is left" if last is None else f"the price is {standing.money(last.price)} per kg of {last.on} from {last.source}"
    return {
        "price_jump": f"the quotes after it moved as usual: {stands}",
        "price_unconfirmed": f"it was decided, or is in doubt for another reason: {stands}",
        "price_sources_disagree": f"the sources agree again, or one of them is silent: {stands}",
        "price_regime": f"the regime is {model.regime} now",
        "price_premium": "the premium is back, or can no longer be told"
        if standing.premium is None
        else f"the premium is {standing.premium.percent:.1f} % now, its regime {standing.premium.regime}",
        "price_feed_stale": f"a price came, or changed: {stands}",
    }[kind]
