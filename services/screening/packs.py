"""Signed data packs: law that is brought up to date without a release.

A pack is one file: a first line with the format, the issuer's public key and its Ed25519 signature, then the payload as JSON, which holds
the manifest and the text of every file. The signature covers the format and every byte of the payload, so that nothing in the file can be
altered; nothing in it is compressed or is a path to write to.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from pydantic import Field, StringConstraints, ValidationError

from services.screening import cases
from services.screening.domain.basis import Basis
from services.screening.domain.instrument import Key, Source
from services.screening.domain.law import LawError, UnknownInstrument, compile_law
from services.screening.domain.lint import lint
from services.screening.domain.pack import InstalledPack, PackManifest, ProductVersion
from services.screening.domain.parties import compile_parties
from services.screening.installed import INSTRUMENTS, PACKS, RowChanges
from services.screening.references import References
from services.screening.regulation_files import (
    FilesRefused,
    InstrumentFiles,
    Mistake,
    read_instruments,
    read_one,
    read_party_contents,
)
from shared.contracts.canonical import canonical_json, sha256_hex

FORMAT: Final = b"orestream-pack/1"
LARGEST_BYTES: Final = 16 * 1024 * 1024
_FIRST_LINE: Final = re.compile(rb"orestream-pack/1 ([0-9a-f]{64}) ([0-9a-f]{128})\n")

_FileName = Annotated[
    str, StringConstraints(pattern=r"^(instruments|parties|cases)(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+\.yaml$", max_length=200)
]


class PackRefused(ValueError):
    """The pack is not made, or not installed; the sentence says why. What is in force stays."""


class _Described(Source):
    """`pack.yaml`: the manifest but for when the pack was made."""

    name: Key
    title: str
    serial: int = Field(ge=1)
    requires: ProductVersion


class _Payload(Source):
    manifest: PackManifest
    files: dict[_FileName, str] = Field(min_length=1, max_length=2000)


@dataclass(slots=True, frozen=True)
class SignedPack:
    """A pack whose signature is good."""

    key: str
    sha256: str
    manifest: PackManifest
    files: Mapping[str, str]

    def texts(self, folder: str) -> dict[str, str]:
        return {name: text for name, text in self.files.items() if name.startswith(f"{folder}/")}


def new_key() -> tuple[bytes, str]:
    """A private key as PEM, and its public key as 64 hex digits."""
    private = Ed25519PrivateKey.generate()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), private.public_key().public_bytes_raw().hex()


def make_pack(directory: Path, private_key_pem: bytes, issued_at: datetime, over: Basis) -> bytes:
    """The directory's `pack.yaml`, instruments, parties and cases as one signed file, tried over a basis as installing will try it.

    Raises PackRefused, or FilesRefused with file and line.
    """
    described = read_one(directory / "pack.yaml", _Described)
    manifest = PackManifest(issued_at=issued_at, **described.model_dump())
    names = [path.relative_to(directory).as_posix() for path in sorted(directory.rglob("*.yaml")) if path != directory / "pack.yaml"]
    try:
        files = {name: (directory / name).read_text(encoding="utf-8") for name in names}
        payload = _Payload(manifest=manifest, files=files)
        private = load_pem_private_key(private_key_pem, None)
    except ValidationError as error:
        raise PackRefused(_first(error)) from error
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise PackRefused(f"The pack cannot be made: {error}") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise PackRefused("The key is no Ed25519 key; `orestream regulations keygen` makes one.")
    content = canonical_json(payload.model_dump(mode="json"))
    public = private.public_key().public_bytes_raw().hex()
    data = FORMAT + f" {public} {private.sign(_signed(content)).hex()}\n".encode() + content
    pack = open_pack(data, frozenset({public}))
    parts = _parts(pack)
    instruments = {**over.law.instruments, **{one.id: one for one in parts.pack.instruments}}
    try:
        law = compile_law(over.law.common, list(instruments.values()))
        combined = Basis(law, compile_parties([over.parties.source, *parts.pack.parties]) if parts.pack.parties else over.parties)
    except LawError as error:
        raise parts.instruments.refused(error) from error
    except ValueError as error:
        raise PackRefused(f"The pack does not fit: {error}") from error
    _try(pack, parts, combined, issued_at.date())
    return data


def open_pack(data: bytes, trusted: Iterable[str]) -> SignedPack:
    """Raises PackRefused for what is no pack, is altered, or is signed by nobody who is trusted."""
    if len(data) > LARGEST_BYTES:
        raise PackRefused(f"The pack has {len(data)} bytes; {LARGEST_BYTES} are the most.")
    first = _FIRST_LINE.match(data)
    if first is None:
        raise PackRefused(
            "This is no data pack: its first line names no format, key and signature. `orestream regulations pack` makes one."
        )
    key = first[1].decode()
    if key not in frozenset(trusted):
        raise PackRefused(
            f"The pack is signed with the key {key}, which ORESTREAM_PACK_KEYS does not name; ask its issuer before you add it."
        )
    content = data[first.end() :]
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(first[2].decode()), _signed(content))
    except (InvalidSignature, ValueError) as error:
        raise PackRefused(
            "The signature does not fit the pack: it was altered or damaged on its way. Get it from its issuer again."
        ) from error
    try:
        payload = _Payload.model_validate(json.loads(content))
    except ValidationError as error:
        raise PackRefused(_first(error)) from error
    except (ValueError, RecursionError) as error:
        raise PackRefused(f"The pack is signed and yet not readable: {error}.") from error
    return SignedPack(key, sha256_hex(content), payload.manifest, payload.files)


def _signed(content: bytes) -> bytes:
    return FORMAT + b"\n" + content


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    return f"The pack is not in order at {'.'.join(map(str, first['loc']))}: {first['msg']}."


@dataclass(slots=True, frozen=True)
class _Parts:
    instruments: InstrumentFiles
    pack: InstalledPack


def _parts(pack: SignedPack, at: datetime | None = None, by: str = "") -> _Parts:
    instruments = read_instruments(pack.texts("instruments"))
    installed = InstalledPack(
        manifest=pack.manifest,
        sha256=pack.sha256,
        key=pack.key,
        installed_at=at or pack.manifest.issued_at,
        installed_by=by,
        instruments=list(instruments.instruments),
        parties=list(read_party_contents(pack.texts("parties"))),
    )
    return _Parts(instruments, installed)


def _try(pack: SignedPack, parts: _Parts, combined: Basis, on: date) -> None:
    """Nothing in the pack is wrong by the linter's lights, and its cases come out right under the whole law."""
    law, parties = combined.law, combined.parties
    found = [one for one in lint(law.common, list(law.instruments.values()), on) if one.severity == "error" and one.deliberate is None]
    documents = parts.instruments.documents
    own = [one for one in found if one.instrument in documents]
    if own:
        raise FilesRefused(
            [
                Mistake(documents[one.instrument].file, documents[one.instrument].line_of(one.path), f"{one.name}: {one.sentence}")
                for one in own
            ]
        )
    for name, text in pack.texts("cases").items():
        try:
            report = cases.run_cases(cases.read_text(name, text), law, parties)
        except (cases.CaseFileError, UnknownInstrument) as error:
            raise PackRefused(f"{name}: {error}") from error
        wrong = [result for result in report.results if not result.right]
        if wrong:
            told = "; ".join(f"{one.case.id} gives {one.outcome}, expected {one.case.expect.outcome}" for one in wrong[:5])
            raise PackRefused(f"{len(wrong)} of {len(report.results)} cases in {name} do not come out as the pack says. {told}.")


