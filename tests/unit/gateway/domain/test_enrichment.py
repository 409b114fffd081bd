"""What master data adds, and that it says so."""

from typing import Any

import pytest

from services.gateway.domain.enrichment import Catalogue, catalogue_of, enrich_line, enrich_parties
from services.gateway.domain.snapshot import snapshot_of
from shared.contracts.master_data import Item, Supplier
from shared.contracts.order import OrderDocument
from tests.unit.gateway.orders import MOMENT, line, order, order_line, received

OXIDE: dict[str, Any] = {
    "item_id": "MAG-1",
    "description": "Dysprosium oxide",
    "origin_country": "CN",
    "classifications": [{"scheme": "HS", "code": "284690"}],
    "composition": [{"substance": "Dy2O3", "share": "99.5 wt%"}],
    "evidence": {"composition": {"document": "certificate 17", "issuer": "Baotou lab", "valid_until": "2027-01-01"}},
}


def catalogue(*items: dict[str, Any], suppliers: tuple[dict[str, Any], ...] = ()) -> Catalogue:
    return catalogue_of([Item.model_validate(item) for item in items], [Supplier.model_validate(each) for each in suppliers])


def enriched(master: Catalogue, supplier_id: str | None = "V1", **fields: Any) -> Any:
    return enrich_line(order_line(**fields), 0, supplier_id, master)


def test_absent_fields_are_filled_and_marked() -> None:
    found = enriched(catalogue(OXIDE))
    assert found.added["origin_country"] == "CN"
    assert found.provenance["origin_country"] == found.provenance["description"] == "item_master"
    assert found.provenance["quantity"] == "document"
    assert found.provenance["price"] == "missing"
    assert found.provenance["classifications/HS"] == "item_master"


def test_the_document_behind_a_composition_travels_with_it() -> None:
    (constituent,) = enriched(catalogue(OXIDE)).added["composition"]
    assert (constituent.document, constituent.issuer, str(constituent.valid_until)) == ("certificate 17", "Baotou lab", "2027-01-01")


def test_the_order_keeps_its_word_and_a_disagreement_is_told() -> None:
    found = enriched(
        catalogue(OXIDE),
        origin_country="JP",
        description="oxide",
        classifications=[{"scheme": "HS", "code": "850511"}, {"scheme": "CN", "code": "28469040"}],
        composition=[{"substance": "Tb", "share": "1 wt%"}],
    )
    assert [(note.kind, note.text) for note in found.added.pop("texts")] == [("item_master_description", "Dysprosium oxide")]
    assert found.added == {}
    assert found.provenance["origin_country"] == "document"
    assert [issue.code for issue in found.issues] == ["ORIGIN_DISAGREES", "TARIFF_CODE_DISAGREES"]


def test_a_longer_tariff_code_of_the_same_heading_is_no_disagreement() -> None:
    assert enriched(catalogue(OXIDE), classifications=[{"scheme": "HS", "code": "2846901500"}]).issues == []


def test_kinds_that_the_document_lacks_are_added_to_its_lists() -> None:
    item = {**OXIDE, "classifications": [{"scheme": "HS", "code": "284690"}, {"scheme": "CN", "code": "28469040"}]}
    found = enriched(catalogue(item), classifications=[{"scheme": "HS", "code": "284690"}])
    assert [code.scheme for code in found.added["classifications"]] == ["HS", "CN"]
    assert found.provenance["classifications"] == "document"
    assert found.provenance["classifications/CN"] == "item_master"


def test_the_item_as_this_supplier_delivers_it_comes_before_the_item_in_general() -> None:
    special = {"item_id": "MAG-1", "supplier_id": "V1", "origin_country": "MY"}
    found = enriched(catalogue(OXIDE, special))
    assert found.added["origin_country"] == "MY"
    assert found.added["description"] == "Dysprosium oxide"
    assert enriched(catalogue(OXIDE, special), supplier_id="V2").added["origin_country"] == "CN"


def test_an_item_is_found_by_the_suppliers_number_and_by_the_manufacturers_part() -> None:
    by_number = {"item_id": "S-77", "supplier_id": "V1", "origin_country": "CN"}
    by_part = {"item_id": "OTHER", "manufacturer_part": "N42-20", "origin_country": "JP"}
    master = catalogue(by_number, by_part)
    assert enriched(master, item={"supplier_id": "S-77"}).added["origin_country"] == "CN"
    assert enriched(master, supplier_id="V2", item={"supplier_id": "S-77"}).added == {}
    assert enriched(master, item={"manufacturer_id": "N42-20"}).added["origin_country"] == "JP"


