"""UBL 2.x and PEPPOL: Order, OrderChange and OrderCancellation, read by local name, so that any 2.x version and prefix will do.

The three come in different documents but speak of one order: an Order counts as state 0 of it, an OrderChange as the state its sequence
number says (a full state, whatever its lines' status codes), an OrderCancellation as a request that the seller may still refuse
(PEPPOL BIS Advanced Ordering 3; UBL 2.4, sections 2.3.2 and 3.2).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from services.gateway.domain.received import Kind, Limits, Received, Rejection, Unreadable
from services.gateway.formats.canonical import Location, Source, read_order
from shared.contracts.order import Issue

MEDIA_TYPE = "application/xml"
ADAPTER = "ubl/1"
DEFAULT_SYSTEM = "ubl"
DEFAULT_COMPANY = "default"
MOST_ELEMENTS = 1_000_000
"""A tree takes some hundred bytes per element, however short its name."""

DOCUMENTS = ("Order", "OrderChange", "OrderCancellation")
ENVELOPE = "StandardBusinessDocument"

Element = etree._Element

_PARSER_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
_ENTITY = re.compile(rb"<\x00?!\x00?E\x00?N\x00?T\x00?I\x00?T\x00?Y")

_ITEM_SCHEMES = {"HS": "HS", "TSP": "CN", "CN": "CN", "HTS": "HTS", "TST": "UNSPSC", "UNSPSC": "UNSPSC", "ECLASS": "ECLASS", "CAS": "CAS"}
"""UNCL 7143 and names in use: HS is the Harmonised System, TSP the EU's tariff, TST the UNSPSC."""

_REGISTERS = {"0060": "DUNS", "0088": "GLN", "0199": "LEI"}
"""ISO 6523 code designators with a name of their own in `Party.identifiers`."""

_LINE_DELETED = "2"
"""UNCL 1229: 1 added, 2 deleted, 3 changed, 4 no action, 74 reopened. Every one but 2 is a line that stands."""

_ADDRESS_LINES = ("StreetName", "AdditionalStreetName", "BuildingName", "BuildingNumber", "Department", "Postbox")
_REFERENCES = {
    "SalesOrderID": "sales_order",
    "CustomerReference": "customer_reference",
    "QuotationDocumentReference": "quotation",
    "OrderDocumentReference": "previous_order",
    "OriginatorDocumentReference": "originator_document",
    "CatalogueReference": "catalogue",
    "AdditionalDocumentReference": "document",
    "Contract": "contract",
}


def read(
    data: bytes, limits: Limits, *, system: str | None = None, company: str | None = None, transport_id: str | None = None
) -> Received | Rejection:
    """The one order of a UBL document; `system` and `company` complete its key where they are given. Raises Unreadable."""
    root, charset = _parsed(data, limits)
    document = _business_document(root)
    name = _local(document)
    if name not in DOCUMENTS:
        raise Unreadable(
            "NOT_AN_ORDER", f"This is XML with the root {name}; UBL Order, OrderChange and OrderCancellation can be read.", f"/{name}"
        )
    reading = _Reading(f"/{name}")
    value = _order(document, reading, system or DEFAULT_SYSTEM, company)
    source = Source(
        original=data,
        media_type=MEDIA_TYPE,
        adapter=ADAPTER,
        charset=charset,
        transport_id=transport_id,
        kind=_kind(name),
        request_id=_text(document, "ID") if name == "OrderCancellation" else None,
        locate=reading.locate,
        issues=tuple(reading.issues),
    )
    return read_order(value, source, limits)


def _kind(name: str) -> Kind:
    match name:
        case "OrderChange":
            return "change"
        case "OrderCancellation":
            return "cancellation_request"
        case _:
            return "order"


def _parsed(data: bytes, limits: Limits) -> tuple[Element, str]:
    if len(data) > limits.order_bytes:
        raise Unreadable(
            "ORDER_TOO_LARGE", f"The document measures {len(data)} bytes, {limits.order_bytes} are the most for one order; split it.", "/"
        )
    if _ENTITY.search(data):
        raise Unreadable(
            "XML_ENTITIES", "The document declares entities; an order needs none and they are refused. Send it without DOCTYPE.", "/"
        )
    if data.count(b"<") > MOST_ELEMENTS:
        raise Unreadable("TOO_MANY_ELEMENTS", f"The document has more than {MOST_ELEMENTS} tags; split the order.", "/")
    try:
        tree = etree.fromstring(data, etree.XMLParser(**_PARSER_OPTIONS)).getroottree()
    except etree.XMLSyntaxError as error:
        raise _syntax(error, data) from None
    doctype: Any = tree.docinfo.internalDTD
    if doctype is not None and doctype.entities():
        raise Unreadable(
            "XML_ENTITIES", "The document declares entities; an order needs none and they are refused. Send it without DOCTYPE.", "/"
        )
    return tree.getroot(), tree.docinfo.encoding or "utf-8"


