"""Reads the reference tables that are shipped: shares of supply, parameters, governance, production."""

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import cast

import yaml

from services.stockpile_advisor.domain.concentration import Between
from services.stockpile_advisor.domain.reference_shares import Parameters, Production, ReferenceShares, Score, Sourcing, Stage
from services.stockpile_advisor.domain.supply_risk import Source, governance

FOLDER = Path(__file__).with_name("reference")


@cache
def reference_shares() -> ReferenceShares:
    sources = yaml.safe_load((FOLDER / "sources.yaml").read_text(encoding="utf-8"))
    return ReferenceShares(
        sources=_sources(),
        parameters={
            row["material"]: Parameters(
                row["element"] or None,
                row["group"] or None,
                _known(row["import_reliance_2017"]),
                _known(row["recycling_input_rate"]),
                _known(row["substitution_supply_2017"]),
                _known(row["substitution_economic_2017"]),
            )
            for row in _rows("eu_crm_parameters.csv")
        },
        scores={
            row["material"]: Score(float(row["supply_risk"]), float(row["economic_importance"])) for row in _rows("eu_crm_2023_scores.csv")
        },
        production=_production(),
        us_import_reliance={
            (row["material"], row["form"], int(row["year"])): Between(float(row["low"]), float(row["high"]))
            for row in _rows("usgs_mcs_2026_net_import_reliance.csv")
        },
        editions={name: source["edition"] for name, source in sources.items()},
        governance=_mean_estimates(),
    )


def _sources() -> dict[tuple[str, Stage, Sourcing], tuple[Source, ...]]:
    rated = {country: governance(mean) for country, mean in _mean_estimates().items()}
    found: dict[tuple[str, Stage, Sourcing], list[Source]] = {}
    for row in _rows("eu_crm_2023_supply_shares.csv"):
        key = row["material"], cast(Stage, row["stage"]), cast(Sourcing, row["sourcing"])
        source = Source(row["country"], float(row["share"]), rated.get(row["country"]), float(row["trade_factor"]))
        found.setdefault(key, []).append(source)
    return {key: tuple(sources) for key, sources in found.items()}


def _mean_estimates() -> dict[str, float]:
    return {row["country"]: float(row["mean_estimate"]) for row in _rows("wgi_2022.csv")}


def _production() -> dict[str, tuple[Production, ...]]:
    tonnes: dict[tuple[str, str, int], dict[str, float]] = {}
    for row in _rows("usgs_mcs_2026_production.csv"):
        by_country = tonnes.setdefault((row["material"], row["statistic"], int(row["year"])), {})
        by_country[row["country"]] = by_country.get(row["country"], 0.0) + float(row["tonnes"])
    found: dict[str, list[Production]] = {}
    for (material, statistic, year), by_country in tonnes.items():
        other = by_country.pop("", 0.0)
        found.setdefault(material, []).append(Production(statistic, year, by_country, other))
    return {material: tuple(productions) for material, productions in found.items()}


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _known(value: str) -> float | None:
    return float(value) if value else None
