"""`make bench`: prints every figure beside what it is compared with and writes them to build/bench.json.

`python -m tests.bench NAME ...` runs some of the modules only.
"""

import importlib
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.figure import Figure

MODULES = (
    "bus_hop",
    "faststream_documented",
    "screening_line",
    "names",
    "portfolio",
    "end_to_end",
    "rescreening",
    "latency",
    "memory",
    "stock_paths",
    "advice",
    "price_ticks",
    "price_intake",
    "price_line",
)


def main(names: list[str]) -> int:
    console = Console()
    figures: list[Figure] = []
    for name in names or MODULES:
        console.print(f"[dim]{name} ...[/dim]")
        figures += importlib.import_module(f"tests.bench.{name}").run()
    table = Table("figure", "value", "unit", "compared with", "ratio")
    for figure in figures:
        ratio = "" if figure["ratio"] is None else f"{figure['ratio']:.2f}"
        table.add_row(figure["name"], f"{figure['value']:,.6g}", figure["unit"], figure["compared_with"] or "", ratio)
    console.print(table)
    target = Path("build/bench.json")
    target.parent.mkdir(exist_ok=True)
    kept = [figure for figure in _earlier(target) if figure["name"] not in {new["name"] for new in figures}] if names else []
    target.write_text(json.dumps(kept + figures, indent=1) + "\n")
    return 0


def _earlier(target: Path) -> list[Figure]:
    return json.loads(target.read_text()) if target.exists() else []


sys.exit(main(sys.argv[1:]))
