"""The commands that the README names are those there are, and every one says what it does."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from services.cli import main

README = (Path(__file__).resolve().parents[3] / "README.md").read_text(encoding="utf-8")
FOR_BUILDERS = {"asyncapi", "regulations keygen", "keys list"}
"""Told in docs/, or of use to nobody but who builds Orestream."""


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Groups come before their commands."""
    for name, command in group.commands.items():
        yield f"{before}{name}", command
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")


THERE = dict(commands(typer.main.get_command(main)))


def told() -> Iterator[str]:
    """`orestream a b|c`, `d` in the first column: a b, a c and d, or a d where there is no d."""
    for cell in re.findall(r"^\| (`orestream .+?) \| ", README, re.MULTILINE):
        group = ""
        for written in re.findall(r"`(?:orestream )?([^`]+)`", cell):
            words = [word for word in written.replace("\\|", "|").split() if word == word.lower()]
            for last in words[-1].split("|"):
                name = " ".join([*words[:-1], last])
                yield name if name in THERE else f"{group} {name}"
            group = words[0]


def test_every_command_of_the_readme_is_there() -> None:
    assert [name for name in told() if name not in THERE] == []


def test_every_command_stands_in_the_readme() -> None:
    leaves = {name for name, command in THERE.items() if not hasattr(command, "commands")}
    named = set(told())
    assert {name for name in leaves - FOR_BUILDERS if name not in named and name.rsplit(" ", 1)[0] not in named} == set()


def test_every_command_says_what_it_does() -> None:
    for name, command in THERE.items():
        assert command.help, f"orestream {name} --help says nothing"
        assert command.help.split("\n\n")[0].rstrip().endswith("."), f"orestream {name}: {command.help}"
