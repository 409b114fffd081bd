"""`orestream lists` and `orestream ownership`: party lists and ownership facts from files into the running system."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, TypeVar, get_args

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table as Grid

from services.commands.running import on_bus
from services.commands.terminal import Json, console, day, print_json, refuse

if TYPE_CHECKING:
    from services.screening.domain.party_content import PartyListSource
    from services.screening.party_lists import Loaded, PartyLists, Request
    from services.screening.references import References
    from shared.bus import Bus

lists_commands = typer.Typer(no_args_is_help=True, help="Party lists from outside.")
ownership_commands = typer.Typer(no_args_is_help=True, help="Who owns whom.")

Result = TypeVar("Result")
AsOf = Annotated[str | None, typer.Option(help="The day for which the file stands, YYYY-MM-DD, where it does not tell.")]
Source = Annotated[str | None, typer.Option(help="Where the file comes from.")]
MaxAge = Annotated[
    int | None, typer.Option(min=1, max=3650, help="No answer relies on it after so many days; as before, else 7 (ownership: 365).")
]
AcceptShrunk = Annotated[bool, typer.Option("--accept-shrunk", help="Take it although it lost more than half of its entries.")]


@lists_commands.command("load")
def lists_load(
    file: Annotated[Path, typer.Argument(help="The list as it was published, or a CSV of your own.")],
    name: Annotated[str, typer.Option("--list", help="The name under which it is kept; it replaces what was loaded under that name.")],
    form: Annotated[str, typer.Option("--format", help="What the file is; auto: by how it begins.")] = "auto",
    delta: Annotated[bool, typer.Option("--delta", help="The file says what changed in the list (ADD, MOD, DEL).")] = False,
    title: Annotated[str | None, typer.Option(help="Of a list that Orestream does not know; with --jurisdiction and --authority.")] = None,
    jurisdiction: Annotated[str | None, typer.Option(help="Whose list it is: CN, US, EU …; OWN is your own.")] = None,
    authority: Annotated[str | None, typer.Option(help="Who keeps it.")] = None,
    source: Source = None,
    as_of: AsOf = None,
    max_age_days: MaxAge = None,
    accept_shrunk: AcceptShrunk = False,
    as_json: Json = False,
) -> None:
    """Load a party list. A file cut short, empty or much smaller than the last is refused, and the last good list stays."""
    from services.screening.list_formats.reading import FORMATS
    from services.screening.party_lists import Request

    if form not in ("auto", *FORMATS):
        refuse(f"There is no format {form!r}; there are auto, {', '.join(FORMATS)}.")
    described = _described(title, jurisdiction, authority)
    request = Request(
        name=name,
        form=form,  # type: ignore[arg-type]
        delta=delta,
        described=described,
        source=source,
        as_of=_moment(as_of),
        max_age_days=max_age_days,
        accept_shrunk=accept_shrunk,
    )
    _load(file, request, as_json=as_json)


@ownership_commands.command("load")
def ownership_load(
    file: Annotated[Path, typer.Argument(help="CSV: owner, owner_identifiers, owned, owned_identifiers, share_percent, as_of, source.")],
    name: Annotated[str, typer.Option("--name", help="The name under which the facts are kept.")] = "ownership",
    source: Source = None,
    as_of: AsOf = None,
    max_age_days: MaxAge = None,
    accept_shrunk: AcceptShrunk = False,
    as_json: Json = False,
) -> None:
    """Load who holds what share of whom: parties that listed owners hold are reported with them."""
    from services.screening.party_lists import Request

    request = Request(
        name=name, form="ownership-csv", source=source, as_of=_moment(as_of), max_age_days=max_age_days, accept_shrunk=accept_shrunk
    )
    _load(file, request, as_json=as_json)


@lists_commands.command("status")
def lists_status(as_json: Json = False) -> None:
    """Which lists there are, how old they are, and in which scripts they can answer."""
    from services.screening.list_status import status_of

    found = _with_lists(lambda lists, references: status_of(lists, references, datetime.now(UTC)))
    if as_json:
        print_json({"lists": [one.model_dump(mode="json") for one in found]})
        return
    grid = Grid("name", "what", "whose", "entries", "stands as of", "age", "fresh", "scripts", "last refusal")
    for one in found:
        fresh = {True: "yes", False: "TOO OLD", None: f"read again by {one.reread_on}" if one.reread_on else ""}[one.fresh]
        of = f"{one.max_age_days}" if one.max_age_days else "no limit"
        grid.add_row(
            one.name,
            one.title if len(one.lists) < 2 else f"{one.title} ({len(one.lists)} lists)",
            " ".join(dict.fromkeys(told.jurisdiction for told in one.lists)),
            f"{one.entries}" + (f" and {one.stakes} stakes" if one.stakes else ""),
            f"{one.as_of or one.loaded_at or one.checked_on or '':%Y-%m-%d}" if one.as_of or one.loaded_at or one.checked_on else "",
            f"{one.age_days} of {of} days" if one.age_days is not None else "",
            fresh,
            " ".join(one.scripts),
            f"{one.refused.at:%Y-%m-%d %H:%M}: {one.refused.reason}" if one.refused else "",
        )
    console.print(grid)


@lists_commands.command("check")
def lists_check(
    name: str,
    name_local: Annotated[str | None, typer.Option(help="The name in the script of its country.")] = None,
    country: Annotated[str | None, typer.Option(help="Two letters.")] = None,
    identifier: Annotated[list[str], typer.Option(help="SCHEME:value, as in USCC:…; may be repeated.")] = [],  # noqa: B006
    known_on: Annotated[str | None, typer.Option(help="The day whose state of knowledge is used, YYYY-MM-DD; default: today.")] = None,
    as_json: Json = False,
) -> None:
    """One party against all lists: its hits, or what came closest and why it is none."""
    from services.screening.domain.parties import PartyOnOrder
    from services.screening.domain.party_check import checked

    numbers = tuple((scheme, value) for scheme, _, value in (each.partition(":") for each in identifier) if value)
    party = PartyOnOrder("seller", tuple(filter(None, (name, name_local))), None, numbers, country)
    day_asked = day(known_on) or datetime.now(UTC).date()

    async def check(_: "PartyLists", references: "References") -> dict[str, Any]:
        return checked(party, (await references.current()).parties, day_asked)

    found = _with_lists(check)
    if as_json:
        print_json(found)
    else:
        for hit in found["hits"]:
            where = f"{hit['list_entry']} on {hit['list_name']} ({hit['notice']}, {hit['status']})"
            console.print(f"{where}: {hit['matched']}", highlight=False)
        if not found["hits"]:
            console.print(f"No list names {name} on {found['known_on']}.{_closest(found)}", highlight=False)
        for unasked in found["not_screened"]:
            console.print(unasked["sentence"], highlight=False)
    raise typer.Exit(1 if found["hits"] or found["not_screened"] else 0)


def _closest(found: dict[str, Any]) -> str:
    near = found["nearest"]
    if near is None:
        return ""
    return f" Closest: {near['list_entry']} on {near['list_name']}, {near['score']} of {found['threshold']}. {near['why_not']}"


@lists_commands.command("remove")
def lists_remove(name: str, as_json: Json = False) -> None:
    """Take a loaded list away; what it said of open orders is judged anew."""
    done = _with_lists(lambda lists, _: lists.remove(name))
    if not done:
        refuse(f"No list {name} was loaded; `orestream lists status` shows those that were.")
    print_json({"name": name, "removed": True}) if as_json else console.print(f"{name} is removed.", highlight=False)


def _load(file: Path, request: "Request", *, as_json: bool) -> None:
    from services.screening.list_formats.entries import ListRefused

    try:
        with Progress(console=Console(stderr=True), transient=True, disable=as_json) as progress, file.open("rb") as stream:
            task = progress.add_task(f"Reading {file.name}", total=file.stat().st_size)
            watched = _Watched(stream, lambda size: progress.advance(task, size))
            loaded = _with_lists(lambda lists, _: lists.load(request, watched))
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror}.")
    except ListRefused as refused:
        refuse(f"{file} is refused, and the last good list stays in force. {refused}")
    except ValueError as error:
        refuse(f"{file} does not fit with the lists there are, which stay as they are: {error}.")
    if as_json:
        print_json(loaded.as_json())
    else:
        for line in told(loaded):
            console.print(line, highlight=False, markup=False)


def told(loaded: "Loaded") -> list[str]:
    """What a load came to, for people."""
    load = loaded.load
    what = f"{loaded.entries} entries on {len(load.lists)} lists" if load.lists else f"{loaded.stakes} ownership facts"
    stands = f"stands as of {load.stands_at:%Y-%m-%d}" + (f" and may be {load.max_age_days} days old" if load.max_age_days else "")
    lines = [
        f"{loaded.name} ({load.format}): {what}; {loaded.added} added, {loaded.changed} changed, {loaded.removed} removed. It {stands}."
    ]
    if load.stale_on(datetime.now(UTC).date()):
        lines.append("That is too old already: every line is flagged party_list_stale until a newer file is loaded.")
    if load.lists and loaded.stakes:
        lines.append(f"It brings {loaded.stakes} ownership facts.")
    if loaded.refused_rows:
        lines.append(f"{len(loaded.refused_rows)} rows could not be read: {'; '.join(loaded.refused_rows[:3])}")
    everything = "*" in loaded.touched
    reached = "every open order is" if everything else f"open orders that name one of {len(loaded.touched)} parties are"
    lines.append("No open order is judged anew." if not loaded.touched else f"{reached[0].upper()}{reached[1:]} judged anew.")
    return lines


def _described(title: str | None, jurisdiction: str | None, authority: str | None) -> "PartyListSource | None":
    from services.screening.domain.party_content import PartyListSource
    from shared.contracts.screening import Jurisdiction

    if title is None and jurisdiction is None and authority is None:
        return None
    if title is None or jurisdiction is None or authority is None:
        refuse("A list of your own takes --title, --jurisdiction and --authority together.")
    if jurisdiction not in get_args(Jurisdiction):
        refuse(f"There is no jurisdiction {jurisdiction!r}; there are {', '.join(get_args(Jurisdiction))}.")
    return PartyListSource(title=title, jurisdiction=jurisdiction, authority=authority)


def _moment(text: str | None) -> datetime | None:
    found = day(text)
    return datetime(found.year, found.month, found.day, tzinfo=UTC) if found is not None else None


def _with_lists(work: "Callable[[PartyLists, References], Awaitable[Result]]") -> Result:
    from services.screening.party_lists import PartyLists
    from services.screening.references import NothingInForce, references_on

    async def run(bus: "Bus") -> Result:
        def clock() -> datetime:
            return datetime.now(UTC)

        references = await references_on(bus, clock)
        return await work(PartyLists(bus, references, clock), references)

    try:
        return on_bus(run, group="screening")
    except NothingInForce as error:
        refuse(str(error))


class _Watched:
    """A stream that says how much of it was read."""

    def __init__(self, stream: BinaryIO, read: Callable[[int], Any]) -> None:
        self._stream = stream
        self._read = read

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._read(len(data))
        return data
