"""How commands speak: text or JSON on standard output, a refusal as one sentence on standard error with exit code 2."""

import json
import sys
from datetime import date
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

console = Console(width=None if sys.stdout.isatty() else 170)
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def refuse(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(2)


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        refuse(f"{text!r} is not a day; write YYYY-MM-DD.")
