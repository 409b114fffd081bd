"""Data packs: signed, tried against the law that stands, installed whole or not at all."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from services.screening.domain.basis import Basis
from services.screening.drafts import Drafts
from services.screening.installed import Installed
from services.screening.packs import FORMAT, PackRefused, Packs, make_pack, new_key, open_pack
from services.screening.references import References
from services.screening.regulation_files import FilesRefused, read_instruments
from services.screening.settings import Settings
from shared.bus import Bus, BusSettings
from tests.unit.screening.making import built_in_law, built_in_parties

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
PRIVATE, PUBLIC = new_key()
INSTRUMENT = """\
id: cn-mofcom-99-2026
name: MOFCOM No.99 of 2026
number: 99
year: 2026
title: export controls on gallium phosphide
jurisdiction: CN
authority: Ministry of Commerce
issued: 2026-11-20
citations:
  text: {source: "the ministry's page", checked_on: 2026-11-22, confidence: high}
items:
  - code: 9C999
    title: gallium materials
    group: gallium
    elements: [Ga]
    when: {present: listed}
    citation: text
limbs:
  - id: export
    effect: prohibited
    items: all
    when: {leaves: CN}
    valid_from: 2026-11-20
    makes_controlled: true
    sentence: "{goods} may not leave China."
    citation: text
"""
CASES = """\
version: 1
as_of: '2026-11-22'
cases:
- id: P1
  date: '2026-11-23'
  line: Gallium metal 6N
  origin: CN
  ship_from: CN
  destination: DE
  end_user_class: civil
  expect: {cn_dual_use_licence: 'yes', outcome: prohibited}
  confidence: high
  why: the pack says so
"""
SUSPENDS = """\
suspends:
  - limbs: [cn-mofcom-98-2026]
    starts_on: 2026-11-22
    printed_end: 2027-11-22
    checked_on: 2026-11-22
"""
PARTIES = """\
lists: {}
notices:
  - {list: export_control_list, notice: MOFCOM No.98 of 2026, listed_on: 2026-11-20, source: page, checked_on: 2026-11-22,
     parties: [{name: Newly Listed Dynamics Corp}]}
"""


def written(directory: Path, serial: int = 1, **files: str) -> Path:
    """A directory to be packed; `instruments__a="…"` is instruments/a.yaml."""
    contents = {"instruments__99_2026": INSTRUMENT, "cases__own": CASES, "parties__more": PARTIES, **files}
    directory.mkdir(exist_ok=True)
    (directory / "pack.yaml").write_text(
        f"name: autumn\ntitle: The law of autumn 2026\nserial: {serial}\nrequires: '0.1'\n", encoding="utf-8"
    )
    for name, text in contents.items():
        path = directory / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory


def packed(directory: Path, serial: int = 1, **files: str) -> bytes:
    return make_pack(written(directory, serial, **files), PRIVATE, NOW, built_in())


def signed_by_the_issuer(content: bytes) -> bytes:
    private = load_pem_private_key(PRIVATE, None)
    assert isinstance(private, Ed25519PrivateKey)
    signature = private.sign(FORMAT + b"\n" + content).hex()
    return FORMAT + f" {PUBLIC} {signature}\n".encode() + content


def issued(serial: int = 1, **files: str) -> bytes:
    """The same without a trial on the issuer's side."""
    contents = {"instruments__99_2026": INSTRUMENT, **files}
    manifest = {"name": "autumn", "title": "Autumn", "serial": serial, "issued_at": NOW.isoformat(), "requires": "0.1"}
    return signed_by_the_issuer(
        json.dumps({"manifest": manifest, "files": {f"{name.replace('__', '/')}.yaml": text for name, text in contents.items()}}).encode()
    )


def built_in() -> Basis:
    return Basis(built_in_law(), built_in_parties())


@pytest.fixture
async def references(redis_url: str) -> AsyncIterator[References]:
    bus = Bus(BusSettings(url=redis_url, group="screening"))
    references = References(bus, Installed(bus, built_in()), lambda: NOW)
    await references.put_in_force()
    yield references
    await bus.stop()


