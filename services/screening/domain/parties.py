"""Parties on an order against parties on lists.

Names are compared as a whole, without legal forms, case, punctuation and accents; Chinese names in simplified characters. A list bears on a
day through its entry's timeline: listed, suspended, ended.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Self

from pydantic import Field, model_validator

from services.screening.domain.instrument import Key, PartyRole, Source
from services.screening.domain.validity import Suspension, Timeline, timeline
from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.order import OrderSnapshot, Party, SnapshotLine
from shared.contracts.screening import Confidence, Jurisdiction, PartyHit


class ListedName(Source):
    name: str
    name_zh: str | None = None
    aliases: list[str] = []


class Notice(Source):
    """The parties that one notice put on one list, and what became of the listing."""

    list_name: Key = Field(alias="list")
    notice: str
    listed_on: date
    country: str | None = None
    """A country code, or EU."""
    source: str | None = None
    checked_on: date | None = None
    confidence: Confidence = "high"
    suspended_from: date | None = None
    suspended_to: date | None = None
    """The end of the suspension; computed where the notice prints none."""
    suspension_source: str | None = None
    ended_on: date | None = None
    note: str | None = None
    parties: list[ListedName] = Field(min_length=1)

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.suspended_to is not None and (self.suspended_from is None or self.suspended_to <= self.suspended_from):
            raise ValueError("suspended_to needs an earlier suspended_from")
        if self.ended_on is not None and self.ended_on <= self.listed_on:
            raise ValueError("ended_on must come after listed_on")
        return self


class PartyListSource(Source):
    """A list and whose it is."""

    title: str
    jurisdiction: Jurisdiction
    authority: str


class NotLoaded(Source):
    """A notice that is known of, whose names are not in the data: coverage says so."""

    list_name: Key = Field(alias="list")
    notice: str
    listed_on: date
    names: int
    note: str | None = None


class PartyContent(Source):
    """Everything the product knows of listed parties: what the version hashes and what the lists can be rebuilt from."""

    lists: dict[Key, PartyListSource]
    notices: list[Notice] = []
    not_loaded: list[NotLoaded] = []


@dataclass(slots=True, frozen=True, eq=False)
class Listing:
    """One party on one list by one notice."""

    id: str
    list_name: str
    list_title: str
    notice: str
    name: str
    listed_on: date
    ended_on: date | None
    suspensions: tuple[Suspension, ...]
    source: str | None

    def timeline(self, known_on: date) -> Timeline:
        return timeline(self.listed_on, self.listed_on, self.ended_on, self.suspensions, known_on)


@dataclass(slots=True, frozen=True)
class PartyList:
    """Listings by the keys of their names. `version` is the SHA-256 of `content`, from which the same lists can be made again."""

    version: str
    content: bytes
    source: PartyContent
    by_key: Mapping[str, tuple[tuple[Listing, str], ...]]
    """Key of a name → the listings that bear it, each with the name as the list writes it."""


@dataclass(slots=True, frozen=True)
class PartyOnOrder:
    role: PartyRole
    names: tuple[str, ...]
    owner_share_percent: Decimal | None = None


@dataclass(slots=True, frozen=True)
class ListedParty:
    """A hit with what the law needs to judge it on a day."""

    hit: PartyHit
    role: PartyRole
    listing: Listing
    timeline: Timeline
    owner_share_percent: Decimal | None = None


def compile_parties(contents: Iterable[PartyContent]) -> PartyList:
    """One list out of several contents (the built-in one, a file the user loads). Raises ValueError where a notice names no known list."""
    lists: dict[str, PartyListSource] = {}
    notices: list[Notice] = []
    not_loaded: list[NotLoaded] = []
    for one in contents:
        lists.update(one.lists)
        notices.extend(one.notices)
        not_loaded.extend(one.not_loaded)
    merged = PartyContent(lists=dict(sorted(lists.items())), notices=notices, not_loaded=not_loaded)
    by_key: dict[str, dict[tuple[Listing, str], None]] = {}
    for notice in notices:
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
    return PartyList(sha256_hex(content), content, merged, {key: tuple(found) for key, found in by_key.items()})


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
        notice=notice.notice,
        name=party.name,
        listed_on=notice.listed_on,
        ended_on=notice.ended_on,
        suspensions=suspensions,
        source=notice.source,
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
        parties.append(PartyOnOrder("end_user_owner", (end_user.owner_name,), end_user.owner_share_percent))
    return parties


def manufacturer_of(line: SnapshotLine) -> PartyOnOrder | None:
    names = _names(line.manufacturer) if line.manufacturer is not None else ()
    return PartyOnOrder("manufacturer", names) if names else None


def _names(party: Party) -> tuple[str, ...]:
    return tuple(name for name in (party.name, party.name_local) if name)


def match(parties: Sequence[PartyOnOrder], listed: PartyList, known_on: date) -> tuple[ListedParty, ...]:
    """The parties that a list names, as far as it was known on `known_on`; whether an entry binds on a day is its timeline's matter."""
    hits: dict[tuple[str, str], ListedParty] = {}
    for party in parties:
        for name in party.names:
            for listing, written in listed.by_key.get(name_key(name), ()):
                if listing.listed_on <= known_on:
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
    )
    return ListedParty(hit, party.role, listing, listing.timeline(known_on), party.owner_share_percent)


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
