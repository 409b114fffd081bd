"""The prices of the demo: made up, and named so. Real daily quotes of rare earths have no open licence."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.pricing_risk.domain.synthetic import PROFILES, Move, Profile, generate

SOURCE = "synthetic-demo"
QUOTATION_DAYS = 390
"""A year and a half."""


@dataclass(slots=True, frozen=True)
class Quoted:
    """One made-up series; `terms` are the members of a tick that never change."""

    profile: Profile
    level: float
    terms: dict[str, str]
    moves: tuple[tuple[int, int, float], ...] = ()
    """What happens besides: so many quotation days before the end, over so many days, by so much (a factor)."""


def _inside(material: str, level_cny_per_t: float, profile: str, *moves: tuple[int, int, float]) -> Quoted:
    terms = {"material": material, "form": "oxide", "market": "CN", "basis": "assessed", "currency": "CNY", "unit": "t", "tax": "included"}
    return Quoted(PROFILES[profile], level_cny_per_t, terms, moves)


def _outside(material: str, form: str, level_usd_per_kg: float, profile: str, *moves: tuple[int, int, float]) -> Quoted:
    terms = {"material": material, "form": form, "market": "EX_CN", "basis": "assessed", "currency": "USD", "unit": "kg", "tax": "excluded"}
    return Quoted(PROFILES[profile], level_usd_per_kg, terms, moves)


def _currency(bought: str, level_usd: float) -> Quoted:
    terms = {"material": bought, "form": "currency", "market": "FX", "basis": "assessed", "currency": "USD"}
    return Quoted(CURRENCY, level_usd, terms)


CURRENCY = Profile(
    stays_lively=0.9,
    stays_calm=0.9,
    calm=1.0,
    persistence=0.0,
    drift_sd=0.0,
    noise_sd=0.004,
    jump_probability=0.0,
    jump_mean=0.0,
    jump_up=0.5,
    tick=0.0,
    quote_probability=1.0,
    follows=1.0,
)
"""An exchange rate: a walk without memory."""

SERIES = (
    _currency("CNY", 0.14),
    _currency("EUR", 1.12),
    _inside("Nd", 520_000, "Nd oxide", (45, 30, 1.28)),
    _inside("Pr", 530_000, "Pr oxide", (45, 30, 1.28)),
    _inside("NdPr", 510_000, "NdPr metal", (45, 30, 1.28)),
    _inside("La", 4_200, "La oxide"),
    _inside("Dy", 1_560_000, "DyFe"),
    _inside("Tb", 6_600_000, "DyFe"),
    _inside("Y", 52_000, "Pr oxide"),
    _outside("Dy", "oxide", 290, "DyFe", (160, 25, 2.6)),
    _outside("Tb", "oxide", 1_020, "DyFe", (160, 25, 2.8)),
    _outside("Ga", "metal", 610, "Bi FOB"),
    _outside("Ge", "metal", 3_400, "Bi FOB"),
    _outside("Bi", "metal", 24, "Bi FOB"),
    _outside("In", "metal", 390, "Bi FOB"),
)


def quotes(until: date) -> Iterator[dict[str, Any]]:
    """Ticks of every series up to the last weekday on or before `until`, series by series."""
    last = until - timedelta(days=max(0, until.weekday() - 4))
    weeks, rest = divmod(QUOTATION_DAYS - 1, 5)
    first = last - timedelta(days=7 * weeks + rest + (2 if rest > last.weekday() else 0))
    for seed, series in enumerate(SERIES):
        moves = [Move(_back(last, before), days, math.log(factor)) for before, days, factor in series.moves]
        for day, price in generate(series.profile, QUOTATION_DAYS, seed, first, series.level, moves):
            yield {**series.terms, "price": f"{price:f}", "as_of": day.isoformat(), "source": SOURCE}


def _back(last: date, quotation_days: int) -> date:
    weeks, rest = divmod(quotation_days, 5)
    return last - timedelta(days=7 * weeks + rest + (2 if rest > last.weekday() else 0))


def leap(quoted: list[dict[str, Any]], material: str, factor: float, on: date) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a material outside China costs the next day by its source, and the same by a second one."""
    newest = next(tick for tick in reversed(quoted) if tick["material"] == material and tick["market"] == "EX_CN")
    leapt = {**newest, "price": f"{float(newest['price']) * factor:f}", "as_of": on.isoformat()}
    return leapt, {**leapt, "source": f"{SOURCE}-second"}


def as_lines(ticks: list[dict[str, Any]]) -> bytes:
    """Newline-delimited JSON."""
    return b"".join(json.dumps(tick).encode() + b"\n" for tick in ticks)
