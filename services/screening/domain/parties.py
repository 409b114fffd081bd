"""Parties on an order against parties on lists.

Names are compared as a whole, without legal forms, case, punctuation and accents; Chinese names in simplified characters. A list bears on a
day through its entry's timeline: listed, suspended, ended.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from services.screening.domain.fingerprints import Identifier, entry_fingerprint, party_fingerprint
from services.screening.domain.instrument import PartyRole
from services.screening.domain.overlay import overlaid
from services.screening.domain.ownership import Holding, Ownership, ownership_of, stated_share
from services.screening.domain.party_content import ListedName, Notice, PartyContent, PartyListSource
from services.screening.domain.validity import Status, Suspension, Timeline, timeline
from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.order import OrderSnapshot, Party, SnapshotLine
from shared.contracts.screening import Jurisdiction, PartyHit


@dataclass(slots=True, frozen=True, eq=False)
class Listing:
    """One party on one list by one notice."""

    id: str
    list_name: str
    list_title: str
    jurisdiction: Jurisdiction
    notice: str
    name: str
    listed_on: date | None
    ended_on: date | None
    suspensions: tuple[Suspension, ...]
    source: str | None
    entry: str
    """What the list calls the entry, else its main name."""
    identifiers: tuple[Identifier, ...] = ()

    def timeline(self, known_on: date) -> Timeline:
        listed_on = self.listed_on or date.min
        return timeline(listed_on, listed_on, self.ended_on, self.suspensions, known_on)


@dataclass(slots=True, frozen=True)
class PartyList:
    """Listings by the keys of their names. `version` is the SHA-256 of `content`, from which the same lists can be made again."""

    version: str
    content: bytes
    source: PartyContent
    by_key: Mapping[str, tuple[tuple[Listing, str], ...]]
    """Key of a name → the listings that bear it, each with the name as the list writes it."""
    ownership: Ownership


@dataclass(slots=True, frozen=True)
class PartyOnOrder:
    role: PartyRole
    names: tuple[str, ...]
    holding: Holding | None = None
    """Of an owner: what it holds of whom."""


@dataclass(slots=True, frozen=True)
class ListedParty:
    """A hit with what the law needs to judge it on a day."""

    hit: PartyHit
    role: PartyRole
    listing: Listing
    timeline: Timeline
    holding: Holding | None = None

    def bears_between(self, first: date, last: date) -> bool:
        """Whether the listing says anything between two days, be it that it is suspended."""
        spans = [self.timeline.at(first), *(self.timeline.at(day) for day in self.timeline.changes_between(first, last))]
        return any(span.status not in _SAYS_NOTHING for span in spans)


_SAYS_NOTHING = frozenset({Status.NOT_ISSUED, Status.ANNOUNCED, Status.ENDED, Status.LIFTED})


def compile_parties(contents: Iterable[PartyContent]) -> PartyList:
    """One list out of several contents (the built-in one, a file the user loads). Raises ValueError where a notice names no known list."""
    merged = overlaid(contents, name_key)
    lists = merged.lists
    by_key: dict[str, dict[tuple[Listing, str], None]] = {}
    for notice in merged.notices:
        if notice.list_name not in lists:
            raise ValueError(
                f"{notice.notice} lists parties on {notice.list_name!r}, which no file describes; known are {', '.join(sorted(lists))}"
            )
        for party in notice.parties:
            listing = _listing(notice, party, lists[notice.list_name])
            for name in (party.name, *([party.name_zh] if party.name_zh else ()), *party.aliases):
                for key in {name_key(name), *bracketed_keys(name)} - {""}:
                    by_key.setdefault(key, {})[(listing, name)] = None
    content = canonical_json(merged.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    return PartyList(
        sha256_hex(content),
        content,
        merged,
        {key: tuple(found) for key, found in by_key.items()},
        ownership_of(merged.ownership, name_key),
    )


def parties_from_content(content: bytes) -> PartyList:
    return compile_parties([PartyContent.model_validate(json.loads(content))])


def _listing(notice: Notice, party: ListedName, described: PartyListSource) -> Listing:
    suspensions: tuple[Suspension, ...] = ()
    if notice.suspended_from is not None:
        suspensions = (Suspension(notice.notice, notice.suspended_from, notice.suspended_from, notice.suspended_to),)
    return Listing(
        id=f"{notice.list_name}/{notice.notice}/{party.name}",
        list_name=notice.list_name,
        list_title=described.title,
        jurisdiction=described.jurisdiction,
        notice=notice.notice,
        name=party.name,
        listed_on=notice.listed_on,
        ended_on=notice.ended_on,
        suspensions=suspensions,
        source=notice.source,
        entry=party.entry_id or party.name,
        identifiers=tuple(sorted((scheme, value) for scheme, values in party.identifiers.items() for value in values)),
    )


def parties_of(order: OrderSnapshot) -> list[PartyOnOrder]:
    """Everybody the order itself names, by role; manufacturers stand on the lines."""
    named: list[tuple[PartyRole, Party | None]] = [
        ("buyer", order.buyer),
        ("consignee", order.ship_to),
        ("end_user", order.end_user),
        ("seller", order.supplier),
        ("exporter", order.exporter),
        ("forwarder", order.forwarder),
        *(("bank", bank) for bank in order.banks),
    ]
    parties = [PartyOnOrder(role, names) for role, party in named if party is not None and (names := _names(party))]
    end_user = order.end_user
    if end_user is not None and end_user.owner_name is not None:
        parties.append(
            PartyOnOrder(
                "end_user_owner", (end_user.owner_name,), stated_share(end_user.name or "the end user", end_user.owner_share_percent)
            )
        )
    return parties


_OWNER_OF: dict[PartyRole, PartyRole] = {
    "buyer": "buyer_owner",
    "consignee": "consignee_owner",
    "end_user": "end_user_owner",
    "seller": "seller_owner",
    "exporter": "exporter_owner",
    "manufacturer": "manufacturer_owner",
    "forwarder": "forwarder_owner",
    "bank": "bank_owner",
}


def owners_of(party: PartyOnOrder, ownership: Ownership, day: date) -> Iterator[PartyOnOrder]:
    """Who holds shares of a party by the ownership facts, directly or through others, as further parties on the order."""
    role = _OWNER_OF.get(party.role)
    if role is not None and ownership.owners:
        for owner, holding in ownership.above(map(name_key, party.names), party.names[0], day):
            yield PartyOnOrder(role, owner.names, holding)


def manufacturer_of(line: SnapshotLine) -> PartyOnOrder | None:
    names = _names(line.manufacturer) if line.manufacturer is not None else ()
    return PartyOnOrder("manufacturer", names) if names else None


def _names(party: Party) -> tuple[str, ...]:
    return tuple(name for name in (party.name, party.name_local) if name)


def match(parties: Sequence[PartyOnOrder], listed: PartyList, known_on: date) -> tuple[ListedParty, ...]:
    """The parties that a list names, and those who own them, as far as it was known on `known_on`; whether an entry binds on a day is its
    timeline's matter."""
    hits: dict[tuple[str, str], ListedParty] = {}
    for party in (each for one in parties for each in (one, *owners_of(one, listed.ownership, known_on))):
        for name in party.names:
            for listing, written in listed.by_key.get(name_key(name), ()):
                if listing.listed_on is None or listing.listed_on <= known_on:
                    hits.setdefault((party.role, listing.id), _hit(party, name, listing, written, known_on))
    return tuple(hits.values())


