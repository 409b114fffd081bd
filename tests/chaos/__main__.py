"""`make chaos`: the long run. `--orders N` and `--seed N` change it."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.chaos.run import run

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--orders", type=int, default=10_000)
parser.add_argument("--seed", type=int, default=7)
parser.add_argument("--keep", type=Path, help="a directory to leave logs and data in")
arguments = parser.parse_args()
with tempfile.TemporaryDirectory() as scratch:
    directory = arguments.keep or Path(scratch)
    directory.mkdir(parents=True, exist_ok=True)
    verdict = run(arguments.orders, directory, seed=arguments.seed)
print(verdict)
sys.exit(1 if verdict.problems else 0)