class Packs:
    def __init__(self, references: References, clock: Callable[[], datetime], trusted: frozenset[str], code_version: str) -> None:
        self._references = references
        self._clock = clock
        self._trusted = trusted
        self._code_version = code_version

    async def all(self) -> list[InstalledPack]:
        """By name."""
        rows = {name: row async for name, row in self._references.installed.packs.scan()}
        return [InstalledPack.from_row(rows[name]) for name in sorted(rows)]

    async def install(
        self, data: bytes, by: str, *, allow_older: bool = False, dry_run: bool = False
    ) -> tuple[InstalledPack, frozenset[str]]:
        """Puts a pack in force, whole or not at all; the pack and the keys that it reaches.

        A rule that was entered by hand under the id of one of the pack's instruments gives way to it. Raises PackRefused, FilesRefused or
        LawError, and changes nothing.
        """
        pack = open_pack(data, self._trusted)
        self._check_version(pack)
        standing = {one.manifest.name: one for one in await self.all()}
        _check_serial(pack, standing.get(pack.manifest.name), allow_older=allow_older)
        parts = await asyncio.to_thread(_parts, pack, self._clock(), by)
        others = {
            instrument.id: one for one in standing.values() if one.manifest.name != pack.manifest.name for instrument in one.instruments
        }
        for instrument in parts.pack.instruments:
            if instrument.id in others:
                raise PackRefused(f"{instrument.id} is in the pack {others[instrument.id].manifest.name} already; remove that one first.")
        entered = await self._references.installed.instruments.get_many([one.id for one in parts.pack.instruments])
        gives_way: dict[str, bytes | None] = {
            one.id: None for one, row in zip(parts.pack.instruments, entered, strict=True) if row is not None
        }
        changes: RowChanges = {PACKS: {pack.manifest.name: parts.pack.row()}, INSTRUMENTS: gives_way}
        try:
            combined, reached = await self._references.would_reach(changes)
        except LawError as error:
            raise parts.instruments.refused(error) from error
        except ValueError as error:
            raise PackRefused(f"The pack does not fit what is in force: {error}") from error
        await asyncio.to_thread(_try, pack, parts, combined, self._clock().date())
        if not dry_run:
            await self._references.change(changes)
        return parts.pack, frozenset().union(*reached.values())

    async def remove(self, name: str) -> frozenset[str]:
        """The keys that this reaches. Raises PackRefused where there is none, LawError where something rests on it."""
        if (await self._references.installed.packs.get_many([name]))[0] is None:
            raise PackRefused(f"No pack {name!r} is installed; `orestream regulations packs` lists those that are.")
        _, reached = await self._references.change({PACKS: {name: None}})
        return frozenset().union(*reached.values())

    def _check_version(self, pack: SignedPack) -> None:
        if _numbers(pack.manifest.requires) > _numbers(self._code_version):
            raise PackRefused(
                f"The pack {pack.manifest.name} needs Orestream {pack.manifest.requires} or newer, and this is {self._code_version}."
            )


def _check_serial(pack: SignedPack, standing: InstalledPack | None, *, allow_older: bool) -> None:
    if standing is None or pack.sha256 == standing.sha256:
        return
    name, serial, installed = pack.manifest.name, pack.manifest.serial, standing.manifest.serial
    if serial == installed:
        raise PackRefused(f"Another pack {name} with the serial number {serial} is installed; its issuer has to give every issue its own.")
    if serial < installed and not allow_older:
        raise PackRefused(
            f"The pack {name} has the serial number {serial}, and {installed} is installed: that would bring old law back. "
            "Allow it explicitly if that is what you want (--allow-older)."
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version.split("+")[0]))[:3]
