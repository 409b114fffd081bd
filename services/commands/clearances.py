"""`orestream clearances`: hits on party lists that are false, cleared by two people."""

import csv
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args

import typer
from rich.table import Table as Grid

from services.commands.running import on_bus
from services.commands.terminal import Json, console, day, print_json, refuse
from shared.contracts.spreadsheet import as_cell

if TYPE_CHECKING:
    from services.screening.clearing import Clearing, Judged, Proposal, StandingHit
    from shared.contracts.clearance import Clearance

clearances_commands = typer.Typer(no_args_is_help=True, help="Hits on party lists that are false.")

Result = TypeVar("Result")
By = Annotated[str, typer.Option("--by", help="Your name; who confirms is somebody else than who proposed.")]
COLUMNS = ("hit", "state", "party", "list", "entry", "entry_id", "notice", "score", "explanation", "reason", "valid_until")


@clearances_commands.command("hits")
def hits(
    state: Annotated[str | None, typer.Option(help="open, proposed or cleared; default: all.")] = None,
    list_name: Annotated[str | None, typer.Option("--list", help="Of one list only.")] = None,
    file: Annotated[Path | None, typer.Option("--csv", help="Write them into this file, to be filled and imported.")] = None,
    as_json: Json = False,
) -> None:
    """The parties met on orders that a list may name."""
    from services.screening.clearing import HitState
    from services.screening.http.clearances import hit_view

    if state is not None and state not in get_args(HitState):
        refuse(f"There is no state {state!r}; there are {', '.join(get_args(HitState))}.")
    found = [
        hit
        for hit in _with_clearing(lambda clearing: clearing.hits())
        if (state is None or hit.state == state) and (list_name is None or hit.party.listing.list_name == list_name)
    ]
    if file is not None:
        try:
            write_csv(file, found)
        except OSError as error:
            refuse(f"{file} cannot be written: {error.strerror}.")
    if as_json:
        print_json({"hits": [hit_view(hit).model_dump(mode="json") for hit in found]})
    elif file is not None:
        console.print(f"{len(found)} hits are in {file}: fill reason and valid_until where one is false, then import it.", highlight=False)
    else:
        console.print(_grid_of_hits(found))


@clearances_commands.command("list")
def show(
    state: Annotated[str | None, typer.Option(help="proposed, active, expired, revoked or void.")] = None, as_json: Json = False
) -> None:
    """What was proposed, cleared and revoked."""
    from services.screening.domain.clearances import State

    if state is not None and state not in get_args(State):
        refuse(f"There is no state {state!r}; there are {', '.join(get_args(State))}.")
    found = [each for each in _with_clearing(lambda clearing: clearing.all()) if state is None or each.state == state]
    if as_json:
        print_json({"clearances": [{**each.clearance.model_dump(mode="json"), "state": each.state} for each in found]})
    else:
        console.print(_grid_of_clearances(found))


@clearances_commands.command("propose")
def propose(
    hit: Annotated[str, typer.Argument(help="The hit as `orestream clearances hits` names it.")],
    by: By,
    reason: Annotated[str, typer.Option(help="Why it is not the listed party, so that somebody can follow it later.")],
    valid_until: Annotated[str, typer.Option(help="The first day on which the hit stands again, YYYY-MM-DD.")],
    as_json: Json = False,
) -> None:
    """Propose to clear a hit; it acts once somebody else has confirmed it."""
    until = day(valid_until)
    assert until is not None
    proposals = [_proposal(hit, reason, until)]
    made = _with_clearing(lambda clearing: clearing.propose(proposals, clearing.signed(by)))
    _say(made, "waits for somebody else to confirm it", as_json=as_json)


@clearances_commands.command("import")
def import_file(file: Path, by: By, as_json: Json = False) -> None:
    """Propose every row of a CSV from `hits --csv` that has a reason and a valid_until: all of them or none."""
    proposals = read_csv(file)
    if not proposals:
        refuse(f"No row of {file} has a reason and a valid_until, so there is nothing to propose.")
    made = _with_clearing(lambda clearing: clearing.propose(proposals, clearing.signed(by)))
    if as_json:
        print_json({"clearances": [each.model_dump(mode="json") for each in made]})
    else:
        console.print(f"{len(made)} clearances wait for somebody else: orestream clearances confirm --all --by NAME", highlight=False)


@clearances_commands.command("confirm")
def confirm(
    by: By,
    clearance_ids: Annotated[list[str] | None, typer.Argument(help="Which; or --all.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Whatever somebody else has proposed.")] = False,
    as_json: Json = False,
) -> None:
    """Confirm what somebody else has proposed: the lines concerned are released by themselves."""
    if everything == bool(clearance_ids):
        refuse("Name the clearances to confirm, or --all.")

    async def work(clearing: "Clearing") -> "list[Clearance]":
        signed = clearing.signed(by)
        ids = await clearing.waiting_for(signed) if everything else clearance_ids or []
        return await clearing.confirm(ids, signed) if ids else []

    _say(_with_clearing(work), "acts now", as_json=as_json)