@pytest.fixture
def packs(references: References) -> Packs:
    return Packs(references, lambda: NOW, frozenset({PUBLIC}), "0.1.0")


async def test_a_pack_is_in_force_whole_and_gone_whole(packs: Packs, references: References, sound: bytes) -> None:
    version = references.basis.versions("")
    pack, reached = await packs.install(sound, "Anna")
    assert reached == {"element:Ga"}
    assert (pack.manifest.name, pack.manifest.serial, pack.installed_by) == ("autumn", 1, "Anna")
    assert "cn-mofcom-99-2026" in references.basis.law.instruments
    assert "Newly Listed Dynamics Corp" in references.basis.parties.content.decode()
    assert [one.manifest for one in await packs.all()] == [pack.manifest]
    assert await packs.remove("autumn") == {"element:Ga"}
    assert references.basis.versions("") == version
    with pytest.raises(PackRefused, match="No pack 'autumn' is installed"):
        await packs.remove("autumn")


async def test_a_newer_serial_replaces_it_and_an_older_one_is_a_rollback(packs: Packs, references: References) -> None:
    first, second = issued(1), issued(2, instruments__99_2026=INSTRUMENT.replace("9C999", "9C998"))
    await packs.install(first, "Anna")
    await packs.install(second, "Anna")
    assert {item.code for item in references.basis.law.items} >= {"9C998"}
    assert "9C999" not in {item.code for item in references.basis.law.items}
    with pytest.raises(PackRefused, match=r"serial number 1, and 2 is installed.*--allow-older"):
        await packs.install(first, "Anna")
    with pytest.raises(PackRefused, match="Another pack autumn with the serial number 2"):
        await packs.install(issued(2), "Anna")
    await packs.install(second, "Anna")
    await packs.install(first, "Anna", allow_older=True)
    assert [one.manifest.serial for one in await packs.all()] == [1]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"instruments__99_2026": INSTRUMENT.replace("present: listed", "presnt: listed")}, r"instruments/99_2026.yaml:16: .*one operator"),
        (
            {"instruments__99_2026": INSTRUMENT.replace("    citation: text\nlimbs", "    citation: faq\nlimbs")},
            r"99_2026.yaml:17: .*citations",
        ),
        ({"instruments__b": INSTRUMENT.replace("9C999", "9C000")}, r"b.yaml:1: .*is in instruments/99_2026.yaml, too"),
        (
            {"cases__own": CASES.replace("outcome: prohibited", "outcome: not_controlled")},
            "1 of 1 cases in cases/own.yaml.*P1 gives prohibited",
        ),
        ({"cases__own": "version: 1\ncases: {}\n"}, "is no file of cases"),
        ({"parties__more": PARTIES.replace("export_control_list", "nobodys_list")}, "nobodys_list"),
        ({"common": "a: 1"}, "common.yaml"),
        ({"instruments__99_2026": INSTRUMENT.replace("when: {present: listed}", "when: &a {all: [*a]}")}, "the alias"),
        (
            {
                "instruments__99_2026": INSTRUMENT.replace(
                    "    valid_from: 2026-11-20", "    valid_from: 2026-11-20\n    valid_to: 2026-11-20"
                )
            },
            r"99_2026.yaml:\d+: .*valid_to must come after",
        ),
    ],
)
def test_a_pack_that_is_not_sound_is_not_made(files: dict[str, str], told: str, tmp_path: Path) -> None:
    with pytest.raises((PackRefused, FilesRefused), match=told):
        packed(tmp_path / "pack", **files)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (
            {"instruments__99_2026": INSTRUMENT.split("items:")[0] + SUSPENDS},
            r"instruments/99_2026.yaml:12: there is no instrument 'cn-mofcom-98-2026' to suspend",
        ),
        (
            {"instruments__99_2026": INSTRUMENT.replace("valid_from: 2026-11-20", "valid_from: 2026-11-01")},
            r"99_2026.yaml:23: .*cannot start",
        ),
        ({"cases__own": CASES.replace("outcome: prohibited", "outcome: not_controlled")}, "P1 gives prohibited, expected not_controlled"),
        ({"parties__more": PARTIES.replace("export_control_list", "nobodys_list")}, "nobodys_list"),
    ],
)
async def test_what_does_not_fit_the_law_that_stands_is_refused_and_that_law_stays(
    packs: Packs, references: References, files: dict[str, str], told: str
) -> None:
    version = references.basis.versions("")
    with pytest.raises((PackRefused, FilesRefused), match=told):
        await packs.install(issued(**files), "Anna")
    assert (await references.current()).versions("") == version
    assert await packs.all() == []