def _hit(party: PartyOnOrder, name: str, listing: Listing, written: str, known_on: date) -> ListedParty:
    hit = PartyHit(
        role=party.role,
        name=name,
        list_name=listing.list_name,
        list_entry=listing.name,
        notice=listing.notice,
        score=Decimal(1),
        matched=f"{name!r} on the order is {written!r} on the list, legal forms, case and punctuation aside",
        party_fingerprint=party_fingerprint(name_key(name)),
        entry_fingerprint=entry_fingerprint(listing.list_name, listing.entry, name_key(written), listing.identifiers),
    )
    return ListedParty(hit, party.role, listing, listing.timeline(known_on), party.holding)


_LEGAL_FORMS_TEXT = (
    "uab inc incorporated corp corporation co company ltd limited llc llp lp plc gmbh ag se sa sas sasu sarl srl spa bv "
    "nv oy oyj ab as asa aps kk pte pty sdn bhd kg kgaa ohg ug eg partnership spol sro ooo oao zao pao jsc pjsc cjsc "
    "doo dd kft zrt nyrt ltda sl slu ltee kabushiki kaisha gaisha"
)
_LEGAL_FORMS = frozenset(_LEGAL_FORMS_TEXT.split())
_CHINESE_FORMS = ("株式会社", "股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "公司", "集团")
_WORD = re.compile(r"[^\W_]+")
_BRACKETED = re.compile(r"[(（\[][^)）\]]*[)）\]]")
_TO_SIMPLIFIED = str.maketrans(
    "萊銀東國際電機業動產發飛龍廠鐵車輛亞華聯臺灣學開團體會實驗導彈衛軍艦創製裝備儀錶傳鋼鋁鎂鈦鎢鉬釩銅鉛錫鎳鈷鋰氣數據網絡訊號無線處師範職農藥醫療貿"
    "進設計總領達長運輸漢輪漁島嶼風與對術廣園樣資圖經濟圍寶傑遠義聖陽樓馬魯麗鳥鳳顏豐屬",
    "莱银东国际电机业动产发飞龙厂铁车辆亚华联台湾学开团体会实验导弹卫军舰创制装备仪表传钢铝镁钛钨钼钒铜铅锡镍钴锂气数据网络讯号无线处师范职农药医疗贸"
    "进设计总领达长运输汉轮渔岛屿风与对术广园样资图经济围宝杰远义圣阳楼马鲁丽鸟凤颜丰属",
)


@lru_cache(maxsize=16384)
def name_key(name: str) -> str:
    """A name as it is compared: no legal form, case, accent, punctuation or bracket; traditional characters as simplified ones."""
    text = unicodedata.normalize("NFKC", _BRACKETED.sub(" ", name))
    if any("\u4e00" <= character <= "\u9fff" for character in text):
        return _chinese_key(text)
    text = "".join(c for c in unicodedata.normalize("NFKD", text.casefold().replace("&", " and ")) if not unicodedata.combining(c))
    tokens = _joined_initials(_WORD.findall(text.replace("'", "").replace("’", "")))
    if tokens and tokens[0] == "the":
        tokens = tokens[1:]
    while len(tokens) > 1 and (tokens[-1] in _LEGAL_FORMS or (tokens[-1] == "and" and len(tokens) > 2)):
        tokens.pop()
    return " ".join(tokens)


def bracketed_keys(name: str) -> set[str]:
    """Keys of what a listed name gives in brackets, which is its abbreviation as a rule."""
    inside = [found.strip("()（）[]").strip() for found in _BRACKETED.findall(name)]
    return {name_key(text) for text in inside if len(text) >= 3 and text.upper() == text}


def _chinese_key(text: str) -> str:
    folded = "".join(_WORD.findall(text.casefold())).translate(_TO_SIMPLIFIED)
    stripped = folded
    for form in _CHINESE_FORMS:
        stripped = stripped.removeprefix(form).removesuffix(form)
    return stripped or folded


def _joined_initials(tokens: list[str]) -> list[str]:
    """`s r o` as `sro`, `l l c` as `llc`: letters that stand alone belong together."""
    joined: list[str] = []
    letters = ""
    for token in tokens:
        if len(token) == 1:
            letters += token
            continue
        if letters:
            joined.append(letters)
            letters = ""
        joined.append(token)
    return [*joined, letters] if letters else joined
