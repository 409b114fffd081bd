"""UBL and PEPPOL documents, made here after the awkward ones that are in use."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.enrichment import Catalogue
from services.gateway.domain.received import Limits, Received, Rejection, Unreadable
from services.gateway.domain.snapshot import snapshot_of
from services.gateway.formats import ubl
from tests.unit.gateway.orders import LIMITS, MOMENT

NAMESPACES = (
    'xmlns="urn:oasis:names:specification:ubl:schema:xsd:{name}-2" '
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
)
BUYER = (
    '<cac:BuyerCustomerParty><cac:Party><cbc:EndpointID schemeID="0088">7300010000001</cbc:EndpointID>'
    "<cac:PartyName><cbc:Name>Nordwerk</cbc:Name></cac:PartyName></cac:Party></cac:BuyerCustomerParty>"
)
SELLER = """<cac:SellerSupplierParty><cbc:CustomerAssignedAccountID>0000100103</cbc:CustomerAssignedAccountID><cac:Party>
<cbc:EndpointID schemeID="0060">123456789</cbc:EndpointID>
<cac:PartyName><cbc:Name>Donghai Magnet</cbc:Name></cac:PartyName>
<cac:PostalAddress><cbc:StreetName>Street 1</cbc:StreetName><cbc:CityName>Ningbo</cbc:CityName>
<cac:AddressLine><cbc:Line>Hall 4</cbc:Line></cac:AddressLine>
<cac:Country><cbc:IdentificationCode>cn</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
<cac:PartyTaxScheme><cbc:CompanyID>CN99</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
<cac:PartyLegalEntity><cbc:RegistrationName>Ningbo Donghai Magnet Technology Co., Ltd.</cbc:RegistrationName>
<cbc:CompanyID schemeID="0199">5493001KJTIIGC8Y1R12</cbc:CompanyID></cac:PartyLegalEntity></cac:Party></cac:SellerSupplierParty>"""


def line(
    number: str = "1", item: str = "<cbc:Name>Arc segment</cbc:Name>", inside: str = "", quantity: str = "100", unit: str = "KGM"
) -> str:
    return (
        f'<cac:OrderLine><cac:LineItem><cbc:ID>{number}</cbc:ID>{inside}<cbc:Quantity unitCode="{unit}">{quantity}</cbc:Quantity>'
        f"<cac:Item>{item}</cac:Item></cac:LineItem></cac:OrderLine>"
    )


def document(name: str = "Order", head: str = "<cbc:ID>PO-1</cbc:ID>", body: str | None = None, lead: str = "") -> bytes:
    inner = head + BUYER + SELLER + (line() if body is None else body)
    return f'<?xml version="1.0" encoding="UTF-8"?>{lead}<{name} {NAMESPACES.format(name=name)}>{inner}</{name}>'.encode()


def read(data: bytes) -> Received:
    found = ubl.read(data, LIMITS)
    assert isinstance(found, Received), found
    return found


def refusal(data: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(Unreadable) as error:
        ubl.read(data, limits)
    assert str(error.value).endswith(".")
    return error.value.issue.code


def test_an_order_is_read_with_its_parties() -> None:
    found = read(document(head="<cbc:ID>PO-1</cbc:ID><cbc:IssueDate>2026-11-18Z</cbc:IssueDate><cbc:OrderTypeCode>220</cbc:OrderTypeCode>"))
    order = found.document
    assert found.order_key == "ubl/7300010000001/PO-1"
    assert (order.revision.source_seq, str(order.issued_on), order.doc_type, order.status) == (0, "2026-11-18", "220", "open")
    supplier = order.supplier
    assert supplier is not None
    assert (supplier.id, supplier.name, supplier.name_local) == (
        "0000100103",
        "Ningbo Donghai Magnet Technology Co., Ltd.",
        "Donghai Magnet",
    )
    assert (supplier.country, supplier.city, supplier.address_lines) == ("CN", "Ningbo", ["Street 1", "Hall 4"])
    assert supplier.identifiers == {"LEI": "5493001KJTIIGC8Y1R12", "DUNS": "123456789", "VAT": "CN99"}


def test_a_line_is_read_with_everything_that_screening_can_use() -> None:
    item = """<cbc:Description>Sintered, NiCuNi</cbc:Description><cbc:Name>Magnet N42SH</cbc:Name>
