"""`orestream`: the services in one process or alone, one-shot screening, replay, checks.

Exit codes: 0 done; 1 the thing asked about is not as it should be (a case wrong, a chain broken, a replay that differs); 2 the command
cannot be carried out as given.
"""

import json
import os
import re
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.table import Table as Grid

from services.commands.advise import advise_commands
from services.commands.book import cliffs, ledger_settings, questions
from services.commands.clearances import clearances_commands
from services.commands.drafts import drafts_commands
from services.commands.exposure import exposure_commands
from services.commands.licences import licences_commands, shipments_commands
from services.commands.lists import lists_commands, ownership_commands
from services.commands.packs import packs_commands
from services.commands.prices import prices_commands
from services.commands.regulations import regulations_commands
from services.commands.running import on_bus
from services.commands.screen import screen
from services.commands.stock import stock_commands
from services.commands.terminal import Json, console, print_json, refuse

if TYPE_CHECKING:
    from shared.bus import Bus
    from shared.contracts.dead_letter import DeadLetter

main = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
dead_letters_commands = typer.Typer(no_args_is_help=True, help="What could not be handled: look at it, try it again, drop it.")
ledger_commands = typer.Typer(no_args_is_help=True, help="The book of decisions.")
keys_commands = typer.Typer(no_args_is_help=True, help="API keys.")
main.add_typer(dead_letters_commands, name="dead-letters")
main.add_typer(ledger_commands, name="ledger")
regulations_commands.add_typer(drafts_commands)
regulations_commands.add_typer(packs_commands)
main.add_typer(regulations_commands, name="regulations")
main.add_typer(lists_commands, name="lists")
main.add_typer(ownership_commands, name="ownership")
main.add_typer(licences_commands, name="licences")
main.add_typer(shipments_commands, name="shipments")
main.add_typer(clearances_commands, name="clearances")
main.add_typer(prices_commands, name="prices")
main.add_typer(exposure_commands, name="exposure")
main.add_typer(stock_commands, name="stock")
main.add_typer(advise_commands, name="advise")
main.add_typer(keys_commands, name="keys")
main.command()(screen)
main.command()(questions)
main.command()(cliffs)

Result = TypeVar("Result")


@main.command()
def up(
    port: Annotated[int | None, typer.Option(help="HTTP port; 0 takes a free one. Default: ORESTREAM_HTTP_PORT or 8080.")] = None,
) -> None:
    """Run every service in this process until it is told to stop; without ORESTREAM_REDIS_URL on an embedded Redis."""
    from services.process import SERVICES

    _serve(SERVICES, port, embedded=True)


@main.command()
def service(name: str, port: Annotated[int | None, typer.Option(help="HTTP port; 0 takes a free one.")] = None) -> None:
    """Run one service: gateway, screening, pricing-risk, stockpile-advisor, ledger or notification."""
    from services.process import SERVICES

    if name not in SERVICES:
        refuse(f"There is no service {name!r}; there are {', '.join(sorted(SERVICES))}.")
    _serve((name,), port, embedded=False)


def _serve(names: tuple[str, ...], port: int | None, *, embedded: bool) -> None:
    from services import process
    from shared.bus.embedded import RedisUnavailable

    environment = dict(os.environ) if port is None else {**os.environ, "ORESTREAM_HTTP_PORT": str(port)}
    try:
        process.main(names, environment, embedded=embedded, announce=lambda url: print(f"{' and '.join(names)} at {url}", flush=True))
    except (process.SettingsError, RedisUnavailable) as error:
        refuse(str(error))


@main.command()
def demo(as_json: Json = False) -> None:
    """Send the demo's orders through the running services on an embedded Redis and SQLite and show what comes out."""
    from services.demo.run import run

    raise typer.Exit(run(console, as_json=as_json))


@main.command()
def replay(decision: str, as_json: Json = False) -> None:
    """Make a recorded decision again from what it rested on, and compare the bytes."""
    from services import replaying
    from services.ledger import audit, store

    settings = ledger_settings()
    engine = store.open_engine(settings.database_url)
    try:
        report = audit.replay(engine, decision, settings.code_version, replaying.RECOMPUTE)
    except audit.UnknownDecision as error:
        refuse(str(error))
    finally:
        engine.dispose()
    if as_json:
        print_json({"same_bytes": report.same_bytes, **asdict(report)})
    else:
        console.print(report.render(), highlight=False, markup=False)
    raise typer.Exit(0 if report.same_bytes else 1)