def _syntax(error: etree.XMLSyntaxError, data: bytes) -> Unreadable:
    line, column = error.position
    told = (error.msg or "it has no content").partition(", line ")[0]
    where = f"line {line}, column {column}"
    at_the_end = line > data.count(b"\n") and not data.rstrip().endswith(b">")
    if not data.strip() or "Premature end" in told or at_the_end:
        return Unreadable("TRUNCATED", f"The XML ends before it is complete ({where}): {told}. It was probably cut off.", where)
    return Unreadable("NOT_XML", f"This is not well-formed XML: {told} ({where}).", where)


def _business_document(root: Element) -> Element:
    if _local(root) != ENVELOPE:
        return root
    return next(_children(root, *DOCUMENTS), root)


# Elements by local name


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(parent: Element | None, *names: str) -> Iterator[Element]:
    """Children with these local names, in whatever namespace."""
    return iter(()) if parent is None else parent.iterchildren(*(f"{{*}}{name}" for name in names))


def _child(parent: Element | None, *path: str) -> Element | None:
    for name in path:
        parent = next(_children(parent, name), None)
    return parent


def _own_text(element: Element | None) -> str | None:
    text = (element.text or "").strip() if element is not None else ""
    return text or None


def _text(parent: Element | None, *names: str) -> str | None:
    return _own_text(_child(parent, *names))


def _attribute(element: Element | None, name: str) -> str | None:
    return ((element.get(name) or "").strip() or None) if element is not None else None


def _said(**values: Any) -> dict[str, Any]:
    """Without what is not said."""
    return {name: value for name, value in values.items() if value not in (None, [], {})}


# The order


@dataclass(slots=True)
class _Reading:
    """Where in the document each part of the canonical order came from."""

    root: str
    places: dict[Location, str] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def locate(self, location: Location) -> str:
        for length in range(len(location), 0, -1):
            if location[:length] in self.places:
                rest = "".join(f"/{part}" for part in location[length:])
                return f"{self.root}/{self.places[location[:length]]}{rest}"
        return self.root + "".join(f"/{part}" for part in location)


_PLACES: dict[Location, str] = {
    ("order_key", "company"): "BuyerCustomerParty",
    ("revision", "source_seq"): "SequenceNumberID",
    ("issued_on",): "IssueDate",
    ("currency",): "DocumentCurrencyCode",
    ("doc_type",): "OrderTypeCode",
    ("buyer",): "BuyerCustomerParty/Party",
    ("supplier",): "SellerSupplierParty/Party",
    ("ship_to",): "Delivery",
    ("ship_from",): "Delivery/Despatch",
    ("forwarder",): "FreightForwarderParty",
    ("lines",): "OrderLine",
}


def _order(document: Element, reading: _Reading, system: str, company: str | None) -> dict[str, Any]:
    name = _local(document)
    reading.places.update(_PLACES)
    reading.places["order_key", "order_id"] = "ID" if name == "Order" else "OrderReference/ID"
    delivery = _child(document, "Delivery")
    order_id = _text(document, "ID") if name == "Order" else _text(document, "OrderReference", "ID")
    buyer = _party(_child(document, "BuyerCustomerParty"))
    value = {
        "order_key": _said(system=system, company=company or _company(document) or DEFAULT_COMPANY, order_id=order_id),
        "revision": _revision(document, name),
        "status": "cancelled" if name == "OrderCancellation" else "open",
        **_said(
            doc_type=_text(document, "OrderTypeCode"),
            issued_on=_day(_text(document, "IssueDate")),
            currency=_text(document, "DocumentCurrencyCode"),
            buyer=buyer,
            supplier=_party(_child(document, "SellerSupplierParty"), own_number="CustomerAssignedAccountID"),
            ship_to=_place_of_delivery(delivery),
            ship_from=_place_of_despatch(delivery),
            forwarder=_party_itself(_child(document, "FreightForwarderParty")) or _party_itself(_child(delivery, "CarrierParty")),
            banks=_banks(document),
            incoterm=_incoterm(document),
            project=_text(document, "ProjectReference", "ID"),
            references=list(_references(document)),
            texts=list(_texts(document)),
        ),
    }
    if name != "OrderCancellation":
        value["lines"] = list(_lines(document, delivery, value.get("currency"), reading))
    return value