<cac:BuyersItemIdentification><cbc:ID>MAG-1</cbc:ID></cac:BuyersItemIdentification>
<cac:SellersItemIdentification><cbc:ID>S-9</cbc:ID></cac:SellersItemIdentification>
<cac:ManufacturersItemIdentification><cbc:ID>M-9</cbc:ID></cac:ManufacturersItemIdentification>
<cac:StandardItemIdentification><cbc:ID schemeID="0160">7560000012345</cbc:ID></cac:StandardItemIdentification>
<cac:OriginCountry><cbc:IdentificationCode>CN</cbc:IdentificationCode></cac:OriginCountry>
<cac:CommodityClassification><cbc:CommodityCode>850511</cbc:CommodityCode></cac:CommodityClassification>
<cac:CommodityClassification>
<cbc:ItemClassificationCode listID="TSP" listVersionID="2026">85051110</cbc:ItemClassificationCode></cac:CommodityClassification>
<cac:CommodityClassification><cbc:ItemClassificationCode listID="MP">123</cbc:ItemClassificationCode></cac:CommodityClassification>
<cac:AdditionalItemProperty><cbc:Name>Dy content</cbc:Name><cbc:Value>0.8 wt%</cbc:Value></cac:AdditionalItemProperty>
<cac:AdditionalItemProperty><cbc:Name>Length</cbc:Name><cbc:ValueQuantity unitCode="MMT">30</cbc:ValueQuantity></cac:AdditionalItemProperty>
<cac:ManufacturerParty><cac:PartyName><cbc:Name>Maker</cbc:Name></cac:PartyName></cac:ManufacturerParty>
<cac:ItemInstance><cac:LotIdentification><cbc:LotNumberID>LOT-7</cbc:LotNumberID></cac:LotIdentification></cac:ItemInstance>"""
    inside = """<cbc:LineExtensionAmount currencyID="EUR">12.50</cbc:LineExtensionAmount>
