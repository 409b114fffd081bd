"""`orestream regulations freeze|install|confirm|withdraw|drafts`: rules that a person enters while orders flow."""

import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.markup import escape
from rich.table import Table as Grid

from services.commands.running import on_bus
from services.commands.terminal import Json, console, print_json, refuse

if TYPE_CHECKING:
    from services.screening.domain.instrument import Instrument
    from services.screening.drafts import Changed, Drafts

Result = TypeVar("Result")
By = Annotated[str | None, typer.Option("--by", help="Your name; who confirms is somebody else than who entered the rule.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be, and change nothing.")]

drafts_commands = typer.Typer()


@drafts_commands.command("freeze")
def freeze(
    element: Annotated[
        list[str] | None, typer.Option(help="An element that the goods contain, Ga or gallium; several times for several.")
    ] = None,
    product: Annotated[list[str] | None, typer.Option(help="A kind of goods (permanent_magnet, wafer …); several times.")] = None,
    tariff: Annotated[list[str] | None, typer.Option(help="A tariff line of 4, 6, 8 or 10 digits; several times.")] = None,
    leaves: Annotated[str | None, typer.Option(help="The country that the goods leave; default: that of the jurisdiction.")] = None,
    origin: Annotated[list[str] | None, typer.Option(help="A country in which the goods are made, wherever they leave from.")] = None,
    destination: Annotated[list[str] | None, typer.Option(help="A country or region (EU) that the goods go to; default: any.")] = None,
    effect: Annotated[str | None, typer.Option(help="licence_required or prohibited; default: licence_required.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="The first day on which it holds, YYYY-MM-DD; default: today.")] = None,
    until: Annotated[str | None, typer.Option(help="The first day on which it no longer holds, where one was announced.")] = None,
    lapses: Annotated[str | None, typer.Option(help="When it stops acting unless somebody confirms it; default: in 14 days.")] = None,
    reason: Annotated[str | None, typer.Option(help="What happened, in a sentence that buyers read.")] = None,
    source: Annotated[str | None, typer.Option(help="Where it was read or heard.")] = None,
    jurisdiction: Annotated[str, typer.Option(help="Whose law it is: CN, US or EU.")] = "CN",
    by: By = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Make a rule that acts at once, in two minutes and without YAML; what is not given is asked on a terminal."""
    from services.screening.domain.freeze import read_freeze_rule

    ask = _Asking(not as_json)
    if not (element or product or tariff):
        element = ask.several("Elements (Ga Dy …), empty for none")
        product = [] if element else ask.several("Kinds of goods (permanent_magnet …), empty for none")
        tariff = [] if element or product else ask.several("Tariff lines")
    given = {
        "elements": element or [],
        "products": product or [],
        "tariff": tariff or [],
        "leaves": leaves,
        "origin": origin or [],
        "destination": destination or [],
        "effect": effect or ask.one("Effect: licence_required or prohibited", "licence_required"),
        "valid_from": since or ask.one("From which day", datetime.now(UTC).date().isoformat()),
        "valid_to": until,
        "lapses_on": lapses,
        "reason": reason or ask.one("What happened (buyers read it)"),
        "source": source or ask.one("Where was it read or heard"),
        "jurisdiction": jurisdiction,
    }
    name = by or ask.one("Your name")

    async def enter(drafts: "Drafts") -> "Changed":
        return await drafts.freeze(read_freeze_rule(given), drafts.signed(name), dry_run=dry_run)

    _say(_with_drafts(enter), "would act" if dry_run else "acts now", as_json=as_json)


def enter_file(file: Path, name: str | None, *, dry_run: bool, as_json: bool) -> None:
    """An unconfirmed announcement as a whole instrument, from its YAML file."""
    from services.screening.domain.law import LawError
    from services.screening.regulation_files import read_instruments

    signed = name or _Asking(not as_json).one("Your name")
    try:
        read = read_instruments({str(file): file.read_text(encoding="utf-8")})
    except (OSError, ValueError) as error:
        refuse(str(error))

    async def enter(drafts: "Drafts") -> "Changed":
        try:
            return await drafts.enter(read.instruments[0], drafts.signed(signed), dry_run=dry_run)
        except LawError as error:
            raise read.refused(error) from error

    _say(_with_drafts(enter), "would act" if dry_run else "acts now", as_json=as_json)


@drafts_commands.command("confirm")
def confirm(draft_id: str, by: By = None, as_json: Json = False) -> None:
    """Confirm a draft that somebody else entered: it does not lapse any more, and answers stop saying “unconfirmed”."""
    name = by or _Asking(not as_json).one("Your name")
    _say(_with_drafts(lambda drafts: drafts.confirm(draft_id, drafts.signed(name))), "is confirmed", as_json=as_json)


@drafts_commands.command("withdraw")
def withdraw(draft_id: str, by: By = None, as_json: Json = False) -> None:
    """Take a draft back at once; a confirmed rule goes when a second person withdraws it, too."""
    name = by or _Asking(not as_json).one("Your name")
    changed = _with_drafts(lambda drafts: drafts.withdraw(draft_id, drafts.signed(name)))
    _say(changed, "is withdrawn" if changed.withdrawn else "acts until a second person withdraws it, too", as_json=as_json)


@drafts_commands.command("drafts")
def list_drafts(as_json: Json = False) -> None:
    """Every rule that was entered and not withdrawn."""
    rules = _with_drafts(lambda drafts: drafts.all())
    if as_json:
        print_json({"drafts": [as_row(rule, datetime.now(UTC).date()) for rule in rules]})
        return
    grid = Grid("id", "what", "state", "entered by", "confirmed by")
    for rule in rules:
        row = as_row(rule, datetime.now(UTC).date())
        shown = (rule.id, f"{rule.name}: {rule.title}", row["state"], row["entered_by"] or "", row["confirmed_by"] or "")
        grid.add_row(*map(escape, shown))
    console.print(grid)


def as_row(rule: "Instrument", today: date) -> dict[str, Any]:
    lapsed = rule.acts_until is not None and rule.acts_until <= today
    until = f"unconfirmed until {rule.acts_until}" if rule.acts_until else "unconfirmed"
    leaving = f"confirmed, withdrawal asked by {rule.withdrawal.name}" if rule.withdrawal else "confirmed"
    return {
        "id": rule.id,
        "name": rule.name,
        "title": rule.title,
        "state": f"lapsed on {rule.acts_until}" if lapsed else leaving if rule.status == "confirmed" else until,
        "entered_by": rule.entered.name if rule.entered else None,
        "confirmed_by": rule.confirmed.name if rule.confirmed else None,
    }


class _Asking:
    """Asks on a terminal for what was not given; elsewhere says which option is missing."""

    def __init__(self, talkative: bool) -> None:
        self._terminal = talkative and sys.stdin.isatty()

    def one(self, question: str, default: str | None = None) -> str:
        if self._terminal:
            return str(typer.prompt(question, default=default))
        if default is None:
            refuse(f"{question}: give it as an option, because there is no terminal to ask on; --help names the options.")
        return default

    def several(self, question: str) -> list[str]:
        return self.one(question, "").replace(",", " ").split()


def _with_drafts(work: "Callable[[Drafts], Awaitable[Result]]") -> Result:
    from services.screening.domain.freeze import FreezeRefused
    from services.screening.domain.law import LawError
    from services.screening.drafts import DraftRefused, Drafts, UnknownDraft
    from services.screening.references import NothingInForce, references_on
    from services.screening.regulation_files import FilesRefused
    from shared.bus import Bus

    def clock() -> datetime:
        return datetime.now(UTC)

    async def on(bus: Bus) -> Result:
        return await work(Drafts(await references_on(bus, clock), clock))

    try:
        return on_bus(on)
    except (FreezeRefused, DraftRefused, UnknownDraft, NothingInForce, FilesRefused, LawError) as error:
        refuse(str(error))


def _say(changed: "Changed", verb: str, *, as_json: bool) -> None:
    rule = changed.instrument
    if as_json:
        print_json(
            {
                **as_row(rule, datetime.now(UTC).date()),
                "lapses_on": rule.acts_until,
                "sentences": changed.sentences,
                "reached": sorted(changed.reached),
                "withdrawn": changed.withdrawn,
            }
        )
        return
    console.print(f"{rule.id} {verb}.", highlight=False, markup=False)
    for sentence in changed.sentences:
        console.print(f"A buyer reads: {sentence}", highlight=False, markup=False, soft_wrap=True)
    console.print(reach_sentence(changed.reached), highlight=False, markup=False, soft_wrap=True)


def reach_sentence(reached: frozenset[str]) -> str:
    """Which open orders a change concerns, by the keys that the ledger looks them up with."""
    keys = sorted(reached)
    if not keys:
        return "No open order is judged anew."
    if keys == ["*"]:
        return "Every open order is judged anew."
    if len(keys) == 1:
        return f"Open orders with the key {keys[0]} are judged anew."
    return f"Open orders with one of {len(keys)} keys are judged anew: {', '.join(keys[:12])}{' …' if len(keys) > 12 else ''}."