async def test_only_trusted_keys_and_versions_are_taken(references: References) -> None:
    data = issued()
    _, stranger = new_key()

    def taking(*keys: str, version: str = "0.1.0") -> Packs:
        return Packs(references, lambda: NOW, frozenset(keys), version)

    with pytest.raises(PackRefused, match="ORESTREAM_PACK_KEYS does not name"):
        await taking(stranger).install(data, "Anna")
    with pytest.raises(PackRefused, match=r"needs Orestream 0.1 or newer, and this is 0.0.9"):
        await taking(PUBLIC, version="0.0.9").install(data, "Anna")
    with pytest.raises(PackRefused, match="no data pack"):
        await taking(PUBLIC).install(b"PK\x03\x04", "Anna")
    with pytest.raises(PackRefused, match="16777216 are the most"):
        await taking(PUBLIC).install(data + b" " * 16 * 1024 * 1024, "Anna")


async def test_a_rule_entered_by_hand_gives_way_to_the_pack_that_brings_it(packs: Packs, references: References) -> None:
    drafts = Drafts(references, lambda: NOW)
    (instrument,) = read_instruments({"a": INSTRUMENT.replace("prohibited", "licence_required")}).instruments
    await drafts.enter(instrument, drafts.signed("Anna"))
    await packs.install(issued(), "Ben")
    assert await drafts.all() == []
    assert references.basis.law.instruments["cn-mofcom-99-2026"].status == "confirmed"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return packed(tmp_path_factory.mktemp("packs") / "pack")


def test_every_single_bit_counts(sound: bytes) -> None:
    """Each bit of the first line, of the manifest, and one of every byte of the rest."""
    opened = open_pack(sound, {PUBLIC})
    bits = [(place, bit) for place in range(len(FORMAT) + 220) for bit in range(8)]
    bits += [(place, place % 8) for place in range(len(FORMAT) + 220, len(sound))]
    for place, bit in bits:
        altered = bytearray(sound)
        altered[place] ^= 1 << bit
        with pytest.raises(PackRefused):
            open_pack(bytes(altered), {PUBLIC})
    assert opened.manifest.name == "autumn"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_pack_cut_short_or_added_to_is_refused(sound: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(sound) - 1))
    added = data.draw(st.binary(min_size=1, max_size=20))
    for altered in (sound[:cut], sound + added, sound[:cut] + added + sound[cut:]):
        with pytest.raises(PackRefused):
            open_pack(altered, {PUBLIC})


MANIFEST = b'{"manifest": {"name": "a", "title": "a", "serial": 1, "issued_at": "2026-11-22T08:00:00Z", "requires": "0"}'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 200_000,
        MANIFEST + b', "files": {"../x.yaml": ""}}',
        MANIFEST.replace(b": 1,", b": 0,") + b', "files": {"cases/x.yaml": ""}}',
        MANIFEST + b"}",
    ],
)
def test_even_a_good_signature_does_not_make_nonsense_a_pack(content: bytes) -> None:
    with pytest.raises(PackRefused):
        open_pack(signed_by_the_issuer(content), {PUBLIC})


def test_keys_come_from_the_environment() -> None:
    assert Settings.from_environment({"ORESTREAM_PACK_KEYS": f"{PUBLIC}, {'0' * 64}"}).pack_keys == {PUBLIC, "0" * 64}
    with pytest.raises(ValueError, match="ORESTREAM_PACK_KEYS names 'abc'"):
        Settings.from_environment({"ORESTREAM_PACK_KEYS": "abc"})