<cac:Delivery><cac:RequestedDeliveryPeriod><cbc:StartDate>2027-01-01</cbc:StartDate><cbc:EndDate>2027-01-15</cbc:EndDate></cac:RequestedDeliveryPeriod>
<cac:Despatch><cbc:RequestedDespatchDate>2026-12-04</cbc:RequestedDespatchDate></cac:Despatch></cac:Delivery>
<cac:Price><cbc:PriceAmount currencyID="EUR">12.50</cbc:PriceAmount><cbc:BaseQuantity unitCode="KGM">100</cbc:BaseQuantity></cac:Price>"""
    found = read(document(body=line(item=item, inside=inside))).document.lines[0]
    assert found.description == "Magnet N42SH: Sintered, NiCuNi"
    assert (found.item.buyer_id, found.item.supplier_id, found.item.manufacturer_id, found.item.gtin) == (
        "MAG-1",
        "S-9",
        "M-9",
        "7560000012345",
    )
    assert (found.origin_country, found.lot) == ("CN", "LOT-7")
    assert [(code.scheme, code.code, code.version) for code in found.classifications] == [
        ("HS", "850511", None),
        ("CN", "85051110", "2026"),
        ("BUYER", "123", None),
    ]
    assert [(each.name, each.value, each.unit) for each in found.attributes] == [("Dy content", "0.8 wt%", None), ("Length", "30", "MMT")]
    assert found.price is not None
    assert (str(found.price.amount), str(found.price.per_quantity), found.price.per_unit) == ("12.50", "100", "KGM")
    assert (str(found.requested_delivery[0].date), str(found.expected_departure_on)) == ("2027-01-15", "2026-12-04")
    assert found.manufacturer is not None
    assert found.manufacturer.name == "Maker"


def test_old_orders_name_their_currency_at_the_amounts_only() -> None:
    inside = '<cac:Price><cbc:PriceAmount currencyID="GBP">2</cbc:PriceAmount></cac:Price>'
    snapshot = snapshot_of(read(document(body=line(inside=inside))), Catalogue(), MOMENT)
    assert (snapshot.currency, str(snapshot.lines[0].value), snapshot.provenance["currency"]) == ("GBP", "200", "inferred")


def test_an_amount_in_another_currency_is_left_out_and_told() -> None:
    head = "<cbc:ID>PO-1</cbc:ID><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
    found = read(document(head=head, body=line(inside='<cbc:LineExtensionAmount currencyID="AED">10</cbc:LineExtensionAmount>')))
    assert found.document.lines[0].net_amount is None
    assert [(issue.code, issue.path) for issue in found.issues] == [
        ("NET_AMOUNT_CURRENCY_DIFFERS", "/Order/OrderLine[1]/LineItem/LineExtensionAmount")
    ]


def test_sub_lines_are_lines_below_another() -> None:
    nested = "<cac:LineItem><cbc:ID>1.1</cbc:ID><cac:Item><cbc:Name>Magnet</cbc:Name></cac:Item></cac:LineItem>"
    inner = f"<cac:SubLineItem>{nested}</cac:SubLineItem>"
    lines = read(document(body=line(inside=inner))).document.lines
    assert [(each.line_id, each.parent_line_id) for each in lines] == [("1", None), ("1.1", "1")]


def test_a_change_is_a_full_state_of_the_order_it_names() -> None:
    reference = "<cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>"
    head = f"<cbc:ID>Change-1</cbc:ID><cbc:SequenceNumberID>2</cbc:SequenceNumberID>{reference}"
    status = "<cbc:LineStatusCode>{}</cbc:LineStatusCode>"
    body = "".join(line(str(number), inside=status.format(code)) for number, code in enumerate(("1", "2", "3", "4", "74"), 1))
    found = read(document("OrderChange", head, body))
    assert (found.kind, found.order_key, found.document.revision.source_seq) == ("change", "ubl/7300010000001/PO-1", 2)
    assert [each.line_status for each in found.document.lines] == ["open", "cancelled", "open", "open", "open"]


def test_a_cancellation_is_a_request_about_the_order_it_names() -> None:
    head = "<cbc:ID>Cancellation-1</cbc:ID><cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>"
    found = read(document("OrderCancellation", head, ""))
    assert (found.kind, found.request_id, found.document.status) == ("cancellation_request", "Cancellation-1", "cancelled")
    assert found.order_key == "ubl/7300010000001/PO-1"


def test_the_sender_may_say_system_and_company() -> None:
    found = ubl.read(document(), LIMITS, system="sap", company="1000")
    assert isinstance(found, Received)
    assert found.order_key == "sap/1000/PO-1"


def test_a_mistake_is_told_at_its_place_in_the_document() -> None:
    found = read(document(body=line("1") + line("2", quantity="twelve")))
    assert [(issue.code, issue.path) for issue in found.issues] == [("NOT_A_NUMBER", "/Order/OrderLine[2]/LineItem/Quantity/value")]
    missing = ubl.read(document(head=""), LIMITS)
    assert isinstance(missing, Rejection)
    assert [(issue.code, issue.path) for issue in missing.issues] == [("FIELD_MISSING", "/Order/ID")]


def test_prefixes_envelopes_and_comments_make_no_difference() -> None:
    plain = read(document()).document
    other_prefix = document().replace(b"cbc:", b"b:").replace(b":cbc=", b":b=")
    enveloped = b'<sh:StandardBusinessDocument xmlns:sh="x"><sh:StandardBusinessDocumentHeader/>' + document().partition(b"?>")[2]
    assert read(other_prefix).document == plain
    assert read(enveloped + b"</sh:StandardBusinessDocument>").document == plain
    assert read(document(body="<!-- a --><?php x ?>" + line())).document == plain


def test_other_documents_are_refused_by_name() -> None:
    assert refusal(document("Invoice")) == "NOT_AN_ORDER"
    assert refusal(b"<cXML><Request/></cXML>") == "NOT_AN_ORDER"


LAUGHS = "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE Order [<!ENTITY lol0 "lol">{LAUGHS}]>',
        '<!DOCTYPE Order [<!ENTITY secret SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE Order [<!ENTITY % remote SYSTEM "http://127.0.0.1:9/x.dtd"> %remote;]>',
    ],
)
def test_entities_are_refused(doctype: str) -> None:
    data = document(head="<cbc:ID>&lol9;</cbc:ID>", lead=doctype)
    assert refusal(data) == "XML_ENTITIES"
    assert refusal(data.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")) == "XML_ENTITIES"


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    asked: list[str] = []

    class Note(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    server = http.server.HTTPServer(("127.0.0.1", 0), Note)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, asked
    server.shutdown()
    server.server_close()


def test_nothing_is_fetched(listener: tuple[int, list[str]], tmp_path: Path) -> None:
    port, asked = listener
    (tmp_path / "order.dtd").write_text("<!ELEMENT Order ANY>")
    for doctype in (f'<!DOCTYPE Order SYSTEM "http://127.0.0.1:{port}/order.dtd">', f'<!DOCTYPE Order SYSTEM "{tmp_path}/order.dtd">'):
        assert read(document(lead=doctype)).document.lines
    assert asked == []


@pytest.mark.parametrize("data", [b"", b"   ", b"<", b"plain text", b"<Order>", b"<Order></Oder>", b"\x00\x01", document() + b"<x/>"])
def test_what_is_not_xml_is_told(data: bytes) -> None:
    assert refusal(data) in ("TRUNCATED", "NOT_XML")


def test_limits_are_named() -> None:
    assert refusal(document(), Limits(order_bytes=100)) == "ORDER_TOO_LARGE"
    assert refusal(b"<a>" + b"<b/>" * 1_000_001 + b"</a>") == "TOO_MANY_ELEMENTS"
    assert refusal(b"<a>" * 300 + b"</a>" * 300) == "NOT_XML"


@given(st.data())
def test_a_document_cut_anywhere_is_told_to_be_unreadable(data: st.DataObject) -> None:
    whole = document()
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert refusal(whole[:cut]) in ("TRUNCATED", "NOT_XML")


@given(st.binary(max_size=40), st.data())
def test_a_document_with_a_hole_gets_an_answer(junk: bytes, data: st.DataObject) -> None:
    whole = document()
    at = data.draw(st.integers(0, len(whole)))
    try:
        found = ubl.read(whole[:at] + junk + whole[at:], LIMITS)
    except Unreadable:
        return
    assert isinstance(found, Received) or found.issues