@clearances_commands.command("revoke")
def revoke(clearance_id: str, by: By, as_json: Json = False) -> None:
    """Take a clearance or a proposal back: the hit stands again at once."""
    revoked = _with_clearing(lambda clearing: clearing.revoke(clearance_id, clearing.signed(by)))
    _say([revoked], "is revoked", as_json=as_json)


def write_csv(file: Path, found: "Sequence[StandingHit]") -> None:
    """With a byte order mark, so that spreadsheets read Chinese names."""
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(COLUMNS)
        for each in found:
            hit, listing = each.party.hit, each.party.listing
            told = (hit.name, listing.list_name, hit.list_entry, listing.entry, hit.notice, f"{hit.score:f}", hit.matched)
            rows.writerow(["/".join(each.pair), each.state, *map(as_cell, told), "", ""])


def read_csv(file: Path) -> "list[Proposal]":
    """Rows without reason and valid_until are hits that nobody clears."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            header = stream.readline()
            delimiter = max(",;\t", key=header.count)
            columns = [name.strip().strip('"') for name in header.split(delimiter)]
            missing = [name for name in ("hit", "reason", "valid_until") if name not in columns]
            if missing:
                refuse(f"{file} has no column {', '.join(missing)}; `orestream clearances hits --csv FILE` writes one that has.")
            rows = list(enumerate(csv.DictReader(stream, columns, delimiter=delimiter, restval=""), 2))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        refuse(f"{file} cannot be read: {error}.")
    found = []
    for number, row in rows:
        reason, until = row["reason"].strip(), row["valid_until"].strip()
        if not reason and not until:
            continue
        if not reason or not until:
            refuse(f"{file}, row {number}: a clearance takes both a reason and a valid_until.")
        try:
            found.append(_proposal(row["hit"].strip(), reason, date.fromisoformat(until)))
        except ValueError:
            refuse(f"{file}, row {number}: {until!r} is not a day; write YYYY-MM-DD.")
    return found


def _proposal(hit: str, reason: str, until: date) -> "Proposal":
    from services.screening.clearing import Proposal

    party, slash, entry = hit.partition("/")
    if not slash:
        refuse(f"{hit!r} names no hit; `orestream clearances hits` shows those there are.")
    return Proposal((party, entry), reason, until)


def _grid_of_hits(found: "Sequence[StandingHit]") -> Grid:
    grid = Grid("hit", "party", "may be", "on", "score", "why", "state")
    for each in found:
        hit = each.party.hit
        until = f" until {each.clearance.valid_until}" if each.clearance is not None and each.state == "cleared" else ""
        grid.add_row(
            "/".join(each.pair), hit.name, hit.list_entry, each.party.listing.list_title, f"{hit.score:f}", hit.matched, each.state + until
        )
    grid.columns[0].overflow = "fold"
    return grid


def _grid_of_clearances(found: "Sequence[Judged]") -> Grid:
    grid = Grid("id", "party", "is not", "state", "until", "proposed by", "confirmed by", "reason")
    for each in found:
        one = each.clearance
        entry = f"{one.list_entry} ({one.list_name})"
        grid.add_row(
            one.clearance_id, one.party_name, entry, each.state, f"{one.valid_until}", one.proposed_by, one.confirmed_by or "", one.reason
        )
    return grid


def _say(clearances: "Sequence[Clearance]", verb: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"clearances": [each.model_dump(mode="json") for each in clearances]})
        return
    if not clearances:
        console.print("There is nothing to confirm.", highlight=False)
    for each in clearances:
        told = f"{each.clearance_id} ({each.party_name} is not {each.list_entry} on {each.list_name}, until {each.valid_until}) {verb}."
        console.print(told, highlight=False, markup=False, soft_wrap=True)


def _with_clearing(work: "Callable[[Clearing], Awaitable[Result]]") -> Result:
    from services.screening.clearing import Clearing, ProposalsRefused, UnknownClearance
    from services.screening.domain.clearances import ClearanceRefused
    from services.screening.hits import Hits
    from services.screening.references import NothingInForce, references_on

    def clock() -> datetime:
        return datetime.now(UTC)

    async def on(bus: Any) -> Result:
        references = await references_on(bus, clock)
        return await work(Clearing(references, Hits(references, clock), clock))

    try:
        return on_bus(on, group="screening")
    except (ClearanceRefused, ProposalsRefused, UnknownClearance, NothingInForce) as error:
        refuse(str(error))