def test_a_part_that_several_items_carry_says_nothing_but_the_suppliers_own_does() -> None:
    master = catalogue(
        {"item_id": "A", "manufacturer_part": "P", "origin_country": "JP"},
        {"item_id": "B", "manufacturer_part": "P", "origin_country": "CN", "supplier_id": "V1"},
    )
    assert enriched(master, supplier_id="V9", item={"manufacturer_id": "P"}).added == {}
    assert enriched(master, supplier_id="V1", item={"manufacturer_id": "P"}).added["origin_country"] == "CN"


def test_the_composition_of_another_part_is_not_used() -> None:
    master = catalogue({**OXIDE, "manufacturer_part": "REV-B"})
    found = enriched(master, item={"buyer_id": "MAG-1", "manufacturer_id": "REV-C"})
    assert "composition" not in found.added
    assert [issue.code for issue in found.issues] == ["COMPOSITION_OF_ANOTHER_PART"]
    assert enriched(master).added["item"].manufacturer_id == "REV-B"


def test_a_supplier_known_by_number_gets_name_and_country() -> None:
    master = catalogue(suppliers=({"supplier_id": "0000100101", "name": "Baotou Qinghe", "country": "CN", "city": "Baotou"},))
    document = OrderDocument.model_validate(order(supplier={"id": "0000100101", "city": "Hohhot"}))
    added, provenance, issues = enrich_parties(document, master)
    assert (added["supplier"].name, added["supplier"].country, added["supplier"].city) == ("Baotou Qinghe", "CN", "Hohhot")
    assert provenance == {"supplier.name": "supplier_master", "supplier.country": "supplier_master"}
    assert issues == []


def test_a_supplier_in_two_countries_is_told() -> None:
    master = catalogue(suppliers=({"supplier_id": "V1", "country": "CN"},))
    _, _, issues = enrich_parties(OrderDocument.model_validate(order(supplier={"id": "V1", "country": "HK"})), master)
    assert [issue.code for issue in issues] == ["SUPPLIER_COUNTRY_DISAGREES"]


@pytest.mark.parametrize(
    "change", [{"origin_country": "MY"}, {"net_weight_kg_per_unit": "2", "unit": "C62"}, {"attributes": [{"name": "a", "value": "b"}]}]
)
def test_the_enrichment_hash_follows_what_is_added(change: dict[str, Any]) -> None:
    pieces = received(lines=[line(quantity={"value": "3", "unit": "C62"})])
    before, after = (snapshot_of(pieces, catalogue(item), MOMENT).enrichment_sha256 for item in (OXIDE, {**OXIDE, **change}))
    assert before != after


def test_master_data_that_adds_nothing_changes_no_hash() -> None:
    plain = received()
    without = snapshot_of(plain, Catalogue(), MOMENT)
    unrelated = snapshot_of(plain, catalogue({"item_id": "ELSE", "origin_country": "CN"}), MOMENT)
    unused = snapshot_of(plain, catalogue({"item_id": "MAG-1", "unit": "KGM", "net_weight_kg_per_unit": "1"}), MOMENT)
    assert without.enrichment_sha256 == unrelated.enrichment_sha256 == unused.enrichment_sha256


PRICED = {
    "item_id": "MAG-1",
    "unit": "kg",
    "pricing": {"kind": "formula", "index": {"material": "Dy", "form": "oxide"}, "factor": "1.02", "priced_at": "shipment"},
    "budget_price": {"amount": "240", "currency": "USD"},
    "standard_price": {"amount": "230", "currency": "USD", "per_unit": "t", "per_quantity": "1"},
}


def test_terms_and_prices_of_the_item_fill_a_line_that_says_none() -> None:
    found = enriched(catalogue(PRICED))
    assert (found.added["pricing"].kind, found.added["pricing"].index.material) == ("formula", "Dy")
    assert (found.added["budget_price"].amount, found.added["budget_price"].per_unit) == (240, "kg")
    assert found.added["standard_price"].per_unit == "t"
    assert {found.provenance[name] for name in ("pricing", "budget_price", "standard_price")} == {"item_master"}


def test_terms_of_the_order_stand() -> None:
    found = enriched(catalogue(PRICED), pricing={"kind": "fixed"}, budget_price={"amount": "1"})
    assert "pricing" not in found.added
    assert "budget_price" not in found.added
    assert found.provenance["pricing"] == found.provenance["budget_price"] == "document"


def test_a_change_of_terms_in_the_item_master_changes_the_hash_of_what_was_added() -> None:
    document = received(lines=[line()])
    without, one, other = (
        snapshot_of(document, catalogue(item), MOMENT).enrichment_sha256
        for item in ({"item_id": "MAG-1"}, PRICED, {**PRICED, "budget_price": {"amount": "241", "currency": "USD"}})
    )
    assert len({without, one, other}) == 3


def test_a_line_without_terms_has_no_word_on_them() -> None:
    assert not {"pricing", "budget_price", "standard_price"} & enriched(catalogue(OXIDE)).provenance.keys()