def _company(document: Element) -> str | None:
    """The buyer's number that all three documents carry: the electronic address first, because PEPPOL demands it everywhere."""
    holder = _child(document, "BuyerCustomerParty")
    party = _child(holder, "Party")
    return (
        _text(party, "EndpointID")
        or _text(party, "PartyIdentification", "ID")
        or _text(party, "PartyLegalEntity", "CompanyID")
        or _text(holder, "CustomerAssignedAccountID")
        or _text(party, "PartyLegalEntity", "RegistrationName")
        or _text(party, "PartyName", "Name")
    )


def _revision(document: Element, name: str) -> dict[str, Any]:
    if name == "Order":
        return {"source_seq": 0}
    if name == "OrderChange":
        return _said(source_value=_text(document, "ID"), source_seq=_text(document, "SequenceNumberID"))
    return _said(source_value=_text(document, "ID"))


def _day(text: str | None) -> str | None:
    """xsd:date allows a time zone behind the day ("2026-11-18Z", "2026-11-18+01:00"), which changes nothing about which day is meant."""
    matched = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})", text or "")
    return matched.group(1) if matched else text


def _party(holder: Element | None, own_number: str | None = None) -> dict[str, Any] | None:
    """A customer or supplier party. `own_number` names the element with the number that the buyer knows a supplier by."""
    party = _party_itself(_child(holder, "Party"))
    number = _text(holder, own_number) if own_number else None
    if number is None:
        return party
    return {**{key: value for key, value in (party or {}).items() if key != "id_scheme"}, "id": number}


def _party_itself(party: Element | None) -> dict[str, Any] | None:
    if party is None:
        return None
    legal = _child(party, "PartyLegalEntity")
    legal_name, trade_name = _text(legal, "RegistrationName"), _text(party, "PartyName", "Name")
    number = _child(party, "PartyIdentification", "ID")
    if _own_text(number) is None:
        number = _child(party, "EndpointID")
    if _own_text(number) is None:
        number = _child(legal, "CompanyID")
    address = _address(_child(party, "PostalAddress"))
    if "country" not in address:
        address |= _said(country=_text(legal, "RegistrationAddress", "Country", "IdentificationCode"))
    return _said(
        id=_own_text(number),
        id_scheme=_attribute(number, "schemeID") if _own_text(number) else None,
        name=legal_name or trade_name,
        name_local=trade_name if legal_name and trade_name != legal_name else None,
        identifiers=_identifiers(party),
        **address,
    )


