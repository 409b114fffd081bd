"""The reference tables that are shipped say where they come from, and hold together."""

import csv
from pathlib import Path

import pytest
import yaml

from services.stockpile_advisor.domain.concentration import above_crma_limit
from services.stockpile_advisor.domain.reference_shares import EU_COUNTRIES
from services.stockpile_advisor.reference_files import FOLDER, reference_shares

SAMPLES = Path("../shared/samples/exam")


def test_every_table_names_edition_licence_and_attribution() -> None:
    sources = yaml.safe_load((FOLDER / "sources.yaml").read_text(encoding="utf-8"))
    assert set(sources) == {path.name for path in FOLDER.glob("*.csv")}
    for source in sources.values():
        assert all(source[field] for field in ("edition", "title", "publisher", "licence", "attribution", "changes"))


def test_every_country_that_supplies_is_rated() -> None:
    assert [source for sources in reference_shares().sources.values() for source in sources if source.governance is None] == []


def test_shares_of_a_stage_do_not_exceed_the_whole() -> None:
    for key, sources in reference_shares().sources.items():
        assert sum(source.share for source in sources) < 1.06, key
        assert len({source.country for source in sources}) == len(sources), key


@pytest.mark.parametrize(
    ("material", "stage", "country", "share"),
    [("Dysprosium", "processing", "CN", 1.0), ("Gallium", "processing", "CN", 0.938), ("Terbium", "extraction", "CN", 0.844)],
)
def test_what_the_report_says_of_china(material: str, stage: str, country: str, share: float) -> None:
    shares = reference_shares().shares_of(material, stage)
    assert shares is not None
    assert shares[country] == pytest.approx(share)
    assert above_crma_limit(shares, EU_COUNTRIES) == ["CN"]


def test_what_is_not_in_the_tables_is_unknown() -> None:
    shares = reference_shares()
    assert shares.shares_of("Dysprosium", "processing", "eu") is None
    assert shares.stages("Unobtainium") == {}
    assert shares.score_of("Unobtainium") is None
    assert shares.material_of("Uu") is None


def test_an_element_finds_its_material_and_the_score_of_its_group() -> None:
    shares = reference_shares()
    assert shares.material_of("Dy") == "Dysprosium"
    score = shares.score_of("Dysprosium")
    assert score is not None
    assert (score.supply_risk, score.economic_importance) == (5.1, 4.2)


def test_concentration_of_rare_earth_mining_as_the_usgs_has_it() -> None:
    latest = max(reference_shares().production["Rare earths"], key=lambda production: production.year)
    between = latest.concentration()
    assert latest.year == 2025
    assert between is not None
    assert between.low == pytest.approx(0.507, abs=1e-3)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the Commission's tables are not here: ../shared/samples/exam")
def test_the_scores_are_those_published() -> None:
    with (SAMPLES / "eu_crm_2023_dimension_CRMsOverTime.csv").open(encoding="utf-8", newline="") as file:
        published = sorted(float(row["SR"]) for row in csv.DictReader(file) if row["Year"] == "2023" and row["SR"] != "-")
    assert sorted(score.supply_risk for score in reference_shares().scores.values()) == published
