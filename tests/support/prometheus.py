"""Prometheus's own programs, where there are any: on PATH, or unpacked from Debian's package.

mkdir -p build/prometheus && cd build/prometheus && apt-get download prometheus && dpkg -x prometheus_*.deb .
"""

import shutil
from pathlib import Path

import pytest

_UNPACKED = Path(__file__).resolve().parents[2] / "build" / "prometheus" / "usr" / "bin"


def prometheus_program(name: str) -> str:
    """The path of `prometheus` or `promtool`; skips the test where there is none."""
    found = shutil.which(name) or shutil.which(name, path=str(_UNPACKED))
    if found is None:
        pytest.skip(f"there is no {name} here: install Debian's package prometheus, or unpack it into build/prometheus")
    return found