def _identifiers(party: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for number in (*_children(_child(party, "PartyLegalEntity"), "CompanyID"), *_children(party, "EndpointID")):
        scheme, text = _attribute(number, "schemeID"), _own_text(number)
        if scheme and text:
            found.setdefault(_REGISTERS.get(scheme, scheme), text)
    for tax in _children(party, "PartyTaxScheme"):
        text = _text(tax, "CompanyID")
        if text and "VAT" in (_text(tax, "TaxScheme", "ID") or ""):
            found.setdefault("VAT", text)
    return found


def _address(address: Element | None) -> dict[str, Any]:
    lines = [text for name in _ADDRESS_LINES if (text := _text(address, name))]
    lines += [text for line in _children(address, "AddressLine") if (text := _text(line, "Line"))]
    return _said(
        address_lines=lines,
        city=_text(address, "CityName"),
        postcode=_text(address, "PostalZone"),
        region=_text(address, "CountrySubentity"),
        country=_text(address, "Country", "IdentificationCode"),
    )


def _first_address(holder: Element | None, *paths: tuple[str, ...]) -> dict[str, Any]:
    return next((address for path in paths if (address := _address(_child(holder, *path)))), {})


def _place_of_delivery(delivery: Element | None) -> dict[str, Any] | None:
    party = _party_itself(_child(delivery, "DeliveryParty")) or {}
    address = _first_address(delivery, ("DeliveryLocation", "Address"), ("DeliveryAddress",))
    return {**party, **address} or None


def _place_of_despatch(delivery: Element | None) -> dict[str, Any] | None:
    despatch = _child(delivery, "Despatch")
    party = _party_itself(_child(despatch, "DespatchParty")) or {}
    address = _first_address(despatch, ("DespatchAddress",), ("DespatchLocation", "Address"))
    return {**party, **address} or None


def _banks(document: Element) -> list[dict[str, Any]]:
    found = []
    for means in _children(document, "PaymentMeans"):
        branch = _child(means, "PayeeFinancialAccount", "FinancialInstitutionBranch")
        institution = _child(branch, "FinancialInstitution")
        bank = _said(
            id=_text(institution, "ID") or _text(branch, "ID"),
            name=_text(institution, "Name") or _text(branch, "Name"),
            **(_address(_child(institution, "Address")) or _address(_child(branch, "Address"))),
        )
        if bank:
            found.append(bank)
    return found


def _incoterm(document: Element) -> str | None:
    code = _text(document, "DeliveryTerms", "ID")
    return code if code is not None and re.fullmatch("[A-Z]{3}", code) else None


def _references(document: Element) -> Iterator[dict[str, str]]:
    for element in _children(document, *_REFERENCES):
        if value := _own_text(element) or _text(element, "ID"):
            yield {"kind": _REFERENCES[_local(element)], "value": value}


def _texts(document: Element) -> Iterator[dict[str, Any]]:
    for name, kind in (("Note", "note"), ("CancellationNote", "cancellation"), ("AccountingCost", "accounting_cost")):
        for element in _children(document, name):
            if text := _own_text(element):
                yield _said(kind=kind, text=text, lang=_attribute(element, "languageID"))
    if terms := _text(document, "DeliveryTerms", "SpecialTerms"):
        yield {"kind": "delivery_terms", "text": terms}
    originator = _party_itself(_child(document, "OriginatorCustomerParty", "Party"))
    if originator and "name" in originator:
        yield {"kind": "originator", "text": ", ".join(filter(None, (originator["name"], originator.get("country"))))}


# Lines


def _lines(document: Element, delivery: Element | None, currency: str | None, reading: _Reading) -> Iterator[dict[str, Any]]:
    position = 0
    for number, order_line in enumerate(_children(document, "OrderLine"), 1):
        item = _child(order_line, "LineItem")
        notes = [text for note in _children(order_line, "Note") if (text := _own_text(note))]
        for place, line_item, parent in _line_items(item, f"OrderLine[{number}]/LineItem", None):
            reading.places["lines", position] = place
            yield _line(line_item, position, parent, notes, delivery, currency, reading)
            position += 1


def _line_items(item: Element | None, place: str, parent: str | None) -> Iterator[tuple[str, Element, str | None]]:
    """The line itself and its sub-lines (UBL 2.x SubLineItem), however deep."""
    if item is None:
        return
    yield place, item, parent
    for number, sub_line in enumerate(_children(item, "SubLineItem"), 1):
        inner = _child(sub_line, "LineItem")
        yield from _line_items(sub_line if inner is None else inner, f"{place}/SubLineItem[{number}]", _text(item, "ID"))


def _line(
    line: Element,
    position: int,
    parent: str | None,
    notes: list[str],
    order_delivery: Element | None,
    currency: str | None,
    reading: _Reading,
) -> dict[str, Any]:
    item = _child(line, "Item")
    place = reading.places["lines", position]
    for name, element in (
        ("quantity", "Quantity"),
        ("price", "Price"),
        ("net_amount", "LineExtensionAmount"),
        ("classifications", "Item"),
        ("item", "Item"),
    ):
        reading.places["lines", position, name] = f"{place}/{element}"
    names, descriptions = _text(item, "Name"), [text for each in _children(item, "Description") if (text := _own_text(each))]
    despatched = _text(line, "Delivery", "Despatch", "RequestedDespatchDate") or _text(order_delivery, "Despatch", "RequestedDespatchDate")
    return _said(
        line_id=_text(line, "ID"),
        line_status="cancelled" if _text(line, "LineStatusCode") == _LINE_DELETED else "open",
        parent_line_id=parent,
        item=_item_reference(item),
        description=_description(names, descriptions),
        description_lang=_attribute(_child(item, "Name"), "languageID") or _attribute(_child(item, "Description"), "languageID"),
        texts=[{"kind": "note", "text": note} for note in (*notes, *filter(None, map(_own_text, _children(line, "Note"))))],
        quantity=_quantity(_child(line, "Quantity")),
        price=_price(_child(line, "Price")),
        net_amount=_net_amount(_child(line, "LineExtensionAmount"), currency, position, reading),
        requested_delivery=_requested(line, order_delivery),
        expected_departure_on=_day(despatched),
        manufacturer=_party_itself(_child(item, "ManufacturerParty")),
        origin_country=_text(item, "OriginCountry", "IdentificationCode") or _text(item, "OriginAddress", "Country", "IdentificationCode"),
        classifications=list(_classifications(item)),
        attributes=list(_attributes(item)),
        lot=_text(item, "ItemInstance", "LotIdentification", "LotNumberID"),
        project=_text(line, "AccountingCost"),
    )


def _description(name: str | None, descriptions: list[str]) -> str | None:
    told = [text for text in descriptions if name is None or text.casefold() not in name.casefold()]
    return ": ".join(filter(None, (name, "; ".join(told)))) or None


def _item_reference(item: Element | None) -> dict[str, str]:
    standard = _child(item, "StandardItemIdentification", "ID")
    number = _own_text(standard)
    is_gtin = number is not None and (_attribute(standard, "schemeID") in ("0160", "GTIN") or re.fullmatch(r"\d{8}|\d{12,14}", number))
    return _said(
        buyer_id=_text(item, "BuyersItemIdentification", "ID"),
        supplier_id=_text(item, "SellersItemIdentification", "ID"),
        manufacturer_id=_text(item, "ManufacturersItemIdentification", "ID"),
        gtin=number if is_gtin else None,
    )


def _quantity(element: Element | None) -> dict[str, Any] | None:
    value = _own_text(element)
    return None if value is None else _said(value=value, unit=_attribute(element, "unitCode"), unit_system="UNECE")


def _price(price: Element | None) -> dict[str, Any] | None:
    amount, base = _child(price, "PriceAmount"), _child(price, "BaseQuantity")
    if _own_text(amount) is None:
        return None
    return _said(
        amount=_own_text(amount),
        currency=_attribute(amount, "currencyID"),
        per_quantity=_own_text(base),
        per_unit=_attribute(base, "unitCode"),
    )


def _net_amount(element: Element | None, currency: str | None, position: int, reading: _Reading) -> str | None:
    """The line's amount, which counts in the order's currency only."""
    stated = _attribute(element, "currencyID")
    if element is not None and stated is not None and currency is not None and stated != currency:
        reading.issues.append(
            Issue(
                code="NET_AMOUNT_CURRENCY_DIFFERS",
                path=reading.locate(("lines", position, "net_amount")),
                severity="warning",
                message=f"The line amount is in {stated} and the order in {currency}, so it was not used; send both in one currency.",
            )
        )
        return None
    return _own_text(element)


def _requested(line: Element, order_delivery: Element | None) -> list[dict[str, str]]:
    own = [_said(date=day, quantity=_text(each, "Quantity")) for each in _children(line, "Delivery") if (day := _delivery_day(each))]
    if own:
        return own
    day = _delivery_day(order_delivery)
    return [{"date": day}] if day else []


def _delivery_day(delivery: Element | None) -> str | None:
    period = _child(delivery, "RequestedDeliveryPeriod")
    return _day(_text(period, "EndDate") or _text(period, "StartDate") or _text(delivery, "LatestDeliveryDate"))


def _classifications(item: Element | None) -> Iterator[dict[str, Any]]:
    for classification in _children(item, "CommodityClassification"):
        if code := _text(classification, "CommodityCode"):
            yield {"scheme": "HS", "code": code}
        element = _child(classification, "ItemClassificationCode")
        if code := _own_text(element):
            scheme = (_attribute(element, "listID") or "").upper()
            yield _said(scheme=_ITEM_SCHEMES.get(scheme, "BUYER"), code=code, version=_attribute(element, "listVersionID"))


def _attributes(item: Element | None) -> Iterator[dict[str, Any]]:
    for item_property in _children(item, "AdditionalItemProperty"):
        name, measured = _text(item_property, "Name"), _child(item_property, "ValueQuantity")
        value = _text(item_property, "Value")
        if name and value:
            yield {"name": name, "value": value}
        elif name and (value := _own_text(measured)):
            yield _said(name=name, value=value, unit=_attribute(measured, "unitCode"))
    for hazardous in _children(item, "HazardousItem"):
        if code := _text(hazardous, "UNDGCode"):
            yield {"name": "UN number", "value": code}