@ledger_commands.command("verify")
def ledger_verify(as_json: Json = False) -> None:
    """Walk every hash chain and name whatever was altered, removed or moved."""
    from services.ledger import audit, store

    engine = store.open_engine(ledger_settings().database_url)
    try:
        report = audit.verify(engine)
    finally:
        engine.dispose()
    if as_json:
        print_json(report.as_json())
    else:
        console.print(report.render(), highlight=False, markup=False)
    raise typer.Exit(0 if report.verified else 1)


@ledger_commands.command("prune")
def ledger_prune(as_json: Json = False) -> None:
    """Let go of contents past their retention (ORESTREAM_RETENTION_YEARS); decisions and their hashes stay."""
    from services.ledger import audit, store

    settings = ledger_settings()
    engine = store.open_engine(settings.database_url)
    try:
        pruned = audit.prune(engine, datetime.now(UTC), settings.retention_years)
    finally:
        engine.dispose()
    print_json({"pruned": pruned}) if as_json else console.print(
        f"{pruned} contents were past {settings.retention_years} years and are gone."
    )


@main.command()
def asyncapi(
    check: Annotated[bool, typer.Option("--check", help="Compare with the committed document instead of printing.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the committed document.")] = False,
) -> None:
    """The AsyncAPI document of the whole product, generated from what the services register on the bus."""
    from services.process import asyncapi_document

    text = json.dumps(asyncapi_document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    committed = Path(__file__).parent.parent / "shared" / "contracts" / "asyncapi.json"
    if write:
        committed.write_text(text, encoding="utf-8")
    elif not check:
        print(text, end="")
    elif not committed.exists() or committed.read_text(encoding="utf-8") != text:
        print("shared/contracts/asyncapi.json is not what the code says; run `orestream asyncapi --write`.", file=sys.stderr)
        raise typer.Exit(1)


@dead_letters_commands.command("list")
def dead_letters_list(
    stream: Annotated[str | None, typer.Option(help="Only those of this stream.")] = None,
    group: Annotated[str | None, typer.Option(help="Only those that this service gave up.")] = None,
    after: Annotated[str | None, typer.Option(help="Continue after this id.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    as_json: Json = False,
) -> None:
    """What was given up, the oldest first."""
    from shared.bus import dead_letters

    found = on_bus(lambda bus: dead_letters.list(bus, stream=stream, group=group, after=_letter_id(after), limit=limit))
    if as_json:
        print_json({"dead_letters": [{"id": kept.id, **_letter(kept.letter)} for kept in found]})
        return
    grid = Grid("id", "stage", "stream", "given up by", "last seen", "why")
    for kept in found:
        letter = kept.letter
        grid.add_row(kept.id, letter.stage, letter.stream, letter.group, f"{letter.last_seen:%Y-%m-%d %H:%M:%S}", letter.error)
    console.print(grid)


@dead_letters_commands.command("show")
def dead_letters_show(
    letter_id: str,
    original: Annotated[bool, typer.Option("--original", help="Write the exact bytes to standard output, nothing else.")] = False,
    as_json: Json = False,
) -> None:
    """One dead letter with everything that is known of it."""
    from shared.bus import dead_letters

    kept = on_bus(lambda bus: dead_letters.show(bus, _checked_letter_id(letter_id)))
    if kept is None:
        refuse(f"There is no dead letter {letter_id}; `orestream dead-letters list` shows those there are.")
    if original:
        sys.stdout.buffer.write(kept.letter.original)
    elif as_json:
        print_json({"id": kept.id, **_letter(kept.letter)})
    else:
        for name, value in _letter(kept.letter).items():
            console.print(f"{name}: {value}", highlight=False, markup=False)


@dead_letters_commands.command("replay")
def dead_letters_replay(letter_id: str, as_json: Json = False) -> None:
    """Put the original back at the end of its stream; a refused document is sent in again with `show --original` and an HTTP client."""
    from shared.bus import dead_letters

    try:
        done = on_bus(lambda bus: dead_letters.replay(bus, _checked_letter_id(letter_id)))
    except dead_letters.NotReplayable as error:
        refuse(str(error))
    _say_done(letter_id, "replayed", done=done, as_json=as_json)


@dead_letters_commands.command("drop")
def dead_letters_drop(letter_id: str, as_json: Json = False) -> None:
    """Remove a dead letter for good."""
    from shared.bus import dead_letters

    _say_done(letter_id, "dropped", done=on_bus(lambda bus: dead_letters.drop(bus, _checked_letter_id(letter_id))), as_json=as_json)


def _letter(letter: "DeadLetter") -> dict[str, Any]:
    """The bytes stand in base64 in the event; `show --original` writes them as they are."""
    return letter.model_dump(mode="json", exclude={"original"}) | {"original_bytes": len(letter.original)}


def _letter_id(text: str | None) -> str | None:
    return None if text is None else _checked_letter_id(text)


def _checked_letter_id(text: str) -> str:
    if not re.fullmatch(r"\d+/\d+-\d+", text):
        refuse(f"{text!r} is not the id of a dead letter; `orestream dead-letters list` prints them.")
    return text


def _say_done(letter_id: str, verb: str, *, done: bool, as_json: bool) -> None:
    if as_json:
        print_json({"id": letter_id, verb: done})
    else:
        console.print(f"{letter_id} is {verb}." if done else f"{letter_id} is not there any more.", highlight=False)


@keys_commands.command("create")
def keys_create(
    name: Annotated[str, typer.Argument(help="Whose key it is: a system or a person.")],
    scope: Annotated[list[str], typer.Option(help="What it may do; several times for several scopes.")],
    days: Annotated[int | None, typer.Option(help="It expires after so many days; default: never.", min=1, max=36_500)] = None,
    as_json: Json = False,
) -> None:
    """Make an API key. It is shown once: only its hash is kept."""
    from shared.access import SCOPES, ApiKeys

    unknown = [wanted for wanted in scope if wanted not in SCOPES]
    if unknown:
        refuse(f"There is no scope {unknown[0]!r}; there are {', '.join(SCOPES)}.")
    if not 0 < len(name) <= 500:
        refuse(f"The name has {len(name)} characters; it takes 1 to 500.")
    now = datetime.now(UTC)

    async def create(bus: "Bus") -> tuple[str, Any]:
        keys = ApiKeys(bus.table(ApiKeys.TABLE))
        return await keys.create(name, scope, now=now, expires_at=now + timedelta(days=days) if days else None)  # type: ignore[arg-type]

    secret, key = on_bus(create)
    if as_json:
        print_json({"key": secret, "key_id": key.key_id, "name": name, "scopes": scope})
    else:
        print(secret)
        print(f"Key {key.key_id} for {name}; it is not shown again.", file=sys.stderr)


@keys_commands.command("list")
def keys_list(as_json: Json = False) -> None:
    """Every key that was made, without the key itself."""
    from shared.access import ApiKeys

    keys = [key.model_dump(mode="json", exclude={"sha256"}) for key in on_bus(lambda bus: ApiKeys(bus.table(ApiKeys.TABLE)).list())]
    if as_json:
        print_json({"keys": keys})
        return
    grid = Grid("key", "name", "scopes", "created", "expires", "revoked")
    for key in keys:
        grid.add_row(
            key["key_id"], key["name"], " ".join(key["scopes"]), key["created_at"], key["expires_at"] or "", key["revoked_at"] or ""
        )
    console.print(grid)


@keys_commands.command("revoke")
def keys_revoke(key_id: str, as_json: Json = False) -> None:
    """End a key; processes that have just used it let it pass for a few seconds more."""
    from shared.access import ApiKeys

    now = datetime.now(UTC)
    try:
        key = on_bus(lambda bus: ApiKeys(bus.table(ApiKeys.TABLE)).revoke(key_id, now=now))
    except LookupError as error:
        refuse(str(error))
    if as_json:
        print_json(key.model_dump(mode="json", exclude={"sha256"}))
    else:
        console.print(f"Key {key_id} of {key.name} is revoked.", highlight=False)


if __name__ == "__main__":
    main()
