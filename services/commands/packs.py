"""`orestream regulations keygen|pack|install|packs|reload`: law that is brought up to date without a release."""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.markup import escape
from rich.table import Table as Grid

from services.commands.drafts import By, DryRun, enter_file, reach_sentence
from services.commands.running import on_bus
from services.commands.terminal import Json, console, print_json, refuse

if TYPE_CHECKING:
    from services.screening.domain.pack import InstalledPack
    from services.screening.packs import Packs

Result = TypeVar("Result")

packs_commands = typer.Typer()
installed_commands = typer.Typer(help="The data packs that are installed.", invoke_without_command=True)
packs_commands.add_typer(installed_commands, name="packs")


@packs_commands.command("keygen")
def keygen(
    file: Annotated[Path, typer.Argument(help="Where the private key goes; it must not be there yet.")], as_json: Json = False
) -> None:
    """Make a pair of keys for data packs: the private one into a file only you can read, the public one printed."""
    from services.screening.packs import new_key

    private, public = new_key()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        refuse(f"{file} cannot be made: {error.strerror}. A key that is there is never overwritten.")
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(private)
    print_json({"public_key": public, "file": file}) if as_json else print(public)


@packs_commands.command("pack")
def pack(
    directory: Annotated[Path, typer.Argument(help="pack.yaml, instruments/, parties/ and cases/, all YAML.")],
    key: Annotated[Path, typer.Option(help="The private key that `keygen` made.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the pack goes.")],
    as_json: Json = False,
) -> None:
    """Make a signed data pack, tried over the law that this version ships with."""
    from services.screening.domain.basis import Basis
    from services.screening.packs import PackRefused, make_pack
    from services.screening.regulation_files import FilesRefused, load_law, load_parties

    try:
        data = make_pack(directory, key.read_bytes(), datetime.now(UTC), Basis(load_law(), load_parties()))
        output.write_bytes(data)
    except (PackRefused, FilesRefused, OSError) as error:
        refuse(str(error))
    print_json({"pack": output, "bytes": len(data)}) if as_json else console.print(f"{output}: {len(data)} bytes, signed.", highlight=False)


@packs_commands.command("install")
def install(
    file: Annotated[Path, typer.Argument(help="A data pack; with --as-draft, the YAML file of one instrument.")],
    as_draft: Annotated[
        bool, typer.Option("--as-draft", help="The file is one unconfirmed instrument; it acts at once as a draft.")
    ] = False,
    allow_older: Annotated[
        bool, typer.Option("--allow-older", help="Take a pack with a lower serial number than the one installed.")
    ] = False,
    by: By = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Put a signed data pack in force, whole or not at all."""
    if as_draft:
        enter_file(file, by, dry_run=dry_run, as_json=as_json)
        return
    try:
        data = file.read_bytes()
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror}.")
    installed, reached = _with_packs(lambda packs: packs.install(data, by or "the command line", allow_older=allow_older, dry_run=dry_run))
    if as_json:
        print_json({**as_row(installed), "reached": sorted(reached)})
        return
    verb = "would be" if dry_run else "is"
    console.print(
        f"The pack {installed.manifest.name}, serial {installed.manifest.serial}, {verb} in force.", highlight=False, markup=False
    )
    console.print(reach_sentence(reached), highlight=False, markup=False, soft_wrap=True)


@installed_commands.callback()
def packs(context: typer.Context, as_json: Json = False) -> None:
    """The data packs that are installed."""
    if context.invoked_subcommand is not None:
        return
    rows = [as_row(one) for one in _with_packs(lambda packs: packs.all())]
    if as_json:
        print_json({"packs": rows})
        return
    grid = Grid("name", "serial", "issued", "installed", "instruments", "key")
    for row in rows:
        shown = (row["name"], str(row["serial"]), row["issued_at"], f"{row['installed_at']} by {row['installed_by']}")
        grid.add_row(*map(escape, (*shown, ", ".join(row["instruments"]), row["key"][:16])))
    console.print(grid)


@installed_commands.command("remove")
def remove(name: str, as_json: Json = False) -> None:
    """Take a pack out of force: what it replaced is in force again."""
    reached = _with_packs(lambda packs: packs.remove(name))
    if as_json:
        print_json({"removed": name, "reached": sorted(reached)})
    else:
        console.print(f"The pack {name} is removed. {reach_sentence(reached)}", highlight=False, markup=False, soft_wrap=True)


def as_row(pack: "InstalledPack") -> dict[str, Any]:
    return {
        **pack.manifest.model_dump(mode="json"),
        "key": pack.key,
        "sha256": pack.sha256,
        "installed_at": pack.installed_at.isoformat(timespec="seconds"),
        "installed_by": pack.installed_by,
        "instruments": [instrument.id for instrument in pack.instruments],
    }


def _with_packs(work: "Callable[[Packs], Awaitable[Result]]") -> Result:
    from services.screening.domain.law import LawError
    from services.screening.packs import PackRefused, Packs
    from services.screening.references import NothingInForce, references_on
    from services.screening.regulation_files import FilesRefused
    from services.screening.settings import Settings
    from shared.bus import Bus

    def clock() -> datetime:
        return datetime.now(UTC)

    async def on(bus: Bus) -> Result:
        settings = Settings.from_environment(os.environ)
        return await work(Packs(await references_on(bus, clock), clock, settings.pack_keys, settings.code_version))

    try:
        return on_bus(on, group="screening")
    except (PackRefused, FilesRefused, LawError, NothingInForce, ValueError) as error:
        refuse(str(error))


@packs_commands.command("reload")
def reload(as_json: Json = False) -> None:
    """Read the directories of law and lists again (ORESTREAM_REGULATIONS_DIRECTORY, ORESTREAM_PARTIES_DIRECTORY) and put them in force."""
    from services.screening.domain.law import LawError
    from services.screening.references import NothingInForce, references_on
    from services.screening.regulation_files import FilesRefused
    from services.screening.settings import Settings
    from services.screening.shipped_files import ShippedFiles
    from shared.bus import Bus

    def clock() -> datetime:
        return datetime.now(UTC)

    async def on(bus: Bus) -> frozenset[str]:
        return await ShippedFiles(Settings.from_environment(os.environ), bus, await references_on(bus, clock), clock).reload()

    try:
        reached = on_bus(on, group="screening")
    except (FilesRefused, LawError, NothingInForce, ValueError) as error:
        refuse(f"{error}\nNothing is changed: the last good set stays in force.")
    print_json({"reached": sorted(reached)}) if as_json else console.print(
        f"Read and in force. {reach_sentence(reached)}", highlight=False, markup=False, soft_wrap=True
    )
